package swarm

import (
	"net/netip"
	"slices"

	"tandem/core"
	"tandem/core/snode"
)

// Path is the way of one request: guard, middle, exit. The destination comes
// behind them and is none of them.
type Path struct {
	Nodes []snode.Node
	// Test asks for a test of the guard before the path is used: it is under
	// doubt, or was taken because all others failed.
	Test bool
}

// Guard is the node that the client talks to.
func (p Path) Guard() snode.Node { return p.Nodes[0] }

func (p Path) has(ed core.EdKey) bool {
	return slices.ContainsFunc(p.Nodes, func(n snode.Node) bool { return n.Ed == ed })
}

// guard is an entry to the network with the rest of its path.
//
//	(pool) ──► standing ◄──────────────┐
//	   │          │ fails its tests    │ another is dropped, this one worked
//	   │          ▼                    │
//	   │       dropped                 │
//	   └─────► trial (all others failed in this request) ──► dropped
//
// Standing guards are stored and used again after a restart.
type guard struct {
	ed     core.EdKey
	rest   []core.EdKey // empty: to be chosen
	trial  bool
	worked bool // since the start
	fails  int  // failures through it, at most one between two successes
	failed bool // since the last success of anybody

	misses int         // tests that it failed while others worked
	missed core.Millis // a failed test that no success has followed yet; 0 = none
}

// Path chooses a path to dest. avoid names guards that failed in this request
// already. The paths are used at random; one whose guard is under doubt only
// when there is no other; a new guard on trial when all were tried.
//
// Error: ErrNoPath, when the whole list has not enough nodes.
func (m *Machine) Path(dest core.EdKey, avoid ...core.EdKey) (Path, error) {
	m.settle()
	if p, ok := m.path(dest, avoid); ok {
		return p, nil
	}
	m.addKnown() // those that were struck out are better than none
	if p, ok := m.path(dest, avoid); ok {
		return p, nil
	}
	return Path{}, ErrNoPath
}

func (m *Machine) path(dest core.EdKey, avoid []core.EdKey) (Path, bool) {
	m.fillGuards(dest)
	doubts := m.doubts()
	var best *guard
	for _, i := range m.random.Perm(len(m.guards)) {
		g := m.guards[i]
		if g.ed == dest || slices.Contains(avoid, g.ed) {
			continue
		}
		if best == nil || doubts[g.ed] < doubts[best.ed] {
			best = g
		}
	}
	if best == nil {
		best = m.tryGuard(dest, avoid)
	}
	if best == nil {
		return Path{}, false
	}
	rest := m.restFor(best, dest)
	if rest == nil {
		return Path{}, false
	}
	p := Path{Nodes: []snode.Node{m.pool.by[best.ed].Node}, Test: doubts[best.ed] > 0 || (best.trial && !best.worked)}
	for _, ed := range rest {
		p.Nodes = append(p.Nodes, m.pool.by[ed].Node)
	}
	return p, true
}

// fillGuards brings the standing guards to two, if the pool allows it: first a
// trial guard that worked. dest is passed over, so that it does not become a
// guard that this request cannot use.
func (m *Machine) fillGuards(dest core.EdKey) {
	count := 0
	for _, g := range m.guards {
		if !g.trial {
			count++
		}
	}
	for _, g := range m.guards {
		if count < standing && g.trial && g.worked {
			g.trial = false
			m.dirty = true
			count++
		}
	}
	for count < standing {
		g := m.newGuard(dest, nil)
		if g == nil {
			return
		}
		m.guards = append(m.guards, g)
		m.dirty = true
		count++
	}
}

func (m *Machine) newGuard(dest core.EdKey, avoid []core.EdKey) *guard {
	taken := map[netip.Prefix]bool{}
	for _, g := range m.guards {
		taken[m.pool.by[g.ed].subnet] = true
	}
	ok := func(e *entry) bool {
		return m.canEnter(e) && e.Ed != dest && !slices.Contains(avoid, e.Ed) && m.guard(e.Ed) == nil
	}
	found := m.pick(1, ok, taken)
	if len(found) == 0 {
		found = m.pick(1, ok, nil)
	}
	if len(found) == 0 {
		return nil
	}
	return &guard{ed: found[0].Ed}
}

// tryGuard puts a new guard on trial in the place of the last one. When no node
// is left it takes any guard that is not the destination.
func (m *Machine) tryGuard(dest core.EdKey, avoid []core.EdKey) *guard {
	if g := m.newGuard(dest, avoid); g != nil {
		g.trial = true
		m.guards = slices.DeleteFunc(m.guards, func(g *guard) bool { return g.trial })
		m.guards = append(m.guards, g)
		return g
	}
	for _, g := range m.guards {
		if g.ed != dest {
			return g
		}
	}
	return nil
}

func (m *Machine) guard(ed core.EdKey) *guard {
	for _, g := range m.guards {
		if g.ed == ed {
			return g
		}
	}
	return nil
}

// restFor is the rest of a guard's path. When dest is in it, this request gets
// another rest and the path stays.
func (m *Machine) restFor(g *guard, dest core.EdKey) []core.EdKey {
	if len(g.rest) > 0 && !slices.ContainsFunc(g.rest, func(ed core.EdKey) bool { return !m.pool.canUse(ed) }) {
		if slices.Contains(g.rest, dest) {
			return m.chooseRest(g, dest)
		}
		return g.rest
	}
	g.rest = m.chooseRest(g, dest)
	return g.rest
}

// chooseRest picks the nodes behind a guard: away from the other paths if the
// pool allows it, so that a destination lies in one path at most.
func (m *Machine) chooseRest(g *guard, dest core.EdKey) []core.EdKey {
	used := map[core.EdKey]bool{}
	for _, other := range m.guards {
		used[other.ed] = true
		for _, ed := range other.rest {
			used[ed] = true
		}
	}
	taken := map[netip.Prefix]bool{m.pool.by[g.ed].subnet: true}
	for _, strict := range []bool{true, false} {
		found := m.pick(hops-1, func(e *entry) bool {
			return e.usable() && e.Ed != g.ed && e.Ed != dest && !(strict && used[e.Ed])
		}, taken)
		if len(found) == hops-1 {
			m.random.Shuffle(len(found), func(i, j int) { found[i], found[j] = found[j], found[i] })
			return []core.EdKey{found[0].Ed, found[1].Ed}
		}
	}
	return nil
}

// Guards are the standing guards.
func (m *Machine) Guards() []core.EdKey {
	var out []core.EdKey
	for _, g := range m.guards {
		if !g.trial {
			out = append(out, g.ed)
		}
	}
	return out
}
