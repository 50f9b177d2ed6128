package client

import (
	"tandem/core"
	"tandem/core/wire"
)

// counterMessages numbers the messages that this device writes (core.MessageID).
const counterMessages = "messages"

// sentAhead: a time further ahead of network time is sorted at receipt
// (multi-device.md §9).
const sentAhead = 10 * core.Minute

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
		return c.update(func(t *tx) error { return c.compose(t, c.account.id(), text) })
	})
}

// receiveFromSibling takes what another device of the account said about
// messages.
func (c *Client) receiveFromSibling(t *tx, from core.ID, content *wire.Content) error {
	if content.Sent != nil {
		if err := c.receiveSent(t, from, content.Sent); err != nil {
			return err
		}
	}
	if f := content.Failed; f != nil && f.Message.Device == from {
		if err := c.failedElsewhere(t, f); err != nil {
			return err
		}
	}
	if q := content.Queued; q != nil && q.Message.Device == from {
		if err := c.waitsElsewhere(t, q, core.Queued); err != nil {
			return err
		}
	}
	if s := content.Stored; s != nil && s.Message.Device == from {
		if err := c.waitsElsewhere(t, s, core.Stored); err != nil {
			return err
		}
	}
	if d := content.Deletion; d != nil && !d.Conversation.IsZero() && content.Number() != 0 {
		id := core.MessageID{Device: from, Counter: content.Number()}
		if err := c.bury(t, deletion{id: id, conversation: d.Conversation, message: d.Message}); err != nil {
			return err
		}
	}
	if h := content.Header; h != nil {
		if err := c.passOn(t, from, h.OwnEpoch, core.MessageID{Device: from, Counter: content.Number()}); err != nil {
			return err
		}
	}
	if content.Past != nil {
		if err := c.receivePast(t, from, content.Past); err != nil {
			return err
		}
	}
	return c.receiveHoles(t, c.account.id(), from, content)
}

// receiveSent files a sibling's transcript as one's own message, once. Another one
// says that the message was sent again.
func (c *Client) receiveSent(t *tx, from core.ID, s *wire.Sent) error {
	id := core.MessageID{Device: from, Counter: s.Counter}
	_, err := c.fileMessage(t, core.Message{
		ID:           id,
		Conversation: s.Conversation,
		Direction:    core.Out,
		Status:       core.Stored,
		Sent:         min(s.Sent, c.now()+sentAhead),
		Body:         s.Body,
		Ends:         s.Ends,
	})
	if err != nil {
		return err
	}
	return c.sentAgain(t, id)
}
