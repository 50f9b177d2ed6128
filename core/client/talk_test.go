package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// log is all that is stored of a device's conversation with the other person,
// oldest first: more than a page shows.
func (q *quad) log(d *tab) []core.Message {
	d.t.Helper()
	kv, keeper, err := d.disk.open()
	if err != nil {
		d.t.Fatal(err)
	}
	db, err := store.Open(context.Background(), kv, keeper)
	if err != nil {
		d.t.Fatal(err)
	}
	page, err := db.Page(context.Background(), q.other(d), store.Position{}, 1<<20)
	if err != nil {
		d.t.Fatal(err)
	}
	slices.Reverse(page)
	return page
}

// alike fails unless every message is on all four devices once, in one order,
// under one ID, and as the right person's; want is how many there are.
func (q *quad) alike(t *testing.T, want int) {
	t.Helper()
	first := q.log(q.a1)
	if len(first) != want {
		t.Errorf("A1 has %d messages of %d", len(first), want)
	}
	for _, d := range q.all() {
		got := q.log(d)
		if len(got) != len(first) {
			t.Errorf("%s has %d messages, A1 %d", d.name, len(got), len(first))
			continue
		}
		for i, m := range got {
			mine := m.ID.Device == q.b1.id() || m.ID.Device == q.b2.id()
			if d == q.a1 || d == q.a2 {
				mine = !mine
			}
			if m.ID != first[i].ID || m.Body != first[i].Body || m.Sent != first[i].Sent || mine != (m.Direction == core.Out) {
				t.Errorf("%s, message %d: %q (%v) instead of %q", d.name, i, m.Body, m.Direction, first[i].Body)
			}
		}
	}
}

// has waits until a device shows a message with this status; an incoming one is
// Delivered.
func (q *quad) has(d *tab, text string, status core.Status) core.Message {
	d.t.Helper()
	var found core.Message
	d.until(fmt.Sprintf("%q is %v", text, status), func(v *client.Snapshot) bool {
		for _, m := range v.Logs[q.other(d)] {
			if m.Body == text && m.Status == status {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// without waits until a device does not show a text any more.
func (q *quad) without(d *tab, text string) {
	d.t.Helper()
	d.until(fmt.Sprintf("%q is gone", text), func(v *client.Snapshot) bool { return !slices.Contains(said(v, q.other(d)), text) })
}

// chat is the row of the other person.
func (q *quad) chat(d *tab, s *client.Snapshot) client.ChatRow {
	for _, row := range s.Chats {
		if row.Conversation == q.other(d) {
			return row
		}
	}
	return client.ChatRow{}
}

// unread waits until a device counts so many unread messages.
func (q *quad) unread(d *tab, n int) {
	d.t.Helper()
	d.until(fmt.Sprint(n, " unread"), func(v *client.Snapshot) bool { return q.chat(d, v).Unread == n })
}

// Whatever one of four devices writes is on the other three once, as sent or
// received, in one order, also after a reload; and the devices of who wrote it
// know that it is there.
func TestClaim8_FourDevicesOneConversation(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		for round := range 3 {
			for _, d := range q.all() {
				d.must(d.Send(q.other(d), fmt.Sprint(d.name, " ", round)))
				wait(300 * time.Millisecond)
			}
		}
		for _, d := range q.all() {
			for _, from := range q.all() {
				q.has(d, from.name+" 2", core.Delivered)
			}
		}
		wait(20 * time.Second)
		q.alike(t, 13) // with the request
		for _, d := range q.all() {
			d.reload()
			q.has(d, "A1 0", core.Delivered)
			if n := q.chat(d, d.Snapshot()).Missing; n != 0 {
				t.Errorf("%s misses %d messages", d.name, n)
			}
		}
	})
}

// Nobody but a friend is written to.
func TestOnlyFriendsAreWrittenTo(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		if err := q.a1.Send(core.ID{5, 1}, "Hello?"); !errors.Is(err, client.ErrNotFriends) {
			t.Errorf("to a stranger: %v", err)
		}
		if err := q.a1.Send(q.bob, "  "); !errors.Is(err, client.ErrTextEmpty) {
			t.Errorf("nothing: %v", err)
		}
		q.a1.must(q.a1.Block(q.bob))
		if err := q.a1.Send(q.bob, "Hello?"); !errors.Is(err, client.ErrNotFriends) {
			t.Errorf("to who is blocked: %v", err)
		}
		// What they say meanwhile does not count, and is not missed later.
		q.a2.until("it is blocked", stands(q.bob, client.Blocked, 2))
		q.b1.must(q.b1.Send(q.ada, "unheard"))
		q.has(q.b2, "unheard", core.Stored)
		wait(30 * time.Second)
		q.a2.must(q.a2.Unblock(q.bob))
		q.a1.until("it is not", stands(q.bob, client.Friends, 2))
		wait(10 * time.Second)
		q.b1.must(q.b1.Send(q.ada, "heard"))
		wait(5 * time.Minute)
		for _, d := range []*tab{q.a1, q.a2} {
			if got := fmt.Sprint(said(d.Snapshot(), q.bob), q.chat(d, d.Snapshot()).Missing); got != "[Hello heard]0" && got != "[Hello heard] 0" {
				t.Errorf("%s shows %s", d.name, got)
			}
		}
		q.has(q.b2, "heard", core.Delivered)
	})
}

// A message is queued without a network, stored once a copy lies there, delivered
// when a device of the contact says so, and read when its person looked and both
// want to know; on all devices of who wrote it. What was read on one device is on
// the other, and what it wrote before it heard of that comes to the same.
func TestStatusesAndReadMarks(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.b1.stop()
		q.b2.stop()
		q.a1.line.set(true)
		q.a1.must(q.a1.Send(q.bob, "one"))
		q.has(q.a1, "one", core.Queued)
		q.a1.reload()
		q.has(q.a1, "one", core.Queued)
		q.a1.line.set(false)
		q.has(q.a1, "one", core.Stored)
		q.has(q.a2, "one", core.Stored)
		q.b1.start()
		q.has(q.a1, "one", core.Delivered)
		q.has(q.a2, "one", core.Delivered)
		q.unread(q.b1, 2)
		q.b2.start()
		q.unread(q.b2, 2)
		if row := q.chat(q.b2, q.b2.Snapshot()); row.FirstUnread != q.log(q.b2)[0].ID || row.Last != "one" {
			t.Errorf("the row: %+v", row)
		}

		// Read on one device, nobody is told, for neither has asked to.
		q.b1.Viewing(q.ada)
		q.unread(q.b1, 0)
		q.unread(q.b2, 0)
		wait(time.Minute)
		q.has(q.a1, "one", core.Delivered)

		q.b2.must(q.b2.SetReceipts(true))
		q.b1.until("it is one account's setting", func(v *client.Snapshot) bool { return v.Receipts })
		q.a1.must(q.a1.Send(q.bob, "two"))
		q.has(q.b1, "two", core.Delivered)
		q.unread(q.b2, 0)
		wait(time.Minute)
		q.has(q.a1, "two", core.Delivered) // Ada does not want to know
		q.a2.must(q.a2.SetReceipts(true))
		q.a1.until("the setting", func(v *client.Snapshot) bool { return v.Receipts })
		q.a2.must(q.a2.Send(q.bob, "three"))
		q.has(q.a1, "three", core.Read)
		q.has(q.a2, "three", core.Read)

		// Both read on, each without the other.
		q.b1.Viewing(core.ID{})
		q.a1.must(q.a1.Send(q.bob, "four"))
		q.unread(q.b1, 1)
		q.unread(q.b2, 1)
		q.b1.line.set(true)
		q.b1.Viewing(q.ada)
		q.unread(q.b1, 0)
		wait(10 * time.Second)
		q.a1.must(q.a1.Send(q.bob, "five"))
		q.unread(q.b2, 2)
		q.b2.Viewing(q.ada)
		q.unread(q.b2, 0)
		q.b1.Viewing(core.ID{})
		wait(10 * time.Second)
		q.b1.line.set(false)
		q.has(q.b1, "five", core.Delivered)
		q.unread(q.b1, 0)
		for _, d := range []*tab{q.b1, q.b2} {
			d.reload()
			d.until("main page", linked(2))
			q.unread(d, 0)
		}
		q.has(q.a1, "five", core.Read)
	})
}

// A deletion for oneself is on all own devices, one for everyone on all; in
// whatever order it comes with its message, and only of one's own messages. Like
// messages, deletions are missed.
func TestDeletions(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		for _, text := range []string{"keep", "mine only", "everyone"} {
			q.a1.must(q.a1.Send(q.bob, text))
			wait(time.Second)
		}
		for _, d := range q.all() {
			q.has(d, "everyone", core.Delivered)
		}
		q.a2.must(q.a2.Delete(q.has(q.a2, "mine only", core.Delivered).ID, false))
		q.without(q.a1, "mine only")
		q.a2.must(q.a2.Delete(q.has(q.a2, "everyone", core.Delivered).ID, true))
		for _, d := range q.all() {
			q.without(d, "everyone")
		}
		q.has(q.b1, "mine only", core.Delivered)
		if err := q.b1.Delete(q.has(q.b1, "keep", core.Delivered).ID, true); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("somebody else's message: %v", err)
		}
		q.b1.must(q.b1.Delete(q.has(q.b1, "mine only", core.Delivered).ID, false))
		q.without(q.b2, "mine only")
		if err := q.b1.Delete(core.MessageID{Device: q.b1.id(), Counter: 99}, false); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("what is not there: %v", err)
		}
		// What waits to go out is called back.
		q.a1.line.set(true)
		q.a1.must(q.a1.Send(q.bob, "never"))
		q.a1.must(q.a1.Delete(q.has(q.a1, "never", core.Queued).ID, false))
		q.a1.line.set(false)
		q.a1.must(q.a1.Send(q.bob, "last"))
		for _, d := range q.all() {
			q.has(d, "last", core.Delivered)
		}
		wait(2 * time.Minute) // for what the others ask for
		for _, d := range q.all() {
			if got := strings.Join(said(d.Snapshot(), q.other(d)), "|"); got != "Hello|keep|last" {
				t.Errorf("%s shows %s", d.name, got)
			}
			if n := q.chat(d, d.Snapshot()).Missing; n != 0 {
				t.Errorf("%s misses %d", d.name, n)
			}
			d.reload()
			d.until("the same", func(v *client.Snapshot) bool { return strings.Join(said(v, q.other(d)), "|") == "Hello|keep|last" })
		}
	})
}

// A draft survives a reload and a crash, and is none any more once it is sent.
func TestDraftsAreKept(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.must(q.a1.SetDraft(q.bob, "I would like"))
		q.a1.must(q.a1.SetDraft(q.ada, "milk"))
		q.a1.reload()
		v := q.a1.until("main page", linked(2))
		if v.Drafts[q.bob] != "I would like" || v.Drafts[q.ada] != "milk" {
			t.Errorf("drafts: %q", v.Drafts)
		}
		if err := q.a1.SetDraft(q.bob, strings.Repeat("x", 40_001)); !errors.Is(err, client.ErrTextLong) {
			t.Errorf("a long draft: %v", err)
		}
		q.a1.must(q.a1.Send(q.bob, "I would like to"))
		q.a1.must(q.a1.SetDraft(q.ada, ""))
		q.a1.reload()
		if v := q.a1.until("main page", linked(2)); len(v.Drafts) != 0 {
			t.Errorf("drafts: %q", v.Drafts)
		}
		wait(time.Second)
		if v := q.a2.Snapshot(); len(v.Drafts) != 0 {
			t.Error("a draft was told to another device")
		}
	})
}

// A page shows a window of 200 messages: older ones come page by page, what is
// new does not push it about, and Newest goes back.
func TestTheWindowOfAConversation(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, _ := offPair(t, net)
		p.start()
		me := p.until("main page", linked(2)).Account
		device := p.id()
		p.stop()
		bob := core.ID{5, 9}
		p.edit(func(_ *store.Store, c *store.Change) {
			c.Put(store.Talk, string(bob[:]), nil)
			for n := range 100 {
				c.PutMessage(core.Message{
					ID: core.MessageID{Device: bob, Counter: uint64(n) + 1}, Conversation: bob, Direction: core.In,
					Status: core.Delivered, Sent: core.Millis(n), Body: fmt.Sprint(n),
				})
			}
			for n := range 450 {
				c.PutMessage(core.Message{
					ID: core.MessageID{Device: device, Counter: uint64(n) + 1000}, Conversation: me, Direction: core.Out,
					Status: core.Stored, Sent: core.Millis(n), Body: fmt.Sprint(n),
				})
			}
		})
		p.start()
		// Of what nobody looks at there is less; it is read as far as it is seen.
		rows := func(n int, older bool) {
			t.Helper()
			p.until(fmt.Sprint(n, " rows"), func(v *client.Snapshot) bool { return len(v.Logs[bob]) == n && v.Older[bob] == older })
		}
		rows(30, true)
		p.must(p.Older(bob))
		rows(80, true)
		p.Viewing(bob)
		rows(100, false)
		p.Viewing(core.ID{})
		p.reload()
		rows(30, true)
		span := func(from, to string, older, newer bool) {
			t.Helper()
			p.until(from+" to "+to, func(v *client.Snapshot) bool {
				log := v.Logs[me]
				return len(log) > 0 && log[0].Body == from && log[len(log)-1].Body == to &&
					v.Older[me] == older && v.Newer[me] == newer && len(log) <= 200
			})
		}
		span("250", "449", true, false)
		p.must(p.Older(me))
		span("200", "399", true, true)
		p.must(p.SendNote("new"))
		span("200", "399", true, true)
		p.until("its line", func(v *client.Snapshot) bool { return v.Chats[0].Last == "new" })
		for range 6 {
			p.must(p.Older(me))
		}
		span("0", "199", false, true)
		p.must(p.Delete(p.Snapshot().Logs[me][0].ID, false))
		span("1", "199", false, true)
		p.must(p.Newest(me))
		span("251", "new", true, false)
	})
}

// Four devices that die at every fifth commit, right before or right after it,
// lose nothing, and nothing comes twice: what is said is said once.
func TestClaim8_FourDevicesDieAllTheTime(t *testing.T) {
	long(t)
	t.Parallel()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		var wanted []string
		for i, d := range q.all() {
			d.start()
			d.until("main page", linked(2))
			d.disk.at(func(n int, _ store.Batch) fate {
				switch {
				case n%5 != i:
					return lives
				case n%2 == 0:
					return diesBefore
				}
				return diesAfter
			})
			for k := range 3 {
				wanted = append(wanted, fmt.Sprint(d.name, " ", k))
			}
		}
		deaths := 0
		all := func(d *tab) bool {
			have := said(d.Snapshot(), q.other(d))
			return len(have) == len(wanted)+1 && d.Snapshot().Network.Queue == 0
		}
		for tries := 0; !all(q.a1) || !all(q.a2) || !all(q.b1) || !all(q.b2); tries++ {
			if tries > 20_000 {
				t.Fatalf("%s; %s; %s; %s", q.a1.state(), q.a2.state(), q.b1.state(), q.b2.state())
			}
			for _, d := range q.all() {
				if d.disk.died() {
					deaths++
					d.reload()
					continue
				}
				v := d.Snapshot()
				if v.Phase != client.Main {
					continue
				}
				for _, text := range wanted {
					if strings.HasPrefix(text, d.name) && !slices.Contains(said(v, q.other(d)), text) {
						_ = d.Send(q.other(d), text) // or after the reload
						break
					}
				}
			}
			wait(500 * time.Millisecond)
		}
		for _, d := range q.all() {
			d.disk.at(nil)
			d.reload()
			d.until("main page", linked(2))
		}
		q.alike(t, len(wanted)+1)
		if deaths < 20 {
			t.Errorf("%d deaths", deaths)
		}
	})
}
