package courier

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/snode"
	"tandem/core/testnet"
)

// The node behind the guard dies, by refusing or by silence. The call that meets
// it still succeeds; the ones after it do not meet it again.
func TestDeadHop(t *testing.T) {
	for _, c := range []struct {
		name  string
		place int
		kill  func(*testnet.Faults, core.EdKey)
	}{
		{"frozen guard", 0, (*testnet.Faults).Freeze},
		{"frozen middle", 1, (*testnet.Faults).Freeze},
		{"frozen exit", 2, (*testnet.Faults).Freeze},
		{"killed guard", 0, (*testnet.Faults).Kill},
		{"killed exit", 2, (*testnet.Faults).Kill},
		{"middle off the list", 1, (*testnet.Faults).Deregister},
	} {
		story(t, testnet.Options{}, nil, func(w *world) {
			gone := w.path()[c.place]
			d := w.far(gone) // or every store waits for a member
			c.kill(w.net.Faults(), gone)
			start := time.Now()
			for i := 0; i < 4 || w.uses(gone); i++ {
				w.works(d, "meanwhile "+string(rune('a'+i)))
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("%s: it took %v until nobody went through it", c.name, took)
			}
			start = time.Now()
			for i := range 3 {
				w.works(d, "later "+string(rune('a'+i)))
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("%s: still %v for three rounds", c.name, took)
			}
			if w.uses(gone) {
				t.Errorf("%s: it is used again", c.name)
			}
		})
	}
}

// Both guards are gone when the page opens.
func TestDeadGuardsAtStart(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		w.works(identity.NewDevice(), "before")
		d := w.far(w.guards()...)
		for _, g := range w.guards() {
			w.net.Faults().Freeze(g)
		}
		w.restart()
		start := time.Now()
		w.works(d, "after")
		if took := time.Since(start); took > 30*time.Second {
			t.Errorf("it took %v", took)
		}
		for range 5 {
			w.works(d, "and on")
			w.passes(5 * time.Second)
		}
		start = time.Now()
		w.works(d, "as before")
		if took := time.Since(start); took > time.Second {
			t.Errorf("still %v", took)
		}
	})
}

// Both guards are gone when the page opens, and before it knows what time it is
// it asks for nothing else: that question alone must come to other guards.
func TestTimeWithDeadGuards(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		w.works(identity.NewDevice(), "before")
		for _, g := range w.guards() {
			w.net.Faults().Freeze(g)
		}
		w.restart()
		start := time.Now()
		for !w.c.Synced() && time.Since(start) < 10*time.Minute {
			_ = w.c.Sync(context.Background())
			w.passes(3 * time.Second)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %v to learn the time", took)
		}
	})
}

// A member of the swarm dies: its mailbox goes on, and no guard is given up.
func TestDeadMember(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		w.works(identity.NewDevice(), "before")
		guards := w.guards()
		d := w.far(guards...)
		home, err := w.read(inbox(d), d, false)
		if err != nil {
			t.Fatal(err)
		}
		w.net.Faults().Freeze(home.Node)
		w.works(d, "meanwhile")
		start := time.Now()
		for range 5 {
			w.works(d, "later") // a store also waits 5 s for its silent member
		}
		if took := time.Since(start); took > 40*time.Second {
			t.Errorf("%v", took)
		}
		if !slices.Equal(guards, w.guards()) {
			t.Error("a guard was given up for a dead destination")
		}
		w.net.Faults().Revive(home.Node)
		w.works(d, "revived")
	})
}

// 421: the swarm has moved, or we had it wrong.
func TestWrongSwarm(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		right, err := w.read(inbox(d), d, false)
		if err != nil {
			t.Fatal(err)
		}
		var strangers []snode.Node
		for _, n := range w.c.cfg.Net.Nodes {
			if _, keeps := w.c.net.Keeps(d.ID(), n.Ed); !keeps {
				strangers = append(strangers, n)
			}
		}
		if err := w.c.net.LearnSwarm(w.c.cfg.LocalNow(), d.ID(), strangers[:5]); err != nil {
			t.Fatal(err)
		}
		if n := w.posts(func() { w.works(d, "after") }); n > 4 {
			t.Errorf("%d requests", n)
		}
		if _, keeps := w.c.net.Keeps(d.ID(), right.Node); !keeps {
			t.Error("the right swarm was not learned")
		}
	})
}

// A member that refuses everything with a swarm that is itself alone.
func TestLyingMember(t *testing.T) {
	for name, lie := range map[string]testnet.Lies{"wrong swarm": testnet.LieWrongSwarm, "garbage": testnet.LieGarbage} {
		story(t, testnet.Options{}, nil, func(w *world) {
			d := identity.NewDevice()
			w.works(d, "before")
			home, err := w.read(inbox(d), d, false)
			if err != nil {
				t.Fatal(err)
			}
			w.net.Faults().Lie(home.Node, lie)
			for range 10 {
				b, err := w.read(inbox(d), d, false)
				if err != nil || b.Node == home.Node || len(b.Messages) != 1 {
					t.Fatalf("%s: %v, from the liar %v, %d messages", name, err, b.Node == home.Node, len(b.Messages))
				}
			}
		})
	}
}

// The account's only message in an outbox cannot be replaced, and the answer is
// 200 all the same (recordings, number 17): that is a failure.
func TestNotStored(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		if err := w.store(inOutbox(d), "first", d); err != nil {
			t.Fatal(err)
		}
		err := w.store(inOutbox(d), "second", d)
		var e *Error
		if !errors.Is(err, snode.ErrNotStored) || !errors.As(err, &e) || e.Cause != "The network did not keep the message." {
			t.Fatalf("%v", err)
		}
		if err = w.store(core.Mailbox{Owner: d.ID(), Namespace: core.Private}, "snapshot", d); err != nil {
			t.Fatal(err)
		}
		if err = w.store(inOutbox(d), "second", d); err != nil {
			t.Errorf("with another message present: %v", err)
		}
		if b, err := w.read(inOutbox(d), nil, false); err != nil || len(b.Messages) != 1 || string(b.Messages[0].Data) != "second" {
			t.Errorf("%v %v", b, err)
		}
	})
}

// One guard answers with what is no answer. The next one does better.
func TestGuardGivesGarbage(t *testing.T) {
	for name, f := range map[string]fault{"noise": noise, "html": html, "endless": huge, "busy": busy, "down": down, "hanging": hanging} {
		story(t, testnet.Options{}, nil, func(w *world) {
			d := identity.NewDevice()
			w.works(d, "before")
			w.bridge.set(w.guards()[0].Hex(), f)
			for i := range 5 {
				w.works(d, name+string(rune('a'+i)))
				w.passes(5 * time.Second)
			}
			start := time.Now()
			w.works(d, "then")
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: still %v", name, took)
			}
		})
	}
}

// One bit is flipped in three of a hundred messages of every link.
func TestCorruptLinks(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		w.net.Faults().Everywhere(testnet.Trouble{Corrupt: 0.03, CorruptAnswer: 0.03})
		var stored []string
		for i := range 30 {
			if text := string(rune('A' + i)); w.store(inbox(d), text, nil) == nil {
				stored = append(stored, text)
			}
		}
		w.net.Faults().Calm()
		there := map[string]bool{}
		for _, n := range w.net.Nodes() { // members can differ: a bent copy between them is lost
			if _, keeps := w.c.net.Keeps(d.ID(), n.Ed); !keeps {
				continue
			}
			b, err := w.c.Retrieve(context.Background(), RetrieveOrder{
				Mailbox: inbox(d), Auth: d, From: n.Ed, Cursor: func(core.EdKey) string { return "" },
			})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range b.Messages {
				there[string(m.Data)] = true
			}
		}
		for _, text := range stored {
			if !there[text] {
				t.Errorf("%s was stored and is nowhere", text)
			}
		}
		if len(stored) < 25 {
			t.Errorf("only %d of 30 were stored", len(stored))
		}
	})
}

// Nothing answers at all: the call ends, within its deadlines, with a sentence.
func TestSilence(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		guards := w.guards()
		w.bridge.set("/gateway", hanging)
		start := time.Now()
		time.AfterFunc(30*time.Second, func() {
			if s := w.c.Status(); s.Link != Offline {
				t.Errorf("after 30 s of silence: %v", s.Link)
			}
		})
		var err error
		n := w.posts(func() { err = w.store(inbox(d), "lost", nil) })
		took := time.Since(start)
		if err == nil || took > attempts*(deadline+testDeadline)+5*time.Second || n > 2*attempts {
			t.Fatalf("%v after %v and %d requests", err, took, n)
		}
		s := w.c.Status()
		if s.Link != Offline || s.Cause == "" {
			t.Errorf("status %+v", s)
		}
		for range 30 {
			if w.store(inbox(d), "lost", nil) == nil {
				t.Fatal("stored nowhere")
			}
		}
		start = time.Now()
		n = w.posts(func() { err = w.c.Sync(context.Background()) })
		if took = time.Since(start); err == nil || took > 45*time.Second || n > 12 {
			t.Errorf("sync: %v after %v and %d requests", err, took, n)
		}
		w.bridge.set("/gateway", fine)
		w.works(d, "found")
		if s = w.c.Status(); s.Link != Online || s.Cause != "" {
			t.Errorf("status afterwards %+v", s)
		}
		for _, g := range guards {
			if !slices.Contains(w.guards(), g) {
				t.Error("a guard was given up for the gateway's silence")
			}
		}
	})
}

func TestGatewayDownThenUp(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.bridge.set("/gateway", down)
		start := time.Now()
		err := w.store(inbox(d), "x", nil)
		var e *Error
		if !errors.As(err, &e) || !errors.Is(err, ErrNoAnswer) || time.Since(start) > 5*time.Second {
			t.Fatalf("%v after %v", err, time.Since(start))
		}
		if s := w.c.Status(); s.Link != Offline || s.Cause != "The gateway to the network cannot be reached." {
			t.Errorf("status %+v", s)
		}
		w.bridge.set("/gateway", fine)
		w.works(d, "up")
		if s := w.c.Status(); s.Link != Online {
			t.Errorf("status %+v", s)
		}
	})
}

// Two gateways: whatever is wrong with the first, the second carries on.
func TestTwoGateways(t *testing.T) {
	for name, f := range map[string]fault{"down": down, "hanging": hanging, "html": html, "busy": busy, "noise": noise, "endless": huge} {
		story(t, testnet.Options{}, []string{"/one", "https://two.example"}, func(w *world) {
			d := identity.NewDevice()
			w.works(d, "before")
			guards := w.guards()
			w.bridge.set("/one", f)
			start := time.Now()
			for i := range 3 {
				w.works(d, name+string(rune('a'+i)))
			}
			if took := time.Since(start); took > 45*time.Second {
				t.Errorf("%s: %v", name, took)
			}
			if s := w.c.Status(); s.Gateway != "https://two.example" || s.Link != Online {
				t.Errorf("%s: status %+v", name, s)
			}
			start = time.Now()
			w.works(d, "then")
			if took := time.Since(start); took > time.Second {
				t.Errorf("%s: still %v", name, took)
			}
			w.bridge.set("/one", fine)
			w.bridge.set("https://two", down)
			w.works(d, "back")
			for _, g := range guards {
				if !slices.Contains(w.guards(), g) {
					t.Errorf("%s: a guard was given up for a gateway", name)
				}
			}
		})
	}
}

// A node with a URL of its own needs no gateway.
func TestDirectNode(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		file := w.c.cfg.Net
		file.Gateways = nil
		for i := range 3 {
			file.Nodes[i].URL = "https://node.example/" + file.Nodes[i].Ed.Hex()
		}
		c, err := New(Config{Transport: w.bridge, Net: file, LocalNow: w.c.cfg.LocalNow})
		if err != nil {
			t.Fatal(err)
		}
		w.c = c
		w.works(identity.NewDevice(), "direct")
		for _, url := range w.bridge.urls {
			if url[:21] != "https://node.example/" {
				t.Errorf("posted to %s", url)
			}
		}
		w.bridge.set("https://node", down)
		err = w.store(inbox(identity.NewDevice()), "x", nil)
		var e *Error
		if !errors.As(err, &e) || e.Cause != "No node of the network can be reached." {
			t.Errorf("%v", err)
		}
	})
}

// The context of a call that is over must end what it began.
func TestNothingOutlivesACall(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		w.bridge.set("/gateway", hanging)
		ctx, cancel := context.WithCancel(context.Background())
		go w.c.Sync(ctx)
		w.passes(time.Second)
		cancel() // the bubble fails if a goroutine is left
	})
}
