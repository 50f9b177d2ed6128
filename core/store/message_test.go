package store_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/store"
)

// text is a message of the conversation's own device.
func text(conversation core.ID, counter uint64, sent core.Millis, body string) core.Message {
	return core.Message{
		ID:           core.MessageID{Device: conversation, Counter: counter},
		Conversation: conversation, Direction: core.In, Status: core.Delivered,
		Sent: sent, Body: body,
	}
}

func TestMessageKeepsEveryField(t *testing.T) {
	d := newDevice(t)
	for i, m := range []core.Message{
		{},
		text(id(1), 1, 5, ""),
		text(id(1), math.MaxUint64, math.MaxInt64, "ü\x00<b>"),
		text(id(2), 2, math.MinInt64, string(make([]byte, 70000))),
		{ID: core.MessageID{Device: id(3), Counter: 9}, Conversation: id(4), Direction: core.Out, Status: core.Failed, Sent: -1, Body: "b", Cause: "c"},
		{ID: core.MessageID{Device: id(3), Counter: 8}, Conversation: id(4), Body: "b", Unable: "call", Unverified: true, Ends: 7},
	} {
		d.change(func(c *store.Change) { c.PutMessage(m) })
		if got, err := d.Message(t.Context(), m.ID); err != nil || got != m {
			t.Errorf("message %d came back different, %v", i, err)
		}
	}
}

func TestDuplicatesAreDetectable(t *testing.T) {
	d := newDevice(t)
	m := text(id(1), 1, 5, "once")
	has := func(r store.Reader, want bool, when string) {
		t.Helper()
		if got, err := r.HasMessage(t.Context(), m.ID); err != nil || got != want {
			t.Errorf("%s: %t, %v", when, got, err)
		}
	}
	has(d.Reader, false, "at first")
	c := d.Change()
	c.PutMessage(m)
	has(c.Reader, true, "in the change")
	has(d.Reader, false, "before Commit")
	d.commit(c)
	has(d.Reader, true, "after Commit")
	d.change(func(c *store.Change) { c.PutMessage(m) })
	if rows, err := d.Page(t.Context(), id(1), store.Position{}, 9); err != nil || len(rows) != 1 {
		t.Errorf("put twice: %d rows, %v", len(rows), err)
	}
	d.change(func(c *store.Change) {
		must(t, c.DeleteMessage(t.Context(), m.ID))
		must(t, c.DeleteMessage(t.Context(), m.ID))
	})
	has(d.Reader, false, "after DeleteMessage")
	if left := len(d.disk.Snapshot()); left != 1 {
		t.Errorf("%d records on the disk after DeleteMessage, want the data key", left)
	}
}

func TestStatusMoves(t *testing.T) {
	d := newDevice(t)
	m := text(id(1), 1, 5, "body")
	c := d.Change()
	if err := c.SetStatus(t.Context(), m.ID, core.Stored, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown message: %v, want ErrNotFound", err)
	}
	c.PutMessage(m)
	must(t, c.SetStatus(t.Context(), m.ID, core.Failed, "expired"))
	d.commit(c)
	m.Status, m.Cause = core.Failed, "expired"
	if got, err := d.Message(t.Context(), m.ID); err != nil || got != m {
		t.Errorf("%v, %v; want failed", got, err)
	}
	d.change(func(c *store.Change) { must(t, c.SetStatus(t.Context(), m.ID, core.Read, "")) })
	m.Status, m.Cause = core.Read, ""
	rows, err := d.Page(t.Context(), id(1), store.Position{}, 2)
	if err != nil || len(rows) != 1 || rows[0] != m {
		t.Errorf("%v, %v; want read", rows, err)
	}
}

// TestPageOrder: any way of paging gives the same order, the order of (Sent,
// MessageID), also where many messages share a millisecond.
func TestPageOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	d := newDevice(t)
	var want []core.Message
	d.change(func(c *store.Change) {
		for i := range 120 {
			m := text(id(1), uint64(i), core.Millis(random.IntN(12)-4), "")
			m.ID.Device = id(byte(random.IntN(3)))
			m.ID.Counter = uint64(random.IntN(1 << 20))
			want = append(want, m)
			c.PutMessage(m)
		}
		c.PutMessage(text(id(2), 1, 3, "another conversation"))
		c.PutMessage(text(id(0), 1, 3, "another conversation"))
	})
	slices.SortFunc(want, func(a, b core.Message) int { return store.PositionOf(b).Compare(store.PositionOf(a)) })
	for _, limit := range []int{1, 2, 7, 50, 119, 120, 121, 500} {
		var got []core.Message
		var before store.Position
		for {
			rows, err := d.Page(t.Context(), id(1), before, limit)
			must(t, err)
			got = append(got, rows...)
			if len(rows) < limit {
				break
			}
			before = store.PositionOf(rows[len(rows)-1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("pages of %d: %d messages in another order", limit, len(got))
		}
	}
	if rows, err := d.Page(t.Context(), id(1), store.Position{}, 0); err != nil || len(rows) != 0 {
		t.Errorf("limit 0: %d rows, %v", len(rows), err)
	}
	if rows, err := d.Page(t.Context(), id(9), store.Position{}, 5); err != nil || len(rows) != 0 {
		t.Errorf("an unknown conversation: %d rows, %v", len(rows), err)
	}
}

func TestPositionOrder(t *testing.T) {
	at := func(sent core.Millis, device byte, counter uint64) store.Position {
		return store.Position{Sent: sent, ID: core.MessageID{Device: id(device), Counter: counter}}
	}
	sorted := []store.Position{at(-1, 9, 9), at(0, 0, 0), at(1, 1, 1), at(1, 1, 256), at(1, 2, 0), at(2, 0, 0)}
	for i, p := range sorted {
		for j, q := range sorted {
			if got, want := p.Compare(q), min(1, max(-1, i-j)); got != want {
				t.Errorf("%v and %v: %d, want %d", p, q, got, want)
			}
		}
	}
}
