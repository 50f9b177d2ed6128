package client

import (
	"context"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/delivery"
	"tandem/core/envelope"
	"tandem/core/store"
	"tandem/core/wire"
)

// counterOutbox numbers outbox entries.
const counterOutbox = "outbox"

// post is the outbox: what was promised to be sent, in memory as on the disk.
type post struct {
	entries map[uint64]*delivery.Entry
	busy    map[copyKey]bool // attempts under way
}

// copyKey names one copy of one entry.
type copyKey struct {
	entry uint64
	copy  int
}

func newPost() post {
	return post{entries: map[uint64]*delivery.Entry{}, busy: map[copyKey]bool{}}
}

// maxOutbox bounds what is read back at a start.
const maxOutbox = 10_000

func (c *Client) loadPost() error {
	blobs, err := c.db.Due(c.ctx, never, maxOutbox)
	if blobs == nil && err != nil {
		return err
	}
	for _, b := range blobs {
		entry, err := delivery.Parse(b.Data)
		if err != nil {
			return store.ErrDamaged
		}
		entry.Hurry(entry.Created) // a reload is a good moment to try again
		c.post.entries[entry.Number] = entry
	}
	return nil
}

// enqueue encrypts one copy of content for each device and puts the entry into
// the outbox, all in the transaction that saves the message.
func (c *Client) enqueue(t *tx, to []core.ID, content *wire.Content, about core.Message) (*delivery.Entry, error) {
	number, err := t.Next(c.ctx, counterOutbox)
	if err != nil {
		return nil, err
	}
	now := c.now()
	entry := &delivery.Entry{Number: number, Message: about.ID, Conversation: about.Conversation, Created: now}
	for _, device := range to {
		data, err := c.sealPairwise(t, device, content)
		if err == errNoSession {
			continue // it gets the message when a session exists
		}
		if err != nil {
			return nil, err
		}
		entry.Copies = append(entry.Copies, delivery.Copy{To: device, State: delivery.Waiting, Data: data, Next: now})
	}
	if entry.Done() {
		return entry, nil
	}
	if err := c.saveEntry(t, entry); err != nil {
		return nil, err
	}
	t.then(func() { c.post.entries[number] = entry })
	return entry, nil
}

func (c *Client) saveEntry(t *tx, e *delivery.Entry) error {
	next, _ := e.Next()
	return t.PutOutbox(c.ctx, store.OutboxEntry{ID: e.Number, Due: next, Data: e.Marshal()})
}

// duePost is when the outbox wants to be looked at.
func (c *Client) duePost() core.Millis {
	at := never
	for _, e := range c.post.entries {
		if next, ok := e.Next(); ok {
			at = min(at, next)
		}
	}
	return at
}

// maxAtOnce bounds the stores under way: a browser opens six connections to a
// host, and polls need one.
const maxAtOnce = 4

// tickPost starts the attempts that are due.
func (c *Client) tickPost() {
	for number, e := range c.post.entries {
		for _, i := range e.Due(c.now()) {
			key := copyKey{number, i}
			if len(c.post.busy) >= maxAtOnce {
				return
			}
			if c.post.busy[key] {
				continue
			}
			c.post.busy[key] = true
			c.attempt(key, e.Copies[i])
		}
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
	if old == nil {
		return // the account was cleared meanwhile
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
	if e.Done() {
		if err := t.DeleteOutbox(c.ctx, e.Number); err != nil {
			return err
		}
		t.then(func() { delete(c.post.entries, e.Number) })
	} else {
		if err := c.saveEntry(t, e); err != nil {
			return err
		}
		t.then(func() { c.post.entries[e.Number] = e })
	}
	if e.Message == (core.MessageID{}) {
		return nil
	}
	cause := ""
	if e.Status() == core.Failed {
		cause = "No device could be reached for 14 days."
	}
	return c.saveStatus(t, e.Message, e.Status(), cause)
}

// queue is how many copies wait to be stored.
func (p *post) queue() int {
	n := 0
	for _, e := range p.entries {
		for _, k := range e.Copies {
			if k.State == delivery.Waiting {
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
