package client

import (
	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/store"
	"tandem/core/wire"
)

func (c *Client) saveTaking(t *tx, k *delivery.Taking) {
	t.Put(store.Past, "", k.Marshal())
	t.then(func() { c.pasts.taking = k })
}

// tickTaking tells the device that gives how much is here: when some came, and
// when none comes. It does not begin before contacts and settings are here.
func (c *Client) tickTaking() {
	k := c.pasts.taking
	if k == nil {
		return
	}
	if !k.Over() && !c.account.sibling(k.From) { // it was removed
		_ = c.update(func(t *tx) error { // or at the next tick
			next := *k
			next.End()
			c.saveTaking(t, &next)
			return nil
		})
		return
	}
	if !c.people.knows() || !c.kin.sessions[k.From] || !c.pasts.answer && !k.Due(c.now()) {
		return
	}
	err := c.update(func(t *tx) error {
		next := *k
		answer := next.Answer(c.now())
		c.saveTaking(t, &next)
		return c.tellPast(t, next.From, answer)
	})
	if err == nil {
		c.pasts.answer = false
	}
}

// takeChunk files what was said before this device was linked.
func (c *Client) takeChunk(t *tx, p *wire.Past) error {
	b, err := t.Get(c.ctx, store.Past, "")
	if err != nil {
		return err
	}
	k, err := delivery.ParseTaking(b)
	if err != nil {
		return store.ErrDamaged
	}
	if p.Number == 0 {
		if !k.Over() {
			k.End()
			c.saveTaking(t, k)
		}
		return nil
	}
	t.then(func() { c.pasts.answer = true })
	if !k.Take(c.now(), p) {
		return nil
	}
	for i := range p.Items {
		if err := c.filePast(t, &p.Items[i]); err != nil {
			return err
		}
	}
	c.saveTaking(t, k)
	return nil
}

// filePast files one message as it lies on the device that gives it. Nobody is
// told that it has come.
func (c *Client) filePast(t *tx, i *wire.Item) error {
	_, err := c.takeItem(t, i, c.now(), false)
	return err
}

// takeItem is filePast as of now, for a message out of a file as well: what was
// not sent when that was made is not sent any more.
func (c *Client) takeItem(t *tx, i *wire.Item, now core.Millis, file bool) (fresh bool, err error) {
	m := core.Message{
		ID: core.MessageID{Device: i.Author, Counter: i.Counter}, Conversation: i.Conversation,
		Direction: core.In, Status: core.Delivered, Sent: min(i.Sent, now+sentAhead),
		Body: i.Body, Unable: i.Unable, Ends: i.Ends, Unverified: i.Unverified, Past: true,
	}
	if !i.In {
		m.Direction, m.Status = core.Out, core.Stored
		switch {
		case i.Status == core.Delivered || i.Status == core.Read:
			m.Status = i.Status
		case file && (i.Status == core.Queued || i.Status == core.Failed):
			m.Status, m.Cause = core.Failed, unsentCause
		case i.Status == core.Failed:
			m.Status, m.Cause = core.Failed, unsentElsewhere
		case i.Status == core.Queued && !c.account.sibling(i.Author):
			m.Status = core.Queued // for good: resolved
		}
	}
	if i.Deletes.Counter != 0 {
		if gone, err := c.buried(t, m.Conversation, i.Deletes); file && (gone || err != nil) {
			return false, err
		}
		return false, c.bury(t, deletion{id: m.ID, conversation: m.Conversation, message: i.Deletes})
	}
	if m.ID.Device == c.account.device() || m.Ends != 0 && m.Ends <= now {
		return false, nil
	}
	fresh, err = c.fileMessage(t, m)
	if err != nil || !fresh || i.Lasts == 0 || m.Ends != 0 {
		return fresh, err
	}
	return true, c.endsOnceRead(t, m, i.Lasts)
}

// passOn hands what came from a device to those others of the account that it was
// not addressed to: its sender did not know them yet, or wrote it before. epoch is
// that of the account's list as the sender knew it. The primary does so.
func (c *Client) passOn(t *tx, from core.ID, epoch uint64, id core.MessageID) error {
	if c.account.role() != core.Primary || id.Counter == 0 {
		return nil
	}
	item, ok, err := c.item(t, id)
	if err != nil || !ok {
		return err
	}
	item.Author = id.Device
	for _, d := range c.account.list().Devices {
		if d.ID == from || !c.account.sibling(d.ID) || core.Millis(epoch) >= d.Added && item.Sent >= d.Added {
			continue
		}
		if err := c.tellPast(t, d.ID, &wire.Past{Items: []wire.Item{item}}); err != nil {
			return err
		}
	}
	return nil
}
