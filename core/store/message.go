package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"

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
		return core.Message{}, damaged(row)
	}
	if err != nil {
		return core.Message{}, err
	}
	return parseMessage(row, plain)
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

func (r Reader) indexKey(id core.MessageID) []byte {
	return recordKey(kindMessageIndex, r.tag(kindMessageIndex, id.Device[:], number(id.Counter)))
}

func (r Reader) messageKey(conversation core.ID, sent core.Millis, id core.MessageID) []byte {
	return recordKey(kindMessage, r.tag(kindMessage, conversation[:]), moment(sent),
		r.tag(kindMessageIndex, id.Device[:], number(id.Counter)))
}

// Formats of a stored message, its first byte. The first has no Ends, no flags
// and no Unable.
const (
	firstFormat   = 1
	messageFormat = 2
)

// messageFixed is the length of a stored message of the first format without its
// texts: format, device, counter, conversation, direction, status, sent. The
// second has Ends and flags behind that.
const (
	messageFixed = 1 + 33 + 8 + 33 + 1 + 1 + 8
	messageMore  = 8 + 1
)

// Flags of a stored message: core.Message.Unverified and Past.
const (
	unverified = 1
	past       = 2
)

// marshalMessage is the fixed part, then lp(body), lp(unable), then the cause.
func marshalMessage(m core.Message) []byte {
	b := make([]byte, 0, messageFixed+messageMore+8+len(m.Body)+len(m.Unable)+len(m.Cause))
	b = append(b, messageFormat)
	b = append(b, m.ID.Device[:]...)
	b = append(b, number(m.ID.Counter)...)
	b = append(b, m.Conversation[:]...)
	b = append(b, byte(m.Direction), byte(m.Status))
	b = append(b, moment(m.Sent)...)
	b = append(b, moment(m.Ends)...)
	flags := byte(0)
	if m.Unverified {
		flags = unverified
	}
	if m.Past {
		flags |= past
	}
	b = append(b, flags)
	for _, text := range []string{m.Body, m.Unable} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(text)))
		b = append(b, text...)
	}
	return append(b, m.Cause...)
}

func parseMessage(key, b []byte) (core.Message, error) {
	if len(b) < messageFixed || b[0] != firstFormat && b[0] != messageFormat {
		return core.Message{}, damaged(key)
	}
	var m core.Message
	first := b[0] == firstFormat
	b = b[1:]
	b = b[copy(m.ID.Device[:], b):]
	m.ID.Counter, b = binary.BigEndian.Uint64(b), b[8:]
	b = b[copy(m.Conversation[:], b):]
	m.Direction, m.Status, b = core.Direction(b[0]), core.Status(b[1]), b[2:]
	m.Sent, b = parseMoment(b), b[8:]
	texts := []*string{&m.Body}
	if !first {
		if len(b) < messageMore || b[8] > unverified|past {
			return core.Message{}, damaged(key)
		}
		m.Ends, m.Unverified, m.Past = parseMoment(b), b[8]&unverified != 0, b[8]&past != 0
		b = b[messageMore:]
		texts = append(texts, &m.Unable)
	}
	for _, text := range texts {
		if len(b) < 4 || uint64(binary.BigEndian.Uint32(b)) > uint64(len(b)-4) {
			return core.Message{}, damaged(key)
		}
		n := binary.BigEndian.Uint32(b)
		*text, b = string(b[4:4+n]), b[4+n:]
	}
	m.Cause = string(b)
	return m, nil
}
