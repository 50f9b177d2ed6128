package client

import (
	"errors"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/wire"
)

const (
	// maxEarly bounds the statuses that wait for their messages: of messages that a
	// sibling wrote a moment ago, and of such as were never written.
	maxEarly = 4096
	// keepEarly is how long they wait.
	keepEarly = 30 * core.Day
)

// receipt is what a transaction tells one contact of messages, once it is whole.
type receipt struct {
	kind     uint64
	contact  core.ID
	messages []core.MessageID
}

// receipt notes that a contact is to be told how far a message has come.
func (t *tx) receipt(kind uint64, contact core.ID, id core.MessageID) {
	for i := range t.receipts {
		if r := &t.receipts[i]; r.kind == kind && r.contact == contact && len(r.messages) < wire.MaxReceipts {
			r.messages = append(r.messages, id)
			return
		}
	}
	t.receipts = append(t.receipts, receipt{kind, contact, []core.MessageID{id}})
}

// sendReceipts puts them into the outbox, in the transaction that they are about.
func (c *Client) sendReceipts(t *tx) error {
	receipts := t.receipts
	t.receipts = nil
	for _, r := range receipts {
		devices, ok := c.friendDevices(r.contact)
		if !ok {
			continue
		}
		if c.plain(r.contact) {
			if err := c.readPlain(t, r); err != nil {
				return err
			}
			continue
		}
		content := &wire.Content{Receipt: &wire.Receipt{Kind: r.kind, Messages: r.messages}}
		if _, err := c.enqueue(t, devices, content, core.Message{}); err != nil {
			return err
		}
	}
	return nil
}

// receiveReceipt takes what a contact's device says about messages of this
// account.
func (c *Client) receiveReceipt(t *tx, contact core.ID, r *wire.Receipt) error {
	status := core.Delivered
	switch r.Kind {
	case wire.ReceiptDelivered:
	case wire.ReceiptRead:
		if c.receipts() {
			status = core.Read
		}
	default:
		return nil
	}
	for _, id := range r.Messages {
		m, err := t.Message(c.ctx, id)
		switch {
		case errors.Is(err, store.ErrNotFound):
			if err := c.keepEarly(t, contact, id, status); err != nil {
				return err
			}
		case err != nil && !errors.Is(err, store.ErrDamaged):
			return err
		case err == nil && m.Conversation == contact && m.Direction == core.Out && m.Status != core.Read && m.Status != status:
			if err := c.saveStatus(t, id, status, ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepEarly keeps the status of a message that a sibling wrote, until the message
// is here.
func (c *Client) keepEarly(t *tx, contact core.ID, id core.MessageID, status core.Status) error {
	if !c.account.sibling(id.Device) || c.talks.early >= maxEarly {
		return nil
	}
	gone, err := c.buried(t, contact, id)
	if err != nil || gone {
		return err
	}
	name := earlyName(contact, id)
	old, err := t.Get(c.ctx, store.Early, name)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if len(old) > 0 && (status == core.Failed || old[0] != byte(core.Failed) && core.Status(old[0]) >= status) {
		return nil
	}
	t.Put(store.Early, name, append([]byte{byte(status)}, moment(c.now())...))
	if old == nil {
		t.then(func() { c.talks.early++ })
	}
	return nil
}

func earlyName(conversation core.ID, id core.MessageID) string {
	return string(conversation[:]) + messageName(id)
}

// applyEarly gives a message the status that came before it. A plain contact
// knows it by its time.
func (c *Client) applyEarly(t *tx, m *core.Message) error {
	for _, name := range []string{
		earlyName(m.Conversation, m.ID), earlyName(m.Conversation, plainID(c.account.id(), m.Sent)),
	} {
		old, err := t.Get(c.ctx, store.Early, name)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if len(old) > 0 && (core.Status(old[0]) == core.Delivered || core.Status(old[0]) == core.Read) {
			m.Status = core.Status(old[0])
		}
		if len(old) > 0 && core.Status(old[0]) == core.Failed && m.Status != core.Read && m.Status != core.Delivered {
			m.Status, m.Cause = core.Failed, unreachedElsewhere
		}
		t.Delete(store.Early, name)
		t.then(func() { c.talks.early-- })
	}
	return nil
}

// sweepEarly forgets statuses of messages that never came.
func (c *Client) sweepEarly(t *tx) error {
	all, err := c.db.All(c.ctx, store.Early)
	if err != nil {
		return err
	}
	for _, b := range all {
		if len(b.Value) < 9 || c.now()-parseMoment(b.Value[1:]) > keepEarly {
			t.Delete(store.Early, b.Name)
			t.then(func() { c.talks.early-- })
		}
	}
	return nil
}
