// Package courier brings things to the network and fetches them: store,
// retrieve, delete, and what time it is there. It composes swarm (whom to ask,
// by which path), onion (sealed layers) and snode (what to say) over a
// core.Transport, and deals with what goes wrong on the way: every request has a
// deadline and a bounded number of attempts by other paths and other members,
// and ends in an answer or in an Error with one sentence for people.
//
// It does not know what it carries: sealing, deduplication, cursors and the
// outbox are its caller's. It trusts no node: whatever is read was checked for
// form and bounds, and a message for its hash.
//
// # First start
//
// Nothing is asked before it is needed. A first Store takes two requests: the
// swarm of the mailbox, whose answer also tells the time, and the store itself.
// Guards are tested when they come under doubt, in the background of a poll.
//
// # Concurrency
//
// All methods may be called from any goroutine. There is no goroutine that
// outlives the call that made it. One mutex guards the swarm machine; no request
// is made while it is held.
package courier

import (
	"context"
	"errors"
	"sync"
	"time"

	"tandem/core"
	"tandem/core/snode"
	"tandem/core/swarm"
)

// Signer is the owner of a mailbox.
type Signer = snode.Signer

// Numbers of network.md §7.
const (
	deadline     = 10 * time.Second // of one attempt
	testDeadline = 4 * time.Second  // of a guard's test: one hop instead of four
	attempts     = 4                // of one call, all paths and members together
)

// Config is what a Courier needs.
type Config struct {
	Transport core.Transport
	Net       NetworkFile
	State     []byte             // what Save was given last; damaged or none: a fresh start
	Save      func(state []byte) // called now and then, during a call; nil: nothing is kept
	LocalNow  func() core.Millis // this machine's clock, right or wrong
}

// Courier is one device's way to the network.
type Courier struct {
	cfg     Config
	started core.Millis // local
	// testOnlySealing is told what is about to be sealed for whom.
	testOnlySealing func(dest core.EdKey, body []byte)

	mu      sync.Mutex // guards the fields below
	net     *swarm.Machine
	gateway int // index of the gateway that is tried first
	tending bool
	path    []Hop       // the last one that worked
	walks   []Hop       // nodes of paths that worked, the last one at the end
	rebuilt int         // how often the paths were dropped
	worked  core.Millis // local time of the last answer; 0 = none
	answers uint64      // how many there were
	cause   string      // why the last call failed, while nothing works

	saving sync.Mutex // held while a state is written and saved, so that the newest is last
}

// ErrConfig says that New was not given a transport, a clock or a network file.
var ErrConfig = errors.New("courier: transport, clock and network file are needed")

// New takes up where State left off. Error: ErrConfig.
func New(cfg Config) (*Courier, error) {
	if cfg.Transport == nil || cfg.LocalNow == nil || len(cfg.Net.Nodes) == 0 {
		return nil, ErrConfig
	}
	known := swarm.Config{Known: cfg.Net.Nodes, GuardURL: len(cfg.Net.Gateways) == 0, OneHost: cfg.Net.OneHost}
	net, err := swarm.Parse(known, cfg.State)
	if err != nil {
		net = swarm.New(known) // everything in it can be learned again
	}
	return &Courier{cfg: cfg, net: net, started: cfg.LocalNow()}, nil
}

// Now is network time, as well as it is known.
func (c *Courier) Now() core.Millis {
	local := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.net.Clock.Now(local)
}

// Synced reports whether at least three nodes have said the time since New.
func (c *Courier) Synced() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.net.Clock.Synced()
}

// Link is how the network looks from here.
type Link uint8

// Links.
const (
	Connecting Link = iota
	Online
	Offline
)

// String is the word for it.
func (l Link) String() string {
	switch l {
	case Connecting:
		return "connecting"
	case Online:
		return "online"
	case Offline:
		return "offline"
	}
	return "unknown"
}

// Status is what people can be shown.
type Status struct {
	Link        Link
	Profile     string
	Path        []Hop       // the last that worked, guard first; nil = none yet
	Nodes       int         // how many are known
	LastSuccess core.Millis // local time; 0 = never
	Offset      core.Millis // network time minus local time
	Synced      bool        // three nodes have said the time, so Offset is known
	Gateway     string      // in use; "" when nodes are called directly
	Cause       string      // one sentence, when Offline
}

// Status is the state of things at this moment.
func (c *Courier) Status() Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := Status{
		Profile: c.cfg.Net.Profile, Path: c.path, LastSuccess: c.worked,
		Offset: c.net.Clock.Offset(), Synced: c.net.Clock.Synced(), Cause: c.cause,
	}
	s.Nodes, _ = c.net.Size()
	if len(c.cfg.Net.Gateways) > 0 {
		s.Gateway = c.cfg.Net.Gateways[c.gateway]
	}
	switch {
	case c.cause != "":
		s.Link = Offline
	case c.worked != 0:
		s.Link = Online
	}
	return s
}

// save hands out the state if it changed.
func (c *Courier) save() {
	if c.cfg.Save == nil {
		return
	}
	c.saving.Lock()
	defer c.saving.Unlock()
	c.mu.Lock()
	state, changed := c.net.Changed()
	c.mu.Unlock()
	if changed {
		c.cfg.Save(state)
	}
}

// finish ends a call: it notes why nothing works, or that something does.
// before is the number of answers when the call began.
func (c *Courier) finish(before uint64, err error) {
	c.save()
	if err != nil {
		c.complain(before, err)
	}
}

// complain shows why nothing works, if nothing has worked since before, and the
// caller did not simply give up.
func (c *Courier) complain(before uint64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.answers == before && !errors.Is(err, context.Canceled) {
		c.cause = c.sentence(err)
	}
}

func (c *Courier) answered() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answers
}
