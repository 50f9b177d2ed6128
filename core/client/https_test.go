//go:build !js

package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// Over real sockets and a gateway, a third of all nodes die one after another,
// never the last of a swarm, while two devices write 200 notes: each note
// arrives, and once.
func TestNotesWhileNodesDie(t *testing.T) {
	waits(t)
	t.Parallel()
	const each, kills = 100, testnet.DefaultNodes / 3
	net := serve(t)
	origin, file := serveGateway(t, net), net.NetworkFile("local", "/gateway")
	p := connect(t, "phone", file, newInternet(t, origin, false))
	s := connect(t, "laptop", file, newInternet(t, origin, false))
	within(t, 5*time.Minute, p, s)
	p.register("Ada")
	link(p, s)

	doomed := victims(t, net, kills)
	for i := range each {
		if i%(each/kills) == 0 {
			net.Faults().Kill(doomed[i/(each/kills)])
		}
		p.must(p.SendNote(fmt.Sprint("p", i)))
		s.must(s.SendNote(fmt.Sprint("s", i)))
		// A few are on their way at any time; the rest flows while nodes die.
		for _, d := range []*tab{p, s} {
			d.until("others are out", func(v *client.Snapshot) bool { return v.Network.Queue < 16 })
		}
	}
	for _, d := range []*tab{p, s} {
		seen := strings.Split(texts(d.until("all notes", func(v *client.Snapshot) bool {
			return len(v.Logs[v.Account]) >= 2*each && v.Network.Queue == 0
		})), "|")
		count := map[string]int{}
		for _, text := range seen {
			count[text]++
		}
		for i := range each {
			for _, text := range []string{fmt.Sprint("p", i), fmt.Sprint("s", i)} {
				if count[text] != 1 {
					t.Errorf("%s has %s %d times", d.name, text, count[text])
				}
			}
		}
		if len(seen) != 2*each {
			t.Errorf("%s has %d notes", d.name, len(seen))
		}
	}
}

// victims are so many nodes, in an order of dying, that leave each swarm one at
// least.
func victims(t *testing.T, net *testnet.Network, n int) []core.EdKey {
	t.Helper()
	left := map[uint64]int{}
	for _, node := range net.Nodes() {
		left[node.Swarm]++
	}
	var out []core.EdKey
	for _, node := range net.Nodes() {
		if left[node.Swarm] > 1 && len(out) < n {
			left[node.Swarm]--
			out = append(out, node.Ed)
		}
	}
	if len(out) < n {
		t.Fatalf("only %d of %d nodes can be spared", len(out), n)
	}
	return out
}
