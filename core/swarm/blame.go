package swarm

import (
	"slices"

	"tandem/core"
	"tandem/core/snode"
)

// Fault is where a request failed, as far as one can tell.
type Fault struct {
	place place
	node  core.EdKey
}

type place uint8

const (
	anywhere place = iota
	atGuard
	unknown
	atNode
)

// Anywhere is a failure that anybody of the path, or the destination, can have
// caused: no answer in time, an answer that does not open, a plain error.
func Anywhere() Fault { return Fault{} }

// AtGuard is a failure before the path: the guard cannot be reached, or refused
// the request itself.
func AtGuard() Fault { return Fault{place: atGuard} }

// Unknown is "Next node not found": nobody knows this node.
func Unknown(ed core.EdKey) Fault { return Fault{place: unknown, node: ed} }

// At is a failure of one node that is certain, or said of it by its neighbour.
func At(ed core.EdKey) Fault { return Fault{place: atNode, node: ed} }

// trouble is a failed request that is not explained yet.
type trouble struct {
	suspects []core.EdKey
	at       core.Millis
	guard    core.EdKey // that it went through
	dest     core.EdKey
	count    int  // how often with the same suspects
	struck   bool // the suspects have their strike
	charged  bool // and the guard
}

// doubts counts for every node the unexplained failures that it took part in.
func (m *Machine) doubts() map[core.EdKey]int {
	d := map[core.EdKey]int{}
	for _, t := range m.troubles {
		for _, ed := range t.suspects {
			d[ed] += t.count
		}
	}
	return d
}

// Failed notes that a request over p to dest failed. The rest of the path is
// chosen anew; the guard stays.
//
// An error in plain text is signed by nobody. So a node that is only said to be
// unknown is believed only if it is part of this request, and the guard that
// hands out such errors counts as failing too.
func (m *Machine) Failed(now core.Millis, p Path, dest core.EdKey, f Fault) {
	entry := p.Guard().Ed
	g := m.guard(entry)
	if g != nil {
		g.rest = nil
	}
	behind := f.node == dest || (p.has(f.node) && f.node != entry)
	t := &trouble{at: now, guard: entry, dest: dest}
	switch {
	case f.place == unknown && behind:
		m.pool.strike(f.node, strikeOut)
		g.charge()
	case f.place == atNode && behind:
		m.pool.strike(f.node, 1)
		g.charge()
	case f.place == atGuard, f.place == atNode && f.node == entry:
		t.suspects = []core.EdKey{entry}
		m.doubt(t)
	default:
		t.suspects = []core.EdKey{dest}
		for _, n := range p.Nodes {
			t.suspects = append(t.suspects, n.Ed)
		}
		m.doubt(t)
	}
	m.settle()
}

// charge counts a failure through a guard, one between two successes.
func (g *guard) charge() {
	if g != nil && !g.failed {
		g.failed = true
		g.fails++
	}
}

func (m *Machine) doubt(t *trouble) {
	t.count = 1
	m.troubles = slices.DeleteFunc(m.troubles, func(old *trouble) bool {
		same := sameNodes(old.suspects, t.suspects)
		if same {
			t.count += old.count
		}
		return same || aged(t.at, old.at, troubleAge)
	})
	// When nothing works, what was held against the nodes may be what is wrong.
	if m.losses++; m.losses%forgiveAfter == 0 {
		m.addKnown()
	}
	if len(m.troubles) == maxTroubles {
		m.troubles = m.troubles[1:]
	}
	m.troubles = append(m.troubles, t)
}

func sameNodes(a, b []core.EdKey) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(ed core.EdKey) bool { return !slices.Contains(b, ed) })
}

// Misbehaved notes that dest sealed an answer that is an internal error, a lie
// or cannot be read: the path is fine, the node is not.
func (m *Machine) Misbehaved(dest core.EdKey) {
	m.pool.strike(dest, 1)
	m.settle()
}

// Behaved notes that dest gave a proper answer: nothing is held against it.
func (m *Machine) Behaved(dest core.EdKey) { m.pool.clear(dest) }

// Reject takes a node out of use that can never work: its key is no point.
func (m *Machine) Reject(ed core.EdKey) {
	m.pool.strike(ed, strikeOut)
	m.settle()
}

// Worked notes that dest answered over p, whatever it said: everyone who took
// part is cleared of earlier troubles, and the path of its strikes. What is left
// of the troubles becomes blame, for now it is certain that we are online.
func (m *Machine) Worked(now core.Millis, p Path, dest core.EdKey) {
	m.losses = 0
	proven := []core.EdKey{dest}
	for _, n := range p.Nodes {
		proven = append(proven, n.Ed)
		m.pool.clear(n.Ed)
	}
	m.chargeGuards(p.Guard().Ed, dest)
	m.explain(now, proven)
	m.judgeGuards(now, p.Guard().Ed)
	m.settle()
}

// chargeGuards counts failures through other guards to a destination that has
// just answered: then it was not the destination.
func (m *Machine) chargeGuards(worked, dest core.EdKey) {
	for _, t := range m.troubles {
		if t.dest == dest && t.guard != worked && !t.charged {
			t.charged = true
			m.guard(t.guard).charge()
		}
	}
}

// explain takes the proven nodes out of every trouble. Who is left alone in one
// is its cause; those who are left together get one strike each, at most one in
// all.
func (m *Machine) explain(now core.Millis, proven []core.EdKey) {
	strikes := map[core.EdKey]bool{}
	m.troubles = slices.DeleteFunc(m.troubles, func(t *trouble) bool {
		t.suspects = slices.DeleteFunc(t.suspects, func(ed core.EdKey) bool { return slices.Contains(proven, ed) })
		if len(t.suspects) == 0 || aged(now, t.at, troubleAge) {
			return true
		}
		if !t.struck {
			t.struck = true
			for _, ed := range t.suspects {
				strikes[ed] = true
			}
		}
		return len(t.suspects) == 1 && m.guard(t.suspects[0]) == nil
	})
	for ed := range strikes {
		if m.guard(ed) == nil { // a guard is tested instead
			m.pool.strike(ed, 1)
		}
	}
}

// judgeGuards drops guards that fail while others work: that missed two tests,
// or through which three requests failed though they pass their tests, so that
// they fail what is behind them. Two tests, for between one and the success
// after it the network may have been away. A trial guard goes when the standing
// ones need no replacement.
func (m *Machine) judgeGuards(now core.Millis, worked core.EdKey) {
	m.guards = slices.DeleteFunc(m.guards, func(g *guard) bool {
		g.failed = false
		if g.ed == worked {
			g.fails, g.misses, g.missed, g.worked = 0, 0, 0, true
		}
		if g.missed != 0 && !aged(now, g.missed, testAge) {
			g.misses++
		}
		g.missed = 0
		if g.misses < missedOut {
			return g.fails >= strikeOut
		}
		m.pool.strike(g.ed, 1)
		// Its troubles are explained; the others in them are cleared.
		m.troubles = slices.DeleteFunc(m.troubles, func(t *trouble) bool { return slices.Contains(t.suspects, g.ed) })
		return true
	})
	doubts, clean := m.doubts(), 0
	for _, g := range m.guards {
		if !g.trial && doubts[g.ed] == 0 {
			clean++
		}
	}
	if clean == standing {
		m.guards = slices.DeleteFunc(m.guards, func(g *guard) bool { return g.trial })
	}
}

// Suspect is a standing guard that should be tested: an onion request of one
// layer, for the guard itself, in the background.
func (m *Machine) Suspect() (snode.Node, bool) {
	doubts := m.doubts()
	for _, g := range m.guards {
		if !g.trial && doubts[g.ed] > 0 {
			return m.pool.by[g.ed].Node, true
		}
	}
	return snode.Node{}, false
}

// Tested notes the result of a guard's test. A guard that passes is cleared of
// every trouble. One that fails is dropped once it is certain that we are online
// (judgeGuards).
func (m *Machine) Tested(now core.Millis, ed core.EdKey, ok bool) {
	g := m.guard(ed)
	if !ok {
		m.doubt(&trouble{at: now, guard: ed, dest: ed, suspects: []core.EdKey{ed}})
		if g != nil {
			g.missed = now
		}
		return
	}
	if g != nil {
		g.misses, g.missed = 0, 0
	}
	m.pool.clear(ed)
	m.explain(now, []core.EdKey{ed})
	m.settle()
}
