package client

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/store"
	"tandem/core/wire"
)

// counterOutbox numbers outbox entries.
const counterOutbox = "outbox"

// post is the outbox: what was promised to be sent, in memory as on the disk.
type post struct {
	entries map[uint64]*delivery.Entry
	order   []uint64         // numbers of entries, oldest first
	busy    map[copyKey]bool // attempts under way
	// unsealed is how many copies wait for a session with a device.
	unsealed map[core.ID]int
}

// copyKey names one copy of one entry.
type copyKey struct {
	entry uint64
	copy  int
}

func newPost() post {
	return post{entries: map[uint64]*delivery.Entry{}, busy: map[copyKey]bool{}, unsealed: map[core.ID]int{}}
}

// put adds an entry, or replaces the one with its number.
func (p *post) put(e *delivery.Entry) {
	if p.entries[e.Number] == nil {
		at, _ := slices.BinarySearch(p.order, e.Number)
		p.order = slices.Insert(p.order, at, e.Number)
	}
	p.count(e.Number, -1)
	p.entries[e.Number] = e
	p.count(e.Number, 1)
}

// count keeps unsealed.
func (p *post) count(number uint64, by int) {
	if e := p.entries[number]; e != nil {
		for _, k := range e.Copies {
			if k.State == delivery.NoSession {
				p.unsealed[k.To] += by
			}
		}
	}
}

func (p *post) remove(number uint64) {
	if p.entries[number] == nil {
		return
	}
	at, _ := slices.BinarySearch(p.order, number)
	p.order = slices.Delete(p.order, at, at+1)
	p.count(number, -1)
	delete(p.entries, number)
}

// maxOutbox bounds the outbox, so that a device that is offline for long does
// not fill its memory: an entry is about a kilobyte for each of at most five
// siblings.
const maxOutbox = 5_000

// errOutbox refuses a message while too many wait to go out.
var errOutbox = fmt.Errorf("client: too many messages wait to be sent: %w", ErrNotNow)

func (c *Client) loadPost() error {
	blobs, err := c.db.Due(c.ctx, never, 0)
	if blobs == nil && err != nil {
		return err
	}
	for _, b := range blobs {
		entry, err := delivery.Parse(b.Data)
		if err != nil {
			return store.ErrDamaged
		}
		entry.Hurry(entry.Created) // a reload is a good moment to try again
		c.post.put(entry)
	}
	return nil
}

// letter is what some devices are told.
type letter struct {
	to      []core.ID
	content *wire.Content
	own     bool // they are of one's own account: it is a transcript
}

// enqueue encrypts one copy of content for each device and puts the entry into
// the outbox, all in the transaction that saves the message. A copy for a
// device without a session waits for one, if it is about a message. Error:
// errOutbox.
func (c *Client) enqueue(t *tx, to []core.ID, content *wire.Content, about core.Message) (*delivery.Entry, error) {
	return c.enqueueAll(t, about, nil, letter{to: to, content: content})
}

// enqueueWith is enqueue for a message that goes to somebody else in copies that
// are sealed already, and as a transcript to devices of one's own.
func (c *Client) enqueueWith(t *tx, own []core.ID, transcript *wire.Content, about core.Message, sealed ...delivery.Copy) (*delivery.Entry, error) {
	return c.enqueueAll(t, about, sealed, letter{to: own, content: transcript, own: true})
}

// enqueueAll makes one entry of all copies of a message.
func (c *Client) enqueueAll(t *tx, about core.Message, sealed []delivery.Copy, letters ...letter) (*delivery.Entry, error) {
	number, err := t.Next(c.ctx, counterOutbox)
	if err != nil {
		return nil, err
	}
	entry := &delivery.Entry{
		Number: number, Message: about.ID, Conversation: about.Conversation, Created: c.now(), Copies: sealed,
	}
	for _, l := range letters {
		if err := c.address(t, entry, l); err != nil {
			return nil, err
		}
	}
	if entry.Done() {
		return entry, nil
	}
	if len(c.post.entries) >= maxOutbox && about.ID != (core.MessageID{}) {
		return nil, errOutbox // what keeps the devices together goes out all the same
	}
	if err := c.saveEntry(t, entry); err != nil {
		return nil, err
	}
	t.then(func() { c.post.put(entry) })
	return entry, nil
}

// address adds the copies of a letter to an entry. A message does not overtake
// one that waits for a session with the same device.
func (c *Client) address(t *tx, entry *delivery.Entry, l letter) error {
	message := entry.Message != core.MessageID{}
	if message {
		var err error
		if l.to, err = c.awake(t, l.to, entry.Message.Counter); err != nil {
			return err
		}
	}
	plain := l.content.Marshal()
	for _, device := range l.to {
		data, err := []byte(nil), error(errNoSession)
		if !message || c.post.unsealed[device] == 0 {
			data, err = c.sealPairwise(t, device, l.content)
		} else if c.kin.sessions[device] { // the store refused when it was time
			t.then(func() { c.sealWaiting(device) })
		}
		switch {
		case err == nil:
			entry.Copies = append(entry.Copies, delivery.Copy{To: device, State: delivery.Waiting, Data: data, Next: entry.Created, Own: l.own})
		case !errors.Is(err, errNoSession):
			return err
		case message && l.own:
			entry.Copies = append(entry.Copies, delivery.Copy{To: device, State: delivery.NoSession, Own: true})
			entry.Transcript = plain
		case message:
			entry.Copies = append(entry.Copies, delivery.Copy{To: device, State: delivery.NoSession})
			entry.Content = plain
		}
	}
	return nil
}

func (c *Client) saveEntry(t *tx, e *delivery.Entry) error {
	next, _ := e.Next()
	return t.PutOutbox(c.ctx, store.OutboxEntry{ID: e.Number, Due: next, Data: e.Marshal()})
}

// ping sends one pairwise message that says nothing. One that waits to go out
// says as much as two.
func (c *Client) ping(to core.ID) {
	for _, e := range c.post.entries {
		if e.Message == (core.MessageID{}) && slices.ContainsFunc(e.Copies, func(k delivery.Copy) bool { return k.To == to }) {
			return
		}
	}
	// Should the store refuse, the next message that asks for an answer has it.
	_ = c.update(func(t *tx) error {
		_, err := c.enqueue(t, []core.ID{to}, &wire.Content{Ping: true}, core.Message{})
		return err
	})
}

// sealWaiting encrypts, soon, what has waited for a session with a device.
func (c *Client) sealWaiting(peer core.ID) {
	for _, number := range c.post.order {
		if len(c.post.entries[number].Unsealed(peer)) > 0 {
			c.soon(func() { _ = c.update(func(t *tx) error { return c.sealEntry(t, number, peer) }) })
		}
	}
}

func (c *Client) sealEntry(t *tx, number uint64, peer core.ID) error {
	old := c.post.entries[number]
	if old == nil || len(old.Unsealed(peer)) == 0 {
		return nil
	}
	e := old.Clone()
	for _, i := range e.Unsealed(peer) {
		content, err := wire.ParseContent(old.Says(i))
		if err != nil {
			return store.ErrDamaged
		}
		data, err := c.sealPairwise(t, peer, content)
		if err != nil {
			return err
		}
		e.Sealed(i, data, c.now())
	}
	return c.settle(t, e)
}

// sealMissed looks for copies that could be encrypted and were not, because the
// store refused at that moment.
func (c *Client) sealMissed() {
	for _, peer := range c.peers() {
		if _, err := c.db.Get(c.ctx, store.Session, string(peer[:])); err == nil {
			c.sealWaiting(peer)
		}
	}
}

// withdraw takes what waits for a device out of the outbox: it was removed.
func (c *Client) withdraw(t *tx, device core.ID) error {
	for _, number := range c.post.order {
		e := c.post.entries[number].Clone()
		if !e.Withdraw(device) {
			continue
		}
		if err := c.settle(t, e); err != nil {
			return err
		}
	}
	return nil
}

// duePost is when the outbox wants to be looked at: not before an attempt under
// way has ended, which is looked at then anyway.
func (c *Client) duePost() core.Millis {
	at := never
	if c.silent() {
		return at
	}
	for number, e := range c.post.entries {
		for i, k := range e.Copies {
			if k.State == delivery.Waiting && !c.post.busy[copyKey{number, i}] && len(c.post.busy) < atOnce(k) {
				at = min(at, k.Next)
			}
		}
	}
	return at
}

const (
	// maxAtOnce bounds the stores under way that are not the first attempt: a
	// browser may open six connections to a host only, and polls need one.
	maxAtOnce = 4
	// sideBySide is for first attempts, so that a message to many devices takes no
	// longer than one to few: six of the contact, and five siblings.
	sideBySide = 2*devices.MaxDevices - 1
)

// atOnce is how many stores may be under way for a copy to be among them.
func atOnce(k delivery.Copy) int {
	if k.Tries == 0 {
		return sideBySide
	}
	return maxAtOnce
}

// tickPost starts the attempts that are due, oldest first, and gives up what
// has waited too long for a session.
func (c *Client) tickPost() {
	if c.silent() {
		return
	}
	now := c.now()
	for _, number := range c.post.order {
		e := c.post.entries[number]
		if len(c.post.busy) >= sideBySide {
			return
		}
		if e.Overdue(now) {
			c.soon(func() { c.expire(number) })
			continue
		}
		if e.Misleads(now) {
			c.soon(func() { _ = c.update(func(t *tx) error { return c.tellQueued(t, number) }) }) // or at the next tick
		}
		for _, i := range e.Due(now) {
			key := copyKey{number, i}
			if c.post.busy[key] || len(c.post.busy) >= atOnce(e.Copies[i]) {
				continue
			}
			c.post.busy[key] = true
			c.attempt(key, e.Copies[i])
		}
	}
}

func (c *Client) expire(number uint64) {
	old := c.post.entries[number]
	if old == nil {
		return
	}
	e := old.Clone()
	e.Expire(c.now())
	_ = c.update(func(t *tx) error { // or later
		for i, k := range old.Copies {
			if e.Copies[i].State == delivery.Expired && k.State == delivery.NoSession {
				if err := c.starve(t, k.To, e.Message.Counter); err != nil {
					return err
				}
			}
		}
		return c.settle(t, e)
	})
}

// hurryPost retries everything at once: the network is back.
func (c *Client) hurryPost() {
	for _, e := range c.post.entries {
		e.Hurry(c.now())
	}
}

// attempt stores one copy in its device's swarm.
func (c *Client) attempt(key copyKey, what delivery.Copy) {
	order := courier.StoreOrder{
		Mailbox: core.Mailbox{Owner: what.To, Namespace: core.Inbox},
		Data:    what.Data,
		TTL:     delivery.Lifetime,
	}
	net := c.net
	c.beside(func(ctx context.Context) func() {
		_, err := net.Store(ctx, order)
		return func() { c.attempted(key, err) }
	})
}

// attempted saves how an attempt ended. Should the store refuse, the copy is
// tried again with the same bytes, which does no harm.
func (c *Client) attempted(key copyKey, failure error) {
	delete(c.post.busy, key)
	old := c.post.entries[key.entry]
	if old == nil || old.Copies[key.copy].State != delivery.Waiting {
		return // given up meanwhile
	}
	if failure != nil && !c.net.Synced() {
		return // nobody knows how long it has waited
	}
	e := old.Clone()
	if failure == nil {
		e.Taken(key.copy)
	} else {
		e.Refused(key.copy, c.now())
	}
	err := c.update(func(t *tx) error { return c.settle(t, e) })
	if err != nil {
		old.Refused(key.copy, c.now())
	}
}

// settle saves an entry that has changed, or removes it when it is done, and
// moves the status of its message.
func (c *Client) settle(t *tx, e *delivery.Entry) error {
	if err := c.tellStored(t, e); err != nil {
		return err
	}
	if e.Done() {
		if err := t.DeleteOutbox(c.ctx, e.Number); err != nil {
			return err
		}
		t.then(func() { c.post.remove(e.Number) })
	} else {
		if err := c.saveEntry(t, e); err != nil {
			return err
		}
		t.then(func() { c.post.put(e) })
	}
	if e.Message == (core.MessageID{}) {
		return nil
	}
	if e.Status() == core.Failed {
		return c.fail(t, e)
	}
	return c.saveStatus(t, e.Message, e.Status(), "")
}

// queue is how many copies wait to be stored.
func (p *post) queue() int {
	n := 0
	for _, e := range p.entries {
		for _, k := range e.Copies {
			if k.State == delivery.Waiting || k.State == delivery.NoSession {
				n++
			}
		}
	}
	return n
}

// sealLinking seals a linking message for a device. It is signed by itself and
// never kept in the outbox: the machines repeat it.
func (c *Client) sealLinking(to, account core.ID, from envelope.Agreer, content *wire.Content) ([]byte, error) {
	body := wire.Pad(content.Marshal())
	return envelope.SealDevice(from, to, envelope.Sealed{
		Account: account, Kind: envelope.Linking, Body: body, Created: c.now(),
	})
}

// sealTagged seals what needs no session, from device to device.
func (c *Client) sealTagged(to core.ID, content *wire.Content) ([]byte, error) {
	return c.sealBody(to, envelope.SessionRequest, wire.Pad(content.Marshal()))
}
