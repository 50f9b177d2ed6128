package client

import (
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/opengroup"
	"tandem/core/store"
	"tandem/core/wire"
)

// Send writes to Note to self or to a contact. It is durable on return.
func (c *Client) Send(conversation core.ID, text string) error {
	if err := checkText(text); err != nil {
		return err
	}
	return c.do(func() error {
		if c.phase != Main || c.leaving.on() {
			return ErrNotNow
		}
		return c.update(func(t *tx) error { return c.compose(t, conversation, text) })
	})
}

// SendOnce is Send for a command that may come again after nobody knows how the
// first attempt ended: with a token that was stored with a message, it does
// nothing. Tokens are random. The zero conversation is Note to self.
func (c *Client) SendOnce(token [tokenSize]byte, conversation core.ID, text string) error {
	if err := checkText(text); err != nil {
		return err
	}
	return c.do(func() error {
		if c.phase != Main || c.leaving.on() {
			return ErrNotNow
		}
		if conversation.IsZero() {
			conversation = c.account.id()
		}
		return c.update(func(t *tx) error {
			return c.once(t, token, conversation, func() error { return c.compose(t, conversation, text) })
		})
	})
}

// once composes a message, unless one was stored with this token; zero = none.
func (c *Client) once(t *tx, token [tokenSize]byte, conversation core.ID, compose func() error) error {
	if token == ([tokenSize]byte{}) {
		return compose()
	}
	before, err := c.talk(t, conversation)
	if err != nil {
		return err
	}
	for at := 0; at < len(before.sent); at += tokenSize {
		if before.sent[at:at+tokenSize] == string(token[:]) {
			return nil
		}
	}
	if err := compose(); err != nil {
		return err
	}
	k, err := c.talk(t, conversation)
	if err != nil {
		return err
	}
	k.sent = k.sent[max(len(k.sent)-(maxTokens-1)*tokenSize, 0):] + string(token[:])
	c.saveTalk(t, conversation, k)
	return nil
}

// compose saves a message, and all its copies in the outbox. What was a draft is
// none any more.
func (c *Client) compose(t *tx, conversation core.ID, text string) error {
	if opengroup.IsRoom(conversation) {
		return c.composePost(t, conversation, text)
	}
	counter, err := t.Next(c.ctx, counterMessages)
	if err != nil {
		return err
	}
	m := core.Message{
		ID:           core.MessageID{Device: c.account.device(), Counter: counter},
		Conversation: conversation,
		Direction:    core.Out,
		Sent:         c.now(),
		Body:         text,
	}
	if c.plain(conversation) {
		m.Sent = c.plainMoment()
	}
	entry, err := c.dispatch(t, m)
	if err != nil {
		return err
	}
	m.Status = entry.Status()
	c.saveMessage(t, m)
	return c.saveDraft(t, conversation, "")
}

// dispatch puts the copies of one's own message into the outbox: one for each
// device of the contact, a transcript for each sibling. Error: ErrNotFriends.
func (c *Client) dispatch(t *tx, m core.Message) (*delivery.Entry, error) {
	if m.Conversation == c.account.id() {
		return c.enqueue(t, c.account.siblings(), transcript(m), m)
	}
	devices, ok := c.friendDevices(m.Conversation)
	if !ok {
		return nil, ErrNotFriends
	}
	if c.plain(m.Conversation) {
		return c.dispatchPlain(t, m)
	}
	theirs, own := delivery.Recipients(c.account.device(), devices, c.account.siblings())
	return c.enqueueAll(t, m, nil,
		letter{to: theirs, content: spoken(m)}, letter{to: own, content: transcript(m), own: true})
}

// spoken is a message as the devices of a contact get it.
func spoken(m core.Message) *wire.Content {
	return &wire.Content{
		Data:         dataOf(m, ""),
		SigTimestamp: m.Sent,
		Header:       &wire.Header{Counter: m.ID.Counter},
	}
}

// dataOf is the text of a message. One that is the address of an open group goes as
// Session's invitation, too, which others can show as one.
func dataOf(m core.Message, name string) *wire.DataMessage {
	d := &wire.DataMessage{Body: m.Body, Name: name}
	if room, err := opengroup.ParseURL(m.Body); err == nil {
		d.Invitation, d.GroupName = room.URL(), room.Token
	}
	return d
}

// textOf is the text of a message: of an invitation without one, the address.
func textOf(d *wire.DataMessage) string {
	if d.Body == "" {
		if _, err := opengroup.ParseURL(d.Invitation); err == nil {
			return d.Invitation
		}
	}
	return d.Body
}

// transcript is a message as the other devices of the account get it.
func transcript(m core.Message) *wire.Content {
	return &wire.Content{Sent: &wire.Sent{
		Conversation: m.Conversation, Body: m.Body, Sent: m.Sent, Counter: m.ID.Counter, Ends: m.Ends,
	}}
}

// receiveFromContact takes what a device of a contact said in their session.
func (c *Client) receiveFromContact(t *tx, contact, from core.ID, content *wire.Content) error {
	if err := c.heard(t, from, content); err != nil {
		return err
	}
	id := core.MessageID{Device: from, Counter: content.Number()}
	if content.Data != nil && id.Counter != 0 {
		m := core.Message{ID: id, Conversation: contact, Sent: content.SigTimestamp, Body: textOf(content.Data)}
		if err := c.incoming(t, m); err != nil {
			return err
		}
	}
	if content.Deletion != nil && id.Counter != 0 {
		if err := c.buryTheirs(t, deletion{id: id, conversation: contact, message: content.Deletion.Message}); err != nil {
			return err
		}
	}
	if h := content.Header; h != nil {
		if err := c.passOn(t, from, h.PeerEpoch, id); err != nil {
			return err
		}
	}
	if content.Receipt != nil {
		if err := c.receiveReceipt(t, contact, from, content.Receipt); err != nil {
			return err
		}
	}
	return c.receiveHoles(t, contact, from, content)
}

// incoming files a message of a contact, and says that it is here.
func (c *Client) incoming(t *tx, m core.Message) error {
	m.Direction, m.Status = core.In, core.Delivered
	m.Sent = min(m.Sent, c.now()+sentAhead)
	fresh, err := c.fileMessage(t, m)
	if fresh {
		t.receipt(wire.ReceiptDelivered, m.Conversation, m.ID)
	}
	return err
}

// Retry sends a message again that failed.
func (c *Client) Retry(id core.MessageID) error {
	return c.do(func() error {
		if c.phase != Main || c.leaving.on() {
			return ErrNotNow
		}
		if opengroup.IsRoom(id.Device) {
			return c.update(func(t *tx) error { return c.retryPost(t, id) })
		}
		return c.update(func(t *tx) error { return c.retry(t, id) })
	})
}

// retry puts all copies into the outbox once more. Who has one already drops the
// second.
func (c *Client) retry(t *tx, id core.MessageID) error {
	m, err := t.Message(c.ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && (m.Status != core.Failed || id.Device != c.account.device()) {
		return ErrNotNow
	}
	if err != nil {
		return err
	}
	entry, err := c.dispatch(t, m)
	if err != nil {
		return err
	}
	m.Status, m.Cause = entry.Status(), ""
	c.saveMessage(t, m)
	return nil
}

// Older brings older messages into memory.
func (c *Client) Older(conversation core.ID) error {
	if opengroup.IsRoom(conversation) {
		return c.olderPosts(conversation)
	}
	return c.do(func() error {
		if c.phase != Main {
			return ErrNotNow
		}
		return c.loadOlder(conversation)
	})
}

// Newest goes back to the end of a conversation.
func (c *Client) Newest(conversation core.ID) error {
	if opengroup.IsRoom(conversation) {
		return c.newestPosts(conversation)
	}
	return c.do(func() error {
		if c.phase != Main {
			return ErrNotNow
		}
		return c.loadLog(conversation, window)
	})
}
