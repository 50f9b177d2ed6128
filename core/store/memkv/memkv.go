// Package memkv is the in-memory twin of the browser's storage: the KV of tests,
// simulations and the demo. A Disk keeps the data and outlives the KVs that are
// opened on it, as a database outlives a tab. It can be told to fail at a chosen
// moment, so that a test can kill a device at each of its commits.
package memkv

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"tandem/core/store"
)

// Disk is where KVs keep their data. The zero value is empty and ready.
type Disk struct {
	mu      sync.RWMutex // guards the fields below
	values  map[string][]byte
	keys    keys // of values
	applied int
	fault   fault
}

// KV is one opening of a Disk.
type KV struct {
	disk   *Disk
	closed atomic.Bool
}

var _ store.KV = (*KV)(nil)

// New opens a new disk.
func New() *KV { return new(Disk).Open() }

// Open opens the disk, however often and however it was left.
func (d *Disk) Open() *KV { return &KV{disk: d} }

// Get is store.KV's.
func (k *KV) Get(ctx context.Context, key []byte) ([]byte, error) {
	if err := k.usable(ctx); err != nil {
		return nil, err
	}
	d := k.disk
	d.mu.RLock()
	defer d.mu.RUnlock()
	v, ok := d.values[string(key)]
	if !ok {
		return nil, store.ErrNotFound
	}
	return bytes.Clone(v), nil
}

// Scan is store.KV's.
func (k *KV) Scan(ctx context.Context, r store.Range) ([]store.Pair, error) {
	if err := k.usable(ctx); err != nil {
		return nil, err
	}
	if err := r.Check(); err != nil {
		return nil, err
	}
	d := k.disk
	d.mu.RLock()
	defer d.mu.RUnlock()
	keys := d.keys.between(string(r.From), string(r.To), r.Reverse, r.Limit)
	pairs := make([]store.Pair, 0, len(keys))
	for _, key := range keys {
		pairs = append(pairs, store.Pair{Key: []byte(key), Value: bytes.Clone(d.values[key])})
	}
	return pairs, nil
}

// Apply is store.KV's.
func (k *KV) Apply(ctx context.Context, b store.Batch) error {
	if err := k.usable(ctx); err != nil {
		return err
	}
	for _, op := range b {
		if err := op.Check(); err != nil {
			return err
		}
	}
	d := k.disk
	d.mu.Lock()
	defer d.mu.Unlock()
	before, after := d.fault.next()
	if before != nil {
		return before
	}
	for _, op := range b {
		d.change(op)
	}
	d.applied++
	return after
}

// Close is store.KV's. The disk keeps the data.
func (k *KV) Close() error {
	k.closed.Store(true)
	return nil
}

func (k *KV) usable(ctx context.Context) error {
	if k.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// Applied is how many batches the disk has taken.
func (d *Disk) Applied() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.applied
}

// Snapshot is a copy of all that is on the disk.
func (d *Disk) Snapshot() map[string][]byte {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return clone(d.values)
}

// Restore puts the disk back to a snapshot and heals it.
func (d *Disk) Restore(snapshot map[string][]byte) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.values = clone(snapshot)
	d.keys = keys{runs: slices.Collect(slices.Chunk(slices.Sorted(maps.Keys(d.values)), maxRun))}
	d.fault = fault{}
}

func clone(values map[string][]byte) map[string][]byte {
	out := make(map[string][]byte, len(values))
	for k, v := range values {
		out[k] = bytes.Clone(v)
	}
	return out
}

// change carries out an op that was checked.
func (d *Disk) change(op store.Op) {
	switch op.Verb {
	case store.Put:
		d.put(string(op.Key), bytes.Clone(op.Value))
	case store.Delete:
		d.delete(string(op.Key))
	case store.Clear:
		for _, key := range d.keys.between(string(op.Key), string(op.To), false, 0) {
			d.delete(key)
		}
	}
}

func (d *Disk) put(key string, value []byte) {
	if d.values == nil {
		d.values = make(map[string][]byte)
	}
	if value == nil {
		value = []byte{}
	}
	d.keys.put(key)
	d.values[key] = value
}

func (d *Disk) delete(key string) {
	d.keys.delete(key)
	delete(d.values, key)
}
