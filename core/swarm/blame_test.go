package swarm

import (
	"slices"
	"testing"

	"tandem/core"
)

func strikesOf(m *Machine, ed core.EdKey) int { return int(m.pool.by[ed].strikes) }

// A middle node dies: one request needs a second attempt, then nobody goes
// through it any more, and neither guard is given up.
func TestDeadMiddleIsReplaced(t *testing.T) {
	for seed := range uint64(12) {
		w := newWorld(t, nodes(30)).seeded(seed)
		w.requests(5)
		guards := w.m.Guards()
		p, err := w.m.Path(core.EdKey{9})
		if err != nil {
			t.Fatal(err)
		}
		w.kill(p.Nodes[1])
		if failed := w.requests(30); failed > 0 {
			t.Fatalf("seed %d: %d requests failed", seed, failed)
		}
		w.sent = 0
		w.requests(20)
		if w.sent > 20 {
			t.Errorf("seed %d: still %d failures in 20 requests", seed, w.sent-20)
		}
		if !slices.Equal(guards, w.m.Guards()) && len(w.m.Guards()) == 2 {
			for _, old := range guards {
				if !slices.Contains(w.m.Guards(), old) {
					t.Errorf("seed %d: a living guard was dropped", seed)
				}
			}
		}
	}
}

// A guard dies: it is tested, dropped and replaced; the other stays, and nobody
// else is blamed.
func TestDeadGuardIsReplaced(t *testing.T) {
	for seed := range uint64(12) {
		w := newWorld(t, nodes(30)).seeded(seed)
		w.requests(5)
		gone, stays := w.m.Guards()[0], w.m.Guards()[1]
		w.dead[gone] = true
		if failed := w.requests(10); failed > 0 {
			t.Fatalf("seed %d: %d requests failed", seed, failed)
		}
		if g := w.m.Guards(); slices.Contains(g, gone) || !slices.Contains(g, stays) || len(g) != 2 {
			t.Errorf("seed %d: guards %v", seed, g)
		}
		for ed, e := range w.m.pool.by {
			if ed != gone && e.strikes >= strikeOut {
				t.Errorf("seed %d: an innocent node was struck out", seed)
			}
		}
	}
}

// Both guards die at once.
func TestBothGuardsDead(t *testing.T) {
	for seed := range uint64(12) {
		w := newWorld(t, nodes(30)).seeded(seed)
		w.requests(5)
		dead := w.m.Guards()
		w.dead[dead[0]], w.dead[dead[1]] = true, true
		w.requests(10)
		if failed := w.requests(10); failed > 0 {
			t.Errorf("seed %d: %d requests failed after the guards were replaced", seed, failed)
		}
		for _, g := range w.m.Guards() {
			if w.dead[g] {
				t.Errorf("seed %d: a dead guard stays", seed)
			}
		}
	}
}

// A member of a swarm is silent. Its requests fail; paths and guards that lead
// to it are not what is wrong, and must not flap.
func TestDeadDestination(t *testing.T) {
	for seed := range uint64(12) {
		list := nodes(30)
		w := newWorld(t, list).seeded(seed)
		w.requests(5)
		guards := w.m.Guards()
		dest := list[17]
		for slices.Contains(guards, dest.Ed) {
			dest = list[w.m.random.IntN(30)]
		}
		w.kill(dest)
		for range 5 {
			w.send(dest.Ed)
			w.tend()
			w.requests(4)
		}
		if !slices.Equal(guards, w.m.Guards()) && !(slices.Contains(w.m.Guards(), guards[0]) && slices.Contains(w.m.Guards(), guards[1])) {
			t.Errorf("seed %d: a living guard was dropped", seed)
		}
		if strikesOf(w.m, dest.Ed) == 0 {
			t.Errorf("seed %d: the culprit was not found", seed)
		}
	}
}

// Half an hour without any network blames nobody: the guards are the same afterwards
// and the first request goes through.
func TestOfflineBlamesNobody(t *testing.T) {
	for seed := range uint64(4) {
		list := nodes(30)
		w := newWorld(t, list).seeded(seed)
		w.requests(5)
		guards := w.m.Guards()
		w.offline = true
		for range 360 {
			if w.send(list[w.m.random.IntN(30)].Ed) {
				t.Fatal("went through")
			}
			w.tend()
			w.now += 5 * core.Second
		}
		for _, e := range w.m.pool.list {
			if e.strikes > 0 {
				t.Fatal("a node was struck while we were offline")
			}
		}
		w.offline = false
		if failed := w.requests(20); failed > 0 {
			t.Errorf("seed %d: %d requests failed after the network was back", seed, failed)
		}
		for _, g := range guards {
			if !slices.Contains(w.m.Guards(), g) {
				t.Errorf("seed %d: a guard was given up for being offline", seed)
			}
		}
	}
}

// A guard that says of everybody behind it that they are unknown passes its
// test, and is dropped all the same before the network looks empty.
func TestLyingGuard(t *testing.T) {
	for seed := range uint64(12) {
		w := newWorld(t, nodes(30)).seeded(seed)
		w.requests(5)
		w.liar = w.m.Guards()[0]
		if failed := w.requests(40); failed > 0 {
			t.Errorf("seed %d: %d requests failed", seed, failed)
		}
		if slices.Contains(w.m.Guards(), w.liar) {
			t.Errorf("seed %d: the liar is still a guard", seed)
		}
		if _, usable := w.m.Size(); usable < 20 {
			t.Errorf("seed %d: %d nodes are left of 30", seed, usable)
		}
	}
}

func TestFaults(t *testing.T) {
	list := nodes(30)
	w := newWorld(t, list)
	dest := core.EdKey{9}
	path := func() Path {
		p, err := w.m.Path(dest)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}

	p := path()
	w.m.Failed(w.now, p, dest, Unknown(p.Nodes[2].Ed))
	if w.m.pool.canUse(p.Nodes[2].Ed) {
		t.Error("a node of the path that is unknown stays in use")
	}
	p = path()
	stranger := list[0].Ed
	for p.has(stranger) || !w.m.pool.canUse(stranger) {
		stranger = list[w.m.random.IntN(30)].Ed
	}
	w.m.Failed(w.now, p, dest, Unknown(stranger))
	if !w.m.pool.canUse(stranger) {
		t.Error("a node that has nothing to do with the request was dropped")
	}
	p = path()
	w.m.Failed(w.now, p, dest, Unknown(p.Guard().Ed))
	if !w.m.pool.canUse(p.Guard().Ed) {
		t.Error("the guard, which answered, was dropped as unknown")
	}
	p = path()
	w.m.Failed(w.now, p, dest, At(p.Nodes[1].Ed))
	if strikesOf(w.m, p.Nodes[1].Ed) != 1 {
		t.Error("a node that is not ready has no strike")
	}
	for range strikeOut {
		w.m.Misbehaved(list[29].Ed)
	}
	if w.m.pool.canUse(list[29].Ed) {
		t.Error("three internal errors strike nobody out")
	}
	w.m.Misbehaved(core.EdKey{1, 2, 3}) // not in the pool: nothing happens

	// Who answers, and answers badly each time, is struck out all the same.
	liar := list[28].Ed
	for range strikeOut {
		p, err := w.m.Path(liar)
		if err != nil {
			t.Fatal(err)
		}
		w.m.Worked(w.now, p, liar)
		w.m.Misbehaved(liar)
	}
	if w.m.pool.canUse(liar) {
		t.Error("an answer that is a lie clears the liar")
	}
	w.m.Behaved(liar)
	if !w.m.pool.canUse(liar) {
		t.Error("a proper answer does not")
	}
}

// When too few are left, everybody is forgiven: better a doubtful node than none.
func TestForgiveness(t *testing.T) {
	list := nodes(12)
	m := New(Config{Known: list})
	for _, n := range list {
		for range strikeOut {
			m.Misbehaved(n.Ed)
		}
	}
	if _, usable := m.Size(); usable < minUsable {
		t.Errorf("%d usable nodes", usable)
	}
	if _, err := m.Path(list[0].Ed); err != nil {
		t.Error(err)
	}
}

// Whatever is stored, and whoever is dead: after a restart, with enough living
// nodes, requests go through, soon and then always.
func TestNeverWedged(t *testing.T) {
	for seed := range uint64(80) {
		w := newWorld(t, nodes(30)).seeded(seed)
		rnd := w.m.random
		// A past in which other nodes were dead, the network was away, and
		// everybody was blamed at random.
		for _, n := range w.m.cfg.Known {
			w.dead[n.Ed] = rnd.IntN(3) == 0
		}
		w.offline = rnd.IntN(2) == 0
		for range rnd.IntN(20) {
			w.send(core.EdKey{9})
			w.tend()
		}
		for _, e := range w.m.pool.list {
			w.m.pool.setStrikes(e, uint8(rnd.IntN(strikeOut+1)))
		}
		w.m.refreshed, w.m.tried = core.Millis(rnd.Int64N(1<<45)), 0

		m, err := Parse(Config{Known: w.m.cfg.Known}, w.m.Marshal())
		if err != nil {
			t.Fatal(err)
		}
		w.m, w.offline = m, false
		w.seeded(seed)
		w.now += core.Millis(rnd.Int64N(1<<42) - 1<<41) // the clock may have jumped, 70 years
		alive := 10 + rnd.IntN(21)
		for i, j := range rnd.Perm(30) {
			w.dead[w.m.cfg.Known[j].Ed] = i >= alive
		}
		tries := 0
		for w.requests(1) > 0 {
			if tries++; tries > 60 {
				t.Errorf("seed %d: wedged with %d of 30 nodes alive", seed, alive)
				break
			}
		}
		w.requests(60)
		if failed := w.requests(20); failed > 2 {
			t.Errorf("seed %d: %d of 20 requests fail with %d of 30 nodes alive", seed, failed, alive)
		}
	}
}
