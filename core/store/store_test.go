package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/store/memkv"
)

// device is a store on a disk that survives it.
type device struct {
	t      *testing.T
	disk   *memkv.Disk
	keeper *memkv.Keeper
	*store.Store
}

func newDevice(t *testing.T) *device {
	t.Helper()
	d := &device{t: t, disk: new(memkv.Disk), keeper: memkv.NewKeeper()}
	d.reload()
	return d
}

// reload opens the disk again, as a reloaded tab does.
func (d *device) reload() {
	d.t.Helper()
	s, err := store.Open(d.t.Context(), d.disk.Open(), d.keeper)
	if err != nil {
		d.t.Fatalf("Open: %v", err)
	}
	d.Store = s
}

// change makes a change and commits it.
func (d *device) change(f func(c *store.Change)) {
	d.t.Helper()
	c := d.Change()
	f(c)
	d.commit(c)
}

func (d *device) commit(c *store.Change) {
	d.t.Helper()
	if err := c.Commit(d.t.Context()); err != nil {
		d.t.Fatalf("Commit: %v", err)
	}
}

// must fails the test for an error of a call that takes none.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// id makes an ID that is easy to tell from others.
func id(n byte) core.ID {
	return core.IDFromX25519([32]byte(bytes.Repeat([]byte{n}, 32)))
}

func TestEverythingSurvivesAReload(t *testing.T) {
	d := newDevice(t)
	box := core.Mailbox{Owner: id(1), Namespace: core.Outbox}
	message := text(id(2), 1, 100, "hello")
	d.change(func(c *store.Change) {
		c.Put(store.Keyring, "", []byte("keys"))
		c.PutMessage(message)
		must(t, c.PutOutbox(t.Context(), store.OutboxEntry{ID: 7, Due: 50, Data: []byte("copy")}))
		c.SetCursor(core.EdKey{1}, box, "hash")
		c.MarkSeen(box, "hash", 1000)
		_, err := c.Next(t.Context(), "counter")
		must(t, err)
	})
	d.reload()

	if got, err := d.Get(t.Context(), store.Keyring, ""); err != nil || string(got) != "keys" {
		t.Errorf("blob: %q, %v", got, err)
	}
	if got, err := d.Message(t.Context(), message.ID); err != nil || got != message {
		t.Errorf("message: %v, %v", got, err)
	}
	if got, err := d.OutboxEntry(t.Context(), 7); err != nil || got.Due != 50 || string(got.Data) != "copy" {
		t.Errorf("outbox: %v, %v", got, err)
	}
	if got, err := d.Cursor(t.Context(), core.EdKey{1}, box); err != nil || got != "hash" {
		t.Errorf("cursor: %q, %v", got, err)
	}
	if got, err := d.Seen(t.Context(), box, "hash"); err != nil || !got {
		t.Errorf("seen: %t, %v", got, err)
	}
	if got, err := d.Counter(t.Context(), "counter"); err != nil || got != 1 {
		t.Errorf("counter: %d, %v", got, err)
	}
}

func TestOpenNeverTakesDamageForANewDevice(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(d *device, disk map[string][]byte)
	}{
		{"the data key is gone", func(d *device, disk map[string][]byte) { delete(disk, "\x00") }},
		{"a bit of the data key changed", func(d *device, disk map[string][]byte) { disk["\x00"][20] ^= 1 }},
		{"its format is unknown", func(d *device, disk map[string][]byte) { disk["\x00"][0]++ }},
		{"it is empty", func(d *device, disk map[string][]byte) { disk["\x00"] = nil }},
		{"it is of another size", func(d *device, disk map[string][]byte) {
			wrapped, err := d.keeper.Wrap(t.Context(), []byte("short"))
			must(t, err)
			disk["\x00"] = append([]byte{1}, wrapped...)
		}},
		{"the keeper's key was lost", func(d *device, disk map[string][]byte) { d.keeper = memkv.NewKeeper() }},
	} {
		d := newDevice(t)
		d.change(func(c *store.Change) { c.Put(store.Keyring, "", []byte("keys")) })
		disk := d.disk.Snapshot()
		c.damage(d, disk)
		d.disk.Restore(disk)
		before := d.disk.Applied()

		_, err := store.Open(t.Context(), d.disk.Open(), d.keeper)
		var damaged *store.DamagedError
		if !errors.As(err, &damaged) || !errors.Is(err, store.ErrDamaged) || damaged.Kind.String() != "data key" {
			t.Errorf("%s: %v, want damage of the data key", c.name, err)
		}
		if d.disk.Applied() != before {
			t.Errorf("%s: Open wrote to the disk", c.name)
		}
	}
}

func TestOpenReportsTheBackend(t *testing.T) {
	disk := new(memkv.Disk)
	disk.FailAfter(0, store.ErrFull)
	if _, err := store.Open(t.Context(), disk.Open(), memkv.NewKeeper()); !errors.Is(err, store.ErrFull) {
		t.Errorf("full: %v, want ErrFull", err)
	}
	disk.Heal()
	if _, err := store.Open(t.Context(), disk.Open(), refusing{}); !errors.Is(err, store.ErrRefused) {
		t.Errorf("wrap refused: %v, want ErrRefused", err)
	}
	if len(disk.Snapshot()) != 0 {
		t.Error("a failed Open left something on the disk")
	}
	if _, err := store.Open(t.Context(), disk.Open(), memkv.NewKeeper()); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), disk.Open(), refusing{}); !errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrDamaged) {
		t.Errorf("unwrap refused: %v, want ErrRefused", err)
	}
	kv := disk.Open()
	kv.Close()
	if _, err := store.Open(t.Context(), kv, memkv.NewKeeper()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("closed: %v, want ErrClosed", err)
	}
}

// refusing is a keeper whose browser has no WebCrypto.
type refusing struct{}

func (refusing) Wrap(context.Context, []byte) ([]byte, error)   { return nil, store.ErrRefused }
func (refusing) Unwrap(context.Context, []byte) ([]byte, error) { return nil, store.ErrRefused }

func TestEraseLeavesNothing(t *testing.T) {
	d := newDevice(t)
	d.change(func(c *store.Change) {
		c.Put(store.Keyring, "", []byte("keys"))
		c.PutMessage(text(id(2), 1, 100, "hello"))
	})
	late := d.Change()
	late.Put(store.Phase, "", []byte("x"))

	d.disk.FailAfter(0, store.ErrRefused)
	if err := d.Erase(t.Context()); !errors.Is(err, store.ErrRefused) {
		t.Fatalf("Erase: %v, want ErrRefused", err)
	}
	d.disk.Heal()
	if _, err := d.Get(t.Context(), store.Keyring, ""); err != nil {
		t.Fatalf("after a refused Erase: %v", err)
	}

	must(t, d.Erase(t.Context()))
	if left := d.disk.Snapshot(); len(left) != 0 {
		t.Errorf("%d records are left", len(left))
	}
	_, getErr := d.Get(t.Context(), store.Keyring, "")
	_, pageErr := d.Page(t.Context(), id(2), store.Position{}, 1)
	for what, err := range map[string]error{"Get": getErr, "Page": pageErr, "Commit": late.Commit(t.Context())} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s after Erase: %v, want ErrClosed", what, err)
		}
	}
	d.reload()
	if _, err := d.Get(t.Context(), store.Keyring, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a new store in the same place: %v, want ErrNotFound", err)
	}
}

func TestCloseClosesTheBackend(t *testing.T) {
	d := newDevice(t)
	must(t, d.Close())
	c := d.Change()
	c.Put(store.Phase, "", nil)
	if err := c.Commit(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Commit: %v, want ErrClosed", err)
	}
}

func TestNothingSecretIsPrinted(t *testing.T) {
	const canary = "canary"
	d := newDevice(t)
	c := d.Change()
	c.Put(store.Keyring, canary, []byte(canary))
	d.commit(c)
	blobs, err := d.All(t.Context(), store.Keyring)
	must(t, err)
	for _, v := range []any{d.Store, c, blobs, blobs[0], &blobs[0]} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, canary) || strings.Contains(got, "99, 97") || strings.Contains(got, "99 97") || strings.Contains(got, "0x63") {
				t.Errorf("%T by %s: %s", v, verb, got)
			}
		}
	}
}
