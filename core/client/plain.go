package client

import (
	"crypto/sha256"
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/envelope"
	"tandem/core/friends"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/wire"
)

// A contact is plain while no list key was ever pinned for it (multi-device.md
// §7.7): it uses a client that knows nothing of several devices. All devices of
// this account read its messages in the account's mailbox, each for itself, so
// nothing of them is handed on. A message is known by its author and time there:
// its ID is (account, time).

// plain reports whether an account is a plain contact, or is taken for one by its
// friend's own word.
func (c *Client) plain(account core.ID) bool {
	contact, friend := c.people.contacts[account]
	return friend && (contact.Plain || contact.List == nil && !c.pinned(account))
}

// pinned reports whether an account has ever shown a device list that counts.
func (c *Client) pinned(account core.ID) bool {
	_, _, pinned := c.account.book.Keys(account)
	return pinned
}

// plainID is the ID of a plain account's message.
func plainID(author core.ID, sent core.Millis) core.MessageID {
	return core.MessageID{Device: author, Counter: uint64(sent)}
}

// receivePlain takes a message in Session's format. One by an account with a
// pinned list key changes nothing but what is shown; one by one's own account
// may be by a device that was removed, and says nothing at all.
func (c *Client) receivePlain(t *tx, from envelope.FromSession) (ours bool, err error) {
	account := from.Sender
	if account == c.account.id() || c.people.blocked[account] || from.Sent <= 0 {
		return false, nil
	}
	switch {
	case c.plain(account):
		return true, c.fromPlain(t, from)
	case c.friend(account):
		return true, c.plainMessage(t, from, true)
	}
	answered, err := c.plainAnswer(t, from)
	if err != nil || answered {
		return answered, err
	}
	return false, c.plainAsks(t, from)
}

// plainAnswer makes friends with an account that was asked and answers, be it by
// a message. false: it was not asked, or does not answer.
func (c *Client) plainAnswer(t *tx, from envelope.FromSession) (bool, error) {
	id, state := c.asked(from.Sender)
	content := from.Content
	yes := content.Response != nil && content.Response.Approved || content.Data != nil && content.Data.SyncTarget == ""
	if !yes || c.pinned(from.Sender) || state != friends.Pending && state != friends.Expired {
		return false, nil
	}
	record := c.people.requests[id]
	record.State = friends.Accepted
	if err := c.setRegister(t, snapshot.Request, string(id[:]), record.Marshal()); err != nil {
		return false, err
	}
	if err := c.befriendPlain(t, from.Sender, plainName(content)); err != nil {
		return false, err
	}
	return true, c.fromPlain(t, from)
}

// plainRequest is the id of an account's request: it has one, however often it
// writes, so that it is quiet for weeks after Decline.
func plainRequest(account core.ID) (id friends.RequestID) {
	sum := sha256.Sum256([]byte("tandem plain request v1" + string(account[:])))
	copy(id[:], sum[:])
	return id
}

// plainAsks shows a stranger's first message as a request. It and what follows
// leaves no mark: all is read again once the request is accepted.
func (c *Client) plainAsks(t *tx, from envelope.FromSession) error {
	id, now := plainRequest(from.Sender), c.now()
	m, ok := c.plainRow(from)
	if !ok || from.Content.Data == nil || from.Sent > now+sentAhead || now >= from.Sent+friends.Expiry || c.people.requests[id].State >= friends.Declined {
		return nil
	}
	_, err := t.Get(c.ctx, store.Asked, string(from.Sender[:]))
	if !errors.Is(err, store.ErrNotFound) {
		return err
	}
	ask := friends.Ask{Text: m.Body, Name: plainName(from.Content), Sent: from.Sent, IDs: []friends.RequestID{id}}
	c.saveAsk(t, from.Sender, ask)
	t.then(func() { c.soon(c.boundAsks) })
	return nil
}

// acceptPlain makes a friend of a stranger who asks, and says so.
func (c *Client) acceptPlain(t *tx, account core.ID, ask friends.Ask) error {
	if err := c.befriendPlain(t, account, ask.Name); err != nil {
		return err
	}
	if err := c.settleRequests(t, account, ask, friends.Accepted); err != nil {
		return err
	}
	return c.tellPlain(t, account, &wire.Content{
		Plain: wire.Plain{Response: &wire.Response{Approved: true, Name: c.account.name}},
	})
}

// befriendPlain keeps a friend without a device list; the siblings are told.
func (c *Client) befriendPlain(t *tx, account core.ID, name string) error {
	return c.saveContact(t, account, friends.Contact{Since: c.now(), Name: name})
}

// UsePlain has messages to a contact sent to its account, or to its devices.
func (c *Client) UsePlain(account core.ID, on bool) error {
	return c.member(func() error {
		contact, friend := c.people.contacts[account]
		if !friend || !c.pinned(account) || contact.Plain == on {
			return ErrNotNow
		}
		contact.Plain, contact.Trust = on, contact.Trust+1
		return c.update(func(t *tx) error { return c.saveContact(t, account, contact) })
	})
}

// filePlain files the text of a request that was accepted, here or on another
// device, and has the account's mailbox read from its start for what followed.
func (c *Client) filePlain(t *tx, account core.ID, ask friends.Ask) error {
	t.DeleteCursors()
	t.then(func() {
		for _, b := range c.mail.boxes {
			clear(b.dull)
		}
		c.hurryMail()
	})
	if ask.Text == "" {
		return nil // what it is will be read
	}
	_, err := c.fileMessage(t, core.Message{
		ID: plainID(account, ask.Sent), Conversation: account, Direction: core.In, Status: core.Delivered,
		Sent: ask.Sent, Body: ask.Text,
	})
	return err
}

// tellPlain sends what is no message of a conversation to a plain account.
func (c *Client) tellPlain(t *tx, account core.ID, content *wire.Content) error {
	_, err := c.enqueueAll(t, core.Message{}, []delivery.Copy{c.sealPlain(account, c.plainMoment(), content)})
	return err
}

// sealPlain is a copy for a plain account: in Session's format, for its mailbox.
func (c *Client) sealPlain(account core.ID, sent core.Millis, content *wire.Content) delivery.Copy {
	data := envelope.SealSession(c.account.keys.Shared.Account, account, sent, content)
	return delivery.Copy{To: account, State: delivery.Waiting, Data: data, Next: c.now()}
}

// places is how many devices can write at once: six, and a power of two.
const places = 8

// plainMoment is the time of the next message to a plain account. Two messages
// of one author and time are one to Session's clients, so no two devices of an
// account, and no device twice, use the same.
func (c *Client) plainMoment() core.Millis {
	at := max(c.now(), c.people.said+1)
	for i, d := range c.account.list().Devices {
		if d.ID == c.account.device() {
			at += (core.Millis(i) - at%places + places) % places
		}
	}
	c.people.said = at
	return at
}

// dispatchPlain puts one's own message for a plain contact into the outbox: one
// copy for its account, a transcript for each sibling.
func (c *Client) dispatchPlain(t *tx, m core.Message) (*delivery.Entry, error) {
	said := c.sealPlain(m.Conversation, m.Sent, &wire.Content{
		Data:  dataOf(m, c.account.name),
		Plain: wire.Plain{Timer: &wire.Timer{}},
	})
	return c.enqueueWith(t, c.account.siblings(), transcript(m), m, said)
}

// unsendPlain asks a plain contact to forget one's own message.
func (c *Client) unsendPlain(m core.Message) delivery.Copy {
	return c.sealPlain(m.Conversation, c.plainMoment(), &wire.Content{
		Plain: wire.Plain{Unsend: &wire.Unsend{Sent: m.Sent, Author: c.account.id().Hex()}},
	})
}

// readPlain tells a plain contact which of its messages were read. That they
// have come is nothing that Session's clients say.
func (c *Client) readPlain(t *tx, r receipt) error {
	if r.kind != wire.ReceiptRead {
		return nil
	}
	content := &wire.Content{}
	for _, id := range r.messages {
		if id.Device == r.contact {
			content.Reads = append(content.Reads, core.Millis(id.Counter))
		}
	}
	if len(content.Reads) == 0 {
		return nil
	}
	return c.tellPlain(t, r.contact, content)
}
