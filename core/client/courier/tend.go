package courier

import (
	"context"
	"time"

	"tandem/core"
	"tandem/core/snode"
)

// settled is how long after New the list of nodes is left alone: at a start
// there is more urgent traffic.
const settled = core.Minute

// grace is what a guard's test gets after its poll has ended: one hop that takes
// longer than four and this is no good as a guard.
const grace = time.Second

// tend does what is due beside a poll: it tests a guard under doubt, and asks
// for the list of nodes when it is old or small. The returned function waits
// until that is done; most of the time nothing is.
func (c *Courier) tend(ctx context.Context) (wait func()) {
	now := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	guard, suspect := c.net.Suspect()
	stale := c.net.NeedsList(now) && (now < c.started || now-c.started > settled)
	if c.tending || !suspect && !stale {
		return func() {}
	}
	c.tending = true
	if stale {
		c.net.TriedList(now)
	}
	test, cut := context.WithTimeout(ctx, testDeadline)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if suspect {
			// How it ended is in the machine's account.
			_ = c.tested(ctx, guard, c.probe(test, guard))
		}
		if stale {
			c.refresh(ctx)
		}
		c.mu.Lock()
		c.tending = false
		c.mu.Unlock()
	}()
	return func() {
		timer := time.AfterFunc(grace, cut)
		defer timer.Stop()
		<-done
		cut()
	}
}

// refresh asks three nodes for the list and takes what they agree on. When they
// do not, or too few answer, the list stays and the question comes again later.
func (c *Courier) refresh(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	var lists [][]snode.Node
	err := c.survey(ctx, snode.ServiceNodes(), func(n snode.Node, body []byte) error {
		list, err := snode.ParseServiceNodes(body)
		if err != nil {
			c.misbehaved(n)
			return err
		}
		lists = append(lists, list)
		return nil
	})
	if err != nil || len(lists) < quorum {
		return
	}
	now := c.cfg.LocalNow()
	c.mu.Lock()
	defer c.mu.Unlock()
	// Disagreement is no error of ours: the list that we have stays.
	_ = c.net.AcceptList(now, [quorum][]snode.Node(lists[:quorum]))
}
