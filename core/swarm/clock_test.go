package swarm

import (
	"testing"

	"tandem/core"
)

const tenYears = 10 * 365 * core.Day

func TestClock(t *testing.T) {
	const real = core.Millis(1_763_750_000_000)
	from := func(i byte) core.EdKey { return core.EdKey{i} }
	off := func(c *Clock, local core.Millis) core.Millis { return c.Now(local) - real }

	var c Clock
	if c.Now(real) != real || c.Synced() {
		t.Error("a clock that knows nothing is not the local clock")
	}

	// The local clock is ten years late. The first word is better than none.
	local := real - tenYears
	c.Observe(local, from(1), real+20)
	if off(&c, local) != 20 || c.Synced() {
		t.Errorf("one sample: %d", off(&c, local))
	}
	// Two of five lie by years.
	c.Observe(local, from(2), real-tenYears)
	c.Observe(local, from(3), real+10)
	c.Observe(local, from(4), real+2*tenYears)
	c.Observe(local, from(5), real+30)
	if got := off(&c, local); got != 20 || !c.Synced() {
		t.Errorf("median: %d", got)
	}
	// One node cannot outvote the others by talking more.
	for range 20 {
		c.Observe(local, from(4), real+2*tenYears)
	}
	if got := off(&c, local); got < 0 || got > 30 {
		t.Errorf("one node said it twenty times: %d", got)
	}
	// The local clock jumps forward; three nodes are enough.
	local += 2 * tenYears
	for i := range byte(3) {
		c.Observe(local, from(10+i), real+core.Millis(i))
	}
	if got := off(&c, local); got < 0 || got > 2 {
		t.Errorf("after the jump: %d", got)
	}
}

// The offset of the last run holds until three nodes say something else.
func TestClockAfterRestart(t *testing.T) {
	const real = core.Millis(1_763_750_000_000)
	m := New(Config{Known: nodes(10)})
	for i := range byte(3) {
		m.Clock.Observe(real-tenYears, core.EdKey{i}, real)
	}
	m, err := Parse(Config{Known: nodes(10)}, m.Marshal())
	if err != nil {
		t.Fatal(err)
	}
	local := real - tenYears + 5*core.Second
	if m.Clock.Now(local) != real+5*core.Second || m.Clock.Synced() {
		t.Fatalf("offset %d", m.Clock.Offset())
	}
	m.Clock.Observe(local, core.EdKey{1}, real+tenYears) // one liar
	if m.Clock.Now(local) != real+5*core.Second {
		t.Error("one node moved a clock that three had set")
	}
	m.Clock.Forget()
	for i := range byte(3) {
		m.Clock.Observe(local, core.EdKey{i}, real)
	}
	if m.Clock.Now(local) != real || !m.Clock.Synced() {
		t.Errorf("offset %d", m.Clock.Offset())
	}
}
