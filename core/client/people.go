package client

import (
	"errors"
	"time"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/friends"
	"tandem/core/snapshot"
	"tandem/core/store"
)

// people is who this account knows: what the registers of the account and the
// book of device lists say, in the form in which it is asked for, and the
// requests that nobody has answered yet.
type people struct {
	contacts map[core.ID]friends.Contact
	requests map[friends.RequestID]friends.Record
	blocked  map[core.ID]bool
	devices  map[core.ID]core.ID     // contacts' devices, with the account
	asks     map[core.ID]friends.Ask // who asks, by account
	said     core.Millis             // time of the newest message to a plain contact

	merged  bool                  // the account's snapshot was read since this device is one of it
	began   time.Time             // of this run
	looks   map[core.ID]time.Time // when a contact's outbox is read next
	looking bool
	hour    time.Time // in which so many devices that no list names were listened to
	heard   int
	served  map[core.ID]time.Time // when a contact's device last got a session
	safety  map[core.ID]string    // safety numbers, which cost time
}

func newPeople() people {
	return people{
		contacts: map[core.ID]friends.Contact{}, requests: map[friends.RequestID]friends.Record{},
		blocked: map[core.ID]bool{}, devices: map[core.ID]core.ID{}, asks: map[core.ID]friends.Ask{},
		began: time.Now(), looks: map[core.ID]time.Time{}, served: map[core.ID]time.Time{}, safety: map[core.ID]string{},
	}
}

const (
	// nameMerged is the profile record that says people.merged.
	nameMerged = "merged"
	// mergeTime is how long a device that has just become one of an account shows
	// no requests, unless the snapshot has said which are answered.
	mergeTime = 10 * time.Minute
)

// knows reports whether this device knows enough of its account to show who
// asks: the requests in the account's mailbox may all be answered.
func (p *people) knows() bool { return p.merged || time.Since(p.began) >= mergeTime }

// mergedPeople says that the account's snapshot was read.
func (c *Client) mergedPeople(t *tx) {
	if c.people.merged {
		return
	}
	t.Put(store.Profile, nameMerged, []byte{1})
	t.then(func() { c.people.merged = true })
}

// loadPeople reads who asks, and the rest from registers and book.
func (c *Client) loadPeople() error {
	asked, err := c.db.All(c.ctx, store.Asked)
	if asked == nil && err != nil {
		return err
	}
	_, err = c.db.Get(c.ctx, store.Profile, nameMerged)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	c.people.merged = err == nil
	c.people.asks = map[core.ID]friends.Ask{}
	for _, b := range asked {
		account, err := core.IDFromBytes([]byte(b.Name))
		if err != nil {
			return store.ErrDamaged
		}
		if ask, err := friends.ParseAsk(b.Value); err == nil { // or the mailbox brings it again
			c.people.asks[account] = ask
		}
	}
	c.indexPeople()
	return nil
}

// indexPeople reads the registers about people again.
func (c *Client) indexPeople() {
	c.people.contacts, c.people.requests = map[core.ID]friends.Contact{}, map[friends.RequestID]friends.Record{}
	c.people.blocked = map[core.ID]bool{}
	for _, r := range c.account.state.All() {
		c.notePerson(r)
	}
	c.indexDevices()
}

// notePerson takes what one register says about a person. What cannot be read
// says nothing: another version may have written it.
func (c *Client) notePerson(r snapshot.Register) {
	switch r.Kind {
	case snapshot.Contact:
		if account, err := core.IDFromBytes([]byte(r.Name)); err == nil {
			delete(c.people.contacts, account)
			if contact, err := friends.ParseContact(r.Value); err == nil && !r.Deleted && account != c.account.id() {
				c.people.contacts[account] = contact
			}
		}
	case snapshot.Request:
		if len(r.Name) == len(friends.RequestID{}) {
			if record, err := friends.ParseRecord(r.Value); err == nil && !r.Deleted {
				c.people.requests[friends.RequestID([]byte(r.Name))] = record
			}
		}
	case snapshot.Block:
		if account, err := core.IDFromBytes([]byte(r.Name)); err == nil {
			delete(c.people.blocked, account)
			if !r.Deleted {
				c.people.blocked[account] = true
			}
		}
	}
}

// indexDevices maps the devices of contacts to their accounts. A device that
// two contacts list is the one's whose account has the lesser ID: it can only be
// a trick of both.
func (c *Client) indexDevices() {
	c.people.devices = map[core.ID]core.ID{}
	clear(c.people.safety)
	for account := range c.people.contacts {
		list, _ := c.account.book.List(account)
		for _, d := range list.Devices {
			other, taken := c.people.devices[d.ID]
			if d.ID == c.account.device() || c.account.sibling(d.ID) || taken && other.Hex() < account.Hex() {
				continue
			}
			c.people.devices[d.ID] = account
		}
	}
}

// followPeople lets what new registers say about people take effect, in the
// transaction that saves them.
func (c *Client) followPeople(t *tx, registers []snapshot.Register) error {
	changed := false
	for _, r := range registers {
		account, _ := core.IDFromBytes([]byte(r.Name)) // zero: it is about nobody
		last := c.people.contacts[account]
		c.notePerson(r)
		var err error
		switch r.Kind {
		case snapshot.Contact:
			err = c.followContact(t, account, last)
		case snapshot.Request:
			err = c.followRequest(t, r)
		case snapshot.Block:
			if c.people.blocked[account] { // who is blocked asks no more
				err = c.settleAsk(t, account, false)
			}
		default:
			continue
		}
		if err != nil {
			return err
		}
		changed = true
	}
	if changed {
		c.indexDevices()
		t.then(func() { c.soon(c.lookAgain) })
	}
	return nil
}

// followContact takes the list in a contact's register into the book: the
// devices of the account agree on which key is the pinned one. Who knows a newer
// list, or that the user has trusted another key since, says so again.
func (c *Client) followContact(t *tx, account core.ID, last friends.Contact) error {
	contact, ok := c.people.contacts[account]
	if !ok {
		return nil
	}
	if last.Trust > contact.Trust {
		contact.List, contact.Plain, contact.Trust, contact.Second = last.List, last.Plain, last.Trust, last.Second
		c.people.contacts[account] = contact
		t.then(func() { c.soon(func() { c.restate(account, contact) }) })
	}
	older := contact.Named < last.Named
	if last.Trust == contact.Trust && (older || contact.Name == "" && last.Name != "" || contact.Reading == nil && last.Reading != nil) {
		// Written by a device that made friends by itself and has not heard this yet.
		if older || contact.Name == "" {
			contact.Name, contact.Named = last.Name, last.Named
		}
		if contact.Reading == nil {
			contact.Reading = last.Reading
		}
		c.people.contacts[account] = contact
		t.then(func() { c.soon(func() { c.restate(account, contact) }) })
	}
	if signed, pinned := c.account.book.Signed(account); pinned && contact.List == nil {
		contact.List = signed // nobody becomes plain again by another device's word
		c.people.contacts[account] = contact
		t.then(func() { c.soon(func() { c.restate(account, contact) }) })
	}
	if contact.List != nil {
		t.book = true
		out, err := c.account.book.Step(c.now(), devices.Agreed{
			Account: account, Signed: contact.List, ByUser: contact.Trust > last.Trust,
		})
		if err == nil {
			if err := c.followContactList(t, account, out); err != nil {
				return err
			}
		}
		if out.Verdict == devices.Older {
			contact.List, _ = c.account.book.Signed(account)
			t.then(func() { c.soon(func() { c.restate(account, contact) }) })
		}
	}
	if contact.Second != nil {
		t.book = true
		out, err := c.account.book.Step(c.now(), devices.Offered{Account: account, Signed: contact.Second})
		if err == nil {
			saveBook(t, out)
		}
	}
	return c.settleAsk(t, account, true)
}

// restate writes a contact's register again, because another device of the
// account, which knew less, has replaced it.
func (c *Client) restate(account core.ID, contact friends.Contact) {
	_ = c.update(func(t *tx) error { return c.saveContact(t, account, contact) }) // or with the next change
}

// followRequest: a request that another device has answered is none any more,
// and one by somebody whom another device has asked is accepted.
func (c *Client) followRequest(t *tx, r snapshot.Register) error {
	if len(r.Name) != len(friends.RequestID{}) {
		return nil
	}
	id := friends.RequestID([]byte(r.Name))
	record, ok := c.people.requests[id]
	if ok && record.Out && record.State == friends.Pending {
		t.then(func() { c.soon(func() { c.acceptMutual(record.Account) }) })
	}
	if !ok || record.Out || record.State < friends.Declined {
		return nil
	}
	if ask, waits := c.people.asks[record.Account]; !waits || !ask.Knows(id) {
		return nil
	}
	return c.settleAsk(t, record.Account, record.State == friends.Accepted)
}

// settleAsk takes a request off the list. accepted: its text is the first
// message of the conversation.
func (c *Client) settleAsk(t *tx, account core.ID, accepted bool) error {
	b, err := t.Get(c.ctx, store.Asked, string(account[:]))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	ask, err := friends.ParseAsk(b)
	if err != nil {
		return store.ErrDamaged
	}
	if accepted && ask.Signed == nil && ask.List == nil && !c.friend(account) {
		return nil // its mailbox is read again when the contact is here, too
	}
	c.dropAsk(t, account)
	if !accepted || ask.List != nil {
		return nil
	}
	if ask.Signed == nil {
		return c.filePlain(t, account, ask)
	}
	request, err := friends.ParseRequest(ask.Signed, account, c.account.id())
	if err != nil {
		return nil
	}
	return c.fileFirst(t, request, ask)
}

func (c *Client) saveAsk(t *tx, account core.ID, ask friends.Ask) {
	t.Put(store.Asked, string(account[:]), ask.Marshal())
	t.then(func() { c.people.asks[account] = ask })
}

func (c *Client) dropAsk(t *tx, account core.ID) {
	t.Delete(store.Asked, string(account[:]))
	t.then(func() { delete(c.people.asks, account) })
}

// asked is the newest request that this account sent to another one, and how it
// stands.
func (c *Client) asked(account core.ID) (friends.RequestID, friends.State) {
	return c.newest(account, true)
}

// newest is the newest request between this account and another one, sent or
// received; no state: there is none. An accepted one comes before all.
func (c *Client) newest(account core.ID, out bool) (id friends.RequestID, state friends.State) {
	var at core.Millis
	for other, r := range c.people.requests {
		s := r.At(c.now())
		if r.Account != account || r.Out != out || state == friends.Accepted && s != state {
			continue
		}
		if state == 0 || s == friends.Accepted && state != s || r.Created > at {
			id, state, at = other, s, r.Created
		}
	}
	return id, state
}
