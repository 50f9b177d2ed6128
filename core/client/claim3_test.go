package client_test

import (
	"fmt"
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

// The devices die at their commits, right before or right after, and are
// switched on again, from the first record of an account to the last note, while
// 30 % of all requests are lost. They end as two devices of one account with
// every note once, in one order.
//
// In each run every third commit of both is deadly; six runs make all of them
// so, before and after. One death at a time, at each commit there is, is in make
// soak.
func TestClaim3_KillAtEveryCommit(t *testing.T) {
	long(t)
	t.Parallel()
	for run := range 6 {
		t.Run(fmt.Sprint("run ", run), func(t *testing.T) {
			deadly := func(n int, _ store.Batch) fate {
				switch {
				case n%3 != run%3, n > livelock:
					return lives
				case run < 3:
					return diesBefore
				}
				return diesAfter
			}
			p, s := lifeUnderLoss(t, deadly, deadly)
			if p.deaths < 5 || s.deaths < 5 {
				t.Errorf("%d and %d deaths", p.deaths, s.deaths)
			}
		})
	}
}

// livelock is where a run stops killing, in commits of a device: seven times
// as many as there are in an ordinary one. A start that makes two commits of its
// own would otherwise die at its third for ever, which nothing in the world does.
const livelock = 900

// lifeUnderLoss is two devices that register, link and write, with a fate for
// the commits of each.
func lifeUnderLoss(t *testing.T, phone, laptop func(int, store.Batch) fate) (p, s *person) {
	t.Helper()
	world(t, func(t *testing.T, net *testnet.Network) {
		lossy(net)
		p, s = newPerson(newTab(t, net, "phone")), newPerson(newTab(t, net, "laptop"))
		p.disk.at(phone)
		s.disk.at(laptop)
		p.start()
		s.start()
		p.notes = []string{"p1", "p2", "p3"}
		s.notes = []string{"s1", "s2", "s3"}
		live(t, time.Hour, phase(client.Main), p)
		s.joins = p.account()
		live(t, 3*time.Hour, both("p1", "p2", "p3", "s1", "s2", "s3"), p, s)
		sameOrder(t, p.tab, s.tab)
	})
	return p, s
}

// sameOrder compares Note to self on two devices.
func sameOrder(t *testing.T, a, b *tab) {
	t.Helper()
	if x, y := texts(a.Snapshot()), texts(b.Snapshot()); x != y {
		t.Errorf("%s shows %s, %s shows %s", a.name, x, b.name, y)
	}
}
