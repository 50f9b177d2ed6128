package client_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// stored are all notes on a device's disk, oldest first: more than a page shows.
func (d *tab) stored() []string {
	d.t.Helper()
	kv, keeper, err := d.disk.open()
	if err != nil {
		d.t.Fatal(err)
	}
	db, err := store.Open(context.Background(), kv, keeper)
	if err != nil {
		d.t.Fatal(err)
	}
	page, err := db.Page(context.Background(), d.account(), store.Position{}, 1<<20)
	if err != nil {
		d.t.Fatal(err)
	}
	var out []string
	for _, m := range page {
		out = append(out, m.Body)
	}
	slices.Reverse(out)
	return out
}

// chatter lets both devices write n notes each while requests get lost, come
// late, and are carried out although their answer is lost, so that copies are
// stored twice. In the end both have each note once, in one order.
func chatter(t *testing.T, n int, seed uint64) {
	paired(t, func(t *testing.T, net *testnet.Network) {
		for _, node := range net.Nodes() {
			net.Faults().OnLink(testnet.Outside, node.Ed, testnet.Trouble{Drop: 0.15, DropAnswer: 0.15, Delay: 30, Jitter: 3000})
		}
		p, s := pair(t, net)
		dice := rand.New(rand.NewPCG(4, seed))
		for i := range n {
			for _, d := range []*tab{p, s} {
				d.must(d.SendNote(fmt.Sprintf("%s %d", d.name, i)))
				wait(time.Duration(dice.IntN(400)) * time.Millisecond)
			}
		}
		deadline := time.Now().Add(6 * time.Hour)
		for len(p.stored()) < 2*n || len(s.stored()) < 2*n || p.Snapshot().Network.Queue+s.Snapshot().Network.Queue > 0 {
			if time.Now().After(deadline) {
				t.Fatalf("%d and %d notes: %s; %s", len(p.stored()), len(s.stored()), p.state(), s.state())
			}
			wait(10 * time.Second)
		}
		wait(2 * time.Minute) // for copies that come late
		a, b := p.stored(), s.stored()
		if !slices.Equal(a, b) {
			t.Errorf("the phone has %v, the laptop %v", a, b)
		}
		slices.Sort(a)
		if len(slices.Compact(a)) != 2*n || len(b) != 2*n {
			t.Errorf("%d notes, %d different ones, of %d", len(b), len(slices.Compact(a)), 2*n)
		}
		for _, d := range []*tab{p, s} {
			for _, m := range d.Snapshot().Logs[d.account()] {
				if m.Status != core.Stored {
					t.Errorf("%s: %q is %v", d.name, m.Body, m.Status)
				}
			}
		}
	})
}

func TestNotesBothWaysUnderLoss(t *testing.T) {
	t.Parallel()
	chatter(t, 100, 1)
}

// What is written without a network waits, survives a reload, and goes out when
// the network is back.
func TestOfflineThenOnline(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		p.line.set(true)
		p.must(p.SendNote("one"))
		wait(time.Second)
		p.must(p.SendNote("two"))
		p.until("offline", func(v *client.Snapshot) bool {
			return v.Network.State == client.Offline && v.Network.Cause != "" && v.Network.Queue == 2
		})
		for _, m := range p.Snapshot().Logs[p.account()] {
			if m.Status != core.Queued {
				t.Errorf("%q is %v", m.Body, m.Status)
			}
		}
		p.reload()
		p.until("the queue", func(v *client.Snapshot) bool { return v.Network.Queue == 2 && texts(v) == "one|two" })
		s.stop()
		wait(2 * time.Minute)
		s.start()
		p.line.set(false)
		start := time.Now()
		s.until("both notes", shows("one|two"))
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("they took %v", took)
		}
		p.until("all is out", func(v *client.Snapshot) bool {
			return v.Network.Queue == 0 && v.Network.State == client.Online && v.Logs[v.Account][1].Status == core.Stored
		})
	})
}

// A device that has more to send than it can keep refuses the next note, and
// loses none.
func TestOutboxIsBounded(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, _ := offPair(t, net)
		p.line.set(true)
		fillOutbox(t, p, 4_999)
		p.start()
		p.until("main page", linked(2))
		p.must(p.SendNote("the last one"))
		if err := p.SendNote("one too many"); err == nil {
			t.Error("no end of it")
		}
		if got := texts(p.Snapshot()); got != "the last one" {
			t.Errorf("shown: %q", got)
		}
		p.reload()
		if v := p.until("main page", linked(2)); v.Network.Queue != 5_000 || texts(v) != "the last one" {
			t.Errorf("after a reload: %s", p.state())
		}
	})
}

// A snapshot never changes once it was given out: readers need no lock.
func TestSnapshotsAreImmutable(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		done, stopped := make(chan struct{}), make(chan struct{})
		go func() { // races with the loop, if there is anything to race for
			defer close(stopped)
			var old []*client.Snapshot
			var was []string
			for {
				v := p.Snapshot()
				old, was = append(old, v), append(was, fmt.Sprintf("%+v", v))
				select {
				case <-done:
					for i, v := range old {
						if now := fmt.Sprintf("%+v", v); now != was[i] {
							t.Errorf("a snapshot changed from %s to %s", was[i], now)
						}
					}
					return
				case <-time.After(50 * time.Millisecond):
				}
			}
		}()
		p.must(p.OpenDialog())
		for i := range 5 {
			p.must(p.SendNote(fmt.Sprint(i)))
			s.must(s.SendNote(strings.Repeat("x", i+1)))
			wait(200 * time.Millisecond)
		}
		p.must(p.CloseDialog())
		p.until("all of them", func(v *client.Snapshot) bool { return len(v.Logs[v.Account]) == 10 })
		close(done)
		<-stopped
	})
}
