package testnet

import (
	"container/heap"
	"sync"
	"time"

	"tandem/core"
)

// realNow and realAfter are the clock of the time package.
func realNow() core.Millis { return core.Millis(time.Now().UnixMilli()) }

func realAfter(d core.Millis, f func()) (stop func() bool) {
	return time.AfterFunc(time.Duration(d)*time.Millisecond, f).Stop
}

// Clock is a simulated clock for Options.Now and Options.After: it stands still
// until Advance moves it.
type Clock struct {
	mu    sync.Mutex // guards the fields below
	now   core.Millis
	order int
	due   alarms
}

// NewClock starts a clock at a time in milliseconds since 1970.
func NewClock(now core.Millis) *Clock { return &Clock{now: now} }

// Now is the time of the clock.
func (c *Clock) Now() core.Millis {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// After calls f in its own goroutine when the clock has moved by d, unless stop
// is called first; stop reports whether it was in time.
func (c *Clock) After(d core.Millis, f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order++
	a := &alarm{at: c.now + max(d, 0), order: c.order, ring: f}
	heap.Push(&c.due, a)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if a.ring == nil {
			return false
		}
		a.ring = nil
		return true
	}
}

// Advance moves the clock by d and starts what falls due on the way, in order.
func (c *Clock) Advance(d core.Millis) {
	c.mu.Lock()
	defer c.mu.Unlock()
	end := c.now + d
	for len(c.due) > 0 && c.due[0].at <= end {
		c.pop()
	}
	c.now = end
}

// Next moves the clock to the next thing that falls due and starts it. It
// reports false, and leaves the clock alone, if nobody waits.
func (c *Clock) Next() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.due) > 0 {
		if c.pop() {
			return true
		}
	}
	return false
}

// pop takes the first alarm and rings it, unless it was stopped. c.mu is held.
func (c *Clock) pop() (rang bool) {
	a := heap.Pop(&c.due).(*alarm)
	if a.ring == nil {
		return false
	}
	c.now = max(c.now, a.at)
	ring := a.ring
	a.ring = nil
	go ring()
	return true
}

// alarm is one call that a Clock owes; ring is nil once called or stopped.
type alarm struct {
	at    core.Millis
	order int
	ring  func()
}

// alarms is a heap, earliest first.
type alarms []*alarm

func (a alarms) Len() int { return len(a) }
func (a alarms) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].order < a[j].order
}
func (a alarms) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *alarms) Push(x any)   { *a = append(*a, x.(*alarm)) }
func (a *alarms) Pop() any {
	old := *a
	last := old[len(old)-1]
	old[len(old)-1] = nil
	*a = old[:len(old)-1]
	return last
}
