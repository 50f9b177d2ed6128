package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/testnet"
)

// Swarms move while both devices believe to know them: one dissolves, and forms
// again. Nodes that kept a mailbox answer 421, or that they are not ready.
// Whoever writes or reads moves to the right swarm; nothing is lost, nothing
// comes twice, also what was stored while the other device was away.
func TestSwarmsThatMoveLoseNothing(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		device := p.Snapshot().Devices[0].ID
		var want []string
		say := func(from *tab, to *tab) {
			t.Helper()
			wait(time.Second) // within one millisecond the order is anybody's
			want = append(want, fmt.Sprint("note ", len(want)))
			from.must(from.SendNote(want[len(want)-1]))
			for _, d := range []*tab{from, to} {
				if d != nil {
					d.until("the notes", shows(strings.Join(want, "|")))
				}
			}
		}
		say(s, p)
		old := map[core.EdKey]bool{}
		for _, n := range net.Swarm(device) {
			old[n.Info().Ed] = true
		}

		// Away while its swarm dissolves; its cache and its cursors are stale.
		p.stop()
		say(s, nil)
		wait(10 * time.Second)
		for ed := range old {
			net.Faults().Deregister(ed)
		}
		say(s, nil)
		wait(time.Minute)
		p.start()
		p.until("what was stored before and after", shows(strings.Join(want, "|")))
		for range 3 {
			say(s, p)
			say(p, s)
		}

		// And back again, with both awake: the swarm of now is the wrong one.
		for ed := range old {
			net.Faults().Register(ed)
		}
		for range 3 {
			say(s, p)
			say(p, s)
		}
		wait(5 * time.Minute)
		for _, d := range []*tab{p, s} {
			d.until("each note once", shows(strings.Join(want, "|")))
		}
		for _, n := range net.Swarm(device) {
			if !old[n.Info().Ed] {
				t.Fatal("the swarm did not come back")
			}
		}
	})
}

// A member of the swarm that is polled says that there is nothing. Another one
// is asked every fourth time, so the notes come all the same; and then the
// device leaves the one that hides them: the next notes come with the next poll.
func TestAMemberThatHidesMessagesIsLeft(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		s.stop()
		liar := busiest(net, p)
		net.Faults().Lie(liar, testnet.LieEmpty)
		s.start()
		s.must(s.SendNote("hidden"))
		p.until("the hidden note", shows("hidden"))
		wait(time.Minute)
		s.stop()
		if busiest(net, p) == liar {
			t.Fatal("the member that hides messages is still polled")
		}
		s.start()
		wait(10 * time.Second)
		start := time.Now()
		s.must(s.SendNote("seen"))
		p.until("the next note", shows("hidden|seen"))
		if took := time.Since(start); took > 7*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// busiest is the node that answers most of what the only device asks: the
// member of its mailbox's swarm that it polls.
func busiest(net *testnet.Network, p *tab) core.EdKey {
	executed := func() map[core.EdKey]int {
		n := map[core.EdKey]int{}
		for ed, sights := range net.Witness() {
			for _, s := range sights {
				if s.Act == testnet.Executed {
					n[ed]++
				}
			}
		}
		return n
	}
	before := executed()
	wait(3 * time.Minute)
	var best core.EdKey
	most := 0
	for _, n := range net.Swarm(p.Snapshot().Devices[0].ID) {
		ed := n.Info().Ed
		if count := executed()[ed] - before[ed]; count > most {
			best, most = ed, count
		}
	}
	return best
}
