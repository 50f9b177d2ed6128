package store

import (
	"context"
	"errors"

	"tandem/core"
)

// Seen reports whether a message of a mailbox was handled before. Marks stay
// until a sweep after their expiry.
func (r Reader) Seen(ctx context.Context, box core.Mailbox, hash string) (bool, error) {
	_, err := r.from.read(ctx, recordKey(kindSeen, r.seenTag(box, hash)))
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// MarkSeen remembers that a message of a mailbox was handled, until it has
// expired in the network too.
func (c *Change) MarkSeen(box core.Mailbox, hash string, expiry core.Millis) {
	tag := c.seenTag(box, hash)
	c.put(recordKey(kindSeen, tag), moment(expiry))
	c.put(recordKey(kindSeenUntil, moment(expiry), tag), nil)
}

// SweepSeen removes up to limit marks that have expired at now, and says how
// many rows it looked at: call it again while that is limit.
func (c *Change) SweepSeen(ctx context.Context, now core.Millis, limit int) (int, error) {
	panic("not yet")
}

func (r Reader) seenTag(box core.Mailbox, hash string) []byte {
	return r.tag(kindSeen, box.Owner[:], namespace(box), []byte(hash))
}
