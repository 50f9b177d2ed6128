package client_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// The store refuses at one commit after the other, of registering, linking on
// either side, and a note: the page says why, in one sentence, the command
// fails with ErrStore, and once there is room again all of it goes on as if
// nothing had been.
func TestStoreRefusesAtEachCommit(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		err  error
		says string
	}{
		{"full", store.ErrFull, "no room left"},
		{"refused", store.ErrRefused, "does not let Tandem store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			world(t, func(t *testing.T, net *testnet.Network) {
				p, s := newPerson(open(t, net, "phone")), newPerson(open(t, net, "laptop"))
				var refusals atomic.Int64 // both devices count
				for _, d := range []*person{p, s} {
					var until time.Time
					mended := false
					d.disk.refusal = c.err
					d.disk.at(func(int, store.Batch) fate {
						switch {
						case time.Now().Before(until):
							return refuses
						case mended:
							mended = false
							return lives
						}
						refusals.Add(1)
						until, mended = time.Now().Add(time.Second), true
						return refuses
					})
				}
				p.notes, s.notes = []string{"p1"}, []string{"s1"}
				var mu sync.Mutex // guards faults
				faults := map[string]bool{}
				for _, d := range []*person{p, s} {
					stop := d.Watch(func() {
						mu.Lock()
						defer mu.Unlock()
						faults[d.Snapshot().Fault] = true
					})
					defer stop()
				}
				live(t, time.Minute, phase(client.Main), p)
				s.joins = p.account()
				live(t, 10*time.Minute, both("p1", "s1"), p, s)
				sameOrder(t, p.tab, s.tab)
				if refusals.Load() < 10 || len(s.ends) > 0 {
					t.Errorf("%d refusals, attempts that ended %v", refusals.Load(), s.ends)
				}
				p.until("the fault is forgotten", func(v *client.Snapshot) bool { return v.Fault == "" })
				mu.Lock()
				defer mu.Unlock()
				if len(faults) != 2 { // none, and the one
					t.Errorf("the page said %v", faults)
				}
				for f := range faults {
					if f != "" && !strings.Contains(f, c.says) {
						t.Errorf("the page said %q", f)
					}
				}
			})
		})
	}
}

// A command that the store refuses has not happened, and says so.
func TestRefusedCommandHasNotHappened(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		p.disk.FailAfter(0, store.ErrFull)
		if err := p.SendNote("lost?"); !errors.Is(err, client.ErrStore) {
			t.Errorf("a note: %v", err)
		}
		p.until("the fault", func(v *client.Snapshot) bool { return v.Fault != "" && v.Phase == client.Main && texts(v) == "" })
		s.must(s.SendNote("from the other side"))
		wait(20 * time.Second)
		if got := texts(p.Snapshot()); got != "" {
			t.Errorf("shown, and not stored: %q", got)
		}
		p.disk.Heal()
		p.until("what waited", func(v *client.Snapshot) bool { return texts(v) == "from the other side" && v.Fault == "" })
		p.must(p.SendNote("again"))
		s.until("it", shows("from the other side|again"))
	})
}

// A full disk is not asked all the time: what is due rests for a while.
func TestAFullDiskIsLeftAlone(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		p.line.set(true)
		p.must(p.SendNote("waits"))
		var asked atomic.Int64
		p.disk.at(func(int, store.Batch) fate { asked.Add(1); return lives })
		p.disk.FailAfter(0, store.ErrFull)
		p.line.set(false)
		wait(time.Minute)
		if n := asked.Load(); n == 0 || n > 60 {
			t.Errorf("asked %d times in a minute", n)
		}
		p.disk.Heal()
		s.until("the note", shows("waits"))
		p.until("it is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })

		// Nor is it for an attempt to link that has expired, and cannot be told so.
		x := open(t, net, "tablet")
		meet(p, x)
		p.stop()
		x.stop()
		wait(11 * time.Minute)
		asked.Store(0)
		p.disk.FailAfter(0, store.ErrFull)
		p.start()
		wait(20 * time.Second)
		if n := asked.Load(); n == 0 || n > 20 {
			t.Errorf("asked %d times in 20 s", n)
		}
	})
}

// Another tab, or the browser, takes the storage away: the page says so within
// seconds, even on a device that only listens, nothing is half done, and a
// reload shows what is true.
func TestStorageIsTakenAway(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"refuses", "empty"} {
		t.Run(what, func(t *testing.T) {
			paired(t, func(t *testing.T, net *testnet.Network) {
				p, s := pair(t, net)
				s.must(s.SendNote("before"))
				p.until("the note", shows("before"))
				if what == "refuses" {
					p.disk.take(true)
				} else {
					p.disk.Restore(nil)
				}
				start := time.Now()
				v := p.until("broken", phase(client.Broken))
				if took := time.Since(start); took > 10*time.Second || strings.Count(v.Fault, ".") < 1 || !v.Account.IsZero() {
					t.Errorf("after %v: %s", took, p.state())
				}
				for _, err := range []error{p.SendNote("after"), p.OpenDialog(), p.Register("Eve"), p.Join(v.Account.Hex())} {
					if err == nil {
						t.Error("a broken device does something")
					}
				}
				wait(time.Minute)
				if what == "empty" && len(p.disk.Snapshot()) > 0 {
					t.Error("records were written where there is no data key")
				}
				p.disk.take(false)
				p.reload()
				if what == "empty" {
					p.until("a fresh start", phase(client.Welcome))
					return
				}
				p.until("all of it", shows("before"))
				s.must(s.SendNote("later"))
				p.until("the next note", shows("before|later"))
			})
		})
	}
}

// A device that cannot open its storage says so, and does not take it for new.
func TestStorageThatDoesNotOpen(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		for name, harm := range map[string]func(d *tab){
			"refused":        func(d *tab) { d.disk.take(true) },
			"no data key":    func(d *tab) { v := d.disk.Snapshot(); delete(v, "\x00"); d.disk.Restore(v) },
			"other data key": func(d *tab) { v := d.disk.Snapshot(); v["\x00"][9] ^= 1; d.disk.Restore(v) },
			"a changed record": func(d *tab) {
				v := d.disk.Snapshot()
				for k := range v {
					if store.Kind(k[0]) == store.Keyring {
						v[k][30] ^= 1
					}
				}
				d.disk.Restore(v)
			},
		} {
			p, _ := offPair(t, net)
			harm(p)
			before := fmt.Sprint(p.disk.Snapshot())
			p.start()
			if v := p.until("broken", phase(client.Broken)); v.Fault == "" {
				t.Errorf("%s: no word", name)
			}
			if err := p.Register("Eve"); err == nil {
				t.Errorf("%s: taken for new", name)
			}
			wait(time.Minute)
			p.stop()
			if fmt.Sprint(p.disk.Snapshot()) != before {
				t.Errorf("%s: something was written", name)
			}
		}
	})
}

// Two tabs of one origin: the second waits, and goes on where the first was
// when that is closed.
func TestTheNextTabTakesOver(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		second := newTab(t, net, "second tab")
		second.disk, second.locks = p.disk, p.locks
		second.start()
		second.until("the other tab", phase(client.Elsewhere))
		p.line.set(true)
		p.must(p.SendNote("written in the first tab"))
		wait(10 * time.Second)
		if second.Snapshot().Phase != client.Elsewhere {
			t.Error("two writers")
		}
		p.stop()
		second.until("its turn", shows("written in the first tab"))
		s.until("what the first could not send", shows("written in the first tab"))
		second.must(second.SendNote("written in the second"))
		s.until("both", shows("written in the first tab|written in the second"))
		if err := p.SendNote("too late"); !errors.Is(err, client.ErrClosed) {
			t.Errorf("a closed tab: %v", err)
		}
	})
}
