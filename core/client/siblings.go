package client

import (
	"time"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/snapshot"
	"tandem/core/wire"
)

const (
	// tellAgain is when a sibling whose messages still show an older list is told
	// again.
	tellAgain = time.Hour
	// askKeyAgain is when a device that lacks the snapshot key asks again.
	askKeyAgain = 10 * time.Minute
	// introduced bounds the registers in the first word of a session; the snapshot
	// has all of them.
	introduced = 8
)

// tickSiblings does what is due between the devices of the account.
func (c *Client) tickSiblings() {
	if c.phase != Main || c.account.book.Standing() != devices.Listed {
		return
	}
	c.tickRequests()
	c.askKey()
	for device := range c.account.left { // only the primary's list removes it
		if _, listed := c.account.list().Find(device); listed && c.linker.machine != nil {
			_ = c.update(func(t *tx) error { return c.unlink(t, device) })
		}
	}
}

// receiveNews takes what a sibling says about the account, the list first.
func (c *Client) receiveNews(t *tx, from core.ID, content *wire.Content) error {
	for _, list := range [][]byte{content.DeviceList, content.Unlinked} {
		if list == nil {
			continue
		}
		if _, err := c.offerList(t, list); err != nil {
			return err
		}
	}
	if !c.account.sibling(from) || c.account.unlisted() {
		return nil // not any more
	}
	if content.Update != nil {
		if err := c.receiveUpdate(t, from, content.Update); err != nil {
			return err
		}
	}
	if content.Header != nil {
		mine, theirs := c.account.list().Epoch, content.Header.OwnEpoch
		c.compareEpochs(t, from, theirs < mine, theirs > mine)
	}
	return nil
}

// compareEpochs: whoever holds the newer list of an account sends it. Who holds
// the older one lets that be seen. tell: the other device lacks this account's
// newest list; lacks: this one lacks that of the other's account.
func (c *Client) compareEpochs(t *tx, from core.ID, tell, lacks bool) {
	if !tell && !lacks {
		return
	}
	mine := c.account.list().Epoch
	t.then(func() {
		if last := c.kin.told[from]; last.epoch == mine && time.Since(last.at) < tellAgain {
			return
		}
		c.kin.told[from] = told{mine, time.Now()}
		signed, ok := c.account.book.Signed(c.account.id())
		switch {
		case tell && ok:
			c.soon(func() { c.tell([]core.ID{from}, &wire.Content{DeviceList: signed}) })
		case lacks:
			c.soon(func() { c.ping(from) })
		}
	})
}

// tell sends what is no message of a conversation. Should the store refuse, it
// is healed like what the network lost.
func (c *Client) tell(to []core.ID, content *wire.Content) {
	_ = c.update(func(t *tx) error {
		_, err := c.enqueue(t, to, content, core.Message{})
		return err
	})
}

// announceList tells all siblings and contacts of a list that this device has
// signed, and the siblings the snapshot key where that is new. A device that was
// just taken in has both from its grant.
func (c *Client) announceList(t *tx, out devices.Outcome) error {
	signed, ok := c.account.book.Signed(c.account.id())
	if !ok || out.Verdict != devices.Newer {
		return nil
	}
	content := &wire.Content{DeviceList: signed}
	if e := c.account.list().SnapshotEpoch; e != c.account.keys.Shared.Snapshot.Epoch && c.account.keys.Root != nil {
		content.Update = &wire.Update{Key: c.account.keys.Root.SnapshotKey(e).Handover()}
	}
	fresh := map[core.ID]bool{}
	for _, id := range out.Added {
		fresh[id] = true
	}
	var to []core.ID
	for _, id := range c.account.siblings() {
		if !fresh[id] {
			to = append(to, id)
		}
	}
	if _, err := c.enqueue(t, to, content, core.Message{}); err != nil {
		return err
	}
	for account := range c.people.contacts { // an entry holds the copies of one account
		if to := c.devicesOf(account); len(to) > 0 {
			if _, err := c.enqueue(t, to, &wire.Content{DeviceList: signed}, core.Message{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// followSiblings is what follows from a new list of the account for those who
// are in it, and those who are not. before is the list that it replaced.
func (c *Client) followSiblings(t *tx, before devices.List, out devices.Outcome) error {
	for _, gone := range out.Gone {
		c.forgetPeer(t, gone)
	}
	if out.Expelled {
		return c.depart(t, devices.Obeys)
	}
	if out.SignAgain && c.account.signs() {
		if err := c.signAgain(t, before); err != nil {
			return err
		}
	}
	t.then(func() { c.soon(c.lookAgain) })
	if !c.account.unlisted() {
		t.then(func() {
			c.hurryPost()
			for _, peer := range c.peers() {
				if c.kin.sessions[peer] {
					c.sealWaiting(peer)
				}
			}
		})
	}
	return nil
}

// signAgain says once more, under a higher epoch, what a list of this device
// said that lost against another one of the same epoch.
func (c *Client) signAgain(t *tx, lost devices.List) error {
	epoch, err := c.nextEpoch()
	if err != nil {
		return nil // it is a day ahead: later
	}
	keys := c.account.keys
	next := lost.Again(c.account.list(), epoch, c.now())
	signed, err := devices.Sign(c.now(), next, keys.Root.ListKey(), keys.Shared.Account)
	if err != nil {
		return nil // the winner stands
	}
	return c.adoptList(t, signed)
}

// shareRegisters tells the other devices of the account what this one wrote.
func (c *Client) shareRegisters(t *tx, registers []snapshot.Register) error {
	update := &wire.Update{}
	for _, r := range registers {
		update.Registers = append(update.Registers, r.Marshal())
	}
	_, err := c.enqueue(t, c.account.siblings(), &wire.Content{Update: update}, core.Message{})
	return err
}

// introduction is the first word in a session: what this device has written of
// what the devices agree on, its name above all.
func (c *Client) introduction() *wire.Content {
	update := &wire.Update{}
	for _, r := range c.account.state.All() {
		if r.Device == c.account.device() && (r.Kind == snapshot.Device || r.Kind == snapshot.Profile) && len(update.Registers) < introduced {
			update.Registers = append(update.Registers, r.Marshal())
		}
	}
	if len(update.Registers) == 0 {
		return &wire.Content{Ping: true}
	}
	return &wire.Content{Update: update}
}

// receiveUpdate takes what a sibling wrote, or the key that it hands over, and
// gives it the key that it asks for. An update with a register that is none is
// dropped whole.
func (c *Client) receiveUpdate(t *tx, from core.ID, u *wire.Update) error {
	var registers []snapshot.Register
	for _, b := range u.Registers {
		r, err := snapshot.ParseRegister(b)
		if err != nil {
			return nil
		}
		registers = append(registers, r)
	}
	if len(registers) > 0 {
		if err := c.mergeRegisters(t, registers); err != nil {
			return err
		}
	}
	if u.Key != nil {
		c.takeKey(t, from, u.Key)
	}
	if u.Asks == 0 || u.Asks != c.account.list().SnapshotEpoch || u.Asks != c.account.keys.Shared.Snapshot.Epoch {
		return nil
	}
	_, err := c.enqueue(t, []core.ID{from}, &wire.Content{
		Update: &wire.Update{Key: c.account.keys.Shared.Snapshot.Handover()},
	}, core.Message{})
	return err
}

// takeKey takes the snapshot key of the newest list's e. One that is there
// already is replaced by the primary's word only.
func (c *Client) takeKey(t *tx, from core.ID, handover []byte) {
	k, err := identity.OpenHandover(handover)
	list, keys := c.account.list(), c.account.keys
	if err != nil || keys.Root != nil || k.Epoch != list.SnapshotEpoch ||
		k.Epoch == keys.Shared.Snapshot.Epoch && from != list.Primary().ID {
		return
	}
	renewed := *keys
	renewed.Shared.Snapshot = k
	c.replaceKeys(t, &renewed)
	t.then(c.tendNow)
}

// askKey asks all siblings for the snapshot key of the newest list, where this
// device does not have it.
func (c *Client) askKey() {
	e := c.account.list().SnapshotEpoch
	if c.account.keys.Root != nil || e == c.account.keys.Shared.Snapshot.Epoch ||
		!c.kin.keyAsked.IsZero() && time.Since(c.kin.keyAsked) < askKeyAgain {
		return
	}
	c.kin.keyAsked = time.Now()
	c.tell(c.account.siblings(), &wire.Content{Update: &wire.Update{Asks: e}})
}
