package swarm

import (
	"net/netip"

	"tandem/core"
	"tandem/core/snode"
)

// pool is the list of nodes, each once, in the order in which they came.
type pool struct {
	by   map[core.EdKey]*entry
	list []*entry
	out  int // how many are struck out

	oneHost bool // subnets mean nothing here: each node counts as in its own

	dirty bool // a node or its strikes changed
}

// entry is a node of the pool.
type entry struct {
	snode.Node
	subnet  netip.Prefix
	strikes uint8
}

func (e *entry) usable() bool { return e.strikes < strikeOut }

func newPool(oneHost bool) *pool { return &pool{by: map[core.EdKey]*entry{}, oneHost: oneHost} }

// add takes a node in. false: it is there, it is no valid node, or the pool is
// full.
func (p *pool) add(n snode.Node, strikes uint8) bool {
	if p.by[n.Ed] != nil || !n.Valid() || len(p.list) == snode.MaxNodes {
		return false
	}
	e := &entry{Node: n, subnet: n.Subnet()}
	if p.oneHost {
		e.subnet = netip.PrefixFrom(netip.AddrFrom16([16]byte(n.Ed[:16])), 128)
	}
	p.by[n.Ed] = e
	p.list = append(p.list, e)
	p.dirty = true
	p.setStrikes(e, strikes)
	return true
}

func (p *pool) has(ed core.EdKey) bool { return p.by[ed] != nil }

// usable is how many nodes are not struck out.
func (p *pool) usable() int { return len(p.list) - p.out }

func (p *pool) canUse(ed core.EdKey) bool {
	e := p.by[ed]
	return e != nil && e.usable()
}

// strike adds strikes; a node that is not in the pool has none.
func (p *pool) strike(ed core.EdKey, n uint8) {
	if e := p.by[ed]; e != nil {
		p.setStrikes(e, min(strikeOut, e.strikes+n))
	}
}

// clear takes a node's strikes away.
func (p *pool) clear(ed core.EdKey) {
	if e := p.by[ed]; e != nil {
		p.setStrikes(e, 0)
	}
}

func (p *pool) setStrikes(e *entry, n uint8) {
	if !e.usable() {
		p.out--
	}
	p.dirty = p.dirty || e.strikes != n
	e.strikes = n
	if !e.usable() {
		p.out++
	}
}
