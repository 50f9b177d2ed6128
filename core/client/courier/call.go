package courier

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/snode"
	"tandem/core/swarm"
)

// errand is a call to a member of a mailbox's swarm.
type errand struct {
	owner core.ID
	want  swarm.Want
	at    core.EdKey // the member to ask first; zero = as want says
	// call is made anew for each attempt: signatures carry the time.
	call func(now core.Millis, member snode.Node) snode.Call
	// read takes the answer of a member with status 200. Its error counts as the
	// member's failure.
	read func(member snode.Node, body []byte) error
}

// run carries out an errand: up to four attempts, each by another path and, if
// there is one, another member.
//
// A refusal that anybody could have made up (401, 403, 400) is believed when two
// members say it.
func (c *Courier) run(ctx context.Context, e errand) error {
	var t trip
	var members []core.EdKey // that failed
	var err error
	refused, synced := 0, false
	var redirect core.EdKey // who sent us to the present swarm
	before := c.answered()
	for i := range attempts {
		if i == 2 { // one bad path is nothing to speak of; two are
			c.complain(before, err)
		}
		if i > 0 && !errors.Is(err, snode.ErrWrongSwarm) {
			if err := pause(ctx, i); err != nil {
				return err
			}
		}
		var member snode.Node
		if member, err = c.member(ctx, &t, e, members); err != nil {
			if ctx.Err() != nil || errors.Is(err, swarm.ErrNoPath) {
				return err
			}
			continue
		}
		if err = c.visit(ctx, &t, e, member); err == nil || ctx.Err() != nil {
			return err
		}
		members = append(members, member.Ed)
		var wrong *snode.WrongSwarm
		switch {
		case errors.As(err, &wrong):
			c.redirected(e.owner, member, wrong, redirect)
			redirect, members = member.Ed, nil
		case errors.Is(err, snode.ErrClock):
			if synced {
				return err
			}
			synced = true
			if c.resync(ctx, member) {
				members = nil // it was right
			}
		case errors.Is(err, snode.ErrAuth), errors.Is(err, snode.ErrTTL), errors.Is(err, snode.ErrRequest):
			if refused++; refused == 2 {
				return err
			}
		case errors.Is(err, ErrTooLarge):
			return err
		}
	}
	return err
}

// visit is one attempt at one member.
func (c *Courier) visit(ctx context.Context, t *trip, e errand, member snode.Node) error {
	status, body, err := c.exchange(ctx, t, member, e.call(c.Now(), member))
	if err != nil {
		return err
	}
	if err = snode.Check(status, body); err == nil {
		err = e.read(member, body)
	}
	switch {
	case err == nil:
		c.behaved(member)
	case errors.Is(err, snode.ErrServer), errors.Is(err, snode.ErrNotReady), errors.Is(err, snode.ErrTimeout), errors.Is(err, snode.ErrGarbage):
		c.misbehaved(member)
	}
	return err
}

// member chooses whom to ask, after asking who keeps the mailbox if need be.
func (c *Courier) member(ctx context.Context, t *trip, e errand, failed []core.EdKey) (snode.Node, error) {
	now := c.cfg.LocalNow()
	c.mu.Lock()
	needs := c.net.NeedsSwarm(now, e.owner)
	c.mu.Unlock()
	var err error
	if needs {
		err = c.askSwarm(ctx, t, e.owner)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.at != (core.EdKey{}) && !slices.Contains(failed, e.at) {
		if n, ok := c.net.Keeps(e.owner, e.at); ok {
			return n, nil
		}
	}
	n, none := c.net.Member(e.owner, e.want, failed...)
	if none != nil && err != nil {
		return n, err // why it could not be learned says more
	}
	return n, none
}

// askSwarm asks a random node who keeps an ID's mailboxes.
func (c *Courier) askSwarm(ctx context.Context, t *trip, owner core.ID) error {
	c.mu.Lock()
	ask := c.net.Ask(1, t.guards...)
	c.mu.Unlock()
	if len(ask) == 0 {
		return swarm.ErrNoPath
	}
	status, body, err := c.exchange(ctx, t, ask[0], snode.GetSwarm(owner))
	if err != nil {
		return err
	}
	if err = snode.Check(status, body); err != nil {
		c.misbehaved(ask[0])
		return err
	}
	nodes, err := snode.ParseSwarm(body)
	if err != nil {
		c.misbehaved(ask[0])
		return err
	}
	c.behaved(ask[0])
	now := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.net.LearnSwarm(now, owner, nodes)
}

// redirected handles a 421. A node that names itself, or sends us to nodes that
// know better, lies: it gets a strike and changes nothing. from is who sent us
// to said in the same call, zero for nobody.
func (c *Courier) redirected(owner core.ID, said snode.Node, wrong *snode.WrongSwarm, from core.EdKey) {
	names := func(ed core.EdKey) bool {
		return slices.ContainsFunc(wrong.Swarm, func(n snode.Node) bool { return n.Ed == ed })
	}
	now := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	if names(said.Ed) {
		c.net.Misbehaved(said.Ed)
		return
	}
	if from != (core.EdKey{}) && names(from) {
		c.net.Misbehaved(from)
	}
	if c.net.LearnSwarm(now, owner, wrong.Swarm) != nil {
		c.net.NotMember(owner, said.Ed)
	}
}

// pause waits before attempt i, longer each time and never exactly so long, so
// that many clients do not come back at once.
func pause(ctx context.Context, i int) error {
	longest := 100 * time.Millisecond << (2 * (i - 1)) // 0.1, 0.4, 1.6 s
	timer := time.NewTimer(longest/2 + rand.N(longest/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
