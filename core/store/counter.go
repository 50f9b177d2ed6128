package store

import (
	"context"
	"encoding/binary"
	"errors"
)

// Counter is the number last given out under a name; 0 at first.
func (r Reader) Counter(ctx context.Context, name string) (uint64, error) {
	key := r.counterKey(name)
	plain, err := r.from.read(ctx, key)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if len(plain) != 8 {
		return 0, damaged(key)
	}
	return binary.BigEndian.Uint64(plain), nil
}

// Next takes the next number of a counter, from 1. It is used up with the
// Commit of this change, not before.
func (c *Change) Next(ctx context.Context, name string) (uint64, error) {
	n, err := c.Counter(ctx, name)
	if err != nil {
		return 0, err
	}
	c.put(c.counterKey(name), number(n+1))
	return n + 1, nil
}

func (r Reader) counterKey(name string) []byte {
	return recordKey(kindCounter, r.tag(kindCounter, []byte(name)))
}
