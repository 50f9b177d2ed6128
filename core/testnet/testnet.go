// Package testnet is a service-node network in one process: nodes with keys and
// swarms, each with its own store, that answer storage RPC and onion requests
// byte for byte as storage server 2.8.0 does, its oddities included. The demo in
// a tab, the local network of `make run` and every test that needs a network
// stand on it. It is not a simulation of a client's idea of the network: its
// conduct was recorded from real servers, and TestConformance replays the
// recordings.
//
// It follows network.md §2-6 and §18; where the recordings in testdata differ,
// they are right.
//
// # Shape
//
// A Node knows nothing of sockets: Node.Serve takes method, path, headers and
// body and returns a Response. Two doors lead to it. Transport is the one inside
// the process (also in wasm). Serve, built natively only, gives each node an
// HTTPS listener with a self-signed certificate, as real nodes have.
//
//	Transport ─┐                         ┌─ storage RPC ── shelf (one per node)
//	           ├─► Node.Serve ─► front ──┤        └─ the other members of the swarm
//	Serve ─────┘                         └─ onion ── next node | registered server
//
// What passes between two nodes, or between the outside and a node, goes over a
// link, and a link asks the Faults whether it may. Without faults a request runs
// to its end in the caller's goroutine; nothing is locked but the store of the
// node that is being asked.
//
// # Time
//
// The network has one clock (Options.Now and Options.After; Clock is a simulated
// pair). Every wait, of a relay for a dead hop or of a store for a silent member,
// is a wait on that clock. The default is the time package, so that the bubble of
// testing/synctest governs it too.
//
// # What a million tabs would cost
//
// This is paper. Measured is one thing, an idle poll: 1,169 bytes out and 160 in
// (BenchmarkPoll of core/client; bodies at the Transport). Assumed are the public
// network's 2,200 nodes in swarms of 7, every choice even, one second for a poll,
// and 700 bytes of HTTP, TLS and TCP around the bodies on each side of a gateway.
// Messages are not counted, nor a tab's start, nor the outbox every 10 minutes.
//
// Polls. In front, with the cadence of multi-device.md §3, a tab makes
// 1/5 + 1/30 = 0.233 polls a second; hidden, core/client reads both mailboxes
// every 60 s, 2/60 = 0.033. All in front: 233,000 a second. All hidden: 33,000.
// One in ten in front: 0.1 × 233,000 + 0.9 × 33,000 = 53,000. What follows is for
// all in front, the worst; one in ten costs 0.23 of it.
//
// Bytes. 1,169 + 160 + 700 = 2,029 a poll: 473 MB/s or 3.8 Gbit/s on each side of
// the gateways; 41 MB a day for a tab. To that comes the list of nodes, each 12 h
// from three, at some 220 bytes a node: 3 × 2,200 × 220 × 4/3 (base64) = 1.9 MB,
// 45 MB/s in all.
//
// Gateways. One takes 8,192 connections (core/gateway), and a browser needs one
// with HTTP/2: 10⁶ / 8,192 = 123 gateways and 10⁶ sockets. With HTTP/1.1 two polls
// at a time need two. Each gateway carries 1,900 polls/s, 31 Mbit/s on each side,
// and has 1,900 under way of the 4,096 that it may: 8,192 × 10 KB + 1,900 × 50 KB
// = 177 MB. Hidden tabs cost handshakes instead: their connections end after 30 s
// without a poll, so up to 33,000 a second begin anew, 270 at each gateway.
//
// Guards. A gateway sends 1,900 / 2,200 = 0.9 polls/s to each node, so connections
// (which end after 8 s without work) mostly stay: 2,200 at a gateway, of which
// 2,048 may rest, and 123 at a node.
//
// Swarms. Each poll is opened by four nodes, three of the path and one of the
// swarm: 233,000 × 4 / 2,200 = 424 layers/s at each node, at most 424 × 1,329
// bytes = 0.6 MB/s each way. A swarm is 1 in 314, has 3,200 device mailboxes and
// answers 740 polls/s, each member 106 (233,000 / 2,200: the size of swarms does
// not matter). If a key agreement takes 0.1 ms and a retrieve, its signature
// checked, 0.2 ms, that is 424 × 0.1 + 106 × 0.2 = 64 ms/s, 6 % of a core.
//
// So gateways fill up first, by sockets and not by bytes; swarms do not notice.
package testnet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"tandem/core"
)

// Sizes of a network when Options leave them open.
const (
	DefaultNodes = 30 // a client wants a pool of 8, agreement of 24, and two paths in distinct /24s
	minSwarm     = 3  // below three members a client keeps asking for the swarm again (network.md §7)
	wantSwarm    = 5  // members per swarm when Swarms is open; five signatures are a store's main cost
	wantSwarms   = 6
	maxNodes     = 1 << 16 // 10.a.b.1 has two free bytes
)

// Reasons why New refuses.
var (
	ErrTooManyNodes = errors.New("testnet: at most 65536 nodes")
	ErrSwarms       = errors.New("testnet: fewer nodes than swarms")
	ErrNoDir        = errors.New("testnet: no files in this build")
)

// Options describe a network. The zero value is a network of DefaultNodes on
// the real clock, in memory.
type Options struct {
	Nodes  int      // 0 means DefaultNodes
	Swarms int      // 0 means about five members each, at least 6 swarms if there are nodes for them
	Seed   [32]byte // keys, swarm ids and faults follow from it

	// Now is the network's clock, milliseconds since 1970; nil means time.Now.
	// After calls f once after d of that clock, unless stop is called first; nil
	// means time.AfterFunc. A simulated Now needs its After: see Clock.
	Now   func() core.Millis
	After func(d core.Millis, f func()) (stop func() bool)

	// Dir keeps the nodes' messages in files and reads them again at the next
	// New with the same Seed. Empty means memory only. Native builds only.
	Dir string

	// Sockets says how Serve listens.
	Sockets Sockets

	// Events, if not nil, is called for each step of each request, from the
	// goroutine that carries it: it must not block.
	Events func(Event)
}

// Sockets are the peculiarities of Network.Serve. The zero value is as public
// nodes are, but for the rate limit.
type Sockets struct {
	FirstPort int  // node i listens on FirstPort+i; 0 means free ports
	Advertise bool // nodes advertise 127.0.0.1 and FirstPort+i, where they do listen, instead of 10.0.i.1
	CORS      bool // permissive CORS, which no public node has: for a page without a gateway
	RateLimit bool // 429, as recorded: 600 storage requests at once, 300 a second per client
}

// Network is a running network. All methods are safe for concurrent use.
type Network struct {
	opts   Options
	now    func() core.Millis
	after  func(d core.Millis, f func()) (stop func() bool)
	born   core.Millis // height counts from here
	all    []*Node     // every node that ever was, in order of birth
	byEd   map[core.EdKey]*Node
	faults *Faults
	closed chan struct{} // ends all waits

	list atomic.Pointer[roll] // who is registered, and in which swarm

	mu      sync.Mutex // guards the fields below
	servers map[string]Server
	names   map[string]Name
	stop    bool
}

// New builds a network. Errors: ErrTooManyNodes, ErrSwarms, ErrNoDir, and those
// of reading Options.Dir.
func New(o Options) (*Network, error) {
	if o.Nodes == 0 {
		o.Nodes = DefaultNodes
	}
	if o.Nodes > maxNodes {
		return nil, ErrTooManyNodes
	}
	if o.Swarms == 0 {
		o.Swarms = swarmsFor(o.Nodes)
	}
	if o.Nodes < 1 || o.Swarms < 1 || o.Swarms > o.Nodes {
		return nil, fmt.Errorf("%w: %d nodes, %d swarms", ErrSwarms, o.Nodes, o.Swarms)
	}
	return build(o, plan(o))
}

// swarmsFor divides nodes into swarms of about wantSwarm, with at least
// wantSwarms of them as long as each has minSwarm members.
func swarmsFor(nodes int) int {
	n := nodes / wantSwarm
	if n < wantSwarms {
		n = min(wantSwarms, nodes/minSwarm)
	}
	return max(n, 1)
}

// build starts the nodes of a plan.
func build(o Options, specs []spec) (*Network, error) {
	n := &Network{
		opts:    o,
		now:     o.Now,
		after:   o.After,
		byEd:    make(map[core.EdKey]*Node, len(specs)),
		closed:  make(chan struct{}),
		servers: make(map[string]Server),
		names:   make(map[string]Name),
	}
	if n.now == nil {
		n.now = realNow
	}
	if n.after == nil {
		n.after = realAfter
	}
	n.born = n.now()
	n.faults = newFaults(n, o.Seed)
	for i, s := range specs {
		node := newNode(n, i, s)
		n.all = append(n.all, node)
		n.byEd[node.info.Ed] = node
	}
	n.enrol()
	if o.Dir != "" {
		if err := n.open(o.Dir); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// Close ends every wait and closes the files. The network answers nothing more.
func (n *Network) Close() error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stop {
		return nil
	}
	n.stop = true
	close(n.closed)
	var err error
	for _, node := range n.all {
		err = errors.Join(err, node.shelf.close())
	}
	return err
}

// Now is the network's time in milliseconds.
func (n *Network) Now() core.Millis { return n.now() }

// Nodes lists the registered nodes, in the order of their birth.
func (n *Network) Nodes() []NodeInfo {
	nodes := n.list.Load().nodes
	infos := make([]NodeInfo, len(nodes))
	for i, node := range nodes {
		infos[i] = node.Info()
	}
	return infos
}

// Swarm lists the nodes that are responsible for an account.
func (n *Network) Swarm(owner core.ID) []*Node {
	r := n.list.Load()
	id, _ := r.swarmOf(owner)
	return slices.Clone(r.swarm[id])
}

// Node finds a node by its key, registered or not; nil if there is none.
func (n *Network) Node(ed core.EdKey) *Node { return n.byEd[ed] }

// wait passes d of the network's clock. It returns early with an error when the
// context or the network ends.
func (n *Network) wait(ctx context.Context, d core.Millis) error {
	if d <= 0 {
		return ctx.Err()
	}
	done := make(chan struct{})
	stop := n.after(d, func() { close(done) })
	defer stop()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-n.closed:
		return errClosed
	}
}

// errClosed ends the waits of a network that was closed.
var errClosed = errors.New("testnet: closed")
