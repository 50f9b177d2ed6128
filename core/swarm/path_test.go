package swarm

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

// The rules of a path (network.md §7), for every size of network and every
// destination.
func TestPathRules(t *testing.T) {
	for _, size := range []int{4, 5, 6, 8, 12, 30, 100} {
		list := nodes(size)
		for round := range 5 {
			w := newWorld(t, list).seeded(uint64(round))
			for _, dest := range list {
				p, err := w.m.Path(dest.Ed)
				if err != nil {
					t.Fatalf("%d nodes: %v", size, err)
				}
				w.check(p, dest.Ed)
			}
		}
	}
}

func TestTooFewNodes(t *testing.T) {
	m := New(Config{Known: nodes(3)})
	if _, err := m.Path(nodes(3)[0].Ed); !errors.Is(err, ErrNoPath) {
		t.Errorf("three nodes, one of them the destination: %v", err)
	}
	if _, err := New(Config{}).Path(core.EdKey{9}); !errors.Is(err, ErrNoPath) {
		t.Errorf("no node: %v", err)
	}
	same := nodes(20)
	for i := range same {
		same[i].IP = fmt.Sprintf("10.0.%d.%d", i%2, i+1)
	}
	if _, err := New(Config{Known: same}).Path(core.EdKey{9}); !errors.Is(err, ErrNoPath) {
		t.Errorf("two /24s are not enough for three nodes: %v", err)
	}
}

// Twenty nodes of one operator weigh no more than one.
func TestSubnetsWeighAlike(t *testing.T) {
	list := nodes(60)
	for i := 20; i < 60; i++ {
		list[i].IP = fmt.Sprintf("192.0.2.%d", i)
	}
	seen := 0
	for seed := range uint64(200) {
		w := newWorld(t, list).seeded(seed)
		p, err := w.m.Path(core.EdKey{9})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range p.Nodes {
			if n.Subnet().String() == "192.0.2.0/24" {
				seen++
			}
		}
	}
	// 3 of 21 subnets in a path: 200 · 3/21 = 29; by nodes it would be 400.
	if seen > 55 {
		t.Errorf("the large subnet was chosen %d times", seen)
	}
}

func TestPathsAreDisjointAndKept(t *testing.T) {
	w := newWorld(t, nodes(30))
	used := map[core.EdKey]int{}
	paths := map[core.EdKey]Path{}
	for range 200 {
		p, err := w.m.Path(core.EdKey{9})
		if err != nil || p.Test {
			t.Fatalf("%v, test %v", err, p.Test)
		}
		if old, ok := paths[p.Guard().Ed]; ok && !slices.Equal(old.Nodes, p.Nodes) {
			t.Fatal("a path changed without a failure")
		}
		paths[p.Guard().Ed] = p
	}
	if len(paths) != standing {
		t.Fatalf("%d paths", len(paths))
	}
	for _, p := range paths {
		for _, n := range p.Nodes {
			used[n.Ed]++
		}
	}
	if len(used) != standing*hops {
		t.Errorf("%d different nodes in two paths", len(used))
	}
}

// A destination that lies in a path changes neither the path nor the guards.
func TestDestinationInThePath(t *testing.T) {
	w := newWorld(t, nodes(30))
	first, err := w.m.Path(core.EdKey{9})
	if err != nil {
		t.Fatal(err)
	}
	guards := w.m.Guards()
	for _, n := range first.Nodes {
		for range 20 {
			p, err := w.m.Path(n.Ed)
			if err != nil {
				t.Fatal(err)
			}
			w.check(p, n.Ed)
		}
	}
	if !slices.Equal(guards, w.m.Guards()) {
		t.Error("the guards changed")
	}
	for range 50 {
		p, err := w.m.Path(core.EdKey{9})
		if err != nil {
			t.Fatal(err)
		}
		if p.Guard() == first.Guard() && !slices.Equal(p.Nodes, first.Nodes) {
			t.Error("the path changed")
		}
	}
}

func TestGuardNeedsURLWithoutGateway(t *testing.T) {
	list := nodes(30)
	list[7].URL, list[9].URL = "https://seven", "https://nine"
	m := New(Config{Known: list, GuardURL: true})
	for range 50 {
		p, err := m.Path(core.EdKey{9})
		if err != nil || p.Guard().URL == "" {
			t.Fatalf("guard without a URL: %v", err)
		}
	}
	// The lists of other nodes have no URLs; ours stay.
	if err := m.AcceptList(1, [3][]snode.Node{nodes(30), nodes(30), nodes(30)}); err != nil {
		t.Fatal(err)
	}
	if p, err := m.Path(core.EdKey{9}); err != nil || p.Guard().URL == "" {
		t.Errorf("after a new list: %v", err)
	}
}

func TestGuardsSurviveARestart(t *testing.T) {
	w := newWorld(t, nodes(30))
	w.requests(3)
	before := w.m.Guards()
	m, err := Parse(Config{Known: nodes(30)}, w.m.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	p, err := m.Path(core.EdKey{9})
	if err != nil || !slices.Contains(before, p.Guard().Ed) || !slices.Equal(m.Guards(), before) {
		t.Errorf("guards before %v, after %v: %v", before, m.Guards(), err)
	}
}

// Where all nodes run on one host, only the rule about subnets goes.
func TestOneHost(t *testing.T) {
	var list []snode.Node
	for _, n := range nodes(4) {
		n.IP = "127.0.0.1"
		list = append(list, n)
	}
	if _, err := New(Config{Known: list}).Path(list[0].Ed); !errors.Is(err, ErrNoPath) {
		t.Errorf("on a public network: %v", err)
	}
	m, err := Parse(Config{Known: list, OneHost: true}, New(Config{Known: list}).Marshal())
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		p, err := m.Path(list[0].Ed)
		if err != nil || len(p.Nodes) != hops || p.has(list[0].Ed) || p.Nodes[0].Ed == p.Nodes[1].Ed {
			t.Fatalf("%v %v", p, err)
		}
	}
}
