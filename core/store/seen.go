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
	c.mark(recordKey(kindSeenUntil, moment(expiry), tag))
}

// SweepSeen removes up to limit marks that have expired at now, and says how
// many rows it looked at: call it again while that is limit.
func (c *Change) SweepSeen(ctx context.Context, now core.Millis, limit int) (int, error) {
	old, err := c.store.scan(ctx, Range{
		From: recordKey(kindSeenUntil), To: after(recordKey(kindSeenUntil, moment(now))), Limit: limit,
	})
	if err != nil {
		return 0, err
	}
	for _, pair := range old {
		c.remove(pair.Key)
		mark := recordKey(kindSeen, pair.Key[seenUntilTag:])
		expiry, err := c.read(ctx, mark)
		if err == nil && len(expiry) == 8 && parseMoment(expiry) > now {
			continue // marked again since, for longer
		}
		if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrDamaged) {
			return 0, err
		}
		c.remove(mark)
	}
	return len(old), nil
}

// seenUntilTag is where the tag begins in a key of kindSeenUntil: behind the
// kind and the moment.
const seenUntilTag = 1 + 8

func (r Reader) seenTag(box core.Mailbox, hash string) []byte {
	return r.tag(kindSeen, box.Owner[:], namespace(box), []byte(hash))
}
