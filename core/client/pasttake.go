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
	if k == nil || !c.people.knows() || !c.kin.sessions[k.From] || !c.pasts.answer && !k.Due(c.now()) {
		return
	}
	if k.Over() && !c.pasts.answer {
		return
	}
	err := c.update(func(t *tx) error {
		next := *k
		if !next.Over() && !c.account.sibling(next.From) {
			next.State = wire.PastStopped // it is gone
		}
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
			k.State = wire.PastStopped
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
	m := core.Message{
		ID: core.MessageID{Device: i.Author, Counter: i.Counter}, Conversation: i.Conversation,
		Direction: core.In, Status: core.Delivered, Sent: min(i.Sent, c.now()+sentAhead),
		Body: i.Body, Unable: i.Unable, Ends: i.Ends, Unverified: i.Unverified, Past: true,
	}
	if !i.In {
		m.Direction, m.Status = core.Out, core.Stored
		if i.Status == core.Delivered || i.Status == core.Read {
			m.Status = i.Status
		}
	}
	if m.ID.Device == c.account.device() || m.Ends != 0 && m.Ends <= c.now() {
		return nil
	}
	fresh, err := c.fileMessage(t, m)
	if err != nil || !fresh || i.Lasts == 0 || m.Ends != 0 {
		return err
	}
	return c.endsOnceRead(t, m, i.Lasts)
}
