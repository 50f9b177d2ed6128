package client_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// lossy loses 30 % of all requests: half of them on the way there, half on the
// way back, where the node has done what it was asked.
func lossy(net *testnet.Network) {
	for _, n := range net.Nodes() {
		net.Faults().OnLink(testnet.Outside, n.Ed, testnet.Trouble{Drop: 0.15, DropAnswer: 0.15})
	}
}

// both is content when two devices are one account and show the same notes.
func both(notes ...string) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		shown := strings.Split(texts(s), "|")
		if !linked(2)(s) || len(shown) != len(notes) {
			return false
		}
		for _, n := range notes {
			if !slices.Contains(shown, n) {
				return false
			}
		}
		return true
	}
}

// Each device dies at its commits, again and again, before or right after, and
// is switched on again, from the first record of an account to the last note,
// while 30 % of all requests are lost. They end as two devices of one account
// with every note once, in one order.
func TestClaim3_KillAtEveryCommit(t *testing.T) {
	for seed := range uint64(killSeeds) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			world(t, func(t *testing.T, net *testnet.Network) {
				dice := rand.New(rand.NewPCG(3, seed))
				lossy(net)
				p, s := newPerson(newTab(t, net, "phone")), newPerson(newTab(t, net, "laptop"))
				for _, d := range []*person{p, s} {
					d.disk.at(func(_ int, b store.Batch) fate {
						if len(b) == 1 && store.Kind(b[0].Key[0]) == store.Courier {
							return lives
						}
						return []fate{lives, lives, diesBefore, diesAfter}[dice.IntN(4)]
					})
					d.start()
				}
				p.notes = []string{"p1", "p2", "p3"}
				s.notes = []string{"s1", "s2", "s3"}
				live(t, time.Hour, phase(client.Main), p)
				s.joins = p.Snapshot().Account
				live(t, 3*time.Hour, both("p1", "p2", "p3", "s1", "s2", "s3"), p, s)
				sameOrder(t, p.tab, s.tab)
				t.Logf("%d and %d deaths, attempts that ended: %v", p.deaths, s.deaths, s.ends)
			})
		})
	}
}

// sameOrder compares Note to self on two devices.
func sameOrder(t *testing.T, a, b *tab) {
	t.Helper()
	if x, y := texts(a.Snapshot()), texts(b.Snapshot()); x != y {
		t.Errorf("%s shows %s, %s shows %s", a.name, x, b.name, y)
	}
}
