package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"tandem/core"
	"tandem/core/store"
)

func TestBlobs(t *testing.T) {
	d := newDevice(t)
	names := func(kind store.Kind) []string {
		t.Helper()
		blobs, err := d.All(t.Context(), kind)
		must(t, err)
		var all []string
		for _, b := range blobs {
			all = append(all, b.Name+"="+string(b.Value))
		}
		slices.Sort(all)
		return all
	}
	value := []byte("1")
	d.change(func(c *store.Change) {
		c.Put(store.Session, "a", value)
		value[0] = 'x' // the change has its own copy
		c.Put(store.Session, "b", nil)
		c.Put(store.Session, "", []byte("3"))
		c.Put(store.Linking, "a", []byte("4"))
	})
	if got, want := names(store.Session), []string{"=3", "a=1", "b="}; !slices.Equal(got, want) {
		t.Errorf("sessions: %q, want %q", got, want)
	}
	d.change(func(c *store.Change) {
		c.Delete(store.Session, "a")
		c.Delete(store.Session, "never there")
		c.Put(store.Session, "b", []byte("5"))
	})
	if got, want := names(store.Session), []string{"=3", "b=5"}; !slices.Equal(got, want) {
		t.Errorf("after delete and replace: %q, want %q", got, want)
	}
	d.change(func(c *store.Change) { c.DeleteKind(store.Session) })
	if got := names(store.Session); got != nil {
		t.Errorf("after DeleteKind: %q", got)
	}
	if got, want := names(store.Linking), []string{"a=4"}; !slices.Equal(got, want) {
		t.Errorf("another kind after DeleteKind: %q, want %q", got, want)
	}
}

func TestTypedKindsAreNotBlobs(t *testing.T) {
	d := newDevice(t)
	for _, kind := range []store.Kind{0, 64, 255} {
		for what, f := range map[string]func(){
			"Put":        func() { d.Change().Put(kind, "", nil) },
			"DeleteKind": func() { d.Change().DeleteKind(kind) },
			"All":        func() { d.All(t.Context(), kind) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s took %s", what, kind)
					}
				}()
				f()
			}()
		}
	}
}

// TestReadsThroughAChange: a change sees what it is about to write, in order.
func TestReadsThroughAChange(t *testing.T) {
	d := newDevice(t)
	d.change(func(c *store.Change) {
		c.Put(store.Profile, "", []byte("old"))
		c.Put(store.Session, "a", []byte("old"))
	})
	c := d.Change()
	expect := func(kind store.Kind, name, want string) {
		t.Helper()
		got, err := c.Get(t.Context(), kind, name)
		if want == "" && errors.Is(err, store.ErrNotFound) {
			return
		}
		if err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", kind, got, err, want)
		}
	}
	if !c.Empty() {
		t.Error("a new change is not empty")
	}
	expect(store.Profile, "", "old")
	c.Put(store.Profile, "", []byte("new"))
	expect(store.Profile, "", "new")
	c.Delete(store.Profile, "")
	expect(store.Profile, "", "")
	c.Put(store.Session, "b", []byte("new"))
	c.DeleteKind(store.Session)
	expect(store.Session, "a", "")
	expect(store.Session, "b", "")
	c.Put(store.Session, "b", []byte("newer"))
	expect(store.Session, "b", "newer")
	if c.Empty() {
		t.Error("a change with writes is empty")
	}
	got, err := c.Get(t.Context(), store.Session, "b")
	must(t, err)
	clear(got)
	expect(store.Session, "b", "newer")

	d.commit(c)
	for _, gone := range []struct {
		kind store.Kind
		name string
	}{{store.Profile, ""}, {store.Session, "a"}} {
		if _, err := d.Get(t.Context(), gone.kind, gone.name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", gone.kind, err)
		}
	}
	if got, err := d.Get(t.Context(), store.Session, "b"); err != nil || string(got) != "newer" {
		t.Errorf("session b: %q, %v", got, err)
	}
}

// TestARefusedCommitLosesNothing: the disk is as before, the change can be
// committed again, and a counter is not used up.
func TestARefusedCommitLosesNothing(t *testing.T) {
	for _, refusal := range []error{store.ErrFull, store.ErrRefused} {
		d := newDevice(t)
		d.change(func(c *store.Change) { c.Put(store.Profile, "", []byte("old")) })
		c := d.Change()
		c.Put(store.Profile, "", []byte("new"))
		n, err := c.Next(t.Context(), "messages")
		must(t, err)
		c.PutMessage(text(id(1), n, 5, "text"))

		d.disk.FailAfter(0, refusal)
		if err := c.Commit(t.Context()); !errors.Is(err, refusal) {
			t.Fatalf("Commit: %v, want %v", err, refusal)
		}
		if got, err := d.Get(t.Context(), store.Profile, ""); err != nil || string(got) != "old" {
			t.Errorf("after %v: %q, %v", refusal, got, err)
		}
		if got, err := d.Counter(t.Context(), "messages"); err != nil || got != 0 {
			t.Errorf("after %v: counter %d, %v", refusal, got, err)
		}
		d.disk.Heal()
		d.commit(c)
		d.reload()
		if got, err := d.Message(t.Context(), core.MessageID{Device: id(1), Counter: 1}); err != nil || got.Body != "text" {
			t.Errorf("committed again: %v, %v", got, err)
		}
	}
}

// TestOneBatchPerCommit: whatever is in a change, it is one transaction.
func TestOneBatchPerCommit(t *testing.T) {
	d := newDevice(t)
	before := d.disk.Applied()
	everyRecord(t, d)
	if got := d.disk.Applied() - before; got != 1 {
		t.Errorf("%d transactions", got)
	}
	d.change(func(*store.Change) {})
	if got := d.disk.Applied() - before; got != 1 {
		t.Error("an empty change made a transaction")
	}
}

func TestCounters(t *testing.T) {
	d := newDevice(t)
	for want := uint64(1); want < 6; want += 2 {
		d.change(func(c *store.Change) {
			for i := range uint64(2) {
				if got, err := c.Next(t.Context(), "a"); err != nil || got != want+i {
					t.Errorf("Next: %d, %v; want %d", got, err, want+i)
				}
			}
		})
		d.reload()
	}
	if got, err := d.Counter(t.Context(), "a"); err != nil || got != 6 {
		t.Errorf("Counter: %d, %v; want 6", got, err)
	}
	if got, err := d.Counter(t.Context(), "b"); err != nil || got != 0 {
		t.Errorf("another counter: %d, %v", got, err)
	}
}

// TestConcurrentUse: many goroutines with a change each; the race detector
// watches, and no write is lost.
func TestConcurrentUse(t *testing.T) {
	d := newDevice(t)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 10 {
				c := d.Change()
				c.Put(store.Session, fmt.Sprint(i, j), []byte("x"))
				if err := c.Commit(t.Context()); err != nil {
					t.Error(err)
				}
				if _, err := d.All(t.Context(), store.Session); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if blobs, err := d.All(t.Context(), store.Session); err != nil || len(blobs) != 80 {
		t.Errorf("%d of 80, %v", len(blobs), err)
	}
}
