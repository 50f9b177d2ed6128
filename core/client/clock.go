package client

import (
	"time"

	"tandem/core"
)

// clock is what the clocks showed at the last look: the one that people set, the
// one that only runs, and network time.
type clock struct {
	local   core.Millis
	running time.Time
	network core.Millis
	doubt   bool // the local clock has jumped, and the network was not asked since
}

// maxDrift is how far the first two may part between two looks, at most a
// second of work apart, before the time is asked for again. Nodes refuse what is
// 10 s off or more, at the least (network.md §4.2).
const maxDrift = 3 * core.Second

// local is this machine's clock.
func (c *Client) local() core.Millis {
	if c.cfg.Clock != nil {
		return c.cfg.Clock()
	}
	return core.Millis(time.Now().UnixMilli())
}

// now is network time as well as it is known.
//
// It notices that the local clock was set, or that this machine has slept, which
// look the same from here. Until the network has said the time again it runs on
// from where it was, and nothing is done that time decides (idle): an attempt to
// link does not expire because somebody set the clock.
func (c *Client) now() core.Millis {
	last := c.clock
	next := clock{local: c.local(), running: time.Now(), doubt: last.doubt}
	if c.net == nil {
		c.clock = clock{}
		return next.local
	}
	var ran core.Millis
	if !last.running.IsZero() {
		ran = core.Millis(next.running.Sub(last.running).Milliseconds())
		if drift := next.local - last.local - ran; drift > maxDrift || drift < -maxDrift {
			next.doubt = true
			c.net.Doubt()
			c.link.syncAt = time.Time{}
		}
	}
	if next.doubt && !c.net.Synced() {
		next.network = last.network + ran
	} else {
		next.doubt, next.network = false, c.net.Now()
	}
	c.clock = next
	return next.network
}
