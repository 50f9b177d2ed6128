package courier

import (
	"context"
	"errors"
	"fmt"

	"tandem/core"
	"tandem/core/snode"
	"tandem/core/swarm"
)

// quorum is how many nodes are asked what a single one could lie about.
const quorum = 3

// errUnsettled: fewer than quorum nodes answered.
var errUnsettled = errors.New("courier: too few nodes answered")

// Sync learns network time from three nodes. Error: *Error.
func (c *Courier) Sync(ctx context.Context) error {
	before := c.answered()
	err := c.fail("sync", c.askTime(ctx))
	c.finish(before, err)
	return err
}

func (c *Courier) askTime(ctx context.Context) error {
	return c.survey(ctx, snode.Info(), func(_ snode.Node, body []byte) error {
		_, err := snode.ParseInfo(body) // exchange has noted the time already
		return err
	})
}

// resync learns the time anew after a member refused ours. It reports whether
// our time was wrong; if not, the member is.
func (c *Courier) resync(ctx context.Context, member snode.Node) bool {
	c.mu.Lock()
	old := c.net.Clock.Offset()
	c.net.Clock.Forget()
	c.mu.Unlock()
	if c.askTime(ctx) != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	moved := c.net.Clock.Offset() - old
	if moved > -tolerance && moved < tolerance {
		c.net.Misbehaved(member.Ed)
		return false
	}
	return true
}

// tolerance is what every node accepts (network.md §4.2).
const tolerance = 10 * core.Second

// survey puts one question to three random nodes at once, and to others in the
// place of those that fail, as long as anybody answers. read is called from this
// goroutine.
//
// Errors: errUnsettled with the last attempt's error; swarm.ErrNoPath; ctx's.
func (c *Courier) survey(ctx context.Context, call snode.Call, read func(snode.Node, []byte) error) error {
	var asked []core.EdKey
	missing, err := quorum, swarm.ErrNoPath
	for range rounds {
		c.mu.Lock()
		ask := c.net.Ask(missing, asked...)
		c.mu.Unlock()
		for _, n := range ask {
			asked = append(asked, n.Ed)
		}
		answers, failure := c.askEach(ctx, ask, call, read)
		if missing -= answers; missing == 0 {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if failure != nil {
			err = failure
		}
		if answers == 0 {
			break
		}
	}
	return fmt.Errorf("%w: %w", errUnsettled, err)
}

// rounds of a survey.
const rounds = 3

// askEach asks several nodes at once and waits for all of them.
func (c *Courier) askEach(ctx context.Context, nodes []snode.Node, call snode.Call, read func(snode.Node, []byte) error) (answers int, err error) {
	type result struct {
		node snode.Node
		body []byte
		err  error
	}
	results := make(chan result)
	for _, n := range nodes {
		go func() {
			body, err := c.askOne(ctx, n, call)
			results <- result{n, body, err}
		}()
	}
	for range nodes {
		r := <-results
		if r.err == nil {
			r.err = read(r.node, r.body)
		}
		if r.err != nil {
			err = r.err
			continue
		}
		c.behaved(r.node)
		answers++
	}
	return answers, err
}

// askOne is one question to one node: two paths are tried. A guard that fails
// its test is none: when both standing guards are gone, and nothing is asked but
// this, it must come to a guard on trial.
func (c *Courier) askOne(ctx context.Context, n snode.Node, call snode.Call) ([]byte, error) {
	var t trip
	var err error
	for i := 0; i < attempts && t.ways < 2; i++ {
		var status int
		var body []byte
		if status, body, err = c.exchange(ctx, &t, n, call); err == nil {
			return body, snode.Check(status, body)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, err
}
