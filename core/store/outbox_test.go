package store_test

import (
	"errors"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/store"
)

// due lists the ids that are due.
func due(t *testing.T, d *device, now core.Millis, limit int) []uint64 {
	t.Helper()
	entries, err := d.Due(t.Context(), now, limit)
	must(t, err)
	var ids []uint64
	for _, e := range entries {
		if e.Due > now || len(e.Data) != 1 || e.Data[0] != byte(e.ID) {
			t.Errorf("entry %d is due at %d with % x", e.ID, e.Due, e.Data)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

func TestOutboxByDueTime(t *testing.T) {
	d := newDevice(t)
	if _, waits, err := d.NextDue(t.Context()); waits || err != nil {
		t.Fatalf("empty: %t, %v", waits, err)
	}
	put := func(id uint64, at core.Millis) {
		t.Helper()
		d.change(func(c *store.Change) {
			must(t, c.PutOutbox(t.Context(), store.OutboxEntry{ID: id, Due: at, Data: []byte{byte(id)}}))
		})
	}
	put(1, 30)
	put(2, 10)
	put(300, 20)
	put(4, 20)
	for _, c := range []struct {
		now   core.Millis
		limit int
		want  []uint64
	}{{9, 0, nil}, {10, 0, []uint64{2}}, {29, 0, []uint64{2, 4, 300}}, {99, 0, []uint64{2, 4, 300, 1}}, {99, 3, []uint64{2, 4, 300}}} {
		if got := due(t, d, c.now, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("due at %d: %v, want %v", c.now, got, c.want)
		}
	}

	put(2, 40) // tried again later
	d.change(func(c *store.Change) {
		must(t, c.DeleteOutbox(t.Context(), 300))
		must(t, c.DeleteOutbox(t.Context(), 300))
	})
	if got, want := due(t, d, 99, 0), []uint64{4, 1, 2}; !slices.Equal(got, want) {
		t.Errorf("after a retry and a delete: %v, want %v", got, want)
	}
	if next, waits, err := d.NextDue(t.Context()); next != 20 || !waits || err != nil {
		t.Errorf("NextDue: %d, %t, %v", next, waits, err)
	}
	if n, err := d.OutboxSize(t.Context()); n != 3 || err != nil {
		t.Errorf("OutboxSize: %d, %v", n, err)
	}
	d.change(func(c *store.Change) {
		for _, id := range []uint64{1, 2, 4} {
			must(t, c.DeleteOutbox(t.Context(), id))
		}
	})
	if left := len(d.disk.Snapshot()); left != 1 {
		t.Errorf("%d records on the disk after all went out, want the data key", left)
	}
}

// TestOutboxWithinAChange: an entry may be put, moved and taken back before
// anything is committed.
func TestOutboxWithinAChange(t *testing.T) {
	d := newDevice(t)
	d.change(func(c *store.Change) {
		for _, at := range []core.Millis{10, 20, 30} {
			must(t, c.PutOutbox(t.Context(), store.OutboxEntry{ID: 1, Due: at, Data: []byte{1}}))
			must(t, c.PutOutbox(t.Context(), store.OutboxEntry{ID: 2, Due: at, Data: []byte{2}}))
		}
		must(t, c.DeleteOutbox(t.Context(), 2))
		if _, err := c.OutboxEntry(t.Context(), 2); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("a deleted entry: %v, want ErrNotFound", err)
		}
	})
	if n, err := d.OutboxSize(t.Context()); n != 1 || err != nil {
		t.Errorf("OutboxSize: %d, %v", n, err)
	}
	if got := due(t, d, 30, 0); !slices.Equal(got, []uint64{1}) {
		t.Errorf("due: %v", got)
	}
}

func TestDamagedEntryCanBeReplaced(t *testing.T) {
	d := newDevice(t)
	entry := store.OutboxEntry{ID: 1, Due: 10, Data: []byte{1}}
	d.change(func(c *store.Change) { must(t, c.PutOutbox(t.Context(), entry)) })
	disk := d.disk.Snapshot()
	for key := range disk {
		if store.Kind(key[0]).String() == "outbox" {
			disk[key][30] ^= 1
		}
	}
	d.disk.Restore(disk)
	entry.Due = 20
	d.change(func(c *store.Change) { must(t, c.PutOutbox(t.Context(), entry)) })
	if got := due(t, d, 99, 0); !slices.Equal(got, []uint64{1}) {
		t.Errorf("due: %v", got)
	}
	if n, err := d.OutboxSize(t.Context()); n != 1 || err != nil {
		t.Errorf("OutboxSize: %d, %v", n, err)
	}
}
