package courier

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/snode"
	"tandem/core/swarm"
)

// trip is what the attempts of one call share.
type trip struct {
	guards []core.EdKey // that failed
	passed []core.EdKey // guards that were tested and answered
	ways   int          // how many paths were tried, guards that failed their test not counted
}

// exchange carries one request to dest by one path and brings back what dest
// sealed for us. Whatever goes wrong on the way is put to the swarm machine's
// account.
//
// Errors: ErrNoAnswer, errGuard, errPath or a kind of snode.CheckPath: another
// path may do. swarm.ErrNoPath. snode.ErrGarbage: dest itself. ctx's error when
// the caller gave up.
func (c *Courier) exchange(ctx context.Context, t *trip, dest snode.Node, call snode.Call) (status int, body []byte, err error) {
	way, err := c.choose(t, dest)
	if err != nil {
		return 0, nil, err
	}
	guard := way.path.Guard()
	if way.path.Test && !slices.Contains(t.passed, guard.Ed) {
		if err = c.testGuard(ctx, guard); err != nil {
			t.guards = append(t.guards, guard.Ed)
			return 0, nil, err
		}
		t.passed = append(t.passed, guard.Ed)
	}
	t.ways++
	status, body, err = c.travel(ctx, way, call)
	if err != nil && !slices.Contains(t.passed, guard.Ed) {
		t.guards = append(t.guards, guard.Ed) // one that passed its test is not what failed
	}
	return status, body, err
}

// way is a path to a destination, with the keys for its layers.
type way struct {
	path swarm.Path
	dest snode.Node
	hops []onion.Hop
	to   onion.Hop

	rebuilt int // of the Courier, when it was chosen
}

// maxChoices bounds how often a path is chosen anew because a node in it has a
// key that is none: each time, all such nodes go out of use.
const maxChoices = 16

// choose finds a way to dest. Errors: swarm.ErrNoPath; errPath when dest's own
// key is none.
func (c *Courier) choose(t *trip, dest snode.Node) (way, error) {
	for range maxChoices {
		c.mu.Lock()
		path, err := c.net.Path(dest.Ed, t.guards...)
		rebuilt := c.rebuilt
		c.mu.Unlock()
		if err != nil {
			return way{}, err
		}
		to := c.hops(dest)
		if to == nil {
			return way{}, errPath
		}
		if hops := c.hops(path.Nodes...); hops != nil {
			return way{path, dest, hops, to[0], rebuilt}, nil
		}
	}
	return way{}, errPath
}

// hops turns nodes into what layers need. nil: a key is none, and its node is
// out of use now.
func (c *Courier) hops(nodes ...snode.Node) []onion.Hop {
	hops := make([]onion.Hop, 0, len(nodes))
	for _, n := range nodes {
		x, err := identity.X25519FromEd(n.Ed)
		if err != nil {
			c.mu.Lock()
			c.net.Reject(n.Ed)
			c.mu.Unlock()
			continue
		}
		hops = append(hops, onion.Hop{Ed: n.Ed, X: x})
	}
	if len(hops) < len(nodes) {
		return nil
	}
	return hops
}

// travel is exchange by a given way.
func (c *Courier) travel(ctx context.Context, w way, call snode.Call) (int, []byte, error) {
	path, dest := w.path, w.dest
	packet, reply, err := c.seal(w.hops, w.to, call)
	if err != nil {
		return 0, nil, ErrTooLarge
	}
	inner, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	sent := c.cfg.LocalNow()
	httpStatus, answer, err := c.post(inner, path.Guard(), packet)
	received := c.cfg.LocalNow()
	if ctx.Err() != nil {
		return 0, nil, ctx.Err() // the caller gave up: no node's fault
	}
	fault, err := pathFault(httpStatus, answer, err)
	if err != nil {
		c.failed(path, dest, fault)
		return 0, nil, err
	}
	status, body, err := reply.Open(answer)
	var hop *onion.HopError
	switch {
	case errors.Is(err, onion.ErrReply):
		c.working(w)
		c.misbehaved(dest)
		return 0, nil, snode.ErrGarbage
	case errors.As(err, &hop):
		c.failed(path, dest, swarm.At(path.Nodes[hop.Hop].Ed))
		return 0, nil, errPath
	case err != nil:
		c.failed(path, dest, swarm.Anywhere())
		return 0, nil, errPath
	}
	c.working(w)
	c.observe(sent, received, dest, body)
	return status, body, nil
}

// seal is the one place where a body is sealed for the node that it is for.
func (c *Courier) seal(path []onion.Hop, to onion.Hop, call snode.Call) (packet []byte, reply onion.Reply, err error) {
	body := call.Body()
	if c.testOnlySealing != nil {
		c.testOnlySealing(to.Ed, body)
	}
	return onion.Build(path, to, body)
}

// pathFault reads a failure before the destination: where it may have happened,
// and what kind it is. nil: there is an answer to open.
func pathFault(status int, answer []byte, err error) (swarm.Fault, error) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return swarm.Anywhere(), err
	case err != nil:
		return swarm.AtGuard(), ErrNoAnswer
	}
	if len(answer) > onion.MaxBody {
		return swarm.Anywhere(), errPath
	}
	err = snode.CheckPath(status, answer)
	var unknown *snode.NodeUnknown
	var notReady *snode.NotReady
	switch {
	case err == nil:
		return swarm.Fault{}, nil
	case errors.As(err, &unknown):
		return swarm.Unknown(unknown.Ed), err
	case errors.As(err, &notReady):
		return swarm.At(notReady.Ed), err
	case errors.Is(err, snode.ErrFirstRefused), errors.Is(err, snode.ErrRequest), byGateway(answer):
		return swarm.AtGuard(), err
	}
	return swarm.Anywhere(), err
}

// byGateway reports whether our gateway refused in the guard's place: it begins
// all its sentences so.
func byGateway(answer []byte) bool { return bytes.HasPrefix(answer, []byte("gateway: ")) }

// failed puts a failure to the account.
func (c *Courier) failed(path swarm.Path, dest snode.Node, fault swarm.Fault) {
	now := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Failed(now, path, dest.Ed, fault)
	c.nextGateway()
}

// working notes that the destination answered. A path that was dropped meanwhile
// is not shown again.
func (c *Courier) working(w way) {
	now := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Worked(now, w.path, w.dest.Ed)
	if w.rebuilt == c.rebuilt {
		c.walked(now, w.path.Nodes)
	}
	c.worked, c.cause = now, ""
	c.answers++
}

func (c *Courier) misbehaved(dest snode.Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Misbehaved(dest.Ed)
}

func (c *Courier) behaved(dest snode.Node) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Behaved(dest.Ed)
}

// maxTimed is the longest answer that is searched for the time: only retrieve
// has longer ones, and others tell it often enough.
const maxTimed = 64 << 10

// maxAway is the longest that a request can have taken. When the clock says
// more, the device slept meanwhile, and nobody knows when the answer was given.
const maxAway = core.Millis(deadline/time.Millisecond) + core.Second

// observe learns the time from an answer.
func (c *Courier) observe(sent, received core.Millis, dest snode.Node, body []byte) {
	if len(body) > maxTimed || received < sent || received-sent > maxAway {
		return
	}
	t, ok := snode.ParseTime(body)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Clock.Observe(sent+(received-sent)/2, dest.Ed, t)
}

// testGuard asks a guard for its time by an onion request of one layer: if that
// is answered, guard, gateway and our own link are in order.
//
// Errors: ErrNoAnswer, errGuard, a deadline's; ctx's own, and then nothing was
// learned about the guard.
func (c *Courier) testGuard(ctx context.Context, guard snode.Node) error {
	inner, cancel := context.WithTimeout(ctx, testDeadline)
	defer cancel()
	return c.tested(ctx, guard, c.probe(inner, guard))
}

// tested puts the result of a test to the account, unless ctx is over.
func (c *Courier) tested(ctx context.Context, guard snode.Node, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	now := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.net.Tested(now, guard.Ed, err == nil)
	if err != nil {
		c.nextGateway()
	}
	return err
}

func (c *Courier) probe(ctx context.Context, guard snode.Node) error {
	to := c.hops(guard)
	if to == nil {
		return errGuard
	}
	packet, reply, err := c.seal(nil, to[0], snode.Info())
	if err != nil {
		return errGuard
	}
	status, answer, err := c.post(ctx, guard, packet)
	if _, err = pathFault(status, answer, err); err != nil {
		return err
	}
	if status, _, err = reply.Open(answer); err != nil || status != 200 {
		return errGuard
	}
	return nil
}
