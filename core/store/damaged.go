package store

import (
	"context"
	"errors"
	"fmt"
)

// ErrDamaged is what every DamagedError is, by errors.Is. A Keeper returns it
// for bytes that it has not wrapped itself.
var ErrDamaged = errors.New("store: damaged")

// DamagedError says that stored values are not what was written: changed bits,
// or a value moved to another key. Other records stay readable.
type DamagedError struct {
	Kind Kind
	keys [][]byte // of the damaged records
}

func damaged(key []byte) error { return &DamagedError{Kind(key[0]), [][]byte{key}} }

// Error names the kind of record and nothing of its content.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("store: damaged records of kind %s: %d", e.Kind, len(e.keys))
}

// Is reports whether target is ErrDamaged.
func (e *DamagedError) Is(target error) bool { return target == ErrDamaged }

// damage gathers the damaged records of a listing.
type damage struct{ found *DamagedError }

// take reports whether err is about a damaged record, and remembers it.
func (d *damage) take(err error) bool {
	var e *DamagedError
	if !errors.As(err, &e) {
		return false
	}
	if d.found == nil {
		d.found = &DamagedError{Kind: e.Kind}
	}
	d.found.keys = append(d.found.keys, e.keys...)
	return true
}

// err is nil if nothing was damaged.
func (d *damage) err() error {
	if d.found == nil {
		return nil // and not a typed nil
	}
	return d.found
}

// Discard removes damaged records for good, with the index rows that lead to
// them: a message can then be stored anew, an outbox is not due for ever. The
// data key is not discarded; Erase is the way to start afresh.
func (c *Change) Discard(ctx context.Context, d *DamagedError) error {
	for _, key := range d.keys {
		switch Kind(key[0]) {
		case kindDataKey:
			continue
		case kindMessage:
			c.remove(recordKey(kindMessageIndex, key[len(key)-tagSize:]))
		case kindOutbox:
			if err := c.dropDue(ctx, key[1:]); err != nil {
				return err
			}
		}
		c.remove(key)
	}
	return nil
}
