package swarm

import (
	"slices"
	"testing"

	"tandem/core"
)

func TestRebuildTakesOtherGuards(t *testing.T) {
	for seed := range uint64(20) {
		w := newWorld(t, nodes(30)).seeded(seed)
		dest := nodes(30)[29].Ed
		if !w.send(dest) {
			t.Fatal("the network works, and nothing arrives")
		}
		old := w.m.Guards()
		w.m.Changed()
		w.m.Rebuild()
		if _, changed := w.m.Changed(); !changed {
			t.Fatal("a restart would bring the old guards back")
		}
		fresh := w.m.Guards()
		if len(fresh) != standing {
			t.Fatalf("%d guards", len(fresh))
		}
		for _, ed := range fresh {
			if slices.Contains(old, ed) {
				t.Fatal("a guard was dropped and taken again")
			}
		}
		for range 20 {
			if !w.send(dest) {
				t.Fatal("nothing arrives by the new paths")
			}
		}
	}
}

// A rebuilt path is the one guard's that there is.
func TestRebuildWithoutOthers(t *testing.T) {
	list := nodes(12)
	list[0].URL = "https://one.example"
	m := New(Config{Known: list, GuardURL: true})
	for range 3 {
		p, err := m.Path(core.EdKey{9})
		if err != nil || p.Guard().Ed != list[0].Ed {
			t.Fatalf("%v by %v", err, p.Guard().Ed)
		}
		m.Rebuild()
	}
}

// An answer that comes by a path which is gone brings nothing back.
func TestRebuildWhileARequestIsUnderWay(t *testing.T) {
	w := newWorld(t, nodes(30))
	dest := core.EdKey{9}
	p, err := w.m.Path(dest)
	if err != nil {
		t.Fatal(err)
	}
	w.m.Rebuild()
	w.m.Worked(w.now, p, dest)
	w.m.Failed(w.now, p, dest, AtGuard())
	w.m.Tested(w.now, p.Guard().Ed, false)
	if slices.Contains(w.m.Guards(), p.Guard().Ed) {
		t.Error("the old guard is back")
	}
}
