package client

import (
	"errors"
	"slices"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/opengroup"
	"tandem/core/store"
	"tandem/core/wire"
)

// CopyState is how far one copy of a message has come.
type CopyState uint8

// States of a copy.
const (
	CopyWaiting   CopyState = iota + 1 // for the network
	CopyNoSession                      // for the first word of its device
	CopyStored                         // lies in the mailbox of its device
	CopyGivenUp                        // after 14 days
	CopyTakenBack                      // its device was removed, or the message deleted
)

// CopyRow is one copy of a message.
type CopyRow struct {
	Device core.ID // or the account, of a plain contact
	Own    bool    // for another device of one's own account
	State  CopyState
}

// Copies says where the copies of a message of this device are, as long as one of
// them waits; nil: none does.
func (c *Client) Copies(id core.MessageID) (rows []CopyRow, err error) {
	err = c.do(func() error {
		rows = c.copies(id)
		return nil
	})
	return rows, err
}

func (c *Client) copies(id core.MessageID) (rows []CopyRow) {
	for _, number := range c.post.order {
		e := c.post.entries[number]
		if e.Message != id || id.Counter == 0 {
			continue
		}
		for _, k := range e.Copies {
			own := k.Own || e.Conversation == c.account.id()
			rows = append(rows, CopyRow{Device: k.To, Own: own, State: copyState(k.State)})
		}
	}
	return rows
}

func copyState(s delivery.State) CopyState {
	switch s {
	case delivery.Waiting:
		return CopyWaiting
	case delivery.NoSession:
		return CopyNoSession
	case delivery.Stored:
		return CopyStored
	case delivery.Expired:
		return CopyGivenUp
	case delivery.Withdrawn:
	}
	return CopyTakenBack
}

// Causes of core.Failed.
const (
	removedUnsent      = "It waited on a device that was removed."
	unreached          = "No device could be reached for 14 days."
	unreachedElsewhere = unreached + " The device that wrote it can send it again."
	unsentElsewhere    = "The device that wrote it could not send it." // of the past: why is not told
)

// fail says that a message of this device reached nobody, here and to the other
// devices of the account, which have taken it for sent.
func (c *Client) fail(t *tx, e *delivery.Entry) error {
	m, err := t.Message(c.ctx, e.Message)
	if err == nil && (m.Status == core.Queued || m.Status == core.Stored) && m.Conversation != c.account.id() {
		_, err = c.enqueue(t, c.account.siblings(), &wire.Content{
			Failed: &wire.Deletion{Message: m.ID, Conversation: m.Conversation},
		}, core.Message{})
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrDamaged) {
		return err
	}
	return c.saveStatus(t, e.Message, core.Failed, unreached)
}

// tellQueued says to the other devices of the account, which have taken a message
// for sent, that it still waits here.
func (c *Client) tellQueued(t *tx, number uint64) error {
	old := c.post.entries[number]
	if old == nil || !old.Misleads(c.now()) {
		return nil
	}
	e := old.Clone()
	e.Told = true
	if err := c.saveEntry(t, e); err != nil {
		return err
	}
	t.then(func() { c.post.put(e) })
	_, err := c.enqueue(t, c.account.siblings(), &wire.Content{Queued: aboutEntry(e)}, core.Message{})
	return err
}

// tellStored says that it does not any more.
func (c *Client) tellStored(t *tx, e *delivery.Entry) error {
	if !e.Told || e.Status() != core.Stored {
		return nil
	}
	e.Told = false
	_, err := c.enqueue(t, c.account.siblings(), &wire.Content{Stored: aboutEntry(e)}, core.Message{})
	return err
}

func aboutEntry(e *delivery.Entry) *wire.Deletion {
	return &wire.Deletion{Message: e.Message, Conversation: e.Conversation}
}

// waitsElsewhere takes in whether a message of another device of the account waits
// there still. That it does not is true for good, whichever of both comes first.
func (c *Client) waitsElsewhere(t *tx, d *wire.Deletion, status core.Status) error {
	if d.Conversation.IsZero() {
		return nil
	}
	m, err := t.Message(c.ctx, d.Message)
	switch {
	case errors.Is(err, store.ErrDamaged):
		return nil
	case errors.Is(err, store.ErrNotFound), err == nil && status == core.Stored && m.Status == core.Stored:
		return c.keepEarly(t, d.Conversation, d.Message, status)
	case err != nil:
		return err
	case status == core.Stored && m.Status == core.Queued:
		return c.saveStatus(t, d.Message, core.Stored, "")
	case status == core.Queued && m.Status == core.Stored:
		name := earlyName(d.Conversation, d.Message)
		if _, err := t.Get(c.ctx, store.Early, name); !errors.Is(err, store.ErrNotFound) {
			t.Delete(store.Early, name)
			t.then(func() { c.talks.early-- })
			return err
		}
		return c.saveStatus(t, d.Message, core.Queued, "")
	}
	return nil
}

// failedElsewhere is fail of another device of the account. The message may come
// later, from whom the device has told of it.
func (c *Client) failedElsewhere(t *tx, f *wire.Deletion) error {
	known, err := t.HasMessage(c.ctx, f.Message)
	switch {
	case err != nil:
		return err
	case !known && !f.Conversation.IsZero():
		return c.keepEarly(t, f.Conversation, f.Message, core.Failed)
	}
	return c.saveStatus(t, f.Message, core.Failed, unreachedElsewhere)
}

// sentAgain: the device that wrote a message has sent it again after it failed.
func (c *Client) sentAgain(t *tx, id core.MessageID) error {
	m, err := t.Message(c.ctx, id)
	if err == nil && m.Status == core.Failed {
		return c.saveStatus(t, id, core.Stored, "")
	}
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		return nil // deleted
	}
	return err
}

// shown are messages of the store, newest first, as they are shown, oldest first.
func (c *Client) shown(page []core.Message) []core.Message {
	for i, m := range page {
		page[i] = c.resolved(m)
	}
	slices.Reverse(page)
	return page
}

// resolved is a message as it is shown. One that waits on another device of the
// account does so until that tells more of it; but a device that was removed will
// not. How old the message is proves nothing: it may just have been sent again.
func (c *Client) resolved(m core.Message) core.Message {
	here := m.ID.Device == c.account.device() || opengroup.IsRoom(m.Conversation)
	if m.Status != core.Queued || here {
		return m
	}
	if !c.account.sibling(m.ID.Device) {
		m.Status, m.Cause = core.Failed, removedUnsent
	}
	return m
}

// resolve looks at all rows anew, since devices were removed.
func (c *Client) resolve() {
	for _, rows := range c.log.rows {
		for _, m := range rows {
			if r := c.resolved(m); r != m {
				c.log.put(r)
				c.dirty = true
			}
		}
	}
}
