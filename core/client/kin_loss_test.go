package client_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/devices"
	"tandem/core/store"
	"tandem/core/testnet"
)

// Three devices that die at every third commit, right before or after it, while
// 30 % of all requests are lost, link, begin sessions with each other and write:
// each note is on each of them once. Then one is unlinked: it is wiped, and the
// two that stay are two.
func TestClaim3_ThreeDevicesDieAllTheTime(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		lossy(net)
		a, b := offPair(t, net)
		p, s, l := newPerson(a), newPerson(b), newPerson(newTab(t, net, "tablet"))
		all := []*person{p, s, l}
		for i, d := range all {
			d.disk.at(func(n int, _ store.Batch) fate {
				switch {
				case n%3 != i:
					return lives
				case n%2 == 0:
					return diesBefore
				}
				return diesAfter
			})
			d.start()
		}
		live(t, time.Hour, phase(client.Main), p, s)
		l.joins = p.account()
		live(t, 3*time.Hour, linked(3), all...)
		p.notes, s.notes, l.notes = []string{"p1", "p2"}, []string{"s1", "s2"}, []string{"l1", "l2"}
		live(t, 3*time.Hour, func(v *client.Snapshot) bool {
			shown := strings.Split(texts(v), "|")
			slices.Sort(shown)
			return linked(3)(v) && strings.Join(shown, "|") == "l1|l2|p1|p2|s1|s2"
		}, all...)
		sameOrder(t, p.tab, s.tab)
		sameOrder(t, p.tab, l.tab)
		gone := l.id()
		l.disk.at(nil) // wiped and dead at once, it would not know what happened, and join again
		l.reload()
		live(t, time.Hour, func(v *client.Snapshot) bool {
			if v.Role == core.Primary && len(v.Devices) == 3 {
				p.fine(p.Unlink(gone))
			}
			return linked(2)(v)
		}, p, s)
		p.survives()
		s.survives()
		l.until("wiped", phase(client.Erased))
		if p.deaths+s.deaths+l.deaths < 15 {
			t.Errorf("%d, %d and %d deaths", p.deaths, s.deaths, l.deaths)
		}
	})
}

// Of two lists of one epoch the greater hash wins, and a primary that lost signs
// again: whom either removed is removed, and the others stay.
func TestSignAgain(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s, l := trio(t, net)
		primary, stays, gone := p.id(), s.id(), l.id()
		p.stop()
		x := newLiar(t, p)
		held, err := devices.Parse(x.list, x.account())
		if err != nil {
			t.Fatal(err)
		}
		mine := devices.Hash(x.list)
		var won []byte
		for at := core.Millis(1); ; at++ { // one that wins, and removes the tablet
			won = p.signed(func(l *devices.List) {
				without(l, gone)
				l.Epoch, l.SnapshotEpoch, l.Issued = held.Epoch, held.Epoch, at
				l.Removed = []devices.Removed{{ID: gone, At: 1}}
			})
			if hash := devices.Hash(won); bytes.Compare(hash[:], mine[:]) > 0 {
				break
			}
		}
		x.usurp(won)
		p.start()
		l.until("it is wiped", phase(client.Erased))
		for _, d := range []*tab{p, s} {
			d.until("two devices", lists(primary, stays))
		}
		wait(time.Minute)
		p.stop()
		now, err := devices.Parse(newLiar(t, p).list, x.account())
		if err != nil || now.Epoch <= held.Epoch || !now.Removes(gone) || len(now.Devices) != 2 || now.SnapshotEpoch != held.Epoch {
			t.Errorf("epoch %d after %d, %v", now.Epoch, held.Epoch, err)
		}
		if got := published(t, net, p); len(got) != 2 {
			t.Errorf("published: %v", got)
		}
	})
}
