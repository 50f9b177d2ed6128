package client_test

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"tandem/core/store"
	"tandem/core/store/memkv"
)

// disk is a device's storage. It can be told to kill the device at a commit, to
// be taken away, and remembers all values that were ever put on it.
type disk struct {
	*memkv.Disk
	keeper *memkv.Keeper

	mu      sync.Mutex // guards the fields below
	cancel  func()     // ends the device
	dead    bool       // the device is ended: nothing changes any more
	taken   bool       // the browser took the storage away
	commits int        // over all runs
	// fate says what happens at commit n, counted from 0: the device dies
	// before it, or right after it. nil: nothing.
	fate    func(n int, b store.Batch) fate
	refusal error                 // of a commit that the fate refuses
	trap    func(key []byte) bool // a read that panics
	keep    bool
	puts    []store.Pair  // while keep
	pace    time.Duration // of a commit; set while the device is off
}

// fate of a device at a commit.
type fate int

const (
	lives fate = iota
	diesBefore
	diesAfter
	refuses // and lives, with the disk's refusal
)

// starts tells the disk of a new run.
func (d *disk) starts(cancel func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cancel, d.dead = cancel, false
}

func (d *disk) open() (store.KV, store.Keeper, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.taken {
		return nil, nil, store.ErrRefused
	}
	return &diskKV{KV: d.Disk.Open(), disk: d}, d.keeper, nil
}

func (d *disk) wipe() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return store.ErrRefused
	}
	d.Restore(nil)
	return nil
}

func (d *disk) take(taken bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = taken
}

// setTrap makes reads panic, from now on.
func (d *disk) setTrap(trap func(key []byte) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.trap = trap
}

// at sets what happens at which commit, counted from now on.
func (d *disk) at(f func(n int, b store.Batch) fate) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.commits, d.fate = 0, f
}

// diskKV is one opening of a disk.
type diskKV struct {
	*memkv.KV
	disk *disk
}

func (k *diskKV) gone() error {
	k.disk.mu.Lock()
	defer k.disk.mu.Unlock()
	if k.disk.taken {
		return store.ErrRefused
	}
	return nil
}

func (k *diskKV) Get(ctx context.Context, key []byte) ([]byte, error) {
	k.disk.mu.Lock()
	trap := k.disk.trap
	k.disk.mu.Unlock()
	if trap != nil && trap(key) {
		panic("a trap")
	}
	if err := k.gone(); err != nil {
		return nil, err
	}
	return k.KV.Get(ctx, key)
}

func (k *diskKV) Scan(ctx context.Context, r store.Range) ([]store.Pair, error) {
	if err := k.gone(); err != nil {
		return nil, err
	}
	return k.KV.Scan(ctx, r)
}

// Apply decides whether the device lives on.
func (k *diskKV) Apply(ctx context.Context, b store.Batch) error {
	d := k.disk
	if d.pace > 0 {
		<-time.After(d.pace)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead || d.taken {
		return store.ErrRefused
	}
	f := lives
	if d.fate != nil {
		f = d.fate(d.commits, b)
	}
	d.commits++
	if f == refuses {
		return d.refusal
	}
	if f != lives {
		d.dead = true
		d.cancel()
	}
	if f == diesBefore {
		return store.ErrRefused
	}
	if err := k.KV.Apply(context.WithoutCancel(ctx), b); err != nil {
		return err
	}
	if d.keep {
		for _, op := range b {
			if op.Verb == store.Put {
				d.puts = append(d.puts, store.Pair{Key: bytes.Clone(op.Key), Value: bytes.Clone(op.Value)})
			}
		}
	}
	if f == diesAfter {
		return store.ErrRefused
	}
	return nil
}

// written is all that was stored since it is remembered.
func (d *disk) written() []store.Pair {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.puts)
}

// died reports whether the last run was ended by its fate.
func (d *disk) died() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}
