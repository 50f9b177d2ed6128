package client

import (
	"tandem/core"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/friends"
	"tandem/core/ratchet"
	"tandem/core/snapshot"
	"tandem/core/wire"
)

// maxAsks bounds the people whose requests wait for an answer; of too many the
// oldest goes.
const maxAsks = 256

// receiveFriendRequest takes a request out of the account's mailbox. Every
// device of the account does, and whoever answers first tells the others.
func (c *Client) receiveFriendRequest(t *tx, from envelope.FromSession) (ours bool, err error) {
	r, err := friends.ParseRequest(from.Content.Friend, from.Sender, c.account.id())
	if err != nil || !r.Fresh(c.now()) || c.people.blocked[r.From] || !c.stands(r) {
		return false, nil
	}
	ask := friends.Ask{Signed: from.Content.Friend, Name: r.Name, Sent: r.Created}
	if from.Content.Data != nil {
		ask.Text = from.Content.Data.Body
	}
	switch c.people.requests[r.ID].State {
	case friends.Accepted:
		return true, c.fileFirst(t, r, ask)
	case friends.Declined:
		return true, nil
	}
	return true, c.takeAsk(t, r, ask)
}

// stands reports whether the device that signed a request is one of the account
// by the list that came with it.
func (c *Client) stands(r friends.Request) bool {
	list, err := devices.Parse(r.List, r.From)
	if err != nil || list.CheckAhead(c.now()) != nil {
		return false
	}
	entry, listed := list.Find(r.Device)
	bundle, err := ratchet.ParseBundle(r.Bundle)
	return listed && entry.Ed == r.Ed && err == nil && core.IDFromX25519(bundle.Identity) == r.Device
}

// takeAsk shows a request, or accepts it if this account has asked as well, or
// they are friends and the other side has forgotten.
func (c *Client) takeAsk(t *tx, r friends.Request, ask friends.Ask) error {
	old, waits := c.people.asks[r.From]
	ask.IDs = old.IDs
	ask = ask.With(r.ID)
	if waits && old.Signed != nil && old.Sent > ask.Sent {
		old.IDs = ask.IDs
		ask = old
	}
	if c.friend(r.From) {
		return c.takeAgain(t, r, ask)
	}
	if c.silent() { // another device answers
		c.saveAsk(t, r.From, ask)
		return nil
	}
	if _, out := c.asked(r.From); out == friends.Pending || out == friends.Expired {
		return c.accept(t, r.From, ask)
	}
	c.saveAsk(t, r.From, ask)
	t.then(func() { c.soon(c.boundAsks) })
	return nil
}

// takeAgain answers a friend who has forgotten that; but not somebody under
// another list key: the row of the chat says that the account answers as two.
func (c *Client) takeAgain(t *tx, r friends.Request, ask friends.Ask) error {
	if c.silent() || c.answered(r.From) >= maxAgain {
		return nil
	}
	verdict, err := c.offerContactList(t, r.From, r.List)
	if err != nil || verdict >= devices.Second || c.people.devices[r.Device] != r.From {
		return err
	}
	return c.accept(t, r.From, ask)
}

// maxAgain bounds the requests of one friend that are on record at once: each is
// in the account's snapshot for weeks.
const maxAgain = 16

// answered is how many requests of an account are on record.
func (c *Client) answered(account core.ID) (n int) {
	for _, r := range c.people.requests {
		if r.Account == account && !r.Out {
			n++
		}
	}
	return n
}

// acceptMutual accepts the request of somebody whom this account has asked as
// well.
func (c *Client) acceptMutual(account core.ID) {
	if ask, waits := c.people.asks[account]; waits && ask.Signed != nil {
		_ = c.update(func(t *tx) error { return c.accept(t, account, ask) }) // or by hand
	}
}

// boundAsks drops what asks for too long, or is too much.
func (c *Client) boundAsks() {
	for len(c.people.asks) > 0 {
		var oldest core.ID
		for account, ask := range c.people.asks {
			if other, ok := c.people.asks[oldest]; !ok || ask.Sent < other.Sent {
				oldest = account
			}
		}
		if len(c.people.asks) <= maxAsks && c.now() < c.people.asks[oldest].Sent+friends.Expiry {
			return
		}
		err := c.update(func(t *tx) error {
			c.dropAsk(t, oldest)
			return nil
		})
		if err != nil {
			return // or the next time
		}
	}
}

// fileFirst files the text of a request as the first message of the
// conversation, once.
func (c *Client) fileFirst(t *tx, r friends.Request, ask friends.Ask) error {
	if ask.Text == "" {
		return nil
	}
	id := core.MessageID{Device: r.Device, Counter: r.Counter}
	if err := c.beginLine(t, id); err != nil {
		return err
	}
	return c.incoming(t, core.Message{ID: id, Conversation: r.From, Sent: r.Created, Body: ask.Text})
}

// accept makes a friend of who asks: the siblings are told, and the device that
// asked gets the first message of a session. Its siblings are asked for sessions
// like all with whom there is none (tickRequests). Error: ErrOffline, before the
// account's own device list could be signed.
func (c *Client) accept(t *tx, account core.ID, ask friends.Ask) error {
	r, err := friends.ParseRequest(ask.Signed, account, c.account.id())
	if err != nil {
		return ErrNotNow
	}
	if _, ok := c.account.book.Signed(c.account.id()); !ok {
		return ErrOffline
	}
	if err := c.befriended(t, account, r.Name, r.List); err != nil {
		return err
	}
	if err := c.settleRequests(t, account, ask, friends.Accepted); err != nil {
		return err
	}
	c.dropAsk(t, account)
	if err := c.fileFirst(t, r, ask); err != nil {
		return err
	}
	if c.people.devices[r.Device] != account {
		return nil // its list is not the one that counts
	}
	return c.greet(t, r)
}

// befriended keeps a friend: with the list that it came with, unless a newer one
// or one under another key is held.
func (c *Client) befriended(t *tx, account core.ID, name string, list []byte) error {
	t.book = true
	out, err := c.account.book.Step(c.now(), devices.Offered{Account: account, Signed: list})
	if err != nil {
		return nil // it is not valid: no friend by it
	}
	contact, known := c.people.contacts[account]
	if !known {
		contact.Since = c.now()
	}
	if name != "" {
		contact.Name = name
	}
	contact.List, _ = c.account.book.Signed(account)
	if err := c.saveContact(t, account, contact); err != nil {
		return err
	}
	return c.followContactList(t, account, out)
}

// saveContact tells all devices of the account about a friend.
func (c *Client) saveContact(t *tx, account core.ID, contact friends.Contact) error {
	return c.setRegister(t, snapshot.Contact, string(account[:]), contact.Marshal())
}

// greet begins a session with the device that asked, by the bundle in its
// request.
func (c *Client) greet(t *tx, r friends.Request) error {
	bundle, err := ratchet.ParseBundle(r.Bundle)
	if err != nil {
		return nil
	}
	if ok, err := c.initiate(t, bundle); err != nil || !ok {
		return err
	}
	content := c.introductionTo(r.From)
	content.Accept, content.DeviceList = c.acceptance(r.From)
	t.then(func() { c.sealWaiting(r.Device) })
	_, err = c.enqueue(t, []core.ID{r.Device}, content, core.Message{})
	return err
}

// acceptance is this device's word that an account's request was accepted, with
// the list that it names; nil if there was no request.
func (c *Client) acceptance(account core.ID) (signed, list []byte) {
	id, state := c.newest(account, false)
	list, ok := c.account.book.Signed(c.account.id())
	if state != friends.Accepted || !ok || id == friends.BeforeID(account) {
		return nil, nil
	}
	return friends.Accept{
		ID: id, From: c.account.id(), To: account, At: c.now(), List: devices.Hash(list),
	}.Sign(c.account.keys.Device), list
}

// accepted takes the word of another account's device that a request of this
// one was accepted. false: it proves nothing.
func (c *Client) accepted(t *tx, account, device core.ID, signed, list []byte) (bool, error) {
	a, err := friends.ParseAccept(signed, account, c.account.id())
	if err != nil || a.Device != device || devices.Hash(list) != a.List || len(list) > friends.MaxList {
		return false, nil
	}
	record, known := c.people.requests[a.ID]
	if !known || !record.Out || record.Account != account {
		return false, nil
	}
	l, err := devices.Parse(list, account)
	if err != nil {
		return false, nil
	}
	if entry, listed := l.Find(device); !listed || entry.Ed != a.Ed {
		return false, nil
	}
	record.State = friends.Accepted
	if err := c.setRegister(t, snapshot.Request, string(a.ID[:]), record.Marshal()); err != nil {
		return false, err
	}
	return true, c.befriended(t, account, "", list)
}

// introductionTo is the first word in a session with a device of an account.
func (c *Client) introductionTo(account core.ID) *wire.Content {
	if account == c.account.id() {
		return c.introduction()
	}
	return &wire.Content{Contact: &wire.Contact{
		Reading: c.account.keys.Shared.Reading.Handover(), Name: c.account.name,
		Named: c.account.state.Written(snapshot.Profile, ""),
	}}
}

// tellName tells the friends of a new display name of this account. Who is
// blocked hears nothing; a plain client gets the name with the next message.
func (c *Client) tellName(t *tx, name string, at core.Millis) error {
	for account := range c.people.contacts {
		to, ok := c.friendDevices(account)
		if !ok || c.plain(account) {
			continue
		}
		content := c.introductionTo(account)
		content.Contact.Name, content.Contact.Named = name, at
		if _, err := c.enqueue(t, to, content, core.Message{}); err != nil {
			return err
		}
	}
	return nil
}
