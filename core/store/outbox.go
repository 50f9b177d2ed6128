package store

import (
	"context"
	"encoding/binary"
	"errors"

	"tandem/core"
)

// OutboxEntry is something that must still go out. The store knows only when to
// look at it again.
type OutboxEntry struct {
	ID   uint64
	Due  core.Millis
	Data []byte
}

// OutboxEntry is the entry with this id, or ErrNotFound.
func (r Reader) OutboxEntry(ctx context.Context, id uint64) (OutboxEntry, error) {
	plain, err := r.from.read(ctx, outboxKey(id))
	if err != nil {
		return OutboxEntry{}, err
	}
	return parseOutbox(id, plain)
}

// PutOutbox stores an entry, or replaces the one with its id. Data is copied.
func (c *Change) PutOutbox(ctx context.Context, e OutboxEntry) error {
	if err := c.DeleteOutbox(ctx, e.ID); err != nil {
		return err
	}
	c.put(outboxKey(e.ID), append(moment(e.Due), e.Data...))
	c.put(dueKey(e.Due, e.ID), nil)
	return nil
}

// DeleteOutbox removes an entry; no error if it is not there.
func (c *Change) DeleteOutbox(ctx context.Context, id uint64) error {
	old, err := c.OutboxEntry(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	c.remove(outboxKey(id))
	c.remove(dueKey(old.Due, id))
	return nil
}

// Due lists up to limit entries (0 = all) that are due at now, the earliest
// first, equal times by id. Damaged ones are left out and reported: the error is
// then a *DamagedError and the rest is returned beside it.
func (s *Store) Due(ctx context.Context, now core.Millis, limit int) ([]OutboxEntry, error) {
	panic("not yet")
}

// NextDue is when the earliest entry is due; false if the outbox is empty.
func (s *Store) NextDue(ctx context.Context) (core.Millis, bool, error) {
	panic("not yet")
}

// OutboxSize is how many entries wait.
func (s *Store) OutboxSize(ctx context.Context) (int, error) {
	panic("not yet")
}

func outboxKey(id uint64) []byte { return recordKey(kindOutbox, number(id)) }

func dueKey(due core.Millis, id uint64) []byte {
	return recordKey(kindOutboxDue, moment(due), number(id))
}

var _ = binary.BigEndian

func parseOutbox(id uint64, plain []byte) (OutboxEntry, error) { panic("not yet") }
