package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/envelope"
	"tandem/core/snode"
)

// Cadence of polling (multi-device.md §3).
const (
	everyLinking = 500 * time.Millisecond // while linking is open, and for a while after
	everyDevice  = 5 * time.Second
	everyAccount = 30 * time.Second
	everyHidden  = 60 * time.Second
	// secondEvery: every fourth poll asks another member of the swarm.
	secondEvery = 4
	// overtakeAfter is how long somebody who links waits for the answer of one
	// node before another one is asked beside it: a request that got stuck has
	// 10 s, and the words shall stand within 5 (multi-device.md §11, claim 1).
	overtakeAfter = 1500 * time.Millisecond
	// maxAsked polls of one mailbox are under way at most.
	maxAsked = 2
)

// mail is the mailboxes that this device reads.
type mail struct {
	boxes []*box
	// hurryUntil: both mailboxes are read fast until then, for 60 s after a grant.
	hurryUntil time.Time
	lastPoll   core.Millis // local clock, of the last success
	fails      int         // polls failed in a row
	cause      string      // why the last one did
}

// box is one mailbox and when it is read next. Times are monotonic: cadence
// must not depend on a clock that may jump.
type box struct {
	mailbox core.Mailbox
	auth    courier.Signer
	device  bool
	slow    bool // nobody waits for what it brings
	// read handles one message. ours: it was for this device, and needs no
	// second look when another node brings it too.
	read    func(t *tx, data []byte) (ours bool, err error)
	next    time.Time
	asked   int       // polls under way
	since   time.Time // when the newest of them began
	heard   time.Time // when an answer came last
	rounds  int
	witness witness
	// dull are messages that had no effect, by hash: each node of the swarm
	// brings a flood once more. nil: they may have one later.
	dull map[string]bool
}

// maxDull bounds box.dull: about 2 MB.
const maxDull = 16_384

// open sets the mailboxes of an account up.
func (m *mail) open(c *Client) {
	keys := c.account.keys
	m.boxes = []*box{
		{
			mailbox: core.Mailbox{Owner: keys.Device.ID()}, auth: keys.Device, device: true,
			read: c.readDevice,
		},
		{
			mailbox: core.Mailbox{Owner: keys.Shared.Account.ID()}, auth: keys.Shared.Account,
			read: c.readAccount, dull: map[string]bool{},
		},
	}
}

// hurried reports whether somebody waits for what a mailbox brings.
func (c *Client) hurried(b *box) bool {
	return !b.slow && (c.linkingOpen() || time.Now().Before(c.mail.hurryUntil))
}

// interval is how often a mailbox is read just now.
func (c *Client) interval(b *box) time.Duration {
	switch {
	case b.slow && !c.cfg.Hidden():
		return everyAccount
	case b.slow:
		return everyHidden
	case c.hurried(b):
		return everyLinking
	case c.cfg.Hidden():
		return everyHidden
	case b.device:
		return everyDevice
	}
	return everyAccount
}

// boxes are all mailboxes that this device reads.
func (c *Client) boxes() []*box {
	boxes := slices.Clone(c.mail.boxes)
	for _, a := range c.left {
		boxes = append(boxes, a.box)
	}
	return boxes
}

// dueMail is when the next poll is due, as a time that tick understands.
func (c *Client) dueMail() core.Millis {
	at := never
	for _, b := range c.boxes() {
		if next, ok := c.nextPoll(b); ok {
			at = min(at, c.now()+core.Millis(time.Until(next).Milliseconds()))
		}
	}
	return at
}

// hurryMail makes every mailbox due now.
func (c *Client) hurryMail() {
	for _, b := range c.mail.boxes {
		b.next = time.Time{}
	}
}

func (c *Client) tickMail() {
	now := time.Now()
	for _, b := range c.boxes() {
		// A shorter interval may have come into force since next was set.
		if latest := now.Add(c.interval(b)); b.next.After(latest) {
			b.next = latest
		}
		if next, ok := c.nextPoll(b); ok && !now.Before(next) {
			c.poll(b)
		}
	}
}

// nextPoll is when a mailbox is read next; false: not before an answer.
func (c *Client) nextPoll(b *box) (at time.Time, ok bool) {
	switch {
	case b.asked == 0:
		return b.next, true
	case b.asked < maxAsked && c.hurried(b):
		return b.since.Add(overtakeAfter), true
	}
	return time.Time{}, false
}

// poll asks one node for what is new in a mailbox.
func (c *Client) poll(b *box) {
	overtakes, since := b.asked > 0, time.Now()
	b.asked++
	b.since = since
	b.rounds++
	db, net, ctx := c.db, c.net, c.ctx
	order := courier.RetrieveOrder{
		Mailbox: b.mailbox,
		Auth:    b.auth,
		Second:  overtakes || b.rounds%secondEvery == 0,
		Cursor: func(node core.EdKey) string {
			hash, err := db.Cursor(ctx, node, b.mailbox)
			if err != nil {
				return "" // reading all again does no harm
			}
			return hash
		},
	}
	c.beside(func(ctx context.Context) func() {
		batch, err := net.Retrieve(ctx, order)
		return func() {
			b.asked--
			if err != nil && b.heard.After(since) {
				return // it was overtaken
			}
			c.polled(b, batch, err, order.Second)
		}
	})
}

// polled handles the answer of a poll on the loop. second: of another member
// than the one that is asked otherwise.
func (c *Client) polled(b *box, batch courier.Batch, failure error, second bool) {
	b.next = time.Now().Add(c.interval(b))
	c.dirty = true
	if failure != nil {
		c.mail.fails++
		c.mail.cause = networkSentence(failure)
		return
	}
	b.heard = time.Now()
	if c.mail.fails > 0 {
		c.hurryPost()
		c.hurryJoin()
		c.talks.announce = true
	}
	c.mail.fails, c.mail.cause, c.mail.lastPoll = 0, "", c.local()
	if c.db == nil || !slices.Contains(c.boxes(), b) {
		return // nobody reads this mailbox any more
	}
	if c.taken() { // a device that only listens must notice too
		c.broken(takenSentence)
		return
	}
	if c.now(); !c.net.Synced() { // the clock may have jumped
		return
	}
	b.witness.fresh = nil
	if len(batch.Messages) > 0 {
		if err := c.receive(b, batch); err != nil {
			return // the cursor has not moved: the same messages come again
		}
	}
	c.compare(b, batch, second)
	if batch.More {
		b.next = time.Time{}
	}
}

// errPanicked is what became of a message that made its handler panic.
var errPanicked = errors.New("client: a message could not be handled")

const (
	// maxTogether is how many messages share one transaction (multi-device.md §8).
	maxTogether = 100
	// breath is after how long a transaction ends all the same: the page gets its
	// chance between two of them, however many lie in a mailbox.
	breath = 10 * time.Millisecond
)

// receive handles the messages of one answer. Error: wraps ErrStore, and what
// came after the last cursor has not happened.
func (c *Client) receive(b *box, batch courier.Batch) error {
	for rest := batch.Messages; len(rest) > 0; {
		n, err := c.receiveSome(b, batch.Node, rest[:min(len(rest), maxTogether)])
		if err != nil {
			return err
		}
		if rest = rest[n:]; c.db == nil || !slices.Contains(c.boxes(), b) {
			return ErrClosed // by what a message said, nobody reads the others any more
		}
	}
	return nil
}

// receiveSome handles messages in one transaction with their seen-marks and the
// cursor, and says how many of them. A message that its handler fails over is left
// out, and then all of it begins again: it must not stand in the way of the others,
// now or after a reload. Error: wraps ErrStore, and nothing has happened.
func (c *Client) receiveSome(b *box, node core.EdKey, messages []snode.Message) (n int, err error) {
	bad, fresh := map[string]bool{}, b.witness.fresh // by hash; of what came before in this answer
	for {
		before, began := len(bad), time.Now()
		b.witness.fresh = slices.Clip(fresh)
		err = c.update(func(t *tx) error {
			for n = 0; n == 0 || n < len(messages) && time.Since(began) < breath; n++ {
				m := messages[n]
				if bad[m.Hash] {
					continue
				}
				if err := c.receiveOne(t, b, m); err != nil {
					if !fromStore(err) {
						bad[m.Hash] = true
					}
					return err
				}
			}
			t.SetCursor(node, b.mailbox, messages[n-1].Hash)
			return nil
		})
		if len(bad) == before {
			return n, err
		}
	}
}

// maxMark is how long a message is remembered at most: no node may keep it for
// longer, and what says that it is older than 15 days is not opened.
const maxMark = 15 * core.Day

func (c *Client) receiveOne(t *tx, b *box, m snode.Message) error {
	seen, err := t.Seen(c.ctx, b.mailbox, m.Hash)
	if err != nil || seen || b.dull[m.Hash] {
		return err
	}
	ours, err := c.handled(t, func() (bool, error) { return b.read(t, m.Data) })
	if err == nil && !ours && b.dull != nil {
		t.then(func() {
			if len(b.dull) >= maxDull {
				clear(b.dull)
			}
			b.dull[m.Hash] = true
		})
	}
	if err == nil && ours { // anyone may write here: rubbish leaves no mark
		t.MarkSeen(b.mailbox, m.Hash, min(m.Expires, c.now()+maxMark))
		b.witness.fresh = append(b.witness.fresh, m.Hash)
	}
	return err
}

// handled is what the handler of a message says. Errors: its own, errPanicked.
func (c *Client) handled(t *tx, handle func() (ours bool, err error)) (ours bool, err error) {
	c.guard(func() { ours, err = handle() }, func(cause any) {
		t.linking, t.book = true, true // nobody knows how far it came
		err = errPanicked
		c.cfg.Panicked(cause)
	})
	return ours, err
}

// readDevice handles a message of the device mailbox.
func (c *Client) readDevice(t *tx, data []byte) (ours bool, err error) {
	s, err := envelope.OpenDevice(c.account.keys.Device, data, c.now())
	if err != nil {
		return false, nil // not for us, forged or old: anyone may write here
	}
	switch s.Kind {
	case envelope.Ratchet, envelope.PreKey:
		return c.receivePairwise(t, s)
	case envelope.Linking:
		return c.linkingToDevice(t, s)
	case envelope.SessionRequest:
		return c.receiveTagged(t, s)
	}
	return false, nil
}

// receivePairwise handles a message in a session.
func (c *Client) receivePairwise(t *tx, s envelope.Sealed) (ours bool, err error) {
	if s.Account != c.account.id() {
		return c.receiveContact(t, s)
	}
	return c.receiveSibling(t, s)
}

// readAccount handles a message of the account mailbox.
func (c *Client) readAccount(t *tx, data []byte) (ours bool, err error) {
	from, err := envelope.OpenSession(c.account.keys.Shared.Account, data)
	switch {
	case err != nil:
		return false, nil
	case from.Content.Linking != nil:
		return c.linkingToAccount(t, from)
	case from.Content.Friend != nil:
		return c.receiveFriendRequest(t, from)
	}
	return c.receivePlain(t, from)
}

// watchJoin reads only the mailbox of the device that wants to join, and none
// when there is no attempt any more.
func (m *mail) watchJoin(c *Client) {
	device := c.join.machine.Device()
	if device == nil {
		m.boxes = nil
		return
	}
	if len(m.boxes) == 1 && m.boxes[0].mailbox.Owner == device.ID() {
		return
	}
	m.boxes = []*box{{
		mailbox: core.Mailbox{Owner: device.ID()}, auth: device, device: true, read: c.readJoin,
	}}
}
