package client

import (
	"context"
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
)

// mail is the mailboxes that this device reads.
type mail struct {
	boxes []*box
	// hurryUntil: both mailboxes are read fast until then, for 60 s after a grant.
	hurryUntil time.Time
	lastPoll   core.Millis // local clock, of the last success
	fails      int         // polls failed in a row
}

// box is one mailbox and when it is read next. Times are monotonic: cadence
// must not depend on a clock that may jump.
type box struct {
	mailbox core.Mailbox
	auth    courier.Signer
	device  bool
	read    func(t *tx, data []byte) error // handles one message
	next    time.Time
	busy    bool
	rounds  int
}

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
			read: c.readAccount,
		},
	}
}

// interval is how often a mailbox is read just now.
func (c *Client) interval(b *box) time.Duration {
	switch {
	case c.linkingOpen() || time.Now().Before(c.mail.hurryUntil):
		return everyLinking
	case c.cfg.Hidden():
		return everyHidden
	case b.device:
		return everyDevice
	}
	return everyAccount
}

// dueMail is when the next poll is due, as a time that tick understands.
func (c *Client) dueMail() core.Millis {
	at := never
	for _, b := range c.mail.boxes {
		if !b.busy {
			at = min(at, c.now()+core.Millis(time.Until(b.next).Milliseconds()))
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
	for _, b := range c.mail.boxes {
		// A shorter interval may have come into force since next was set.
		if latest := now.Add(c.interval(b)); b.next.After(latest) {
			b.next = latest
		}
		if !b.busy && !now.Before(b.next) {
			c.poll(b)
		}
	}
}

// poll asks one node for what is new in a mailbox.
func (c *Client) poll(b *box) {
	b.busy = true
	b.rounds++
	db, net, ctx := c.db, c.net, c.ctx
	order := courier.RetrieveOrder{
		Mailbox: b.mailbox,
		Auth:    b.auth,
		Second:  b.rounds%secondEvery == 0,
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
		return func() { c.polled(b, batch, err) }
	})
}

// polled handles the answer of a poll on the loop.
func (c *Client) polled(b *box, batch courier.Batch, failure error) {
	b.busy = false
	b.next = time.Now().Add(c.interval(b))
	c.dirty = true
	if failure != nil {
		c.mail.fails++
		return
	}
	if c.mail.fails > 0 {
		c.hurryPost()
	}
	c.mail.fails, c.mail.lastPoll = 0, local()
	if len(batch.Messages) == 0 {
		return
	}
	if err := c.receive(b, batch); err != nil {
		return // the cursor has not moved: the same messages come again
	}
	if batch.More {
		b.next = time.Time{}
	}
}

// hurryPost retries everything at once: the network is back.
func (c *Client) hurryPost() {
	for _, e := range c.post.entries {
		e.Hurry(c.now())
	}
}

// receive handles the messages of one answer in one transaction with their
// seen-marks and the cursor.
func (c *Client) receive(b *box, batch courier.Batch) error {
	return c.update(func(t *tx) error {
		for _, m := range batch.Messages {
			if err := c.receiveOne(t, b, m); err != nil {
				return err
			}
		}
		last := batch.Messages[len(batch.Messages)-1]
		t.SetCursor(batch.Node, b.mailbox, last.Hash)
		return nil
	})
}

func (c *Client) receiveOne(t *tx, b *box, m snode.Message) error {
	seen, err := t.Seen(c.ctx, b.mailbox, m.Hash)
	if err != nil || seen {
		return err
	}
	t.MarkSeen(b.mailbox, m.Hash, m.Expires)
	return b.read(t, m.Data)
}

// readDevice handles a message of the device mailbox.
func (c *Client) readDevice(t *tx, data []byte) error {
	s, err := envelope.OpenDevice(c.account.keys.Device, data, c.now())
	if err != nil {
		return nil // not for us, forged or old: anyone may write here
	}
	switch s.Kind {
	case envelope.Ratchet, envelope.PreKey:
		return c.receiveSibling(t, s)
	case envelope.Linking:
		return c.linkingToDevice(t, s)
	case envelope.SessionRequest:
	}
	return nil
}

// readAccount handles a message of the account mailbox.
func (c *Client) readAccount(t *tx, data []byte) error {
	from, err := envelope.OpenSession(c.account.keys.Shared.Account, data)
	if err != nil || from.Content.Linking == nil {
		return nil
	}
	return c.linkingToAccount(t, from)
}
