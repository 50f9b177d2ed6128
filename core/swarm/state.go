package swarm

import (
	"bytes"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"

	"tandem/core"
	"tandem/core/snode"
	"tandem/core/wire"
)

// State holds no secret, but it says who is talked to, so it belongs in the
// sealed store. Protobuf:
//
//	1 nodes    { 1 node { 1 ed25519 32 B, 2 ip text, 3 port, 4 strikes } … }
//	2 guards   n · 32 B
//	3 swarm    { 1 id 33 B, 2 nodes n · 32 B, 3 asked ms, 4 home 32 B } …
//	4 offset   ms, zigzag; absent = not learned
//	5 listed   ms
const (
	maxState = 2 << 20 // 4,000 nodes of 80 bytes and 512 swarms of 64 members
	maxIP    = 45      // characters of an IPv6 address
	maxMilli = 1 << 62
)

// drift is how far the clock's offset may move before that is worth keeping.
const drift = 2 * core.Second

// Changed returns the state if it differs from the one returned last in a way
// that is worth keeping.
func (m *Machine) Changed() (state []byte, changed bool) {
	moved := m.Clock.offset - m.offset
	if !m.dirty && !m.pool.dirty && (!m.Clock.known || moved > -drift && moved < drift) {
		return nil, false
	}
	m.dirty, m.pool.dirty, m.offset = false, false, m.Clock.offset
	return m.Marshal(), true
}

// Marshal writes the state to be kept: nodes, guards, swarms, the clock's
// offset. What is only guessed (doubts, paths) starts anew.
func (m *Machine) Marshal() []byte {
	var nodes []byte
	for _, e := range m.pool.list {
		n := wire.AppendBytes(nil, 1, e.Ed[:])
		n = wire.AppendText(n, 2, e.IP)
		n = wire.AppendUint(n, 3, uint64(e.Port))
		if e.strikes > 0 {
			n = wire.AppendUint(n, 4, uint64(e.strikes))
		}
		nodes = wire.AppendBytes(nodes, 1, n)
	}
	b := wire.AppendBytes(nil, 1, nodes)
	b = wire.AppendBytes(b, 2, keys(m.Guards()))
	for _, id := range m.owners() {
		s := m.swarms[id]
		one := wire.AppendBytes(nil, 1, id[:])
		one = wire.AppendBytes(one, 2, keys(s.nodes))
		one = wire.AppendUint(one, 3, uint64(max(0, s.at)))
		if s.home != (core.EdKey{}) {
			one = wire.AppendBytes(one, 4, s.home[:])
		}
		b = wire.AppendBytes(b, 3, one)
	}
	if m.Clock.known {
		b = wire.AppendUint(b, 4, protowire.EncodeZigZag(int64(m.Clock.offset)))
	}
	return wire.AppendUint(b, 5, uint64(max(0, m.refreshed)))
}

// owners gives equal states equal bytes.
func (m *Machine) owners() []core.ID {
	all := make([]core.ID, 0, len(m.swarms))
	for id := range m.swarms {
		all = append(all, id)
	}
	slices.SortFunc(all, func(a, b core.ID) int { return bytes.Compare(a[:], b[:]) })
	return all
}

func keys(list []core.EdKey) []byte {
	b := make([]byte, 0, len(list)*32)
	for _, ed := range list {
		b = append(b, ed[:]...)
	}
	return b
}

// Parse takes up a stored state. A state that shares no node with the known
// list is of another network, and only its clock is kept.
//
// Error: ErrState; New is then the way to go on.
func Parse(cfg Config, state []byte) (*Machine, error) {
	if len(state) > maxState {
		return nil, ErrState
	}
	m := New(cfg)
	m.pool = newPool(m.cfg.OneHost)
	var msg wire.Message
	err := wire.Fields(state, func(f wire.Field) error { return m.parseField(&msg, f) })
	if err != nil {
		return nil, ErrState
	}
	if !m.sameNetwork() {
		clock := m.Clock
		m = New(cfg)
		m.Clock = clock
	}
	m.setURLs()
	m.settle()
	m.dirty, m.pool.dirty, m.offset = false, false, m.Clock.offset
	return m, nil
}

func (m *Machine) sameNetwork() bool {
	return len(m.cfg.Known) == 0 || slices.ContainsFunc(m.cfg.Known, func(n snode.Node) bool { return m.pool.has(n.Ed) })
}

func (m *Machine) parseField(msg *wire.Message, f wire.Field) error {
	switch f.Number {
	case 1:
		if err := msg.Once(f); err != nil || f.Type != protowire.BytesType {
			return ErrState
		}
		return wire.Fields(f.Bytes, m.parseNode)
	case 2:
		list, err := parseKeys(msg, f, standing)
		for _, ed := range list {
			m.guards = append(m.guards, &guard{ed: ed})
		}
		return err
	case 3:
		return m.parseSwarm(f)
	case 4:
		var v uint64
		if err := msg.Uint(f, &v, 1<<63); err != nil {
			return err
		}
		m.Clock.offset, m.Clock.known = core.Millis(protowire.DecodeZigZag(v)), true
	case 5:
		return parseMillis(msg, f, &m.refreshed)
	}
	return nil
}

func (m *Machine) parseNode(f wire.Field) error {
	if f.Number != 1 {
		return nil
	}
	var n snode.Node
	var port, strikes uint64
	var msg wire.Message
	err := wire.Fields(f.Bytes, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return msg.Fixed(f, n.Ed[:])
		case 2:
			return msg.Text(f, &n.IP, maxIP)
		case 3:
			return msg.Uint(f, &port, 1<<16-1)
		case 4:
			return msg.Uint(f, &strikes, strikeOut)
		}
		return nil
	})
	n.Port = int(port)
	if err != nil || f.Type != protowire.BytesType || !msg.Has(1) || !m.pool.add(n, uint8(strikes)) {
		return ErrState
	}
	return nil
}

func (m *Machine) parseSwarm(f wire.Field) error {
	var id core.ID
	var s members
	var msg wire.Message
	err := wire.Fields(f.Bytes, func(f wire.Field) (err error) {
		switch f.Number {
		case 1:
			return msg.Fixed(f, id[:])
		case 2:
			s.nodes, err = parseKeys(&msg, f, snode.MaxSwarm)
			return err
		case 3:
			return parseMillis(&msg, f, &s.at)
		case 4:
			return msg.Fixed(f, s.home[:])
		}
		return nil
	})
	if err != nil || f.Type != protowire.BytesType || !msg.Has(1) || m.swarms[id] != nil || len(m.swarms) == maxSwarms {
		return ErrState
	}
	m.swarms[id] = &s
	return nil
}

// parseKeys reads up to high different keys.
func parseKeys(msg *wire.Message, f wire.Field, high int) ([]core.EdKey, error) {
	var b []byte
	if err := msg.Bytes(f, &b, 0, high*32); err != nil || len(b)%32 != 0 {
		return nil, ErrState
	}
	var list []core.EdKey
	for k := range slices.Chunk(b, 32) {
		ed := core.EdKey(k)
		if slices.Contains(list, ed) {
			return nil, ErrState
		}
		list = append(list, ed)
	}
	return list, nil
}

func parseMillis(msg *wire.Message, f wire.Field, into *core.Millis) error {
	var v uint64
	if err := msg.Uint(f, &v, maxMilli); err != nil {
		return err
	}
	*into = core.Millis(v)
	return nil
}
