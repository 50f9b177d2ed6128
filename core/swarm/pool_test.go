package swarm

import (
	"errors"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

// A new list needs what three nodes agree on (network.md §7).
func TestAcceptList(t *testing.T) {
	const now = 1_763_750_000_000
	list := nodes(40)
	moved := slices.Clone(list)
	moved[3].Port = 1
	sybil := slices.Clone(list)
	for i := range sybil {
		sybil[i].Ed[0] = 0xff
	}
	for name, c := range map[string]struct {
		known []snode.Node
		lists [3][]snode.Node
		want  int // nodes afterwards; 0 = refused
	}{
		"all alike":                        {list, [3][]snode.Node{list, list, list}, 40},
		"one knows fewer":                  {list, [3][]snode.Node{list, list[:30], list}, 30},
		"one has another address":          {list, [3][]snode.Node{list, moved, list}, 39},
		"24 of many are enough":            {list, [3][]snode.Node{list, list[:24], list}, 24},
		"23 are not":                       {list, [3][]snode.Node{list, list[:23], list}, 0},
		"one liar with its own nodes":      {list, [3][]snode.Node{list, sybil, list}, 0},
		"two liars":                        {list, [3][]snode.Node{sybil, sybil, list}, 0},
		"one empty":                        {list, [3][]snode.Node{list, list, nil}, 0},
		"two thirds of a small network":    {list[:12], [3][]snode.Node{list[:12], list[:8], list[:12]}, 8},
		"less than that":                   {list[:12], [3][]snode.Node{list[:12], list[:7], list[:12]}, 0},
		"a list that says nothing, thrice": {nil, [3][]snode.Node{}, 0},
	} {
		m := New(Config{Known: c.known})
		before, _ := m.Size()
		err := m.AcceptList(now, c.lists)
		size, _ := m.Size()
		if c.want == 0 {
			if !errors.Is(err, ErrNoAgreement) || size != before || !m.NeedsList(now) {
				t.Errorf("%s: %v, %d nodes", name, err, size)
			}
			continue
		}
		if err != nil || size != c.want || m.NeedsList(now) != (c.want < min(enough, len(c.known))) {
			t.Errorf("%s: %v, %d nodes", name, err, size)
		}
	}
}

func TestNeedsList(t *testing.T) {
	now := core.Millis(1_763_750_000_000)
	list := nodes(30)
	m := New(Config{Known: list})
	if !m.NeedsList(now) {
		t.Error("the bundled list is taken for fresh")
	}
	m.TriedList(now)
	if m.NeedsList(now+listRetry) || !m.NeedsList(now+listRetry+1) {
		t.Error("a failed attempt is not followed by a pause, or by nothing else")
	}
	if err := m.AcceptList(now, [3][]snode.Node{list, list, list}); err != nil {
		t.Fatal(err)
	}
	later := now + listRetry + 1
	if m.NeedsList(later) || !m.NeedsList(now+listAge+1) {
		t.Error("the age of the list")
	}
	if !m.NeedsList(now - 10*365*core.Day) {
		t.Error("a clock that went back ten years keeps the list for ten years")
	}
	for _, n := range list[:15] {
		for range strikeOut {
			m.Misbehaved(n.Ed)
		}
	}
	if !m.NeedsList(later) {
		t.Error("15 usable nodes of 30 are enough")
	}
}

// A guard that left the network is replaced with the list.
func TestListWithoutGuard(t *testing.T) {
	list := nodes(40)
	m := New(Config{Known: list})
	if _, err := m.Path(core.EdKey{9}); err != nil {
		t.Fatal(err)
	}
	gone := m.Guards()[0]
	left := slices.DeleteFunc(slices.Clone(list), func(n snode.Node) bool { return n.Ed == gone })
	if err := m.AcceptList(1, [3][]snode.Node{left, left, left}); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Path(core.EdKey{9}); err != nil || slices.Contains(m.Guards(), gone) || len(m.Guards()) != standing {
		t.Errorf("guards %v: %v", m.Guards(), err)
	}
}

func TestAsk(t *testing.T) {
	list := nodes(10)
	m := New(Config{Known: list})
	got := m.Ask(3, list[0].Ed, list[1].Ed)
	if len(got) != 3 || slices.Contains(got, list[0]) || slices.Contains(got, list[1]) || got[0] == got[1] {
		t.Errorf("%v", got)
	}
	if got = m.Ask(20); len(got) != 10 {
		t.Errorf("%d of 10 nodes", len(got))
	}
}
