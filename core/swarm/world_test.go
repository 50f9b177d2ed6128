package swarm

import (
	"encoding/binary"
	"fmt"
	mathrand "math/rand/v2"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

// nodes makes n nodes, each in its own /24.
func nodes(n int) []snode.Node {
	list := make([]snode.Node, n)
	for i := range list {
		var ed core.EdKey
		binary.BigEndian.PutUint32(ed[:], uint32(i)+1)
		list[i] = snode.Node{Ed: ed, IP: fmt.Sprintf("10.%d.%d.1", i/256, i%256), Port: 22021}
	}
	return list
}

// world is a network in which some nodes are dead, and a client that does with
// the machine what the courier does: test a guard when the path says so, four
// attempts a request, and a look at the suspects between requests.
type world struct {
	t    testing.TB
	m    *Machine
	now  core.Millis
	dead map[core.EdKey]bool
	// liar answers "Next node not found" for whatever is behind it.
	liar    core.EdKey
	offline bool
	sent    int
}

func newWorld(t testing.TB, known []snode.Node) *world {
	return &world{t: t, m: New(Config{Known: known}), now: 1_763_750_000_000, dead: map[core.EdKey]bool{}}
}

func (w *world) kill(list ...snode.Node) {
	for _, n := range list {
		w.dead[n.Ed] = true
	}
}

func (w *world) up(ed core.EdKey) bool { return !w.offline && !w.dead[ed] }

// send carries one request to dest: up to four attempts, as the courier.
func (w *world) send(dest core.EdKey) bool {
	var avoid []core.EdKey
	for range 4 {
		p, err := w.m.Path(dest, avoid...)
		if err != nil {
			w.t.Fatalf("no path: %v", err)
		}
		w.check(p, dest)
		w.now += core.Second
		if p.Test {
			ok := w.up(p.Guard().Ed)
			w.m.Tested(w.now, p.Guard().Ed, ok)
			if !ok {
				avoid = append(avoid, p.Guard().Ed)
				continue
			}
		}
		w.sent++
		if w.carry(p, dest) {
			return true
		}
		if !p.Test { // a guard that passed its test is not what failed
			avoid = append(avoid, p.Guard().Ed)
		}
	}
	return false
}

func (w *world) carry(p Path, dest core.EdKey) bool {
	if !w.offline && p.Guard().Ed == w.liar {
		w.m.Failed(w.now, p, dest, Unknown(p.Nodes[1].Ed))
		return false
	}
	works := w.up(dest)
	for _, n := range p.Nodes {
		works = works && w.up(n.Ed)
	}
	if !works {
		w.m.Failed(w.now, p, dest, Anywhere())
		return false
	}
	w.m.Worked(w.now, p, dest)
	return true
}

// tend is the courier's background work.
func (w *world) tend() {
	if n, ok := w.m.Suspect(); ok {
		w.m.Tested(w.now, n.Ed, w.up(n.Ed))
	}
}

// check holds the rules of a path.
func (w *world) check(p Path, dest core.EdKey) {
	w.t.Helper()
	subnets, seen := map[string]bool{}, map[core.EdKey]bool{dest: true}
	for _, n := range p.Nodes {
		if subnets[n.Subnet().String()] {
			w.t.Fatalf("two nodes of %v in one path", n.Subnet())
		}
		if seen[n.Ed] {
			w.t.Fatal("a node twice in a path, or the destination in it")
		}
		subnets[n.Subnet().String()], seen[n.Ed] = true, true
	}
	if len(p.Nodes) != hops {
		w.t.Fatalf("%d nodes", len(p.Nodes))
	}
}

// requests sends n requests to random live nodes and counts the failed ones.
func (w *world) requests(n int) (failed int) {
	known := w.m.cfg.Known
	for range n {
		dest := known[w.m.random.IntN(len(known))].Ed
		for w.dead[dest] {
			dest = known[w.m.random.IntN(len(known))].Ed
		}
		if !w.send(dest) {
			failed++
		}
		w.tend()
		w.now += 5 * core.Second
	}
	return failed
}

// seeded makes the machine's choices repeatable.
func (w *world) seeded(seed uint64) *world {
	w.m.random = mathrand.New(mathrand.NewPCG(seed, 1))
	return w
}
