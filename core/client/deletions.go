package client

import (
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/opengroup"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/wire"
)

// deletion takes a message away. It has a message ID of its own, so that one that
// got lost is noticed and healed like a message.
type deletion struct {
	id           core.MessageID
	conversation core.ID
	message      core.MessageID
	everyone     bool // the contact was told as well
	at           core.Millis
}

func (d deletion) marshal() []byte {
	out := wire.AppendBytes(nil, 1, d.conversation[:])
	out = wire.AppendText(out, 2, messageName(d.message))
	if d.everyone {
		out = wire.AppendUint(out, 3, 1)
	}
	return wire.AppendUint(out, 4, uint64(d.at))
}

// parseDeletion reads what marshal wrote. Error: store.ErrDamaged.
func parseDeletion(id core.MessageID, b []byte) (deletion, error) {
	d := deletion{id: id}
	var m wire.Message
	var everyone, at uint64
	var message [33 + 8]byte
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, d.conversation[:])
		case 2:
			return m.Fixed(f, message[:])
		case 3:
			return m.Uint(f, &everyone, 1)
		case 4:
			return m.Uint(f, &at, 1<<62)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(4) {
		return deletion{}, store.ErrDamaged
	}
	copy(d.message.Device[:], message[:])
	d.message.Counter = uint64(parseMoment(message[33:]))
	d.everyone, d.at = everyone == 1, core.Millis(at)
	return d, nil
}

// Delete removes a message on all devices of the account; everyone: on those of
// the contact as well.
func (c *Client) Delete(id core.MessageID, everyone bool) error {
	if opengroup.IsRoom(id.Device) {
		return c.deletePost(id)
	}
	return c.do(func() error {
		if c.phase != Main || c.leaving.on() {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			m, err := t.Message(c.ctx, id)
			if errors.Is(err, store.ErrNotFound) || err == nil && everyone && m.Direction != core.Out {
				return ErrNotNow
			}
			if err != nil {
				return err
			}
			return c.deleteMessage(t, m, everyone && m.Conversation != c.account.id())
		})
	})
}

// deleteMessage deletes for everyone what is not sent yet: a copy may be under
// way all the same.
func (c *Client) deleteMessage(t *tx, m core.Message, everyone bool) error {
	if m.Status == core.Queued || m.Status == core.Failed {
		everyone = m.Conversation != c.account.id()
	}
	if everyone {
		if err := c.callBack(t, m.ID); err != nil {
			return err
		}
	}
	counter, err := t.Next(c.ctx, counterMessages)
	if err != nil {
		return err
	}
	d := deletion{
		id:           core.MessageID{Device: c.account.device(), Counter: counter},
		conversation: m.Conversation, message: m.ID, everyone: everyone,
	}
	said := func(conversation core.ID) *wire.Content {
		return &wire.Content{
			Deletion: &wire.Deletion{Message: m.ID, Conversation: conversation},
			Header:   &wire.Header{Counter: counter},
		}
	}
	letters := []letter{{to: c.account.siblings(), content: said(m.Conversation), own: true}}
	var unsend []delivery.Copy
	if devices, ok := c.friendDevices(m.Conversation); ok && everyone {
		if c.plain(m.Conversation) {
			unsend = append(unsend, c.unsendPlain(m))
		} else {
			letters = append(letters, letter{to: devices, content: said(core.ID{})})
		}
	}
	if _, err := c.enqueueAll(t, core.Message{ID: d.id, Conversation: m.Conversation}, unsend, letters...); err != nil {
		return err
	}
	return c.bury(t, d)
}

// callBack takes the copies of a message for its contact out of the outbox that
// are not in the network yet.
func (c *Client) callBack(t *tx, id core.MessageID) error {
	for _, number := range c.post.order {
		if c.post.entries[number].Message != id {
			continue
		}
		e := c.post.entries[number].Clone()
		if !e.CallBack() {
			continue
		}
		if err := c.settle(t, e); err != nil {
			return err
		}
	}
	return nil
}

// bury deletes a message, here or still to come, and remembers who did it.
func (c *Client) bury(t *tx, d deletion) error {
	d.at = c.now()
	t.Put(store.Deletion, messageName(d.id), d.marshal())
	t.Put(store.Tombstone, string(d.conversation[:])+messageName(d.message), moment(d.at))
	m, err := t.Message(c.ctx, d.message)
	if errors.Is(err, store.ErrNotFound) || err == nil && m.Conversation != d.conversation {
		return nil
	}
	if err != nil {
		return err
	}
	return c.removeMessage(t, m)
}

// buryTheirs is bury for what a contact deletes: messages of the contact only.
func (c *Client) buryTheirs(t *tx, d deletion) error {
	m, err := t.Message(c.ctx, d.message)
	switch {
	case errors.Is(err, store.ErrNotFound):
		if c.account.sibling(d.message.Device) || d.message.Device == c.account.device() {
			return nil
		}
	case err != nil:
		return err
	case m.Conversation != d.conversation || m.Direction != core.In:
		return nil
	}
	return c.bury(t, d)
}

// buried reports whether a message was deleted before it came.
func (c *Client) buried(t *tx, conversation core.ID, id core.MessageID) (bool, error) {
	_, err := t.Get(c.ctx, store.Tombstone, string(conversation[:])+messageName(id))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// sweepDeletions forgets those that have done their duty.
func (c *Client) sweepDeletions(t *tx) error {
	now := c.now()
	graves, err := c.db.All(c.ctx, store.Tombstone)
	if err != nil {
		return err
	}
	for _, b := range graves {
		if len(b.Value) != 8 || now-parseMoment(b.Value) > snapshot.Tombstones {
			t.Delete(store.Tombstone, b.Name)
		}
	}
	all, err := c.db.All(c.ctx, store.Deletion)
	if err != nil {
		return err
	}
	for _, b := range all {
		d, err := parseDeletion(core.MessageID{}, b.Value)
		if err != nil || now-d.at > snapshot.Tombstones {
			t.Delete(store.Deletion, b.Name)
		}
	}
	return nil
}
