package courier

import (
	"context"

	"tandem/core"
	"tandem/core/snode"
	"tandem/core/swarm"
)

// StoreOrder leaves a message in a mailbox.
type StoreOrder struct {
	Mailbox core.Mailbox
	Data    []byte      // at most snode.MaxData
	TTL     core.Millis // at most 14 days in an inbox, 30 days elsewhere
	Auth    Signer      // the owner; nil for an inbox that anyone may write to
}

// Store brings a message to one member of the mailbox's swarm, which hands it to
// the others, and returns its hash. It succeeds when at least one member has
// proved by signature that it has the message. Storing the same bytes again does
// no harm.
//
// Error: *Error.
func (c *Courier) Store(ctx context.Context, o StoreOrder) (hash string, err error) {
	if len(o.Data) > snode.MaxData {
		return "", c.fail("store", ErrTooLarge)
	}
	before := c.answered()
	hash = snode.MessageHash(o.Mailbox.Owner, o.Mailbox.Namespace, o.Data)
	err = c.fail("store", c.run(ctx, errand{
		owner: o.Mailbox.Owner,
		call: func(now core.Millis, _ snode.Node) snode.Call {
			return snode.Store(o.Mailbox, o.Data, now, o.TTL, o.Auth)
		},
		read: func(_ snode.Node, body []byte) error {
			_, err := snode.ParseStored(body, hash)
			return err
		},
	}))
	c.finish(before, err)
	if err != nil {
		return "", err
	}
	return hash, nil
}

// RetrieveOrder reads a mailbox.
type RetrieveOrder struct {
	Mailbox core.Mailbox
	Auth    Signer // the owner; nil for an outbox that anyone may read
	// Cursor is the hash of the last message that was read from this node, ""
	// for none. Order differs from node to node, so each has its own. nil: read
	// from the start.
	Cursor func(node core.EdKey) string
	// Second asks another member than the one that is asked otherwise: nodes can
	// differ, and lie by leaving out.
	Second bool
	// From goes on with a certain member, after Batch.More; zero = any.
	From core.EdKey
}

// Batch is what one node had.
type Batch struct {
	Node     core.EdKey
	Messages []snode.Message // in the node's order
	More     bool            // ask again with the hash of the last one as cursor
}

// Retrieve asks one member of the mailbox's swarm for what came after the
// cursor. The messages have the right form, size and hash; who wrote them is not
// checked. While it waits it looks after guards and the list of nodes, if that
// is due.
//
// Error: *Error.
func (c *Courier) Retrieve(ctx context.Context, o RetrieveOrder) (Batch, error) {
	before := c.answered()
	tended := c.tend(ctx)
	defer tended()
	e := errand{owner: o.Mailbox.Owner, want: swarm.Home, at: o.From}
	if o.Second {
		e.want = swarm.Other
	}
	e.call = func(now core.Millis, member snode.Node) snode.Call {
		last := ""
		if o.Cursor != nil {
			last = o.Cursor(member.Ed)
		}
		return snode.Retrieve(o.Mailbox, last, 0, now, o.Auth)
	}
	var batch Batch
	e.read = func(member snode.Node, body []byte) error {
		messages, more, err := snode.ParseRetrieved(body, o.Mailbox)
		// A node that has more but gives nothing would be asked for ever.
		batch = Batch{Node: member.Ed, Messages: messages, More: more && len(messages) > 0}
		return err
	}
	err := c.fail("retrieve", c.run(ctx, e))
	c.finish(before, err)
	if err != nil {
		return Batch{}, err
	}
	return batch, nil
}

// Withheld notes that a node left out what another member of a mailbox's swarm
// had, so that others are asked from now on.
func (c *Courier) Withheld(owner core.ID, node core.EdKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Withheld(owner, node)
}

// Delete asks the swarm to delete messages of a mailbox, and returns those that
// at least one member has proved to have deleted.
//
// Error: *Error.
func (c *Courier) Delete(ctx context.Context, from core.Mailbox, auth Signer, hashes []string) (deleted []string, err error) {
	before := c.answered()
	err = c.fail("delete", c.run(ctx, errand{
		owner: from.Owner,
		call: func(core.Millis, snode.Node) snode.Call {
			return snode.Delete(from.Owner, hashes, auth)
		},
		read: func(_ snode.Node, body []byte) (err error) {
			deleted, err = snode.ParseDeleted(body, from.Owner, hashes)
			return err
		},
	}))
	c.finish(before, err)
	if err != nil {
		return nil, err
	}
	return deleted, nil
}
