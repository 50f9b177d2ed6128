package store

import (
	"bytes"
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
	key := outboxKey(id)
	plain, err := r.from.read(ctx, key)
	if err != nil {
		return OutboxEntry{}, err
	}
	if len(plain) < 8 {
		return OutboxEntry{}, damaged(key)
	}
	return OutboxEntry{ID: id, Due: parseMoment(plain), Data: plain[8:]}, nil
}

// PutOutbox stores an entry, or replaces the one with its id. Data is copied.
func (c *Change) PutOutbox(ctx context.Context, e OutboxEntry) error {
	if err := c.DeleteOutbox(ctx, e.ID); err != nil {
		return err
	}
	c.put(outboxKey(e.ID), append(moment(e.Due), e.Data...))
	c.mark(dueKey(e.Due, e.ID))
	return nil
}

// DeleteOutbox removes an entry, a damaged one too; no error if it is not there.
func (c *Change) DeleteOutbox(ctx context.Context, id uint64) error {
	old, err := c.OutboxEntry(ctx, id)
	var bad *DamagedError
	switch {
	case errors.Is(err, ErrNotFound):
		return nil
	case errors.As(err, &bad):
		return c.Discard(ctx, bad)
	case err != nil:
		return err
	}
	c.remove(outboxKey(id))
	c.remove(dueKey(old.Due, id))
	return nil
}

// dropDue removes the due rows of an entry whose own record no longer says when
// it was due. id is as in outboxKey.
func (c *Change) dropDue(ctx context.Context, id []byte) error {
	prefix := recordKey(kindOutboxDue)
	due, err := c.store.scan(ctx, Range{From: prefix, To: after(prefix)})
	if err != nil {
		return err
	}
	for _, pair := range due {
		if bytes.Equal(pair.Key[dueID:], id) {
			c.remove(pair.Key)
		}
	}
	return nil
}

// Due lists up to limit entries (0 = all) that are due at now, the earliest
// first, equal times by id. Damaged ones are left out and reported: the error is
// then a *DamagedError and the rest is returned beside it.
func (s *Store) Due(ctx context.Context, now core.Millis, limit int) ([]OutboxEntry, error) {
	due, err := s.scan(ctx, Range{
		From: recordKey(kindOutboxDue), To: after(recordKey(kindOutboxDue, moment(now))), Limit: limit,
	})
	if err != nil {
		return nil, err
	}
	var entries []OutboxEntry
	var bad damage
	for _, pair := range due {
		e, err := s.OutboxEntry(ctx, binary.BigEndian.Uint64(pair.Key[dueID:]))
		if bad.take(err) || errors.Is(err, ErrNotFound) { // not found: sent since the scan
			continue
		}
		if err != nil {
			return nil, err
		}
		entries = append(entries, e)
	}
	return entries, bad.err()
}

// NextDue is when the earliest entry is due; false if the outbox is empty.
func (s *Store) NextDue(ctx context.Context) (core.Millis, bool, error) {
	prefix := recordKey(kindOutboxDue)
	due, err := s.scan(ctx, Range{From: prefix, To: after(prefix), Limit: 1})
	if err != nil || len(due) == 0 {
		return 0, false, err
	}
	return parseMoment(due[0].Key[len(prefix):]), true, nil
}

// OutboxSize is how many entries wait.
func (s *Store) OutboxSize(ctx context.Context) (int, error) {
	prefix := recordKey(kindOutboxDue)
	due, err := s.scan(ctx, Range{From: prefix, To: after(prefix)})
	return len(due), err
}

// dueID is where the id begins in a dueKey: behind the kind and the moment.
const dueID = 1 + 8

func outboxKey(id uint64) []byte { return recordKey(kindOutbox, number(id)) }

func dueKey(due core.Millis, id uint64) []byte {
	return recordKey(kindOutboxDue, moment(due), number(id))
}
