package demo

import (
	"context"
	"sync"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
)

// device is what stands at a seat: a disk that stays, and one client after the
// other on it. It is the Engine that the page gets (engine.go).
type device struct {
	w    *World
	seat Seat

	watchers client.Watchers
	news     news

	mu    sync.Mutex // guards the fields below
	disk  *disk
	run   *life // the newest; never nil
	alive bool
	away  bool        // the line is cut
	skew  core.Millis // how far the clock is ahead
	self  identity
}

// life is one client from its start to its end.
type life struct {
	client *client.Client
	opened *opening
	end    context.CancelFunc
	ended  chan struct{} // closed when Run has returned
}

// identity is who a device is, as its newest snapshot on the main page said.
type identity struct{ account, device core.ID }

func newDevice(w *World, seat Seat) *device {
	d := &device{w: w, seat: seat, disk: newDisk()}
	d.run = d.build(func() {})
	close(d.run.ended)
	return d
}

// build makes a client that does not run yet. d.mu is held, or nobody knows d.
func (d *device) build(end context.CancelFunc) *life {
	opened := &opening{disk: d.disk}
	l := &life{opened: opened, end: end, ended: make(chan struct{})}
	l.client = client.New(client.Config{
		Lock:        func(context.Context, func()) (func(), error) { return func() {}, nil },
		Open:        func(context.Context) (store.KV, store.Keeper, error) { return opened.open() },
		Wipe:        func(context.Context) error { return opened.wipe() },
		NetworkFile: func(context.Context) ([]byte, error) { return d.w.networkFile(), nil },
		Transport:   line{d},
		Hidden:      func() bool { return false },
		Facts:       core.Facts{Name: d.seat.title(), Platform: "Demo " + d.seat.String()},
		Clock:       d.now,
	})
	l.client.Watch(d.changed)
	return l
}

// start switches the device on; it does nothing where it is.
func (d *device) start(ctx context.Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.alive || ctx.Err() != nil {
		return
	}
	ctx, end := context.WithCancel(ctx)
	l := d.build(end)
	d.run, d.alive = l, true
	go func() {
		defer close(l.ended)
		l.client.Run(ctx)
	}()
}

// stop switches it off, as a browser does that ends a tab: nothing is written any
// more. It waits until its loop has ended.
func (d *device) stop() {
	d.mu.Lock()
	l := d.run
	d.alive = false
	l.opened.shut()
	d.mu.Unlock()
	l.end()
	<-l.ended
}

// forget gives a device that is off a new disk.
func (d *device) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.disk, d.away, d.skew, d.self = newDisk(), false, 0, identity{}
}

// client is the newest.
func (d *device) client() *client.Client {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.run.client
}

// now is this device's clock.
func (d *device) now() core.Millis {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.w.now() + d.skew
}

// state is what happens to it from outside.
func (d *device) state() Device {
	d.mu.Lock()
	defer d.mu.Unlock()
	return Device{Title: d.seat.title(), Alive: d.alive, Away: d.away, Skewed: d.skew}
}

func (d *device) isAway() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.away
}

// is changes what happens to it.
func (d *device) is(change func(d *device)) {
	d.mu.Lock()
	change(d)
	d.mu.Unlock()
	d.w.changed()
}

// who is the account and the device that it belongs to, also while it is killed
// or locked; zero without an account.
func (d *device) who() identity {
	s := d.Snapshot()
	d.mu.Lock()
	defer d.mu.Unlock()
	switch s.Phase {
	case client.Main:
		d.self = identity{}
		for _, row := range s.Devices {
			if row.This && !s.Absent && !s.Leaving {
				d.self = identity{s.Account, row.ID}
			}
		}
	case client.Welcome, client.Words, client.Key, client.Joining, client.Erased:
		d.self = identity{}
	}
	return d.self
}
