// Package swarm knows the service nodes: which there are, which two guards a
// client enters by, which path a request takes, who is to blame when it fails,
// which nodes keep a mailbox, and what time the network has. It decides; it
// sends nothing. core/client/courier carries out what it decides and tells it
// what came of it.
//
// It follows network.md §7, the desktop client's conduct, and differs where that
// client gets stuck:
//
//   - Blame falls on a node, not on a path. A failed request puts everyone who
//     took part under doubt; each later success clears those who took part in
//     it; who remains alone is the culprit (blame.go).
//   - Nothing is blamed while nothing works: then we are offline, not the nodes.
//   - A node that is struck out is kept in the list and forgiven when too few
//     are left, so no state, stored or not, is without a way out.
//   - A guard is tested with a one-layer onion request, never called directly,
//     and only when it is under doubt: a first start needs no round trip for it.
//
// The /24 rule and the disjoint paths are kept as there. A gateway that drops
// everything that goes to a certain guard can make the client choose another:
// that is the price of not being stuck, and the gateway still sees no more than
// sizes and times.
//
// A Machine is not safe for concurrent use: its owner locks. Times are local
// time in milliseconds; a clock that jumps makes things stale, no more.
package swarm

import (
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"

	"tandem/core"
	"tandem/core/snode"
)

// Numbers of network.md §7, and ours.
const (
	hops      = 3 // nodes of a path, destination not counted
	standing  = 2 // guards, and paths
	strikeOut = 3 // failures that are a node's own, then it is not used

	minUsable    = 8  // below, everybody is forgiven and the known list is added
	enough       = 16 // below, a fresh list is wanted
	minAgreement = 24 // nodes that three lists must have in common

	listAge      = 12 * core.Hour   // then the list is fetched again
	listRetry    = 10 * core.Minute // after an attempt
	swarmAge     = core.Day         // then a swarm is asked for again
	swarmRetry   = 10 * core.Minute // when it has fewer than minSwarm members
	minSwarm     = 3
	maxSwarms    = 512 // mailboxes whose swarm is remembered
	troubleAge   = 10 * core.Minute
	maxTroubles  = 64
	forgiveAfter = 12          // failures in a row
	missedOut    = 2           // tests failed while others work
	testAge      = core.Minute // a success after that proves nothing about a failed test
)

// Reasons why there is nothing to choose from.
var (
	ErrNoPath      = errors.New("swarm: too few service nodes for a path")
	ErrNoMember    = errors.New("swarm: no known node keeps this mailbox")
	ErrNoAgreement = errors.New("swarm: the nodes' lists do not agree")
	ErrState       = errors.New("swarm: stored state is damaged")
)

// Config is what a Machine is given at each start.
type Config struct {
	// Known is the list that came with the client or the page. It is where
	// everything begins, and where it begins again.
	Known []snode.Node
	// GuardURL says that only a node with a URL of its own can be a guard: there
	// is no gateway.
	GuardURL bool
	// OneHost says that all nodes run on one host, as those of a network for
	// tests do: that they share a subnet then says nothing about who runs them.
	OneHost bool
}

// Machine is the state. New or Parse makes one.
type Machine struct {
	cfg    Config
	random *mathrand.Rand

	pool      *pool
	refreshed core.Millis // when the pool was last agreed on; 0 = never
	tried     core.Millis // when that was last attempted

	guards   []*guard
	troubles []*trouble
	losses   int // failures since the last success

	swarms map[core.ID]*members

	Clock Clock

	dirty  bool        // the state differs from the one that was last handed out
	offset core.Millis // of the clock in that one
}

// New starts from the known list alone.
func New(cfg Config) *Machine {
	var seed [32]byte
	rand.Read(seed[:]) // never fails: crypto/rand ends the program instead
	m := &Machine{
		cfg:    cfg,
		random: mathrand.New(mathrand.NewChaCha8(seed)),
		pool:   newPool(cfg.OneHost),
		swarms: map[core.ID]*members{},
	}
	m.addKnown()
	return m
}

// aged reports whether at is longer ago than span, or lies ahead: then the
// clock has jumped and nobody knows how long ago it was.
func aged(now, at, span core.Millis) bool { return now < at || now-at > span }
