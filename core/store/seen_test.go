package store_test

import (
	"fmt"
	"testing"

	"tandem/core"
	"tandem/core/store"
)

func TestSeenMarksAreSwept(t *testing.T) {
	d := newDevice(t)
	box := core.Mailbox{Owner: id(1), Namespace: core.Inbox}
	other := core.Mailbox{Owner: id(1), Namespace: core.Outbox}
	seen := func(box core.Mailbox, hash string) bool {
		t.Helper()
		got, err := d.Seen(t.Context(), box, hash)
		must(t, err)
		return got
	}
	sweep := func(now core.Millis, limit, want int) {
		t.Helper()
		d.change(func(c *store.Change) {
			if got, err := c.SweepSeen(t.Context(), now, limit); err != nil || got != want {
				t.Errorf("sweep at %d: %d, %v; want %d", now, got, err, want)
			}
		})
	}
	d.change(func(c *store.Change) {
		for i := range 5 {
			c.MarkSeen(box, fmt.Sprint(i), core.Millis(10*i))
		}
	})
	d.change(func(c *store.Change) { c.MarkSeen(box, "0", 35) }) // came again, and lives longer
	if !seen(box, "0") || seen(box, "5") || seen(other, "0") {
		t.Error("marks are not by mailbox and hash")
	}

	sweep(20, 2, 2)
	sweep(20, 2, 1)
	sweep(20, 2, 0)
	for i, want := range []bool{true, false, false, true, true} {
		if got := seen(box, fmt.Sprint(i)); got != want {
			t.Errorf("mark %d after the sweep at 20: %t", i, got)
		}
	}
	sweep(99, 0, 3)
	if left := len(d.disk.Snapshot()); left != 1 {
		t.Errorf("%d records on the disk after all expired, want the data key", left)
	}
}

func TestCursors(t *testing.T) {
	d := newDevice(t)
	boxes := []core.Mailbox{{Owner: id(1)}, {Owner: id(1), Namespace: -1}, {Owner: id(2)}}
	nodes := []core.EdKey{{1}, {2}}
	place := func(n, b int) string { return fmt.Sprint("hash ", n, b) }
	d.change(func(c *store.Change) {
		for n, node := range nodes {
			for b, box := range boxes {
				c.SetCursor(node, box, place(n, b))
			}
		}
	})
	expect := func(want func(n, b int) string) {
		t.Helper()
		for n, node := range nodes {
			for b, box := range boxes {
				if got, err := d.Cursor(t.Context(), node, box); err != nil || got != want(n, b) {
					t.Errorf("node %d, mailbox %d: %q, %v; want %q", n, b, got, err, want(n, b))
				}
			}
		}
	}
	expect(place)
	d.change(func(c *store.Change) { c.SetCursor(nodes[1], boxes[1], "") })
	expect(func(n, b int) string {
		if n == 1 && b == 1 {
			return ""
		}
		return place(n, b)
	})
	d.change(func(c *store.Change) { c.DeleteCursors() })
	expect(func(n, b int) string { return "" })
}
