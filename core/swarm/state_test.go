package swarm

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/snode"
	"tandem/core/wire"
)

// lived is a machine with something of everything.
func lived(t testing.TB) (*Machine, Config) {
	t.Helper()
	cfg := Config{Known: nodes(30)}
	cfg.Known[3].URL = "https://three.example"
	m := New(cfg)
	if err := m.AcceptList(1_763_750_000_000, [3][]snode.Node{cfg.Known, cfg.Known, cfg.Known}); err != nil {
		t.Fatal(err)
	}
	for i := range byte(4) {
		if err := m.LearnSwarm(1_763_750_000_000+core.Millis(i), ownerOf(i), cfg.Known[i:i+5]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := m.Member(ownerOf(2), Home); err != nil {
		t.Fatal(err)
	}
	m.Misbehaved(cfg.Known[8].Ed)
	for i := range byte(3) {
		m.Clock.Observe(2_000_000_000_000, core.EdKey{i}, 1_763_750_000_000)
	}
	if _, err := m.Path(core.EdKey{9}); err != nil {
		t.Fatal(err)
	}
	return m, cfg
}

func TestStateRoundTrip(t *testing.T) {
	m, cfg := lived(t)
	state := m.Marshal()
	if !bytes.Equal(state, m.Marshal()) {
		t.Error("one state has two writings")
	}
	got, err := Parse(cfg, state)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Marshal(), state) {
		t.Error("what was parsed is written differently")
	}
	if !slices.Equal(got.Guards(), m.Guards()) || got.Clock.Offset() != m.Clock.Offset() || got.refreshed != m.refreshed {
		t.Error("guards, clock or age of the list")
	}
	if strikesOf(got, cfg.Known[8].Ed) != 1 || got.pool.by[cfg.Known[3].Ed].URL != "https://three.example" {
		t.Error("strikes or the URL of the known list")
	}
	a, errA := got.Member(ownerOf(2), Home)
	b, errB := m.Member(ownerOf(2), Home)
	if errA != nil || errB != nil || a != b {
		t.Errorf("home: %v %v", errA, errB)
	}
}

// A new test network on the same address has other nodes: nothing of the old
// one must stand in the way, but the clock is the clock.
func TestStateOfAnotherNetwork(t *testing.T) {
	m, _ := lived(t)
	other := nodes(30)
	for i := range other {
		other[i].Ed[0] = 0xee
	}
	got, err := Parse(Config{Known: other}, m.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	if size, _ := got.Size(); size != 30 || !got.NeedsSwarm(1_763_750_000_000, ownerOf(1)) || len(got.Guards()) != 0 {
		t.Errorf("%d nodes, guards %v", size, got.Guards())
	}
	if got.Clock.Offset() != m.Clock.Offset() {
		t.Error("the clock was lost")
	}
}

// A stored list that is too small to work with is filled up.
func TestStateWithFewNodes(t *testing.T) {
	m, cfg := lived(t)
	m.pool = newPool(false)
	for _, n := range cfg.Known[25:] {
		m.pool.add(n, 0)
	}
	got, err := Parse(cfg, m.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := got.Path(core.EdKey{9}); err != nil {
		t.Error(err)
	}
	if size, _ := got.Size(); size != 30 {
		t.Errorf("%d nodes", size)
	}
}

func TestStateRefused(t *testing.T) {
	m, cfg := lived(t)
	good := m.Marshal()
	node := func(fields ...[]byte) []byte {
		return wire.AppendBytes(nil, 1, wire.AppendBytes(nil, 1, bytes.Join(fields, nil)))
	}
	key := wire.AppendBytes(nil, 1, make([]byte, 32))
	addr, port := wire.AppendText(nil, 2, "10.0.0.1"), wire.AppendUint(nil, 3, 1)
	if _, err := Parse(cfg, node(key, addr, port)); err != nil {
		t.Fatalf("the smallest state: %v", err)
	}
	for name, state := range map[string][]byte{
		"cut":                good[:len(good)-1],
		"too large":          make([]byte, maxState+1),
		"no key":             node(addr, port),
		"short key":          node(wire.AppendBytes(nil, 1, make([]byte, 31)), addr, port),
		"no address":         node(key, port),
		"address is text":    node(key, wire.AppendText(nil, 2, "host"), port),
		"port beyond 65535":  node(key, addr, wire.AppendUint(nil, 3, 65536)),
		"four strikes":       node(key, addr, port, wire.AppendUint(nil, 4, 4)),
		"a node twice":       wire.AppendBytes(nil, 1, bytes.Repeat(wire.AppendBytes(nil, 1, bytes.Join([][]byte{key, addr, port}, nil)), 2)),
		"two lists":          append(node(key, addr, port), node(key, addr, port)...),
		"three guards":       wire.AppendBytes(nil, 2, bytes.Repeat([]byte{1}, 96)),
		"one guard twice":    wire.AppendBytes(nil, 2, make([]byte, 64)),
		"half a guard":       wire.AppendBytes(nil, 2, make([]byte, 33)),
		"swarm without id":   wire.AppendBytes(nil, 3, nil),
		"one swarm twice":    bytes.Repeat(wire.AppendBytes(nil, 3, wire.AppendBytes(nil, 1, make([]byte, 33))), 2),
		"time beyond bounds": wire.AppendUint(nil, 5, 1<<63),
		"list is a number":   wire.AppendUint(nil, 1, 1),
		"text":               []byte("hello"),
	} {
		if _, err := Parse(cfg, state); !errors.Is(err, ErrState) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Parse(cfg, nil); err != nil {
		t.Errorf("the empty state is a fresh start: %v", err)
	}
}

// The largest state fits its own bound.
func TestStateBound(t *testing.T) {
	list := make([]snode.Node, snode.MaxNodes)
	for i := range list {
		list[i] = nodes(1)[0]
		list[i].Ed = core.EdKey{byte(i), byte(i >> 8), 1}
		list[i].IP = "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"
	}
	m := New(Config{Known: list})
	for i := range maxSwarms {
		if err := m.LearnSwarm(1<<40, core.ID{5, byte(i), byte(i >> 8)}, list[:snode.MaxSwarm]); err != nil {
			t.Fatal(err)
		}
	}
	state := m.Marshal()
	if got, err := Parse(Config{Known: list}, state); err != nil || len(got.swarms) != maxSwarms {
		t.Errorf("%d bytes: %v", len(state), err)
	}
}

// The state is handed out once per change, and not for every tick of a clock.
func TestChanged(t *testing.T) {
	m, cfg := lived(t)
	changed := func() bool { _, c := m.Changed(); return c }
	if !changed() || changed() {
		t.Fatal("once, then not again")
	}
	p, err := m.Path(core.EdKey{9})
	if err != nil {
		t.Fatal(err)
	}
	m.Worked(1_763_750_000_000, p, core.EdKey{9})
	for i := range byte(5) {
		m.Clock.Observe(2_000_000_000_000, core.EdKey{i}, 1_763_750_000_500)
	}
	if changed() {
		t.Error("an ordinary answer is written down")
	}
	for what, change := range map[string]func(){
		"a strike": func() { m.Misbehaved(cfg.Known[20].Ed) },
		"a swarm":  func() { _ = m.LearnSwarm(1, ownerOf(77), cfg.Known[:3]) },
		"a guard":  func() { m.Reject(m.Guards()[0]); _, _ = m.Path(core.EdKey{9}) },
		"the time": func() {
			for i := range byte(5) {
				m.Clock.Observe(2_000_000_000_000, core.EdKey{i}, 1_763_751_000_000)
			}
		},
	} {
		if change(); !changed() {
			t.Errorf("%s is lost at a restart", what)
		}
	}
}

// FuzzState: whatever lies in the store, there is a machine that finds paths.
func FuzzState(f *testing.F) {
	m, cfg := lived(f)
	f.Add(m.Marshal())
	f.Add(New(cfg).Marshal())
	f.Add([]byte{})
	f.Add(wire.AppendUint(nil, 4, 1<<63))
	f.Fuzz(func(t *testing.T, state []byte) {
		m, err := Parse(cfg, state)
		if err != nil {
			if !errors.Is(err, ErrState) {
				t.Fatal(err)
			}
			return
		}
		if _, err := m.Path(core.EdKey{9}); err != nil {
			t.Fatal(err)
		}
		again, err := Parse(cfg, m.Marshal())
		if err != nil || !bytes.Equal(again.Marshal(), m.Marshal()) {
			t.Fatalf("not stable: %v", err)
		}
	})
}

// A path of one request, from a list as long as the real network's.
func BenchmarkPath(b *testing.B) {
	m := New(Config{Known: nodes(2200)})
	b.Run("kept", func(b *testing.B) {
		for b.Loop() {
			if _, err := m.Path(core.EdKey{9}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("new", func(b *testing.B) {
		for b.Loop() {
			p, err := m.Path(core.EdKey{9})
			if err != nil {
				b.Fatal(err)
			}
			m.guard(p.Guard().Ed).rest = nil
		}
	})
}
