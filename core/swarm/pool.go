package swarm

import (
	"net/netip"
	"slices"

	"tandem/core"
	"tandem/core/snode"
)

// addKnown adds the known nodes and forgives everybody.
func (m *Machine) addKnown() {
	for _, n := range m.cfg.Known {
		m.pool.add(n, 0)
	}
	for _, e := range m.pool.list {
		m.pool.setStrikes(e, 0)
	}
}

// setURLs puts the URLs of the known list into the pool. Nodes' lists have none,
// and a stored one could be old.
func (m *Machine) setURLs() {
	for _, n := range m.cfg.Known {
		if e := m.pool.by[n.Ed]; e != nil {
			e.URL = n.URL
		}
	}
}

// settle keeps the pool usable after a node was struck, and the guards in the
// pool.
func (m *Machine) settle() {
	if m.pool.usable() < min(minUsable, max(len(m.cfg.Known), len(m.pool.list))) {
		m.addKnown()
	}
	m.guards = slices.DeleteFunc(m.guards, func(g *guard) bool { return !m.canEnter(m.pool.by[g.ed]) })
}

// canEnter reports whether a node can be a guard.
func (m *Machine) canEnter(e *entry) bool {
	return e != nil && e.usable() && (!m.cfg.GuardURL || e.URL != "")
}

// Size is how many nodes are known and how many of them are used.
func (m *Machine) Size() (known, usable int) { return len(m.pool.list), m.pool.usable() }

// NeedsList reports whether the list of nodes is old, or small for this
// network, and was not asked for just now.
func (m *Machine) NeedsList(now core.Millis) bool {
	if m.tried != 0 && !aged(now, m.tried, listRetry) {
		return false
	}
	return m.refreshed == 0 || aged(now, m.refreshed, listAge) || m.pool.usable() < min(enough, len(m.cfg.Known))
}

// Ask picks n nodes of different subnets to put a question to that any node can
// answer, the least doubtful first. Fewer when there are not as many.
func (m *Machine) Ask(n int, avoid ...core.EdKey) []snode.Node {
	return m.pick(n, func(e *entry) bool { return e.usable() && !slices.Contains(avoid, e.Ed) }, nil)
}

// TriedList notes that the list is being asked for.
func (m *Machine) TriedList(now core.Millis) { m.tried = now }

// AcceptList replaces the pool by the nodes that all of three nodes' lists name
// with the same address.
//
// Error: ErrNoAgreement when these are fewer than 24, or than two thirds of the
// known list when that is smaller; the pool then stays.
func (m *Machine) AcceptList(now core.Millis, lists [3][]snode.Node) error {
	type address struct {
		ed   core.EdKey
		ip   string
		port int
	}
	named := map[address]int{}
	for _, list := range lists {
		for _, n := range list {
			named[address{n.Ed, n.IP, n.Port}]++
		}
	}
	agreed := newPool(m.cfg.OneHost)
	for _, n := range lists[0] {
		if named[address{n.Ed, n.IP, n.Port}] == len(lists) {
			agreed.add(n, 0)
		}
	}
	known := len(m.cfg.Known)
	if known == 0 {
		known = len(m.pool.list)
	}
	if len(agreed.list) < max(1, min(minAgreement, (2*known+2)/3)) {
		return ErrNoAgreement
	}
	m.pool, m.refreshed = agreed, now
	m.setURLs()
	m.settle()
	return nil
}

// pick chooses up to n nodes that ok accepts, no two of one subnet and none of
// the subnets in taken: the least doubtful, and among these at random, subnet by
// subnet, so that many nodes in one subnet weigh no more than one.
func (m *Machine) pick(n int, ok func(*entry) bool, taken map[netip.Prefix]bool) []snode.Node {
	doubts := m.doubts()
	// When nothing has worked for long, doubts are as likely to be on the wrong
	// nodes: every other choice is then blind, so that every node has its turn.
	blind := m.losses >= forgiveAfter && m.random.IntN(2) == 0
	penalty := func(e *entry) int {
		if blind {
			return 0
		}
		return int(e.strikes)*maxTroubles + doubts[e.Ed]
	}
	var all []*entry
	for _, e := range m.pool.list {
		if !taken[e.subnet] && ok(e) {
			all = append(all, e)
		}
	}
	m.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	best := make(map[netip.Prefix]int, len(all)) // place in reps
	var reps []*entry
	for _, e := range all {
		i, seen := best[e.subnet]
		if !seen {
			best[e.subnet] = len(reps)
			reps = append(reps, e)
		} else if penalty(e) < penalty(reps[i]) {
			reps[i] = e
		}
	}
	m.random.Shuffle(len(reps), func(i, j int) { reps[i], reps[j] = reps[j], reps[i] })
	var out []snode.Node
	for len(out) < n && len(reps) > 0 {
		i := 0
		for j, e := range reps {
			if penalty(e) < penalty(reps[i]) {
				i = j
			}
		}
		out = append(out, reps[i].Node)
		reps = slices.Delete(reps, i, i+1)
	}
	return out
}
