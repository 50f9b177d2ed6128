package store

import (
	"bytes"
	"context"
)

// Change collects writes for one Commit. It belongs to one goroutine. A Change
// that could not be committed has changed nothing and may be committed again; one
// that was committed is spent.
type Change struct {
	Reader
	store   *Store
	cleared [][]byte // prefixes that go first
	order   []string // keys of pending as they came
	pending map[string]write
}

// write is what will become of a key.
type write struct {
	value []byte // not sealed yet
	bare  bool   // the key says it all, there is no value to seal
	gone  bool
}

// Commit seals everything and applies it at once: all of it is durable on
// return, or none of it. Errors: ErrFull, ErrRefused, ErrClosed.
func (c *Change) Commit(ctx context.Context) error {
	if c.Empty() {
		return nil
	}
	return c.store.apply(ctx, c.sealed)
}

// sealed is the batch of this change.
func (c *Change) sealed(seal *sealer) Batch {
	var b Batch
	for _, prefix := range c.cleared {
		b.Clear(prefix, after(prefix))
	}
	for _, k := range c.order {
		w := c.pending[k]
		switch {
		case w.gone:
			b.Delete([]byte(k))
		case w.bare:
			b.Put([]byte(k), nil)
		default:
			b.Put([]byte(k), seal.seal([]byte(k), w.value))
		}
	}
	return b
}

// Empty reports whether Commit would change nothing.
func (c *Change) Empty() bool { return len(c.cleared) == 0 && len(c.order) == 0 }

// String hides the plain values.
func (c *Change) String() string { return "[change]" }

// GoString hides the plain values.
func (c *Change) GoString() string { return "[change]" }

// put sets a key; value belongs to the Change from now on.
func (c *Change) put(key, value []byte) { c.write(string(key), write{value: value}) }

// mark sets a key that needs no value.
func (c *Change) mark(key []byte) { c.write(string(key), write{bare: true}) }

func (c *Change) remove(key []byte) { c.write(string(key), write{gone: true}) }

func (c *Change) write(key string, w write) {
	if _, again := c.pending[key]; !again {
		c.order = append(c.order, key)
	}
	c.pending[key] = w
}

// clear removes all keys with a prefix, those of this change included.
func (c *Change) clear(prefix []byte) {
	c.cleared = append(c.cleared, prefix)
	kept := c.order[:0]
	for _, k := range c.order {
		if bytes.HasPrefix([]byte(k), prefix) {
			delete(c.pending, k)
			continue
		}
		kept = append(kept, k)
	}
	c.order = kept
}

// read gives the value that the key will have.
func (c *Change) read(ctx context.Context, key []byte) ([]byte, error) {
	if w, ok := c.pending[string(key)]; ok {
		if w.gone {
			return nil, ErrNotFound
		}
		return bytes.Clone(w.value), nil
	}
	for _, prefix := range c.cleared {
		if bytes.HasPrefix(key, prefix) {
			return nil, ErrNotFound
		}
	}
	return c.store.read(ctx, key)
}
