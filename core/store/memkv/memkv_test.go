package memkv_test

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tandem/core/store"
	"tandem/core/store/memkv"
	"tandem/core/store/storetest"
)

func TestSuite(t *testing.T) {
	var disks sync.Map
	storetest.Test(t, func(t *testing.T) store.KV {
		disk, _ := disks.LoadOrStore(t.Name(), new(memkv.Disk))
		return disk.(*memkv.Disk).Open()
	})
}

// put applies one key and returns the error.
func put(t *testing.T, kv store.KV, key string) error {
	t.Helper()
	var b store.Batch
	b.Put([]byte(key), []byte(key))
	return kv.Apply(t.Context(), b)
}

func keys(t *testing.T, kv store.KV) string {
	t.Helper()
	all, err := kv.Scan(t.Context(), store.Range{})
	if err != nil {
		t.Fatal(err)
	}
	var s string
	for _, p := range all {
		s += string(p.Key)
	}
	return s
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name string
		arm  func(d *memkv.Disk)
		want error
		kept string
	}{
		{"fail at once", func(d *memkv.Disk) { d.FailAfter(0, store.ErrFull) }, store.ErrFull, ""},
		{"fail after two", func(d *memkv.Disk) { d.FailAfter(2, store.ErrRefused) }, store.ErrRefused, "ab"},
		{"cut at once", func(d *memkv.Disk) { d.CutAfter(0) }, store.ErrRefused, "a"},
		{"cut after two", func(d *memkv.Disk) { d.CutAfter(2) }, store.ErrRefused, "abc"},
	} {
		disk := new(memkv.Disk)
		kv := disk.Open()
		c.arm(disk)
		var first error
		for _, key := range []string{"a", "b", "c", "d"} {
			if err := put(t, kv, key); first == nil {
				first = err
			}
		}
		if !errors.Is(first, c.want) {
			t.Errorf("%s: %v, want %v", c.name, first, c.want)
		}
		if got := keys(t, kv); got != c.kept {
			t.Errorf("%s: kept %q, want %q", c.name, got, c.kept)
		}
		if disk.Applied() != len(c.kept) {
			t.Errorf("%s: %d batches counted, want %d", c.name, disk.Applied(), len(c.kept))
		}
		disk.Heal()
		if err := put(t, kv, "e"); err != nil {
			t.Errorf("%s: after Heal: %v", c.name, err)
		}
	}
}

func TestSnapshotAndRestore(t *testing.T) {
	disk := new(memkv.Disk)
	kv := disk.Open()
	put(t, kv, "a")
	before := disk.Snapshot()
	put(t, kv, "b")
	if len(before) != 1 {
		t.Fatal("a snapshot follows later writes")
	}
	disk.FailAfter(0, store.ErrFull)
	disk.Restore(before)
	clear(before["a"])
	if got := keys(t, kv); got != "a" {
		t.Errorf("after Restore: %q, want a", got)
	}
	if got, err := kv.Get(t.Context(), []byte("a")); err != nil || string(got) != "a" {
		t.Errorf("the disk shares memory with its snapshot: %q, %v", got, err)
	}
	if err := put(t, kv, "c"); err != nil {
		t.Errorf("Restore did not heal: %v", err)
	}
}

func TestKeeper(t *testing.T) {
	k := memkv.NewKeeper()
	secret := []byte("0123456789abcdef0123456789abcdef")
	wrapped, err := k.Wrap(t.Context(), secret)
	if err != nil || bytes.Contains(wrapped, secret[:8]) {
		t.Fatalf("wrapped: %v", err)
	}
	if got, err := k.Unwrap(t.Context(), wrapped); err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("unwrap: %v", err)
	}
	for i := range wrapped {
		wrapped[i] ^= 1
		if _, err := k.Unwrap(t.Context(), wrapped); !errors.Is(err, store.ErrDamaged) {
			t.Fatalf("byte %d changed: %v, want ErrDamaged", i, err)
		}
		wrapped[i] ^= 1
	}
	for n := range wrapped {
		if _, err := k.Unwrap(t.Context(), wrapped[:n]); !errors.Is(err, store.ErrDamaged) {
			t.Fatalf("cut to %d: %v, want ErrDamaged", n, err)
		}
	}
	if _, err := memkv.NewKeeper().Unwrap(t.Context(), wrapped); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("another keeper: %v, want ErrDamaged", err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if got := fmt.Sprintf(verb, k); got != "[secret]" {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}
