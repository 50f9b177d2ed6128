package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"slices"

	"tandem/core"
)

// Position is a place in a conversation. The zero Position is its end.
type Position struct {
	Sent core.Millis
	ID   core.MessageID
}

// PositionOf is where a message stands.
func PositionOf(m core.Message) Position { return Position{m.Sent, m.ID} }

// Compare orders positions as conversations show them: by the sender's time,
// then by message ID (multi-device.md §9), the same on every device.
func (p Position) Compare(q Position) int {
	return cmp.Or(
		cmp.Compare(p.Sent, q.Sent),
		bytes.Compare(p.ID.Device[:], q.ID.Device[:]),
		cmp.Compare(p.ID.Counter, q.ID.Counter),
	)
}

// HasMessage reports whether a message with this ID was stored: the test for
// duplicates.
func (r Reader) HasMessage(ctx context.Context, id core.MessageID) (bool, error) {
	_, err := r.from.read(ctx, r.indexKey(id))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// Message is the message with this ID, or ErrNotFound.
func (r Reader) Message(ctx context.Context, id core.MessageID) (core.Message, error) {
	row, err := r.from.read(ctx, r.indexKey(id))
	if err != nil {
		return core.Message{}, err
	}
	plain, err := r.from.read(ctx, row)
	if errors.Is(err, ErrNotFound) { // both are written and removed together
		return core.Message{}, &DamagedError{kindMessage}
	}
	if err != nil {
		return core.Message{}, err
	}
	return parseMessage(plain)
}

// PutMessage stores a message, or replaces the one with its ID. Conversation and
// Sent of an ID are where it stands and must not change.
func (c *Change) PutMessage(m core.Message) {
	row := c.messageKey(m.Conversation, m.Sent, m.ID)
	c.put(row, marshalMessage(m))
	c.put(c.indexKey(m.ID), row)
}

// SetStatus changes the status and the cause of a stored message. Errors:
// ErrNotFound, *DamagedError.
func (c *Change) SetStatus(ctx context.Context, id core.MessageID, status core.Status, cause string) error {
	m, err := c.Message(ctx, id)
	if err != nil {
		return err
	}
	m.Status, m.Cause = status, cause
	c.PutMessage(m)
	return nil
}

// DeleteMessage removes a message; no error if it is not there.
func (c *Change) DeleteMessage(ctx context.Context, id core.MessageID) error {
	row, err := c.read(ctx, c.indexKey(id))
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.remove(row)
	c.remove(c.indexKey(id))
	return nil
}

// Page lists up to limit messages of a conversation, newest first, that stand
// before a position; the zero Position starts at the newest. Damaged messages
// are left out and reported: the error is then a *DamagedError and the rest is
// returned beside it.
func (s *Store) Page(ctx context.Context, conversation core.ID, before Position, limit int) ([]core.Message, error) {
	panic("not yet")
}

func (r Reader) indexKey(id core.MessageID) []byte {
	return recordKey(kindMessageIndex, r.tag(kindMessageIndex, id.Device[:], number(id.Counter)))
}

func (r Reader) messageKey(conversation core.ID, sent core.Millis, id core.MessageID) []byte {
	return recordKey(kindMessage, r.tag(kindMessage, conversation[:]), moment(sent),
		r.tag(kindMessage, id.Device[:], number(id.Counter)))
}

var _ = binary.BigEndian
var _ = slices.Clone[[]byte]

func marshalMessage(m core.Message) []byte            { panic("not yet") }
func parseMessage(plain []byte) (core.Message, error) { panic("not yet") }
