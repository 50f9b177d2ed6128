package testnet

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"tandem/core"
)

// Outside is the sender of what comes to a node from a client.
var Outside = core.EdKey{}

// Trouble is what is wrong with a link. The zero Trouble is a good link. Drop,
// DropAnswer, Corrupt and CorruptAnswer are probabilities from 0 to 1; each
// message that takes the link rolls its own dice, which depend on the network's
// seed, the two ends, and how many messages took the link before.
type Trouble struct {
	Drop          float64     // the request does not arrive
	DropAnswer    float64     // it arrives and is carried out, but the answer does not come back
	Corrupt       float64     // one bit of the request is flipped; between members of a swarm, it is lost
	CorruptAnswer float64     // one bit of the answer is flipped; likewise
	Delay         core.Millis // the request takes this long, and arrives even if nobody waits any more
	Jitter        core.Millis // and up to this much longer
}

// Lies are what a node does against the rules, as bits.
type Lies uint32

// Kinds of lies.
const (
	LieEmpty      Lies = 1 << iota // retrieve finds nothing
	LieForget                      // store is signed for, but nothing is kept
	LieWrongSwarm                  // everything is refused with a swarm that is this node alone
	LieGarbage                     // one bit of all data that is retrieved is flipped
	LieList                        // the list of service nodes holds strangers
)

// health is whether a node answers.
type health int32

const (
	alive  health = iota
	dead          // connections are refused
	frozen        // connections stay open, nothing answers
)

// Faults makes a network misbehave. All methods may be called at any time, and
// take effect on the next message. A key that names no node is a mistake of the
// caller and panics.
type Faults struct {
	net  *Network
	seed [32]byte

	table atomic.Pointer[troubles] // nil: nothing is wrong anywhere

	mu    sync.Mutex // guards changes of table, and the fields below
	trips map[ends]uint64
	ill   int // nodes that are not alive
}

// ends name a link.
type ends struct{ from, to core.EdKey }

// troubles is never changed, only replaced.
type troubles struct {
	all    Trouble
	nodes  map[core.EdKey]Trouble
	links  map[ends]Trouble
	island map[core.EdKey]int // nil: not partitioned
}

func newFaults(n *Network, seed [32]byte) *Faults {
	return &Faults{net: n, seed: derive(seed, "faults", 0), trips: make(map[ends]uint64)}
}

// Faults is the handle on everything that can go wrong.
func (n *Network) Faults() *Faults { return n.faults }

func (f *Faults) node(ed core.EdKey) *Node {
	n := f.net.byEd[ed]
	if n == nil {
		panic("testnet: no such node")
	}
	return n
}

// change replaces the table.
func (f *Faults) change(edit func(*troubles)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	next := &troubles{nodes: make(map[core.EdKey]Trouble), links: make(map[ends]Trouble)}
	if old := f.table.Load(); old != nil {
		next.all, next.island = old.all, old.island
		for k, v := range old.nodes {
			next.nodes[k] = v
		}
		for k, v := range old.links {
			next.links[k] = v
		}
	}
	edit(next)
	calm := next.all == Trouble{} && len(next.nodes)+len(next.links) == 0 && next.island == nil && f.ill == 0
	if calm {
		next = nil
	}
	f.table.Store(next)
}

// Everywhere sets the trouble of every link that has none of its own.
func (f *Faults) Everywhere(t Trouble) { f.change(func(x *troubles) { x.all = t }) }

// OnNode sets the trouble of every link to a node that has none of its own; the
// zero Trouble gives the node back to Everywhere's.
func (f *Faults) OnNode(to core.EdKey, t Trouble) {
	f.node(to)
	f.change(func(x *troubles) { put(x.nodes, to, t) })
}

// OnLink sets the trouble of one direction between two nodes, or from Outside
// to a node; the zero Trouble gives it back to OnNode's.
func (f *Faults) OnLink(from, to core.EdKey, t Trouble) {
	f.node(to)
	f.change(func(x *troubles) { put(x.links, ends{from, to}, t) })
}

func put[K comparable](m map[K]Trouble, k K, t Trouble) {
	if t == (Trouble{}) {
		delete(m, k)
		return
	}
	m[k] = t
}

// Kill stops a node: connections to it are refused, nodes that forward to it
// wait in vain. What it had stored it will still have when revived; what is
// stored meanwhile it misses.
func (f *Faults) Kill(ed core.EdKey) { f.become(ed, dead) }

// Freeze makes a node answer nothing; to a client its connections stay open.
func (f *Faults) Freeze(ed core.EdKey) { f.become(ed, frozen) }

// Revive ends Kill and Freeze.
func (f *Faults) Revive(ed core.EdKey) { f.become(ed, alive) }

func (f *Faults) become(ed core.EdKey, h health) {
	n := f.node(ed)
	f.change(func(*troubles) {
		if health(n.health.Swap(int32(h))) != alive {
			f.ill--
		}
		if h != alive {
			f.ill++
		}
	})
}

// Deregister takes a node off the list: it is in no swarm, nobody forwards to
// it, and to whoever asks it is not ready. The others of its swarm go on; a
// swarm whose last member goes is no more, and its accounts move to the nearest.
func (f *Faults) Deregister(ed core.EdKey) { f.list(ed, false) }

// Register puts a node back into the swarm that it was in; the other members
// give it what they have. A swarm that is there again takes its accounts back.
func (f *Faults) Register(ed core.EdKey) { f.list(ed, true) }

func (f *Faults) list(ed core.EdKey, listed bool) {
	n := f.node(ed)
	f.mu.Lock()
	defer f.mu.Unlock()
	n.deregistered.Store(!listed)
	f.net.enrol()
	if listed {
		for _, peer := range f.net.list.Load().swarm[n.info.Swarm] {
			if peer != n {
				n.shelf.take(n.now(), peer.shelf.all(peer.now()))
			}
		}
	}
	f.net.handOver()
}

// handOver gives the messages of accounts that have moved to the members of
// their new swarm, as nodes do when a swarm is formed or dissolved. The old
// ones keep them until they expire.
func (n *Network) handOver() {
	r := n.list.Load()
	for _, from := range n.all {
		for _, m := range from.shelf.all(from.now()) {
			id, _ := r.swarmOf(m.owner)
			if id == from.info.Swarm {
				continue
			}
			for _, to := range r.swarm[id] {
				to.shelf.take(to.now(), []slot{m})
			}
		}
	}
}

// SkewClock sets how far a node's clock is ahead; negative is behind.
func (f *Faults) SkewClock(ed core.EdKey, ahead core.Millis) { f.node(ed).skew.Store(int64(ahead)) }

// Lie sets the lies that a node tells; 0 makes it honest.
func (f *Faults) Lie(ed core.EdKey, l Lies) { f.node(ed).lie.Store(uint32(l)) }

// Partition lets nodes hear only those of their own group; nodes in no group
// form one more. Clients reach all of them.
func (f *Faults) Partition(groups ...[]core.EdKey) {
	island := make(map[core.EdKey]int)
	for i, g := range groups {
		for _, ed := range g {
			f.node(ed)
			island[ed] = i + 1
		}
	}
	f.change(func(x *troubles) { x.island = island })
}

// Heal ends a Partition.
func (f *Faults) Heal() { f.change(func(x *troubles) { x.island = nil }) }

// Calm ends all troubles of links, and a Partition. Nodes stay as they are.
func (f *Faults) Calm() { f.change(func(x *troubles) { *x = troubles{} }) }

// of is the trouble of a link.
func (t *troubles) of(from, to core.EdKey) Trouble {
	if x, ok := t.links[ends{from, to}]; ok {
		return x
	}
	if x, ok := t.nodes[to]; ok {
		return x
	}
	return t.all
}

// parted reports whether two nodes are on different sides.
func (t *troubles) parted(from, to core.EdKey) bool {
	return t.island != nil && from != Outside && t.island[from] != t.island[to]
}

// quiet reports whether nothing can happen to a message on this link.
func (f *Faults) quiet(from core.EdKey, to *Node) bool {
	t := f.table.Load()
	return t == nil || health(to.health.Load()) == alive && !t.parted(from, to.info.Ed) && t.of(from, to.info.Ed) == Trouble{}
}

// trip is the fate of one message.
type trip struct {
	lost     bool
	lostBack bool
	delay    core.Millis
	bent     uint64 // which bit of the request is flipped, counted round; 0: none
	bentBack uint64
}

// roll decides the fate of the next message on a link.
func (f *Faults) roll(from, to core.EdKey) trip {
	t := f.table.Load()
	if t == nil {
		return trip{}
	}
	x := t.of(from, to)
	f.mu.Lock()
	count := f.trips[ends{from, to}]
	f.trips[ends{from, to}] = count + 1
	f.mu.Unlock()
	text := fmt.Appendf(nil, "%x%x", from, to)
	d := derive(f.seed, string(text), int(count))
	dice := rand.New(rand.NewPCG(binary.LittleEndian.Uint64(d[:]), binary.LittleEndian.Uint64(d[8:])))
	r := trip{lost: dice.Float64() < x.Drop || t.parted(from, to), lostBack: dice.Float64() < x.DropAnswer, delay: x.Delay}
	if dice.Float64() < x.Corrupt {
		r.bent = dice.Uint64() | 1
	}
	if dice.Float64() < x.CorruptAnswer {
		r.bentBack = dice.Uint64() | 1
	}
	if x.Jitter > 0 {
		r.delay += core.Millis(dice.Int64N(int64(x.Jitter) + 1))
	}
	return r
}

// there is the request as it arrives, back the answer.
func (t trip) there(b []byte) []byte { return Bend(b, t.bent) }
func (t trip) back(b []byte) []byte  { return Bend(b, t.bentBack) }

// Bend flips a bit in a copy, counted round; 0 is none, and gives b itself.
func Bend(b []byte, bit uint64) []byte {
	if bit == 0 || len(b) == 0 {
		return b
	}
	bent := append([]byte(nil), b...)
	bent[bit>>3%uint64(len(b))] ^= 1 << (bit & 7)
	return bent
}

// lies reports whether the node tells this lie.
func (n *Node) lies(l Lies) bool { return Lies(n.lie.Load())&l != 0 }

// distort replaces a swarm by this node alone, if that is its lie.
func (n *Node) distort(o object) {
	if n.lies(LieWrongSwarm) {
		o["snodes"] = []object{n.info.json()}
	}
}

// twist spoils retrieved data, if that is its lie.
func (n *Node) twist(data []byte) []byte {
	if n.lies(LieGarbage) {
		return Bend(data, 1)
	}
	return data
}
