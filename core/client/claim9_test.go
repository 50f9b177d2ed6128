package client_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// heals waits until a device has so many messages and misses none.
func (q *quad) heals(want int, tabs ...*tab) {
	for _, d := range tabs {
		d.t.Helper()
		deadline := time.Now().Add(6 * time.Hour)
		for len(q.log(d)) != want || q.chat(d, d.Snapshot()).Missing != 0 || d.Snapshot().Network.Queue != 0 {
			if time.Now().After(deadline) {
				q.differences()
				d.t.Fatalf("%s has %d messages of %d, misses %d: %s", d.name, len(q.log(d)), want, q.chat(d, d.Snapshot()).Missing, d.state())
			}
			wait(10 * time.Second)
		}
	}
}

// talk lets devices write by turns, n messages each, and says how many there are.
func (q *quad) talk(round string, n int, tabs ...*tab) int {
	for i := range n {
		for k, d := range tabs {
			d.must(d.Send(q.other(d), fmt.Sprint(round, " ", i, " of ", d.name)))
			wait(time.Duration(100+37*k) * time.Millisecond)
		}
	}
	return n * len(tabs)
}

// chatterOfFour is claim 9: while requests and answers get lost, so that copies are
// stored twice, and come in any order, four devices write n messages each, then
// three while the fourth sleeps for twenty days, then all.
func chatterOfFour(t *testing.T, n int) {
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		for _, node := range net.Nodes() {
			net.Faults().OnLink(testnet.Outside, node.Ed, testnet.Trouble{Drop: 0.15, DropAnswer: 0.15, Delay: 30, Jitter: 3000})
		}
		want := 1 + q.talk("awake", n, q.all()...)
		q.heals(want, q.all()...)
		q.b2.stop()
		want += q.talk("asleep", n, q.a1, q.a2, q.b1)
		q.heals(want, q.a1, q.a2, q.b1)
		for _, d := range []*tab{q.a1, q.a2, q.b1} {
			d.stop()
		}
		q.pass(20 * core.Day)
		q.on()
		want += q.talk("back", n, q.all()...)
		q.heals(want, q.all()...)
		q.alike(t, want)
	})
}

func TestClaim9_LossAndTwentyDaysAway(t *testing.T) {
	long(t)
	t.Parallel()
	chatterOfFour(t, 3)
}

// What a device missed for twenty days comes from a sibling when who sent it
// sleeps; the newest message too, after which nothing came.
func TestClaim9_HealedBySibling(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.b2.stop()
		want := 1 + q.talk("asleep", 3, q.a1)
		q.has(q.b1, "asleep 2 of A1", core.Delivered)
		q.b1.must(q.b1.Delete(q.has(q.b1, "asleep 1 of A1", core.Delivered).ID, false))
		wait(10 * time.Second)
		for _, d := range []*tab{q.a1, q.a2, q.b1} {
			d.stop()
		}
		q.pass(20 * core.Day)
		q.b1.start()
		q.b2.start()
		q.heals(want-1, q.b1, q.b2)
		// And who sent it has nothing to add.
		q.a1.start()
		q.a2.start()
		wait(5 * time.Minute)
		q.heals(want-1, q.b1, q.b2)
		q.heals(want, q.a1, q.a2)
		if a, b := said(q.b1.Snapshot(), q.ada), said(q.b2.Snapshot(), q.ada); fmt.Sprint(a) != fmt.Sprint(b) {
			t.Errorf("%q and %q", a, b)
		}
	})
}

// With no sibling awake it comes from the device that sent it, which is asked
// only for what was addressed to the asker; and people see that something is
// missing meanwhile.
func TestClaim9_HealedBySender(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.b2.stop()
		q.a1.must(q.a1.SendNote("nobody else's"))
		want := 1 + q.talk("asleep", 3, q.a1)
		q.has(q.b1, "asleep 2 of A1", core.Delivered)
		for _, d := range []*tab{q.a1, q.a2, q.b1} {
			d.stop()
		}
		q.pass(20 * core.Day)
		q.b2.start()
		q.a1.start()
		q.b2.until("three are missing", func(v *client.Snapshot) bool { return q.chat(q.b2, v).Missing == 3 })
		q.heals(want, q.b2)
		for _, m := range q.log(q.b2) {
			if m.Body == "nobody else's" {
				t.Error("a note to self was handed out")
			}
		}
	})
}

// A message that cannot be opened, because the session is lost, comes again in a
// new one.
func TestAnUnreadableMessageIsSentAgain(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		want := 1 + q.talk("before", 2, q.a1, q.b2)
		q.heals(want, q.all()...)
		a1 := q.a1.id()
		q.b2.stop()
		q.b2.edit(func(_ *store.Store, c *store.Change) { c.Delete(store.Session, string(a1[:])) })
		want += q.talk("unreadable", 2, q.a1)
		q.b2.start()
		q.heals(want, q.all()...)
		want += q.talk("after", 1, q.all()...)
		q.heals(want, q.all()...)
		q.alike(t, want)
	})
}

// differences says which device lacks what.
func (q *quad) differences() {
	have := map[string]string{}
	for _, d := range q.all() {
		for _, m := range q.log(d) {
			have[fmt.Sprint(m.Sent, " ", m.ID.Counter, " ", m.Body)] += d.name + " "
		}
	}
	for what, who := range have {
		if who != "A1 A2 B1 B2 " {
			q.a1.t.Logf("%s: only on %s", what, who)
		}
	}
}
