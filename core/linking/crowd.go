package linking

import "tandem/core"

// crowd counts the requests that found no place, so that none is dropped
// unseen. It lives in memory: whoever still asks after a reload comes again in
// 30 s.
type crowd struct {
	until map[Attempt]core.Millis // when each request expires
	swept core.Millis
}

// add counts a request, once however often it comes. A crowd that is full stays
// as it is.
func (c *crowd) add(a Attempt, until, now core.Millis) {
	if _, known := c.until[a]; !known && len(c.until) >= MaxCrowd {
		c.sweep(now)
		if len(c.until) >= MaxCrowd {
			return
		}
	}
	if len(c.until) == 0 {
		c.swept = now
	}
	c.until[a] = until
}

func (c *crowd) remove(a Attempt) { delete(c.until, a) }

func (c *crowd) size() int { return len(c.until) }

// sweep forgets who does not ask any more, now and then.
func (c *crowd) sweep(now core.Millis) {
	if !due(now, c.swept+RepeatEvery) {
		return
	}
	c.swept = now
	for a, until := range c.until {
		if now >= until {
			delete(c.until, a)
		}
	}
}

// due is when to sweep next; false = nobody is counted.
func (c *crowd) due() (core.Millis, bool) { return c.swept + RepeatEvery, len(c.until) > 0 }
