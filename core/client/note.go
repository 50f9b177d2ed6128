package client

import (
	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/wire"
)

// counterMessages numbers the messages that this device writes (core.MessageID).
const counterMessages = "messages"

// SendNote writes to Note to self. It is durable on return and reaches the
// other devices of the account by itself.
func (c *Client) SendNote(text string) error {
	if err := checkText(text); err != nil {
		return err
	}
	return c.do(func() error {
		if c.phase != Main || c.leaving.on() {
			return ErrNotNow
		}
		return c.update(func(t *tx) error { return c.writeNote(t, text) })
	})
}

// Send writes to a conversation. Note to self is the only one so far.
func (c *Client) Send(conversation core.ID, text string) error {
	if s := c.Snapshot(); s.Phase != Main || s.Account != conversation {
		return ErrNotNow
	}
	return c.SendNote(text)
}

// writeNote saves the message and one sealed transcript for each sibling.
func (c *Client) writeNote(t *tx, text string) error {
	counter, err := t.Next(c.ctx, counterMessages)
	if err != nil {
		return err
	}
	me, now := c.account.device(), c.now()
	note := core.Message{
		ID:           core.MessageID{Device: me, Counter: counter},
		Conversation: c.account.id(),
		Direction:    core.Out,
		Sent:         now,
		Body:         text,
	}
	content := &wire.Content{Sent: &wire.Sent{
		Conversation: note.Conversation, Body: text, Sent: now, Counter: counter,
	}}
	_, own := delivery.Recipients(me, nil, c.account.siblings())
	entry, err := c.enqueue(t, own, content, note)
	if err != nil {
		return err
	}
	note.Status = entry.Status()
	c.saveMessage(t, note)
	return nil
}

// receiveSent files a sibling's transcript as one's own message, once.
func (c *Client) receiveSent(t *tx, from core.ID, s *wire.Sent) error {
	m := core.Message{
		ID:           core.MessageID{Device: from, Counter: s.Counter},
		Conversation: s.Conversation,
		Direction:    core.Out,
		Status:       core.Stored,
		Sent:         min(s.Sent, c.now()+sentAhead),
		Body:         s.Body,
	}
	known, err := t.HasMessage(c.ctx, m.ID)
	if err != nil || known {
		return err
	}
	if s.Conversation != c.account.id() {
		return nil // conversations with others come with friend requests
	}
	c.saveMessage(t, m)
	return nil
}

// sentAhead: a time further ahead of network time is sorted at receipt
// (multi-device.md §9).
const sentAhead = 10 * core.Minute
