package client

import (
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/store"
)

// nameAgain is the profile record of a device that asks to be added again: its
// account, messages and outbox stay on the disk, and in memory it is a device
// without an account. Only a device without the words does: with them, who is
// absent was replaced by a restored device, and keeps them until it is cleared.
const nameAgain = "again"

// AskToBeAdded links this device to its account again, with a new device key:
// Main → Joining. Cancel leads back, and nothing has changed.
func (c *Client) AskToBeAdded() error {
	return c.do(func() error {
		a := &c.account
		if c.phase != Main || c.leaving.on() || a.book.Standing() != devices.Absent || a.keys.Root != nil {
			return ErrNotNow
		}
		target := a.id().Hex()
		return c.update(func(t *tx) error {
			t.DeleteKind(store.Linking) // how it joined the last time
			t.Put(store.Profile, nameAgain, []byte{1})
			t.then(c.stepOut)
			c.beginJoin(t, target)
			return nil
		})
	})
}

// stepOut lets go of the account in memory. What the network still answers it
// belongs to nobody.
func (c *Client) stepOut() {
	c.account, c.linker, c.kin = account{}, linker{}, newKin()
	c.post, c.mail, c.log, c.tender = newPost(), mail{}, newLogbook(), tender{}
	c.answers, c.groups = answers{}, newGroups()
	for _, a := range c.left {
		a.box.asked = 0
	}
	c.life++
}

// again reports whether this device has an account that it asks to be added to.
func (c *Client) again(t *tx) (bool, error) {
	_, err := t.Get(c.ctx, store.Profile, nameAgain)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// comeBack ends such an attempt without a link: Joining → Main.
func (c *Client) comeBack(t *tx) {
	t.Delete(store.Profile, nameAgain)
	c.setPhase(t, Main)
	t.then(c.stepOut)
	t.then(c.stepIn)
}

// stepIn reads the account from the disk.
func (c *Client) stepIn() {
	if err := c.loadMember(); err != nil {
		c.broken(storeSentence(err))
		return
	}
	c.sealMissed()
	c.dirty = true
}

// rejoin clears away what belonged to the old device key, and takes along what
// had not gone out.
func (c *Client) rejoin(t *tx, device core.ID, list devices.List) error {
	t.Delete(store.Profile, nameAgain)
	for _, kind := range []store.Kind{store.Session, store.Peer, store.Facts, store.Line} {
		t.DeleteKind(kind)
	}
	blobs, err := c.db.Due(c.ctx, never, 0)
	if blobs == nil && err != nil {
		return err
	}
	for _, b := range blobs {
		e, err := delivery.Parse(b.Data)
		if err != nil {
			return store.ErrDamaged
		}
		if err := c.refile(t, e, device, list); err != nil {
			return err
		}
	}
	t.then(func() { c.soon(c.stepIn) })
	return nil
}

// refile writes a message that had not gone out to everybody once more, as the
// device with the new key. One that nobody has yet gets its ID.
func (c *Client) refile(t *tx, e *delivery.Entry, device core.ID, list devices.List) error {
	if err := t.DeleteOutbox(c.ctx, e.Number); err != nil {
		return err
	}
	if e.Message == (core.MessageID{}) {
		return nil
	}
	m, err := t.Message(c.ctx, e.Message)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		return nil
	}
	if err != nil {
		return err
	}
	next := &delivery.Entry{Number: e.Number, Message: e.Message, Conversation: e.Conversation, Created: e.Created}
	had := map[core.ID]bool{device: true}
	said := transcript(m).Marshal()
	for _, k := range e.Copies {
		switch {
		case k.State == delivery.Stored:
			had[k.To] = true
		case m.Conversation == list.Account || k.Own || k.State != delivery.Waiting && k.State != delivery.NoSession:
		case k.To == m.Conversation: // for a client that knows no devices: it names none
			next.Copies = append(next.Copies, k)
		default:
			next.Copies = append(next.Copies, delivery.Copy{To: k.To, State: delivery.NoSession})
			next.Content = spoken(m).Marshal()
		}
	}
	for _, d := range list.Devices {
		if had[d.ID] {
			continue
		}
		own := m.Conversation != list.Account
		next.Copies = append(next.Copies, delivery.Copy{To: d.ID, State: delivery.NoSession, Own: own})
		if own {
			next.Transcript = said
		} else {
			next.Content = said
		}
	}
	if len(had) == 1 {
		if err := t.DeleteMessage(c.ctx, m.ID); err != nil {
			return err
		}
		m.ID.Device = device
		next.Message = m.ID
		t.PutMessage(m)
	}
	if next.Done() {
		return nil
	}
	return c.saveEntry(t, next)
}
