package client_test

import (
	"cmp"
	"flag"
	"fmt"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// stormSeed makes one weather of many: it is printed by each storm, to be given
// again.
var stormSeed = flag.Uint64("storm", 0, "seed of the storms, 0 for the usual one, and for one by the clock in the larger ones")

// usualSeed is that of the storm of each `make test`: which weather it may be is
// what soak looks for.
const usualSeed = 50_000

// stormOfFour is what this design is for: over a network that loses, doubles,
// bends, mixes up and holds back, four devices of two people write so many
// messages to each other, over two weeks in which each is on now and then. In the
// end each message is on each of them once, by who wrote it, in one order.
//
// In each half a day all write so many; two weeks are enough for 5,000.
func stormOfFour(t *testing.T, messages, halves int, seed uint64) {
	began, after := time.Now(), 0
	t.Logf("%d messages, seed %d: go test ./core/client -run '^%s$' -storm %d", messages, seed, t.Name(), seed)
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		c := newCloud(seed, storm)
		c.cabled(q.all()...)
		for half, written := 1, 0; half <= halves; half++ {
			awake := c.someOf(q.all())
			q.wake(awake...)
			for ; written < messages*half/halves; written++ {
				d := awake[c.roll(len(awake))]
				d.must(d.Send(q.other(d), fmt.Sprint(d.name, " ", written)))
				wait(time.Duration(c.roll(100)) * time.Millisecond)
			}
			wait(time.Duration(2+c.roll(5)) * time.Minute)
			q.rest(core.Millis(6+c.roll(12))*core.Hour, awake...)
			if half%(halves/4) == 0 {
				t.Logf("%d of %d are written", written, messages)
			}
		}
		for whole := false; after < 80 && !whole; after++ {
			q.wake(q.all()...)
			wait(3 * time.Minute)
			missing := 0
			for _, d := range q.all() {
				missing += q.chat(d, d.Snapshot()).Missing
			}
			q.rest(12*core.Hour, q.all()...)
			whole = missing == 0 && q.whole(messages+1)
		}
		q.alike(t, messages+1)
		q.eachOnce(t, messages)
	})
	if !t.Failed() {
		t.Logf("seed %d: %d half days after the last of %d messages each is on four devices once, in one order, by who wrote it (%v)",
			seed, after, messages, time.Since(began).Round(time.Second))
	}
}

// roll is a number below n.
func (c *cloud) roll(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.dice.IntN(n)
}

// someOf are most of them, one at least.
func (c *cloud) someOf(all []*tab) (some []*tab) {
	for _, d := range all {
		if c.roll(5) > 0 {
			some = append(some, d)
		}
	}
	if len(some) == 0 {
		return all[:1]
	}
	return some
}

// wake switches devices on.
func (q *quad) wake(tabs ...*tab) {
	for _, d := range tabs {
		d.start()
	}
	for _, d := range tabs {
		d.until("main page", func(v *client.Snapshot) bool { return linked(2)(v) && v.Network.LastPoll > 0 })
	}
}

// rest switches devices off for a while.
func (q *quad) rest(span core.Millis, tabs ...*tab) {
	for _, d := range tabs {
		d.stop()
	}
	q.pass(span)
}

// whole reports whether all devices, switched off, have so many messages.
func (q *quad) whole(want int) bool {
	for _, d := range q.all() {
		if len(q.log(d)) != want {
			return false
		}
	}
	return true
}

// eachOnce fails unless all that was written is there once, under the name of who
// wrote it.
func (q *quad) eachOnce(t *testing.T, messages int) {
	t.Helper()
	names := map[core.ID]string{}
	for _, d := range q.all() {
		names[d.id()] = d.name
	}
	for _, d := range q.all() {
		seen := map[int]bool{}
		for _, m := range q.log(d)[1:] { // behind the request
			var name string
			var n int
			if _, err := fmt.Sscan(m.Body, &name, &n); err != nil || names[m.ID.Device] != name || seen[n] || n >= messages {
				t.Errorf("%s has %q by %q, err %v, twice %v", d.name, m.Body, names[m.ID.Device], err, seen[n])
			}
			seen[n] = true
		}
	}
}

// 5,000 messages; 50,000 and 1,000,000 are in make soak.
func TestStorm(t *testing.T) {
	long(t)
	t.Parallel()
	stormOfFour(t, 5_000, 28, cmp.Or(*stormSeed, usualSeed))
}
