package demo

import (
	"context"
	"sync"

	"tandem/core/store"
	"tandem/core/store/memkv"
)

// disk is a device's storage with its key.
type disk struct {
	*memkv.Disk
	keeper *memkv.Keeper
}

func newDisk() *disk { return &disk{Disk: &memkv.Disk{}, keeper: memkv.NewKeeper()} }

// opening is the disk as one life sees it.
type opening struct {
	disk *disk

	mu  sync.Mutex // guards cut, over each write too
	cut bool
}

// shut ends it: nothing is written through it any more.
func (o *opening) shut() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cut = true
}

func (o *opening) open() (store.KV, store.Keeper, error) {
	return kv{o.disk.Open(), o}, o.disk.keeper, nil
}

func (o *opening) wipe() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.cut {
		return store.ErrRefused
	}
	o.disk.Restore(nil)
	return nil
}

// kv is a KV that ends with its opening.
type kv struct {
	*memkv.KV
	o *opening
}

// Apply is store.KV's.
func (k kv) Apply(ctx context.Context, b store.Batch) error {
	k.o.mu.Lock()
	defer k.o.mu.Unlock()
	if k.o.cut {
		return store.ErrRefused
	}
	return k.KV.Apply(ctx, b)
}
