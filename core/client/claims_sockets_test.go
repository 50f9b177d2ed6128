//go:build !js

package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// Claims 7 to 11 where every byte goes over real sockets and a gateway, in real
// time: a request that is accepted on a secondary, what four devices write while
// 30 % of all requests and answers are lost and one of them is away, a device that
// is removed, and one that is restored from the words.
func TestClaim7_ToClaim11OverSockets(t *testing.T) {
	waits(t)
	t.Parallel()
	net := serve(t)
	origin, file := serveGateway(t, net), net.NetworkFile("local", "/gateway")
	away := &line{next: newInternet(t, origin, false)}
	q := &quad{
		a1: connect(t, "A1", file, newInternet(t, origin, false)), a2: connect(t, "A2", file, newInternet(t, origin, false)),
		b1: connect(t, "B1", file, newInternet(t, origin, false)), b2: connect(t, "B2", file, away),
	}
	within(t, 8*time.Minute, q.all()...)
	words := ""
	for d, who := range map[*tab]string{q.a1: "Ada", q.b1: "Bob"} {
		d.until("Welcome", phase(client.Welcome))
		d.must(d.Register(who))
		seed := strings.Join(d.until("the words", phase(client.Words)).Seed, " ")
		d.must(d.ConfirmWords())
		d.must(d.ConfirmKey())
		account := d.until("Main", phase(client.Main)).Account
		if d == q.a1 {
			words, q.ada = seed, account
		} else {
			q.bob = account
		}
	}
	link(q.a1, q.a2)
	link(q.b1, q.b2)

	// 7: once on each, settled on both.
	q.a2.must(q.a2.Befriend(q.bob.Hex(), "Hello"))
	for _, d := range []*tab{q.b1, q.b2} {
		d.until("the request", asks(q.ada))
	}
	q.b2.must(q.b2.Accept(q.ada))
	for _, d := range q.all() {
		d.until("friends", stands(q.other(d), client.Friends, 2))
	}

	// 8 and 9: everything once, in one order, by who wrote it.
	for _, node := range net.Nodes() {
		net.Faults().OnLink(testnet.Outside, node.Ed, testnet.Trouble{Drop: 0.15, DropAnswer: 0.15})
	}
	written := []string{"Hello"}
	talk := func(rounds int, tabs ...*tab) {
		for range rounds {
			for _, d := range tabs {
				text := fmt.Sprint(len(written), " by ", d.name)
				written = append(written, text)
				d.must(d.Send(q.other(d), text))
			}
		}
	}
	talk(3, q.all()...)
	away.set(true)
	talk(3, q.a1, q.a2, q.b1)
	q.a2.until("what was written meanwhile", says(q.bob, written[len(written)-1]))
	away.set(false)
	whole := func(d *tab) func(*client.Snapshot) bool {
		return func(v *client.Snapshot) bool { return len(v.Logs[q.other(d)]) >= len(written) && v.Network.Queue == 0 }
	}
	var order []string // that of the devices' clocks, which are a little apart here
	for _, d := range q.all() {
		got := said(d.until("all of it", whole(d)), q.other(d))
		if order == nil {
			order = got
		}
		if !slices.Equal(got, order) {
			t.Errorf("%s shows %q, A1 %q", d.name, got, order)
		}
		if all := slices.Sorted(slices.Values(got)); !slices.Equal(all, slices.Sorted(slices.Values(written))) {
			t.Errorf("%s has %q, written was %q", d.name, all, written)
		}
		for _, m := range d.Snapshot().Logs[q.other(d)] {
			mine := m.Body == "Hello" && q.other(d) == q.bob || strings.Contains(m.Body, "by "+d.name[:1])
			if mine != (m.Direction == core.Out) {
				t.Errorf("%s: %q is %v", d.name, m.Body, m.Direction)
			}
		}
	}
	for _, node := range net.Nodes() {
		net.Faults().OnLink(testnet.Outside, node.Ed, testnet.Trouble{})
	}

	// 10: who is removed is wiped, and nobody writes to it any more.
	removed := q.a2.id()
	q.a1.must(q.a1.Unlink(removed))
	q.a2.until("wiped", phase(client.Erased))
	for _, d := range []*tab{q.b1, q.b2} {
		d.until("one device of Ada's", friendly(q.ada, 1))
	}
	for _, d := range []*tab{q.a1, q.b1, q.b2} {
		d.until("nothing on its way", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
	}
	before := len(inbox(net, removed))
	talk(1, q.b1, q.a1)
	q.a1.until("the news", says(q.bob, written[len(written)-2]))
	q.b2.until("the news", says(q.ada, written[len(written)-1]))
	if after := len(inbox(net, removed)); after > before {
		t.Errorf("%d messages were stored for a device that was removed", after-before)
	}

	// 11: back from the words, with who was a friend.
	back := connect(t, "A3", file, newInternet(t, origin, false))
	back.until("Welcome", phase(client.Welcome))
	back.must(back.Restore(words, "Somebody"))
	back.until("the outbox", func(v *client.Snapshot) bool { return v.Restore.Stage == client.RestoreFound })
	back.must(back.ConfirmRestore(false, core.ID{}))
	back.until("Bob is back", friendly(q.bob, 2))
	q.b1.until("its new device", friendly(q.ada, 2))
	q.b1.must(q.b1.Send(q.ada, "welcome back"))
	back.until("the message", says(q.bob, "welcome back"))
	if n := len(back.Snapshot().Requests); n > 0 {
		t.Errorf("it shows %d requests", n)
	}
	q.a1.until("was it you?", asked)
}
