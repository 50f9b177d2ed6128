package swarm

import (
	"slices"

	"tandem/core"
)

// Clock is network time: local time plus an offset that is the median of what
// the last few nodes said. Fewer than half of them can lie without effect, and
// when the local clock jumps, as many new samples as make a majority set it
// right again. Every time that a client signs or sends is network time
// (network.md §22.6).
type Clock struct {
	offset  core.Millis
	known   bool // offset was learned, now or before the last restart
	samples []sample
}

// sample is what one node said.
type sample struct {
	from   core.EdKey
	offset core.Millis
}

const (
	maxSamples = 5 // a majority of three makes the time, as Sync asks three
	minSamples = 3 // before that, an offset of the last run is believed more
)

// Observe notes that node from said its clock shows t, when the local clock
// showed local: the middle of request and answer, so that the error is at most
// half of their distance.
func (c *Clock) Observe(local core.Millis, from core.EdKey, t core.Millis) {
	c.samples = slices.DeleteFunc(c.samples, func(s sample) bool { return s.from == from })
	if len(c.samples) == maxSamples {
		c.samples = c.samples[1:]
	}
	c.samples = append(c.samples, sample{from, t - local})
	if len(c.samples) < minSamples && c.known {
		return
	}
	offsets := make([]core.Millis, len(c.samples))
	for i, s := range c.samples {
		offsets[i] = s.offset
	}
	slices.Sort(offsets)
	c.offset = offsets[(len(offsets)-1)/2]
	c.known = c.known || len(c.samples) >= minSamples
}

// Forget drops the samples: the network refused our time, so they are from
// before a jump or lies.
func (c *Clock) Forget() { c.samples = nil }

// Now is network time.
func (c *Clock) Now(local core.Millis) core.Millis { return local + c.offset }

// Offset is network time minus local time.
func (c *Clock) Offset() core.Millis { return c.offset }

// Synced reports whether enough nodes said the time in this run.
func (c *Clock) Synced() bool { return len(c.samples) >= minSamples }
