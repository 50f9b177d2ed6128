package client

import (
	"bytes"
	"time"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/friends"
	"tandem/core/identity"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

// friendDevices are the devices of a contact that get messages; false = the
// account is no contact, or blocked. A contact without any uses a client that
// knows nothing of several devices.
func (c *Client) friendDevices(account core.ID) (to []core.ID, ok bool) {
	if _, contact := c.people.contacts[account]; !contact || c.people.blocked[account] {
		return nil, false
	}
	return c.devicesOf(account), true
}

// devicesOf are all devices of a contact, blocked or not, that did not leave.
func (c *Client) devicesOf(account core.ID) (out []core.ID) {
	list, _ := c.account.book.List(account)
	for _, d := range list.Devices {
		if c.people.devices[d.ID] == account && !c.account.left[d.ID] {
			out = append(out, d.ID)
		}
	}
	return out
}

// mayBe reports whether a device is, or was, one of an account.
func (c *Client) mayBe(account, device core.ID) bool {
	if account == c.account.id() {
		_, contact := c.people.devices[device]
		return !contact
	}
	return c.people.devices[device] == account
}

// accountOf is whose device this is, as far as it may speak: the account's own,
// or a contact's.
func (c *Client) accountOf(device core.ID) (account core.ID, ok bool) {
	if c.account.sibling(device) {
		return c.account.id(), true
	}
	account, ok = c.people.devices[device]
	return account, ok && !c.account.left[device]
}

// peers are all devices with which there are to be sessions.
func (c *Client) peers() []core.ID {
	out := c.account.siblings()
	for device := range c.people.devices {
		if !c.account.left[device] {
			out = append(out, device)
		}
	}
	return out
}

// offerContactList hands the book a list of a contact, from wherever it came.
func (c *Client) offerContactList(t *tx, account core.ID, signed []byte) (devices.Verdict, error) {
	if !c.friend(account) || len(signed) > friends.MaxList {
		return devices.Refused, nil
	}
	t.book = true
	out, err := c.account.book.Step(c.now(), devices.Offered{Account: account, Signed: signed})
	if err != nil {
		return devices.Refused, nil
	}
	if err := c.followContactList(t, account, out); err != nil {
		return out.Verdict, err
	}
	contact := c.people.contacts[account]
	if out.Verdict == devices.Second && contact.Second == nil && len(signed) <= friends.MaxSecond {
		contact.Second = signed // all devices shall say so
		return out.Verdict, c.saveContact(t, account, contact)
	}
	if out.Verdict != devices.Newer {
		return out.Verdict, nil
	}
	if bytes.Equal(contact.List, signed) {
		return out.Verdict, nil
	}
	contact.List = signed
	return out.Verdict, c.saveContact(t, account, contact)
}

// followContactList is what follows from a list of a contact that the book has
// judged.
func (c *Client) followContactList(t *tx, account core.ID, out devices.Outcome) error {
	saveBook(t, out)
	if out.Verdict != devices.Newer {
		return nil
	}
	for _, gone := range out.Gone {
		if err := c.forgetDevice(t, gone); err != nil {
			return err
		}
		c.forgetPeer(t, gone)
	}
	c.indexDevices()
	t.then(func() { c.soon(c.lookAgain) })
	return nil
}

// receiveContact handles a pairwise message of another account's device.
func (c *Client) receiveContact(t *tx, s envelope.Sealed) (ours bool, err error) {
	account, known := c.accountOf(s.Sender)
	if known && account != s.Account {
		return false, nil
	}
	if !known {
		return c.receiveUnknown(t, s)
	}
	content, err := c.openPairwise(t, c.account.keys.Device, s, func(k *ratchet.PreKeys) {
		t.Put(store.PreKeys, "", k.Marshal())
	})
	if err != nil || content == nil {
		return false, err
	}
	return true, c.fromContact(t, account, s.Sender, content)
}

// receiveUnknown opens the first message of a device that no list names yet, if
// it can be one of a friend, or of somebody who was asked: what is inside
// decides. Everything else is dropped.
func (c *Client) receiveUnknown(t *tx, s envelope.Sealed) (ours bool, err error) {
	if gone, err := c.refuseOf(t, s.Account, s.Sender); gone || err != nil {
		return gone, err
	}
	_, contact := c.people.contacts[s.Account]
	if _, state := c.asked(s.Account); s.Kind != envelope.PreKey || !contact && state == 0 || !c.listens() {
		return false, nil
	}
	opened, content, err := c.decrypt(t, c.account.keys.Device, s)
	if err != nil || content == nil || content.DeviceList == nil {
		return false, err
	}
	if contact {
		_, err = c.offerContactList(t, s.Account, content.DeviceList)
	} else if content.Accept != nil {
		_, err = c.accepted(t, s.Account, s.Sender, content.Accept, content.DeviceList)
	}
	if err != nil {
		return false, err
	}
	if account, known := c.accountOf(s.Sender); !known || account != s.Account {
		return false, nil
	}
	c.keepOpened(t, s.Sender, opened, func(k *ratchet.PreKeys) { t.Put(store.PreKeys, "", k.Marshal()) })
	return true, c.fromContact(t, s.Account, s.Sender, content)
}

// maxHeard bounds the messages of devices that no list names which are opened in
// an hour: anybody can say that it is a friend's device.
const maxHeard = 256

// listens reports whether one more of them may be opened, and counts it.
func (c *Client) listens() bool {
	if time.Since(c.people.hour) >= time.Hour {
		c.people.hour, c.people.heard = time.Now(), 0
	}
	c.people.heard++
	return c.people.heard <= maxHeard
}

// fromContact takes what a contact's device said in their session.
func (c *Client) fromContact(t *tx, account, from core.ID, content *wire.Content) error {
	if content.DeviceList != nil {
		if _, err := c.offerContactList(t, account, content.DeviceList); err != nil {
			return err
		}
	}
	if _, known := c.accountOf(from); !known {
		return nil // not any more
	}
	if err := c.opened(t, from); err != nil {
		return err
	}
	if contact := c.people.contacts[account]; contact.Unsure {
		contact.Unsure = false
		if err := c.saveContact(t, account, contact); err != nil {
			return err
		}
	}
	if content.Header != nil {
		list, _ := c.account.book.List(account)
		h := content.Header
		c.compareEpochs(t, from, h.PeerEpoch < c.account.list().Epoch, h.OwnEpoch > list.Epoch)
	}
	if content.Contact != nil {
		if err := c.takeIntroduction(t, account, content.Contact); err != nil {
			return err
		}
	}
	if c.people.blocked[account] {
		return c.overhear(t, from, content)
	}
	return c.receiveFromContact(t, account, from, content)
}

// takeIntroduction keeps what a friend says about the own account.
func (c *Client) takeIntroduction(t *tx, account core.ID, said *wire.Contact) error {
	contact := c.people.contacts[account]
	next := contact
	if _, err := identity.OpenReading(said.Reading); err == nil {
		next.Reading = said.Reading
	}
	if name, err := checkName(said.Name); err == nil && said.Named >= contact.Named && said.Named <= c.now()+sentAhead {
		next.Name, next.Named = name, said.Named
	}
	if next.Name == contact.Name && next.Named == contact.Named && bytes.Equal(next.Reading, contact.Reading) {
		return nil
	}
	return c.saveContact(t, account, next)
}

// contactRequest answers a contact's device that asks for a session, makes
// friends by the acceptance that it brings, or holds it.
func (c *Client) contactRequest(t *tx, account, from core.ID, content *wire.Content) (ours bool, err error) {
	answered, err := c.answerContact(t, account, from, content)
	if err != nil || answered {
		return answered, err
	}
	if c.people.blocked[account] && !c.friend(account) {
		return false, nil
	}
	t.then(func() { c.lookFor(account) })
	if err := c.wasFriend(t, account, from, content.Request); err != nil {
		return false, err
	}
	held := &wire.Content{Request: content.Request, Accept: content.Accept}
	if len(held.Marshal()) > maxHeldSize {
		return false, nil
	}
	return c.hold(t, account, from, held)
}

// maxHeldSize bounds what is held of one device, in bytes: a list and some
// signatures.
const maxHeldSize = friends.MaxList + 4<<10

// answerContact is contactRequest for what can be decided now.
func (c *Client) answerContact(t *tx, account, from core.ID, content *wire.Content) (answered bool, err error) {
	r := content.Request
	p, err := c.peer(t, from)
	if err != nil || r.Created <= p.handled {
		return err == nil, err
	}
	verdict := devices.Older
	if r.List != nil {
		if content.Accept != nil && !c.friend(account) {
			if _, err := c.accepted(t, account, from, content.Accept, r.List); err != nil {
				return false, err
			}
		}
		if verdict, err = c.offerContactList(t, account, r.List); err != nil {
			return false, err
		}
	}
	if whose, known := c.accountOf(from); !known || whose != account {
		return false, nil
	}
	if last, served := c.people.served[from]; served && time.Since(last) < serveAgain {
		return true, nil // it asks again
	}
	c.people.served[from] = time.Now()
	return true, c.answer(t, from, r, verdict == devices.Older)
}

// serveAgain is the least time between two sessions for one device of a contact.
// Who asks waits as long at least.
const serveAgain = 10 * time.Second

// friend reports whether an account is a contact.
func (c *Client) friend(account core.ID) bool {
	_, ok := c.people.contacts[account]
	return ok
}

// friendship is how this account stands with another one.
func (c *Client) friendship(account core.ID) Friendship {
	if c.people.blocked[account] {
		return Blocked
	}
	if contact, ok := c.people.contacts[account]; ok {
		if contact.Unsure {
			return ToConfirm
		}
		return Friends
	}
	switch _, state := c.asked(account); state {
	case friends.Pending:
		return Asked
	case friends.Expired:
		return AskedTooOld
	}
	return NotAsked
}
