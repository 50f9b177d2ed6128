package demo

import (
	"context"
	"time"

	"tandem/core"
)

// awake is how long the others are awake on each of the days that one is away.
const awake = 10 * time.Second

// SetSpeed changes how fast time passes. At the end of the script Unthrottled
// becomes Normal: without an end to reach it would only heat the machine.
func (w *World) SetSpeed(s Speed) {
	w.mu.Lock()
	w.speed = s
	w.pace()
	w.mu.Unlock()
	w.changed()
}

// pace has the clock run as fast as it is to: days pass as fast as they can. w.mu
// is held, so that the last word is right.
func (w *World) pace() {
	s := w.speed
	if w.days > 0 {
		s = Unthrottled
	}
	if w.o.Clock != nil {
		w.o.Clock.SetSpeed(s)
	}
}

// SetFaults changes what happens to requests from now on; each value is brought
// into its bounds.
func (w *World) SetFaults(f Faults) {
	percent := func(n int) int { return min(max(n, 0), 100) }
	f = Faults{percent(f.Loss), percent(f.Duplicate), percent(f.Corrupt), min(max(f.Delay, 0), MaxDelay)}
	w.mu.Lock()
	w.faults = f
	w.mu.Unlock()
	w.changed()
}

// luck rolls the dice for a request.
func (w *World) luck() luck {
	w.mu.Lock()
	f := w.faults
	w.mu.Unlock()
	return w.dice.roll(f)
}

// Kill ends a device between two instructions; its store stays. Revive starts it
// again, as opening the tab again does.
func (w *World) Kill(s Seat) {
	w.errand(func(context.Context) { // its loop may be at work
		w.devices[s].stop()
		w.changed()
	})
}

// Revive is described at Kill.
func (w *World) Revive(s Seat) {
	w.devices[s].start(w.life())
	w.changed()
}

// Skew puts a device's clock ahead by SkewAhead, or right again.
func (w *World) Skew(s Seat, on bool) {
	w.devices[s].is(func(d *device) {
		d.skew = 0
		if on {
			d.skew = SkewAhead
		}
	})
}

// Away takes a device offline while DaysAway days pass, each with some seconds in
// which the others are awake; then it is online again. Nothing happens while
// somebody is away already.
func (w *World) Away(s Seat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	era, d := w.era, w.devices[s]
	if w.days > 0 || era.Err() != nil {
		return
	}
	w.days = 1
	w.pace()
	d.is(func(d *device) { d.away = true })
	w.errands.Go(func() {
		w.pass(era)
		w.mu.Lock()
		defer w.mu.Unlock()
		d.is(func(d *device) { d.away = false })
		w.days = 0
		w.pace()
	})
}

// pass lets the days pass, until ctx ends.
func (w *World) pass(ctx context.Context) {
	for day := 1; day <= DaysAway; day++ {
		w.mu.Lock()
		w.days = day
		w.mu.Unlock()
		w.changed()
		if wait(ctx, awake) != nil {
			return
		}
		w.typed.leap(func() { w.jump(core.Day) })
	}
	_ = wait(ctx, awake) // for what has come meanwhile
}

// KillNodes stops n nodes that live, by chance; ReviveNodes starts all again,
// with what they had stored.
func (w *World) KillNodes(n int) {
	net := w.network()
	var alive []core.EdKey
	for _, node := range net.Nodes() {
		if !w.dead(node.Ed) {
			alive = append(alive, node.Ed)
		}
	}
	for range min(n, len(alive)) {
		i := w.dice.pick(len(alive))
		net.Faults().Kill(alive[i])
		alive = append(alive[:i], alive[i+1:]...)
	}
	w.changed()
}

// ReviveNodes is described at KillNodes.
func (w *World) ReviveNodes() {
	net := w.network()
	for _, node := range net.Nodes() {
		net.Faults().Revive(node.Ed)
	}
	w.changed()
}

// dead reports whether a node was killed.
func (w *World) dead(ed core.EdKey) bool { return !w.network().Node(ed).Alive() }
