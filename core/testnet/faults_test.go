package testnet

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/snode"
)

// inBubble runs a story on a network whose clock is the bubble's, so that
// waiting costs nothing and takes exactly as long as it should.
func inBubble(t *testing.T, story func(t *testing.T, n *Network, p phone)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := newTest(t, Options{Now: bubbleNow, Seed: [32]byte{7}})
		story(t, n, newPhone(t, n))
	})
}

// took is how long something lasts, in whole seconds of the bubble.
func took(f func()) int {
	start := time.Now()
	f()
	return int(time.Since(start) / time.Second)
}

func TestDeadNodeRefusesAndItsNeighboursWait(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		members := p.swarm()
		dead := members[1]
		n.Faults().Kill(dead.info.Ed)
		if _, _, err := p.direct(t.Context(), dead, snode.Info()); !errors.Is(err, errRefused) {
			t.Errorf("a dead node answered: %v", err)
		}
		seconds := took(func() {
			body := string(p.must(members[0], p.store("one")))
			if !strings.Contains(body, `"`+dead.info.Ed.Hex()+`":{"failed":true,"timeout":true}`) {
				t.Errorf("the dead member is not noted: %s", body)
			}
		})
		if seconds != 5 {
			t.Errorf("a store with a dead member took %d s, want 5 s", seconds)
		}
		var outer int
		var body []byte
		seconds = took(func() { outer, _, body, _ = p.hidden(t.Context(), dead, snode.Info()) })
		if outer != 504 || string(body) != "Request time out" || seconds != 30 {
			t.Errorf("a dead hop: %d %s after %d s, want 504 Request time out after 30 s", outer, body, seconds)
		}
		n.Faults().Revive(dead.info.Ed)
		p.wantInbox(dead)
		p.wantInbox(members[0], "one")
	})
}

func TestFrozenNodeHoldsItsClientsUntilTheyGiveUp(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		frozen := p.swarm()[0]
		n.Faults().Freeze(frozen.info.Ed)
		seconds := took(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if _, _, err := p.direct(ctx, frozen, snode.Info()); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("a frozen node answered: %v", err)
			}
		})
		if seconds != 10 {
			t.Errorf("gave up after %d s, want 10 s", seconds)
		}
		n.Faults().Revive(frozen.info.Ed)
		p.infoOK(frozen)
	})
}

func TestBatchWaitsOnceForSilentMembers(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		members := p.swarm()
		n.Faults().Freeze(members[1].info.Ed)
		n.Faults().Freeze(members[2].info.Ed)
		side := took(func() { p.must(members[0], snode.Batch(p.store("a"), p.store("b"), p.store("c"))) })
		chain := took(func() { p.must(members[0], snode.Sequence(p.store("d"), p.store("e"), p.store("f"))) })
		if side != 5 || chain != 15 {
			t.Errorf("batch took %d s and sequence %d s, want 5 s and 15 s", side, chain)
		}
	})
}

func TestDroppedAnswerLeavesTheMessageStored(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		m := p.swarm()[0]
		n.Faults().OnLink(Outside, m.info.Ed, Trouble{DropAnswer: 1})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := p.direct(ctx, m, p.store("kept")); err == nil {
			t.Error("the answer came")
		}
		n.Faults().OnLink(Outside, m.info.Ed, Trouble{Drop: 1})
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, _, err := p.direct(ctx, m, p.store("lost")); err == nil {
			t.Error("the request came through")
		}
		n.Faults().Calm()
		p.wantInbox(m, "kept")
	})
}

func TestDelay(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		m := p.swarm()[0]
		n.Faults().OnNode(m.info.Ed, Trouble{Delay: 2 * core.Second})
		if s := took(func() { p.infoOK(m) }); s != 2 {
			t.Errorf("a delay of 2 s took %d s", s)
		}
		// Longer than another member waits: it is noted as silent, and yet the
		// message arrives there later.
		late := p.swarm()[1]
		n.Faults().Calm()
		n.Faults().OnNode(late.info.Ed, Trouble{Delay: 8 * core.Second})
		if s := took(func() { p.must(m, p.store("late")) }); s != 5 {
			t.Errorf("a store with a slow member took %d s, want 5 s", s)
		}
		n.Faults().Calm()
		p.wantInbox(late)
		if err := n.wait(t.Context(), 4*core.Second); err != nil {
			t.Fatal(err)
		}
		p.wantInbox(late, "late")
	})
}

func TestDamagedLayersAreRefusedByWhomTheyAreFor(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		to := p.swarm()[0]
		second := p.route(to)[1].Ed
		n.Faults().OnNode(second, Trouble{Corrupt: 1})
		if outer, _, body, _ := p.hidden(t.Context(), to, snode.Info()); outer != 400 || string(body) != "Invalid ciphertext" {
			t.Errorf("got %d %s, want a plain 400 Invalid ciphertext", outer, body)
		}
		n.Faults().Calm()
		n.Faults().OnNode(second, Trouble{CorruptAnswer: 1})
		if outer, _, _, err := p.hidden(t.Context(), to, snode.Info()); outer == 200 && err == nil {
			t.Error("a damaged answer opened")
		}
	})
}

func TestPartitionAndHealing(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		m := p.swarm()
		n.Faults().Partition([]core.EdKey{m[0].info.Ed, m[1].info.Ed})
		body := string(p.must(m[0], p.store("here")))
		if strings.Count(body, `"timeout":true`) != len(m)-2 {
			t.Errorf("want every member beyond the partition silent: %s", body)
		}
		p.wantInbox(m[1], "here")
		p.wantInbox(m[2])
		n.Faults().Heal()
		p.must(m[2], p.store("everywhere"))
		p.wantInbox(m[2], "everywhere")
		p.wantInbox(m[0], "here", "everywhere")
	})
}

func TestDeregisteredNodeIsUnknownAndNotReady(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		m := p.swarm()
		gone := m[0]
		n.Faults().Deregister(gone.info.Ed)
		status, body, err := p.direct(t.Context(), gone, snode.Info())
		if err != nil || status != 503 || string(body) != "Service node is not ready: not in any swarm\n" {
			t.Errorf("asked directly: %d %s %v", status, body, err)
		}
		outer, _, body, _ := p.hidden(t.Context(), gone, snode.Info())
		if outer != 502 || string(body) != "Next node not found: "+gone.info.Ed.Hex() {
			t.Errorf("asked through relays: %d %s", outer, body)
		}
		if stored := string(p.must(m[1], p.store("x"))); strings.Contains(stored, gone.info.Ed.Hex()) {
			t.Errorf("a node that is gone was asked to store")
		}
		n.Faults().Register(gone.info.Ed)
		p.wantInbox(gone, "x") // the others gave it what it missed
	})
}

func TestSwarmThatDiesOutLeavesItsAccountsToTheNearest(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		old := p.swarm()
		for _, m := range old {
			n.Faults().Deregister(m.info.Ed)
		}
		next := p.swarm()
		if next[0].info.Swarm == old[0].info.Swarm {
			t.Fatal("still the same swarm")
		}
		p.must(next[0], p.store("moved"))
		p.wantInbox(next[1], "moved")
	})
}

func TestSkewedClock(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		m := p.swarm()[0]
		n.Faults().SkewClock(m.info.Ed, 90*core.Second)
		from := core.Mailbox{Owner: p.dev.ID(), Namespace: core.Private}
		status, body, err := p.direct(t.Context(), m, snode.Retrieve(from, "", 0, n.Now(), p.dev))
		if err != nil || status != 406 {
			t.Errorf("got %d %s %v, want 406", status, body, err)
		}
		if at, err := snode.ParseInfo(p.must(m, snode.Info())); err != nil || at != n.Now()+90*core.Second {
			t.Errorf("the node says %d, want 90 s ahead: %v", at-n.Now(), err)
		}
	})
}

func TestLies(t *testing.T) {
	inBubble(t, func(t *testing.T, n *Network, p phone) {
		m := p.swarm()
		liar := m[0]
		p.must(m[1], p.store("true"))
		n.Faults().Lie(liar.info.Ed, LieEmpty)
		p.wantInbox(liar)
		n.Faults().Lie(liar.info.Ed, LieForget)
		p.must(liar, p.store("forgotten"))
		p.wantInbox(liar, "true")
		p.wantInbox(m[1], "true", "forgotten")
		n.Faults().Lie(liar.info.Ed, LieWrongSwarm)
		status, body, _ := p.direct(t.Context(), liar, p.store("x"))
		if nodes, err := snode.ParseSwarm(body); status != 421 || err != nil || len(nodes) != 1 || nodes[0].Ed != liar.info.Ed {
			t.Errorf("want 421 and itself as the swarm, got %d %s %v", status, body, err)
		}
		n.Faults().Lie(liar.info.Ed, LieGarbage)
		from := core.Mailbox{Owner: p.dev.ID(), Namespace: core.Inbox}
		if _, _, err := snode.ParseRetrieved(p.must(liar, snode.Retrieve(from, "", 0, n.Now(), p.dev)), from); err == nil {
			t.Error("altered data was believed")
		}
		n.Faults().Lie(liar.info.Ed, LieList)
		nodes, err := snode.ParseServiceNodes(p.must(liar, snode.ServiceNodes()))
		if err != nil || len(nodes) == 0 || n.Node(nodes[0].Ed) != nil {
			t.Errorf("want strangers, got %d nodes %v", len(nodes), err)
		}
	})
}

func TestFaultsRepeatWithTheSeed(t *testing.T) {
	run := func() (fates []bool) {
		synctest.Test(t, func(t *testing.T) {
			n := newTest(t, Options{Seed: [32]byte{9}})
			p := newPhone(t, n)
			n.Faults().Everywhere(Trouble{Drop: 0.5})
			to := n.all[0]
			for range 64 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				_, _, err := p.direct(ctx, to, snode.Info())
				cancel()
				fates = append(fates, err == nil)
			}
		})
		return fates
	}
	first, lost := run(), 0
	for i, ok := range run() {
		if ok != first[i] {
			t.Fatalf("message %d had another fate", i)
		}
		if !ok {
			lost++
		}
	}
	if lost < 16 || lost > 48 {
		t.Errorf("%d of 64 lost, want about half", lost)
	}
}

func TestSimulatedClock(t *testing.T) {
	c := NewClock(1_800_000_000_000)
	n := newTest(t, Options{Now: c.Now, After: c.After})
	p := newPhone(t, n)
	m := p.swarm()
	n.Faults().Kill(m[1].info.Ed)
	done := make(chan []byte)
	go func() {
		_, body, _ := p.direct(context.Background(), m[0], p.store("x"))
		done <- body
	}()
	for !c.Next() { // until the store waits for the dead member
		runtime.Gosched()
	}
	if body := <-done; !strings.Contains(string(body), `"timeout":true`) {
		t.Errorf("%s", body)
	}
	if got := c.Now() - 1_800_000_000_000; got != 5*core.Second {
		t.Errorf("the clock moved by %d ms, want 5 s", got)
	}
}

func TestSimulatedClockRingsInOrderAndOnce(t *testing.T) {
	c := NewClock(0)
	rang := make(chan int, 4)
	for i, d := range []core.Millis{30, 10, 20} {
		c.After(d, func() { rang <- i })
	}
	stop := c.After(15, func() { rang <- 99 })
	if !stop() || stop() {
		t.Error("stop tells whether it was in time")
	}
	for _, want := range []int{1, 2, 0} {
		if !c.Next() {
			t.Fatal("nothing is due")
		}
		if got := <-rang; got != want {
			t.Errorf("rang %d, want %d", got, want)
		}
	}
	if c.Next() || c.Now() != 30 {
		t.Errorf("the clock is at %d with something left", c.Now())
	}
	c.After(5, func() { rang <- 7 })
	c.Advance(4)
	if len(rang) != 0 {
		t.Error("rang early")
	}
	c.Advance(1)
	if got := <-rang; got != 7 {
		t.Errorf("rang %d", got)
	}
}
