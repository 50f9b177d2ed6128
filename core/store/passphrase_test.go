package store_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/store/memkv"
)

const passphrase = "eight letters, and ÄÖÜ\x00 more"

// unlock opens the disk by a passphrase.
func (d *device) unlock(passphrase string) error {
	d.t.Helper()
	s, err := store.Unlock(d.t.Context(), d.disk.Open(), d.keeper, passphrase)
	if err == nil {
		d.Store = s
	}
	return err
}

// opens says which records of a disk can be read by somebody who has all its
// values and the keeper: every value is tried as a key, as it lies there and as
// the keeper unwraps it, in whole and in parts, in each way in which this package
// makes keys.
func (d *device) opens(disk map[string][]byte) (opened []string) {
	d.t.Helper()
	for _, key := range d.keysIn(disk) {
		aead, err := chacha20poly1305.NewX(key)
		must(d.t, err)
		for at, value := range disk {
			if len(value) < 24 {
				continue
			}
			if _, err := aead.Open(nil, value[:24], value[24:], []byte(at)); err == nil {
				opened = append(opened, store.Kind(at[0]).String())
			}
		}
	}
	return opened
}

func (d *device) keysIn(disk map[string][]byte) (keys [][]byte) {
	d.t.Helper()
	seen := map[string]bool{}
	add := func(b []byte) {
		if len(b) != 32 || seen[string(b)] {
			return
		}
		seen[string(b)] = true
		derived, err := hkdf.Key(sha256.New, b, nil, "tandem store values v1", 32)
		must(d.t, err)
		keys = append(keys, b, derived)
	}
	for _, value := range disk {
		for _, at := range []int{0, 1, 24, len(value) - 32} {
			if at >= 0 && at+32 <= len(value) {
				add(value[at : at+32])
			}
		}
		for from := range value {
			plain, err := d.keeper.Unwrap(d.t.Context(), value[from:])
			for at := 0; err == nil && at+32 <= len(plain); at++ {
				add(plain[at : at+32])
			}
		}
	}
	return keys
}

// with is a disk on which the record of the data key is another disk's: in a
// browser's files it may lie there until they are cleaned up.
func with(disk, before map[string][]byte) map[string][]byte {
	disk = maps.Clone(disk)
	disk["\x00"] = before["\x00"]
	return disk
}

// TestPassphraseIsNeeded: with a passphrase no copy of the data key remains that
// the keeper's key alone can unwrap (issue 4). The whole database and that key
// open no record, before the records are sealed anew and after; without a
// passphrase, they open all. The record that lay there before opens nothing of
// what is written since, and of the rest nothing once it was sealed anew.
func TestPassphraseIsNeeded(t *testing.T) {
	d := newDevice(t)
	everyRecord(t, d)
	healthy := fmt.Sprint(readAll(t, d))
	values := 0
	for key, value := range d.disk.Snapshot() {
		if key[0] != 0 && len(value) > 0 {
			values++
		}
	}
	if got := d.opens(d.disk.Snapshot()); len(got) != values {
		t.Fatalf("without a passphrase %d of %d records open: the check is wrong", len(got), values)
	}
	whole := func(how string, locked bool) {
		t.Helper()
		got := d.opens(d.disk.Snapshot())
		if locked && len(got) > 0 {
			t.Errorf("%s: the database and the keeper open %q", how, got)
		}
		if !locked && len(got) < values {
			t.Errorf("%s: only %q open", how, got)
		}
		if now := fmt.Sprint(readAll(t, d)); now != healthy {
			t.Errorf("%s: the records became %s", how, now)
		}
	}
	for _, step := range []struct{ how, next string }{
		{"set", passphrase}, {"changed", passphrase + "2"}, {"taken away", ""}, {"set again", passphrase},
	} {
		before, batches := d.disk.Snapshot(), d.disk.Applied()
		must(t, d.SetPassphrase(t.Context(), step.next))
		if n := d.disk.Applied() - batches; n != 1 {
			t.Errorf("%s in %d transactions", step.how, n)
		}
		if step.next != "" {
			whole(step.how+", at once", true)
		}
		d.change(func(c *store.Change) { c.Put(store.Courier, "since", []byte("written since")) })
		since := d.disk.Snapshot()
		for key := range before {
			delete(since, key)
		}
		if got := d.opens(with(since, before)); len(since) != 2 || len(got) > 0 {
			t.Errorf("%s: the record before opens %q of %d that were written since", step.how, got, len(since)-1)
		}
		d.change(func(c *store.Change) { c.Delete(store.Courier, "since") })
		for d.Resealing() {
			must(t, d.Reseal(t.Context(), 3))
		}
		whole(step.how+", sealed anew", step.next != "")
		if got := d.opens(with(d.disk.Snapshot(), before)); len(got) > 0 {
			t.Errorf("%s: the record before opens %q", step.how, got)
		}
		if n := len(d.disk.Snapshot()); n != len(before) || d.HasPassphrase() != (step.next != "") {
			t.Errorf("%s: %d records, there were %d", step.how, n, len(before))
		}
		if _, err := store.Open(t.Context(), d.disk.Open(), d.keeper); errors.Is(err, store.ErrLocked) != (step.next != "") {
			t.Errorf("%s: Open: %v", step.how, err)
		}
		if step.next == "" {
			d.reload()
		} else {
			must(t, d.unlock(step.next))
		}
		whole(step.how+", after a reload", step.next != "")
	}
}

// TestWrongPassphrase is refused, whatever is near to the right one, and changes
// nothing on the disk.
func TestWrongPassphrase(t *testing.T) {
	d := newDevice(t)
	d.change(func(c *store.Change) { c.Put(store.Keyring, "", []byte("keys")) })
	must(t, d.SetPassphrase(t.Context(), passphrase))
	before := fmt.Sprint(d.disk.Snapshot())
	for _, wrong := range []string{"", passphrase + " ", passphrase[1:], strings.ToUpper(passphrase), "eight letters, and AÖÜ more"} {
		if err := d.CheckPassphrase(t.Context(), wrong); !errors.Is(err, store.ErrPassphrase) {
			t.Errorf("check of %q: %v", wrong, err)
		}
		if err := d.unlock(wrong); !errors.Is(err, store.ErrPassphrase) || errors.Is(err, store.ErrDamaged) {
			t.Errorf("unlock by %q: %v", wrong, err)
		}
	}
	must(t, d.CheckPassphrase(t.Context(), passphrase))
	must(t, d.unlock(passphrase))
	if got, err := d.Get(t.Context(), store.Keyring, ""); err != nil || string(got) != "keys" {
		t.Errorf("%q, %v", got, err)
	}
	if fmt.Sprint(d.disk.Snapshot()) != before {
		t.Error("something was written")
	}
	d.keeper = memkv.NewKeeper()
	if err := d.unlock(passphrase); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("the passphrase without the keeper's key: %v, want damage", err)
	}
}

// TestPassphraseRecordIsBounded: what does not say what SetPassphrase writes is
// damage, and no Argon2id of another's choice is run for it.
func TestPassphraseRecordIsBounded(t *testing.T) {
	d := newDevice(t)
	must(t, d.SetPassphrase(t.Context(), passphrase))
	stored := d.disk.Snapshot()["\x00"]
	lock, err := d.keeper.Unwrap(t.Context(), stored[1:])
	must(t, err)
	if want := 1 + 4 + 1 + 1 + 16 + 24 + 64 + 16; len(lock) != want || stored[0] != 2 ||
		!bytes.Equal(lock[:7], []byte{1, 0, 0, 0x4c, 0, 2, 1}) {
		t.Fatalf("the record is %d bytes and begins with %x %x", len(lock), stored[0], lock[:7])
	}
	for name, change := range map[string]func(b []byte) []byte{
		"another version":      func(b []byte) []byte { b[0]++; return b },
		"little memory":        func(b []byte) []byte { b[3]--; return b },
		"4 TB of memory":       func(b []byte) []byte { b[1] = 0xff; return b },
		"one pass":             func(b []byte) []byte { b[5] = 1; return b },
		"255 passes":           func(b []byte) []byte { b[5] = 255; return b },
		"no lane":              func(b []byte) []byte { b[6] = 0; return b },
		"255 lanes":            func(b []byte) []byte { b[6] = 255; return b },
		"cut":                  func(b []byte) []byte { return b[:len(b)-1] },
		"longer":               func(b []byte) []byte { return append(b, 0) },
		"nothing":              func([]byte) []byte { return nil },
		"a data key":           func(b []byte) []byte { return b[:32] },
		"an unlocked data key": func(b []byte) []byte { return b[:64] },
	} {
		wrapped, err := d.keeper.Wrap(t.Context(), change(bytes.Clone(lock)))
		must(t, err)
		disk := d.disk.Snapshot()
		disk["\x00"] = append([]byte{2}, wrapped...)
		d.disk.Restore(disk)
		if _, err := store.Open(t.Context(), d.disk.Open(), d.keeper); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: Open: %v", name, err)
		}
		if err := d.unlock(passphrase); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("%s: Unlock: %v", name, err)
		}
	}
	disk := d.disk.Snapshot()
	disk["\x00"] = append([]byte{1}, stored[1:]...) // says that no passphrase is needed
	d.disk.Restore(disk)
	if _, err := store.Open(t.Context(), d.disk.Open(), d.keeper); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("another format: %v", err)
	}
	if err := d.unlock(passphrase); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("another format: %v", err)
	}
	// A changed salt is another key, not damage.
	changed := bytes.Clone(lock)
	changed[7] ^= 1
	wrapped, err := d.keeper.Wrap(t.Context(), changed)
	must(t, err)
	disk["\x00"] = append([]byte{2}, wrapped...)
	d.disk.Restore(disk)
	if err := d.unlock(passphrase); !errors.Is(err, store.ErrPassphrase) {
		t.Errorf("another salt: %v", err)
	}
}

// TestChangeOfPassphraseIsAtomic: refused, it has not happened; a device that dies
// at any commit of the sealing anew goes on with it, and no record is lost.
func TestChangeOfPassphraseIsAtomic(t *testing.T) {
	d := newDevice(t)
	d.change(func(c *store.Change) {
		for i := range 9 {
			c.Put(store.Session, fmt.Sprint(i), fmt.Append(nil, "value ", i))
		}
	})
	before := fmt.Sprint(d.disk.Snapshot())
	d.disk.FailAfter(0, store.ErrFull)
	if err := d.SetPassphrase(t.Context(), passphrase); !errors.Is(err, store.ErrFull) || d.HasPassphrase() || d.Resealing() {
		t.Fatalf("on a full disk: %v", err)
	}
	d.disk.Heal()
	if fmt.Sprint(d.disk.Snapshot()) != before {
		t.Fatal("a refused change has happened")
	}
	must(t, d.SetPassphrase(t.Context(), passphrase))
	for deaths := 0; ; deaths++ {
		must(t, d.unlock(passphrase))
		if blobs, err := d.All(t.Context(), store.Session); err != nil || len(blobs) != 9 {
			t.Fatalf("after %d deaths %d of 9 are left: %v", deaths, len(blobs), err)
		}
		if !d.Resealing() {
			if deaths < 4 {
				t.Errorf("it ended after %d deaths", deaths)
			}
			return
		}
		d.disk.CutAfter(0)
		var err error
		for err == nil && d.Resealing() {
			err = d.Reseal(t.Context(), 3)
		}
		if !errors.Is(err, store.ErrRefused) || deaths > 20 {
			t.Fatalf("%d deaths: %v", deaths, err)
		}
		d.disk.Heal()
	}
}

// TestSecondChangeWaitsForTheFirst: no record is ever under a third key.
func TestSecondChangeWaitsForTheFirst(t *testing.T) {
	d := newDevice(t)
	everyRecord(t, d)
	healthy := fmt.Sprint(readAll(t, d))
	for i := range 3 {
		must(t, d.SetPassphrase(t.Context(), fmt.Sprint(passphrase, i)))
	}
	must(t, d.unlock(passphrase+"2"))
	if now := fmt.Sprint(readAll(t, d)); now != healthy {
		t.Errorf("the records became %s", now)
	}
	// A damaged record neither stops it nor is taken for whole afterwards.
	disk := d.disk.Snapshot()
	for key := range disk {
		if store.Kind(key[0]) == store.Keyring {
			disk[key][30] ^= 1
		}
	}
	d.disk.Restore(disk)
	for d.Resealing() {
		must(t, d.Reseal(t.Context(), 5))
	}
	if _, err := d.All(t.Context(), store.Keyring); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("a damaged record: %v", err)
	}
	if _, err := d.All(t.Context(), store.Session); err != nil {
		t.Errorf("another one: %v", err)
	}
}

// TestClosedStoreHasNoKeys: nothing is read or written any more.
func TestClosedStoreHasNoKeys(t *testing.T) {
	d := newDevice(t)
	everyRecord(t, d)
	must(t, d.SetPassphrase(t.Context(), passphrase))
	c := d.Change()
	c.Put(store.Phase, "", nil)
	must(t, d.Close())
	_, all := d.All(t.Context(), store.Session)
	_, get := d.Get(t.Context(), store.Phase, "")
	for what, err := range map[string]error{
		"All": all, "Get": get, "Commit": c.Commit(t.Context()), "Reseal": d.Reseal(t.Context(), 5),
		"SetPassphrase": d.SetPassphrase(t.Context(), ""), "CheckPassphrase": d.CheckPassphrase(t.Context(), passphrase),
	} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: %v, want ErrClosed", what, err)
		}
	}
	if d.Resealing() {
		t.Error("it reseals")
	}
}

func TestTriesSurviveAReload(t *testing.T) {
	d := newDevice(t)
	kv := d.disk.Open()
	for _, want := range []store.Tries{{}, {Wrong: 3, Until: 1_700_000_000_000}, {Wrong: 255, Until: -5}, {}} {
		must(t, want.Save(t.Context(), kv))
		if got, err := store.ReadTries(t.Context(), d.disk.Open()); err != nil || got != want {
			t.Errorf("%v, %v; want %v", got, err, want)
		}
	}
	if n := len(d.disk.Snapshot()); n != 1 {
		t.Errorf("%d records after the last, want the data key", n)
	}
	for _, bad := range []string{"", "x", "123456789x"} {
		d.disk.Restore(map[string][]byte{"\x48": []byte(bad)})
		if got, err := store.ReadTries(t.Context(), d.disk.Open()); err != nil || got.Wrong != 255 || got.Until != core.Millis(0) {
			t.Errorf("%q: %v, %v", bad, got, err)
		}
	}
}

// TestConcurrentChangeOfPassphrase: readers and writers beside it lose nothing;
// the race detector watches.
func TestConcurrentChangeOfPassphrase(t *testing.T) {
	d := newDevice(t)
	done := make(chan error, 2)
	go func() {
		for i := range 3 {
			if err := d.SetPassphrase(t.Context(), fmt.Sprint(passphrase, i)); err != nil {
				done <- err
				return
			}
			for d.Resealing() {
				if err := d.Reseal(t.Context(), 2); err != nil {
					done <- err
					return
				}
			}
		}
		done <- nil
	}()
	go func() {
		for i := range 60 {
			c := d.Change()
			c.Put(store.Session, fmt.Sprint(i), []byte("x"))
			if err := c.Commit(t.Context()); err != nil {
				done <- err
				return
			}
			if _, err := d.All(t.Context(), store.Session); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	for range 2 {
		must(t, <-done)
	}
	blobs, err := d.All(t.Context(), store.Session)
	must(t, err)
	var names []string
	for _, b := range blobs {
		names = append(names, b.Name)
	}
	if slices.Sort(names); len(slices.Compact(names)) != 60 {
		t.Errorf("%d of 60 are left", len(names))
	}
}
