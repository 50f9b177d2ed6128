package client

import (
	"time"

	"tandem/core"
)

// clock is what both clocks of this machine showed at the last look: the one
// that people set, and the one that only runs.
type clock struct {
	local   core.Millis
	running time.Time
}

// maxDrift is how far the two may part between two looks, at most a second of
// work apart, before the time is asked for again. Nodes refuse what is 10 s off
// or more, at the least (network.md §4.2).
const maxDrift = 3 * core.Second

// local is this machine's clock.
func (c *Client) local() core.Millis {
	if c.cfg.Clock != nil {
		return c.cfg.Clock()
	}
	return core.Millis(time.Now().UnixMilli())
}

// watchClock notices that the local clock was set, or that this machine has
// slept, which look the same from here. Until the network has said the time
// again, nothing is done that time decides: an attempt to link does not expire
// because somebody set the clock.
func (c *Client) watchClock() {
	last := c.clock
	c.clock = clock{local: c.local(), running: time.Now()}
	if last.running.IsZero() || c.net == nil {
		return
	}
	ran := core.Millis(c.clock.running.Sub(last.running).Milliseconds())
	drift := c.clock.local - last.local - ran
	if drift > maxDrift || drift < -maxDrift {
		c.net.Doubt()
		c.link.syncAt = time.Time{}
	}
}
