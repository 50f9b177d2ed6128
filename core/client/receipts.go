package client

import (
	"errors"

	"tandem/core"
	"tandem/core/delivery"
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

// receiptsAsked bounds how far back it is asked for receipts that may have got lost.
const receiptsAsked = 200

// askReceipts asks a contact's device for what it may have said of messages in vain.
func (c *Client) askReceipts(t *tx, contact, device core.ID) error {
	page, err := c.db.Page(c.ctx, contact, store.Position{}, receiptsAsked)
	if page == nil && err != nil {
		return err
	}
	asks := &wire.Receipt{Kind: wire.ReceiptAsks}
	for _, m := range page {
		stored := m.Status == core.Stored && c.now()-m.Sent < delivery.Lifetime
		waits := m.Status == core.Queued && m.ID.Device != c.account.device() // or its end was not heard of
		if m.Direction == core.Out && (stored || waits) {
			asks.Messages = append(asks.Messages, m.ID)
		}
	}
	if len(asks.Messages) == 0 {
		return nil
	}
	_, err = c.enqueue(t, []core.ID{device}, &wire.Content{Receipt: asks}, core.Message{})
	return err
}

// answerReceipts says again to a device what was said of its account's messages.
func (c *Client) answerReceipts(t *tx, contact, from core.ID, asked *wire.Receipt) error {
	if !c.mayAsk(from) {
		return nil
	}
	said := [...]*wire.Receipt{{Kind: wire.ReceiptDelivered}, {Kind: wire.ReceiptRead}}
	for _, id := range asked.Messages {
		m, err := t.Message(c.ctx, id)
		if err != nil && !errors.Is(err, store.ErrNotFound) && !errors.Is(err, store.ErrDamaged) {
			return err
		}
		if err != nil || m.Direction != core.In || m.Conversation != contact {
			continue
		}
		which := said[0]
		if c.receipts() && store.PositionOf(m).Compare(c.talks.kept[contact].read) <= 0 {
			which = said[1]
		}
		which.Messages = append(which.Messages, id)
	}
	for _, r := range said {
		if len(r.Messages) == 0 {
			continue
		}
		if _, err := c.enqueue(t, []core.ID{from}, &wire.Content{Receipt: r}, core.Message{}); err != nil {
			return err
		}
	}
	return nil
}

// receiveReceipt takes what a contact's device says about messages of this
// account.
func (c *Client) receiveReceipt(t *tx, contact, from core.ID, r *wire.Receipt) error {
	status := core.Delivered
	switch r.Kind {
	case wire.ReceiptAsks:
		return c.answerReceipts(t, contact, from, r)
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
	t.early = true
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
	if c.talks.early == 0 && !t.early {
		return nil
	}
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
			m.Status, m.Cause = core.Status(old[0]), ""
		}
		if len(old) > 0 && core.Status(old[0]) == core.Failed && m.Status != core.Read && m.Status != core.Delivered {
			m.Status, m.Cause = core.Failed, unreachedElsewhere
		}
		if len(old) > 0 && core.Status(old[0]) == core.Queued && m.Status == core.Stored {
			m.Status = core.Queued
		}
		if len(old) > 0 && core.Status(old[0]) == core.Stored {
			continue // of a message that waits no more; that it waits may come later
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
