//go:build soak

package client_test

import (
	"slices"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/testnet"
)

// TestFigureSideBySide is the figure of make bench: with 100 ms a hop a message to
// 2, 4 and 8 devices takes at most one and a half times as long as one to a single
// device.
func TestFigureSideBySide(t *testing.T) {
	world(t, func(t *testing.T, net *testnet.Network) {
		a, b := open(t, net, "A1"), open(t, net, "B1")
		ada, bob := a.register("Ada"), b.register("Bob")
		a.listed()
		b.listed()
		a.must(a.Befriend(bob.Hex(), "Hello"))
		b.until("the request", asks(ada))
		b.must(b.Accept(ada))
		a.until("friends", friendly(bob, 1))
		all := []*tab{a, b}
		grow := func(of *tab) {
			d := open(t, net, "another")
			add(of, d)
			all = append(all, d)
		}
		var single time.Duration
		for _, devices := range []int{1, 2, 4, 8} {
			for len(all)-1 < devices {
				if len(all) < 7 {
					grow(b)
				} else {
					grow(a)
				}
			}
			for tries := 0; a.sessions() != devices; tries++ {
				if tries > 200 {
					t.Fatalf("%d sessions of %d", a.sessions(), devices)
				}
				wait(5 * time.Second)
			}
			wait(2 * time.Minute)
			net.Faults().Everywhere(testnet.Trouble{Delay: 100})
			var took []time.Duration
			for range 5 {
				a.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
				start := time.Now()
				a.must(a.Send(bob, "to all"))
				a.until("all copies are stored", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
				took = append(took, time.Since(start))
				wait(30 * time.Second)
			}
			net.Faults().Calm()
			slices.Sort(took)
			if devices == 1 {
				single = took[2]
			}
			t.Logf("%d devices: %v, %.2f times", devices, took[2], float64(took[2])/float64(single))
			if 2*took[2] > 3*single {
				t.Errorf("%d devices take %v, one %v", devices, took[2], single)
			}
		}
	})
}
