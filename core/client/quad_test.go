package client_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// quad is two people with two devices each: A1 and A2 are Ada's, B1 and B2 are
// Bob's.
type quad struct {
	a1, a2, b1, b2 *tab
	ada, bob       core.ID
}

// templates of a quad: strangers, and friends with a session between any two
// devices. Each is made once, in a bubble of its own: the disks are copies.
var strangers, befriended struct {
	once     sync.Once
	disks    [4]copied
	ada, bob core.ID
}

func (q *quad) all() []*tab { return []*tab{q.a1, q.a2, q.b1, q.b2} }

// other is who a device's account talks to.
func (q *quad) other(d *tab) core.ID {
	if d == q.a1 || d == q.a2 {
		return q.bob
	}
	return q.ada
}

func newQuad(t *testing.T, net *testnet.Network) *quad {
	return &quad{a1: newTab(t, net, "A1"), a2: newTab(t, net, "A2"), b1: newTab(t, net, "B1"), b2: newTab(t, net, "B2")}
}

// offStrangers is a quad of people who do not know each other, switched off.
func offStrangers(t *testing.T, f func(t *testing.T, net *testnet.Network, q *quad)) {
	t.Helper()
	s := &strangers
	s.once.Do(func() {
		world(t, func(t *testing.T, net *testnet.Network) {
			q := newQuad(t, net)
			for _, d := range q.all() {
				d.start()
			}
			s.ada, s.bob = q.a1.register("Ada"), q.b1.register("Bob")
			link(q.a1, q.a2)
			link(q.b1, q.b2)
			wait(30 * time.Second) // for the last words of linking, and the lists
			for _, d := range q.all() {
				d.until("nothing of the past is under way", over)
				d.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			}
			for i, d := range q.all() {
				d.stop()
				s.disks[i] = copyOf(d)
			}
		})
	})
	world(t, func(t *testing.T, net *testnet.Network) {
		if s.ada.IsZero() {
			t.Fatal("no quad")
		}
		wait(2 * time.Minute) // later than all that is on the disks
		q := newQuad(t, net)
		q.ada, q.bob = s.ada, s.bob
		for i, d := range q.all() {
			s.disks[i].restore(d)
		}
		f(t, net, q)
	})
}

// unacquainted is offStrangers with all of them switched on.
func unacquainted(t *testing.T, f func(t *testing.T, net *testnet.Network, q *quad)) {
	t.Helper()
	offStrangers(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.on()
		f(t, net, q)
	})
}

// on switches all four on.
func (q *quad) on() {
	for _, d := range q.all() {
		d.start()
	}
	for _, d := range q.all() {
		d.until("main page", func(v *client.Snapshot) bool { return linked(2)(v) && v.Network.LastPoll > 0 })
	}
}

// sleep switches all four off for a while.
func (q *quad) sleep(span core.Millis) {
	for _, d := range q.all() {
		d.stop()
	}
	q.pass(span)
	q.on()
}

// pass lets time pass.
func (q *quad) pass(span core.Millis) { wait(time.Duration(span) * time.Millisecond) }

// friended is a test that begins with four devices of two friends, switched on.
func friended(t *testing.T, f func(t *testing.T, net *testnet.Network, q *quad)) {
	t.Helper()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.on()
		f(t, net, q)
	})
}

// offFriends is friended with all switched off.
func offFriends(t *testing.T, f func(t *testing.T, net *testnet.Network, q *quad)) {
	t.Helper()
	s := &befriended
	s.once.Do(func() {
		unacquainted(t, func(t *testing.T, net *testnet.Network, q *quad) {
			q.a1.must(q.a1.Befriend(q.bob.Hex(), "Hello"))
			q.b1.until("the request", asks(q.ada))
			q.b1.must(q.b1.Accept(q.ada))
			q.settled()
			for _, d := range q.all() { // the network of the copies will not have it
				d.until("the request's text", func(v *client.Snapshot) bool { return slices.Contains(said(v, q.other(d)), "Hello") })
			}
			for i, d := range q.all() {
				d.stop()
				s.disks[i] = copyOf(d)
			}
			s.ada, s.bob = q.ada, q.bob
		})
	})
	world(t, func(t *testing.T, net *testnet.Network) {
		if s.ada.IsZero() {
			t.Fatal("no friends")
		}
		wait(10 * time.Minute) // later than all that is on the disks
		q := newQuad(t, net)
		q.ada, q.bob = s.ada, s.bob
		for i, d := range q.all() {
			s.disks[i].restore(d)
		}
		f(t, net, q)
	})
}

// settled waits until all four are friends, each with a session with each other
// device, and fails if it takes longer than some minutes.
func (q *quad) settled() {
	for _, d := range q.all() {
		d.until("friends", stands(q.other(d), client.Friends, 2))
	}
	for _, d := range q.all() {
		d.t.Helper()
		for tries := 0; d.sessions() != 3; tries++ {
			if tries > 100 {
				d.t.Fatalf("%s has %d sessions", d.name, d.sessions())
			}
			wait(5 * time.Second)
		}
		d.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
	}
}

// sessions is with how many devices this one has a session.
func (d *tab) sessions() (n int) {
	for _, r := range d.disk.reveal(d.t.(*testing.T)) {
		if r.kind == store.Session {
			n++
		}
	}
	return n
}
