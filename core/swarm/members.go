package swarm

import (
	"slices"

	"tandem/core"
	"tandem/core/snode"
)

// members are the nodes that keep an ID's mailboxes.
type members struct {
	nodes []core.EdKey
	at    core.Millis
	home  core.EdKey // that is polled; zero = none chosen yet
	shy   core.EdKey // that left out what others had; zero = nobody. Not stored
}

// Want says which member of a swarm is wanted.
type Want uint8

// Wants.
const (
	Any   Want = iota // to store
	Home              // to poll: the same as last time, for the sake of its cursor
	Other             // to poll a second one: any but home
)

// NeedsSwarm reports whether the members for an ID have to be asked for.
func (m *Machine) NeedsSwarm(now core.Millis, id core.ID) bool {
	s := m.swarms[id]
	if s == nil || len(m.present(s)) == 0 || aged(now, s.at, swarmAge) {
		return true
	}
	usable := 0
	for _, e := range m.present(s) {
		if e.usable() {
			usable++
		}
	}
	return usable < minSwarm && aged(now, s.at, swarmRetry)
}

// present are the members that the pool knows, struck out or not: a mailbox is
// nowhere else.
func (m *Machine) present(s *members) []*entry {
	var out []*entry
	for _, ed := range s.nodes {
		if e := m.pool.by[ed]; e != nil {
			out = append(out, e)
		}
	}
	return out
}

// LearnSwarm takes a node's word for who keeps an ID's mailboxes, as far as the
// pool knows these nodes: no node can send us to nodes of its own invention.
//
// Error: ErrNoMember when the pool knows none; what was known then stays, and
// the list of nodes counts as old: the swarm may be of nodes that came since.
func (m *Machine) LearnSwarm(now core.Millis, id core.ID, said []snode.Node) error {
	next := &members{at: now}
	for _, n := range said {
		if m.pool.has(n.Ed) && !slices.Contains(next.nodes, n.Ed) && len(next.nodes) < snode.MaxSwarm {
			next.nodes = append(next.nodes, n.Ed)
		}
	}
	if len(next.nodes) == 0 {
		if len(said) > 0 {
			m.refreshed, m.dirty = 0, true
		}
		return ErrNoMember
	}
	if old := m.swarms[id]; old != nil {
		next.shy = old.shy
		if slices.Contains(next.nodes, old.home) {
			next.home = old.home
		}
	}
	m.swarms[id] = next
	m.dirty = true
	for len(m.swarms) > maxSwarms {
		m.forgetOldest(id)
	}
	return nil
}

func (m *Machine) forgetOldest(keep core.ID) {
	oldest, found := keep, false
	for id, s := range m.swarms {
		if id != keep && (!found || s.at < m.swarms[oldest].at) {
			oldest, found = id, true
		}
	}
	delete(m.swarms, oldest)
}

// Keeps is the member with this key, if it is one.
func (m *Machine) Keeps(id core.ID, ed core.EdKey) (snode.Node, bool) {
	s := m.swarms[id]
	if s == nil || !slices.Contains(s.nodes, ed) || !m.pool.has(ed) {
		return snode.Node{}, false
	}
	return m.pool.by[ed].Node, true
}

// NotMember notes that a node says it does not keep this ID's mailboxes, and
// does not say who does.
func (m *Machine) NotMember(id core.ID, ed core.EdKey) {
	s := m.swarms[id]
	if s == nil {
		return
	}
	m.dirty = true
	s.nodes = slices.DeleteFunc(s.nodes, func(n core.EdKey) bool { return n == ed })
	if s.home == ed {
		s.home = core.EdKey{}
	}
}

// Withheld notes that a member left out what another one had: it is the last to
// be asked from now on, the first to be forgiven when somebody else does the
// same. That is no proof of a lie: a node may have missed a copy.
func (m *Machine) Withheld(id core.ID, ed core.EdKey) {
	s := m.swarms[id]
	if s == nil {
		return
	}
	s.shy = ed
	if s.home == ed {
		s.home, m.dirty = core.EdKey{}, true
	}
}

// Member chooses a member of an ID's swarm: the least doubtful, at random among
// these. avoid names members that failed in this request already; when there is
// no other they are tried again.
//
// Error: ErrNoMember when the swarm is not known.
func (m *Machine) Member(id core.ID, want Want, avoid ...core.EdKey) (snode.Node, error) {
	s := m.swarms[id]
	if s == nil {
		return snode.Node{}, ErrNoMember
	}
	all := m.present(s)
	if len(all) == 0 {
		return snode.Node{}, ErrNoMember
	}
	doubts := m.doubts()
	rank := func(e *entry) int {
		r := int(e.strikes)*maxTroubles + doubts[e.Ed]
		if slices.Contains(avoid, e.Ed) {
			r += 1 << 20
		}
		if e.Ed == s.shy {
			r += 1 << 12
		}
		switch {
		case want == Other && e.Ed == s.home:
			r += 1 << 16
		case want == Home && e.Ed != s.home:
			r++ // with equal doubts one stays at home
		}
		return r
	}
	m.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	best := slices.MinFunc(all, func(a, b *entry) int { return rank(a) - rank(b) })
	if want == Home && s.home != best.Ed {
		s.home = best.Ed
		m.dirty = true
	}
	return best.Node, nil
}
