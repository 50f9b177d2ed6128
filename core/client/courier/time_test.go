package courier

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/snode"
	"tandem/core/testnet"
)

const tenYears = 3653 * core.Day

// near reports whether the courier's time is the network's.
func (w *world) near() bool {
	off := w.c.Now() - core.Millis(time.Now().UnixMilli())
	return off > -core.Second && off < core.Second
}

// A local clock ten years off is no obstacle, not even to the first request.
func TestClockFarOff(t *testing.T) {
	for _, skew := range []core.Millis{-tenYears, -core.Hour, core.Minute, tenYears} {
		story(t, testnet.Options{}, nil, func(w *world) {
			w.skew = skew
			w.restart()
			d := identity.NewDevice()
			n := w.posts(func() {
				if err := w.store(inbox(d), "hello", nil); err != nil {
					t.Fatalf("%d: %v", skew, err)
				}
			})
			if n != 2 {
				t.Errorf("%d: %d requests", skew, n) // the swarm's answer told the time
			}
			w.works(d, "signed")
			if !w.near() {
				t.Errorf("%d: offset %d", skew, w.c.Status().Offset)
			}
		})
	}
}

func TestSync(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		w.skew = tenYears
		if w.c.Synced() {
			t.Error("synced before anything")
		}
		n := w.posts(func() {
			if err := w.c.Sync(context.Background()); err != nil {
				t.Fatal(err)
			}
		})
		if n != 3 || !w.c.Synced() || !w.near() {
			t.Errorf("%d requests, synced %v, offset %d", n, w.c.Synced(), w.c.Status().Offset)
		}
	})
}

// One node's clock is wrong by years; the median is not.
func TestSyncWithALiar(t *testing.T) {
	story(t, testnet.Options{Nodes: 12}, nil, func(w *world) {
		w.net.Faults().SkewClock(w.net.Nodes()[4].Ed, tenYears)
		for range 20 { // it is among the three in five of them
			w.saved = nil
			w.restart()
			if err := w.c.Sync(context.Background()); err != nil || !w.near() {
				t.Fatalf("%v, offset %d", err, w.c.Status().Offset)
			}
		}
	})
}

// The clock jumps while the page is open, and again while it is closed.
func TestClockJumps(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		if err := w.c.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		w.works(d, "before")
		for i, skew := range []core.Millis{tenYears, -tenYears, core.Hour, -2 * core.Minute} {
			w.skew = skew
			if i == 2 {
				w.restart()
			}
			w.works(d, string(rune('a'+i)))
			if !w.near() {
				t.Errorf("jump %d: offset %d", i, w.c.Status().Offset)
			}
		}
	})
}

// A member whose own clock is wrong refuses every signature of ours. It is the
// one that is wrong: another is asked, and our time stays.
func TestMemberWithWrongClock(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		home, err := w.read(inbox(d), d, false)
		if err != nil {
			t.Fatal(err)
		}
		w.net.Faults().SkewClock(home.Node, core.Hour)
		b, err := w.read(inbox(d), d, false)
		if err != nil || b.Node == home.Node || !w.near() {
			t.Errorf("%v, from it %v, offset %d", err, b.Node == home.Node, w.c.Status().Offset)
		}
		if n := w.posts(func() { w.read(inbox(d), d, false) }); n != 1 {
			t.Errorf("the next poll takes %d requests", n)
		}
	})
}

// Every node's clock is beyond what a signature may differ: then it is said.
func TestClockHopeless(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		var skew atomic.Int64
		w.c.cfg.LocalNow = func() core.Millis { // a clock that never says the same
			return core.Millis(time.Now().UnixMilli() + skew.Add(int64(core.Hour)))
		}
		err := w.store(core.Mailbox{Owner: d.ID(), Namespace: core.Private}, "x", d)
		var e *Error
		if !errors.Is(err, snode.ErrClock) || !errors.As(err, &e) || e.Cause != "The network does not accept this device's time." {
			t.Errorf("%v", err)
		}
	})
}

// After a minute a poll brings the list of nodes up to date.
func TestListIsRefreshed(t *testing.T) {
	story(t, testnet.Options{Nodes: 40}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "at once")
		gone := w.net.Nodes()[7].Ed
		if slices.Contains(w.guards(), gone) {
			gone = w.net.Nodes()[8].Ed
		}
		w.net.Faults().Deregister(gone)
		w.passes(2 * time.Minute)
		if n := w.posts(func() { w.works(d, "later") }); n < 5 {
			t.Errorf("%d requests: nobody was asked for the list", n)
		}
		w.c.mu.Lock()
		known, _ := w.c.net.Size()
		w.c.mu.Unlock()
		if known != 39 {
			t.Errorf("%d nodes are known", known)
		}
		if n := w.posts(func() { w.works(d, "and on") }); n != 2 {
			t.Errorf("%d requests: the list is asked for again", n)
		}
	})
}

// Two nodes whose lists hold strangers change nothing.
func TestListOfALiar(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		for _, n := range w.net.Nodes()[:2] {
			w.net.Faults().Lie(n.Ed, testnet.LieList)
		}
		w.passes(2 * time.Minute)
		w.works(d, "after")
		w.c.mu.Lock()
		defer w.c.mu.Unlock()
		for _, n := range w.c.net.Ask(1000) {
			if w.net.Node(n.Ed) == nil {
				t.Fatal("a stranger is in the list")
			}
		}
	})
}
