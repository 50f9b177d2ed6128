package swarm

import "tandem/core"

// Rebuild drops all paths with their guards, and chooses other guards at once,
// as far as the pool has others. What is known and doubted of the nodes stays.
// Requests under way end as they would have: their paths are nobody's any more.
//
// A guard is kept for long on purpose (network.md §7): each change lets one more
// node see where the client is. So nothing but the person at the page asks for
// this.
func (m *Machine) Rebuild() {
	old := make([]core.EdKey, 0, len(m.guards))
	for _, g := range m.guards {
		old = append(old, g.ed)
	}
	m.guards, m.dirty = nil, true
	for range standing {
		g := m.newGuard(core.EdKey{}, old)
		if g == nil {
			return // Path takes whoever is left
		}
		m.guards = append(m.guards, g)
	}
}
