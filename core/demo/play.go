package demo

import (
	"context"
	"sync"
	"time"

	"tandem/core/client"
)

// How the script goes, in simulated time. Unthrottled nobody reads or looks.
const (
	reading = 2500 * time.Millisecond // a caption, before the first act
	looking = 1500 * time.Millisecond // at what an act did
	pausing = 500 * time.Millisecond  // between two looks at the devices
	glance  = 200 * time.Millisecond  // instead of these, unthrottled
)

// progress is how far an act has brought its step.
type progress uint8

const (
	waiting progress = iota // for the devices, or the network
	acted                   // a command was carried out
	done                    // the step is
)

// step is one row of the script: what it says, and what it does.
type step struct {
	seat  Seat
	title string
	text  string
	// act is called until the step is done. Each call looks at the devices,
	// wherever they stand, and gives one command at most. An error is that of the
	// command, which is tried again.
	act func(w *World) (progress, error)
}

// Steps between which an attempt to link may end, and the one that begins another.
const (
	pasteStep  = 1
	finishStep = 6
)

// steps are the script: the setup guide (multi-device.md §1), then the first
// messages and a friend.
func steps() []step {
	return []step{
		{Phone, "Copy the public key.", "An account is a key that the phone makes by itself: no phone number, no server. Its public half is all that another device needs.", (*World).register},
		{Laptop, "Paste it.", "On the laptop: Link device to an existing account, paste the public key, Link.", (*World).paste},
		{Phone, "Link Device.", "On the phone: Settings, Devices, Link Device. Either side may be first.", (*World).open},
		{Phone, "Waiting for Device.", "The two find each other through the network, which can read neither of them.", (*World).meet},
		{Laptop, "Three words.", "Both devices show the same three words. If somebody stood between them, the words would differ.", (*World).compare},
		{Phone, "Authorise.", "The words match, so the phone takes the laptop into the account.", (*World).authorise},
		{Laptop, "Finish.", "The laptop opens what the phone has sealed for it alone. From now on both are the same person to everybody.", (*World).finish},
		{Laptop, "One account, two devices.", "What you type on one appears on the other, once.", (*World).talk},
		{Friend, "A friend asks.", "Ines asks to be a friend. The request reaches both devices; the laptop answers it, and the phone follows.", (*World).befriend},
	}
}

// script is how far the script has come.
type script struct {
	mu  sync.Mutex // guards now
	now Play
}

func (s *script) state() Play {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.now
	p.Steps = len(steps())
	return p
}

func (s *script) forget() { s.set(func(p *Play) { *p = Play{Life: p.Life + 1} }) }

func (s *script) set(change func(p *Play)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.now)
}

// Play runs the script on from where it stands; Pause stops it before its next
// act. The devices live on in either case, and take commands.
func (w *World) Play() {
	w.script.set(func(p *Play) { p.Running, p.Stuck = !p.Done, false })
	select {
	case w.pressed <- struct{}{}:
	default: // it was told already
	}
	w.changed()
}

// Pause is described at Play.
func (w *World) Pause() {
	w.script.set(func(p *Play) { p.Running = false })
	w.changed()
}

// play goes through the script until its end, or that of ctx.
func (w *World) play(ctx context.Context) {
	all := steps()
	for i := 0; i < len(all); {
		if w.playing(ctx) != nil || w.caption(ctx, i, all[i]) != nil || w.playing(ctx) != nil {
			return
		}
		if w.astray() {
			w.says(ctx, func(p *Play) { p.Running, p.Stuck = false, true })
			continue
		}
		rest := pausing
		how, err := all[i].act(w)
		switch {
		case how == done:
			i, rest = i+1, looking
		case how == acted && err == nil:
			rest = looking
		case i > pasteStep && i <= finishStep && w.linkEnded():
			i = pasteStep
		}
		if w.hold(ctx, rest) != nil {
			return
		}
	}
	if ctx.Err() != nil {
		return
	}
	w.says(ctx, func(p *Play) { p.Running, p.Done = false, true })
	w.mu.Lock()
	hot := w.speed == Unthrottled
	w.mu.Unlock()
	if hot {
		w.SetSpeed(Normal)
	}
}

// playing returns when the script runs. Error: that of ctx.
func (w *World) playing(ctx context.Context) error {
	for !w.script.state().Running {
		select {
		case <-w.pressed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// caption shows a step and leaves time to read it, if it is another one.
func (w *World) caption(ctx context.Context, i int, s step) error {
	if w.script.state().Step == i+1 {
		return nil
	}
	w.says(ctx, func(p *Play) { p.Step, p.Title, p.Text, p.Seat = i+1, s.title, s.text, s.seat })
	return w.hold(ctx, reading)
}

// says has the script say something, unless its life is over: the next one begins
// with what Restart left.
func (w *World) says(ctx context.Context, change func(p *Play)) {
	w.script.set(func(p *Play) {
		if ctx.Err() == nil {
			change(p)
		}
	})
	w.changed()
}

// hold lets a person see. Error: that of ctx.
func (w *World) hold(ctx context.Context, d time.Duration) error {
	w.mu.Lock()
	if w.speed == Unthrottled {
		d = min(d, glance)
	}
	w.mu.Unlock()
	return wait(ctx, d)
}

// at says where something happens within a step, and reports whether that is
// another place than before.
func (w *World) at(s Seat) (moved bool) {
	w.says(w.life(), func(p *Play) { moved, p.Seat = p.Seat != s, s })
	return moved
}

// astray reports whether a device stands where no step leads on from.
func (w *World) astray() bool {
	p, l, f := w.see(Phone), w.see(Laptop), w.see(Friend)
	for _, s := range []*client.Snapshot{p, l, f} {
		if s.Lock.On {
			return true // nobody can see there what was typed, or what came
		}
		switch s.Phase {
		case client.Erased, client.Broken, client.Locked:
			return true
		}
	}
	main := func(s *client.Snapshot) bool { return s.Phase == client.Main }
	return p.Phase == client.Joining || f.Phase == client.Joining || l.Phase == client.Words || l.Phase == client.Key ||
		main(p) && main(l) && p.Account != l.Account || main(p) && main(f) && p.Account == f.Account
}

// see is what a device shows.
func (w *World) see(s Seat) *client.Snapshot { return w.devices[s].Snapshot() }
