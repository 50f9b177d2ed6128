// Package demo is the demo without its page: a whole network of core/testnet, two
// devices of one person and one of another, all in memory, with everything that
// can go wrong between them; a script that plays the setup guide on them; and
// counters that compare what was typed with what lies in the devices' stores.
//
// The devices are clients of core/client like any other. They know nothing of the
// demo: what happens to them happens to their transport, their clock, their disk
// and the life of their loop. Nothing here draws, and nothing leaves the process.
//
// # Time
//
// All waits are those of package time, so whoever runs the program decides how
// fast time passes: the bubble of testing/synctest, or the virtual clock of
// wasm/demo. Days pass by Clock.Jump, which is to the devices what the sleep of a
// machine is.
package demo

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// Options describe a World. The zero value is one on the clock of package time.
type Options struct {
	Seed  [32]byte // the network's keys and swarms follow from it
	Clock Clock    // nil: speeds do nothing, and days are added to package time's clock
	// Frame calls f soon, at most once for each picture that can be seen. It is
	// asked before the page is told of changes. nil: 20 ms later.
	Frame func(f func())
}

// Clock is what governs package time in this program.
type Clock interface {
	// SetSpeed changes how fast it runs.
	SetSpeed(s Speed)
	// Jump puts the time of day ahead; no timer notices.
	Jump(d core.Millis)
}

// World is one demo. All methods are safe for concurrent use, none but the
// Engines' commands blocks. What is set before Run holds in it: Play, SetSpeed,
// SetFaults, Skew, and dead nodes. Revive, and the days of Away, begin at once. Kill
// and the Engines' commands are for devices that have begun, in this life of the
// world: one that has not begins all the same.
type World struct {
	o       Options
	devices [seats]*device
	trips   trips
	dice    *dice
	typed   typed
	script  script
	state   atomic.Pointer[State]
	again   chan struct{} // Restart
	pressed chan struct{} // Play
	ahead   atomic.Int64  // of package time's clock, where there is no Options.Clock

	watchers client.Watchers
	news     news
	errands  sync.WaitGroup // what runs beside the devices in this era
	telling  sync.Mutex     // held over publish: one State after the other
	mu       sync.Mutex     // guards the fields below; taken before a device's, never after it
	net      *testnet.Network
	era      context.Context    // this life; ends with Run, and at Restart
	end      context.CancelFunc // of era
	speed    Speed
	faults   Faults
	days     int
	fading   bool // a change is due when trips have lingered
}

// frameTime is the Frame where Options have none.
const frameTime = 20 * time.Millisecond

// New builds the world; nothing happens in it until Run. Errors are the
// network's.
func New(o Options) (*World, error) {
	w := &World{o: o, dice: newDice(o.Seed), again: make(chan struct{}, 1), pressed: make(chan struct{}, 1)}
	w.begin()
	net, err := w.build()
	if err != nil {
		return nil, err
	}
	w.net = net
	for _, s := range Seats() {
		w.devices[s] = newDevice(w, s)
	}
	w.publish()
	return w, nil
}

// build makes the network, the same each time but for what lies in it.
func (w *World) build() (*testnet.Network, error) {
	net, err := testnet.New(testnet.Options{Seed: w.o.Seed, Now: w.now, Events: func(e testnet.Event) {
		if w.trips.take(e) {
			w.changed()
		}
	}})
	if err != nil {
		return nil, err
	}
	net.Faults().Everywhere(testnet.Trouble{Delay: hopDelay, Jitter: hopJitter})
	return net, nil
}

// Run lets it live until ctx ends.
func (w *World) Run(ctx context.Context) {
	for ctx.Err() == nil {
		w.live(ctx)
	}
}

// live is one life of the world, until ctx ends or Restart. All of it has ended
// when it returns: the devices, the script, and the errands.
func (w *World) live(ctx context.Context) {
	era := w.life()
	for _, d := range w.devices {
		d.start(era)
	}
	w.changed()
	played := make(chan struct{})
	go func() {
		defer close(played)
		w.play(era)
	}()
	select {
	case <-ctx.Done():
	case <-w.again:
	}
	w.mu.Lock()
	w.end() // no errand begins any more
	w.mu.Unlock()
	for _, d := range w.devices {
		d.stop()
	}
	<-played
	w.errands.Wait()
	w.forget(ctx.Err() == nil)
}

// begin makes an era. w.mu is held, or nobody knows w.
func (w *World) begin() { w.era, w.end = context.WithCancel(context.Background()) }

// errand does something beside the devices, in this life of the world; it does
// nothing where that is over. do returns soon after era has ended.
func (w *World) errand(do func(era context.Context)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if era := w.era; era.Err() == nil {
		w.errands.Go(func() { do(era) })
	}
}

// forget ends the network and, if the world begins anew, builds another one.
func (w *World) forget(anew bool) {
	_ = w.network().Close() // in memory nothing is left to do
	if !anew {
		return
	}
	net, err := w.build()
	if err != nil {
		panic("demo: internal error: " + err.Error()) // it was built from the same Options before
	}
	for _, d := range w.devices {
		d.forget()
	}
	w.trips.forget()
	w.typed.forget()
	w.mu.Lock()
	w.net, w.faults, w.days = net, Faults{}, 0
	w.pace()
	w.begin()
	w.mu.Unlock()
}

// Engine is the device at a seat, the same for ever: when it is killed and comes
// back, it is another client with the same store behind the same Engine. Commands
// to a killed device give client.ErrClosed.
func (w *World) Engine(s Seat) client.Engine { return w.devices[s] }

// Restart begins anew: devices without an account, a network without messages,
// no faults, nothing typed, the script at its beginning. Play may follow at once.
func (w *World) Restart() {
	w.mu.Lock()
	w.end() // first: the script of this life says no more
	w.mu.Unlock()
	w.script.forget()
	select {
	case w.again <- struct{}{}:
	default: // it is about to
	}
}

// now is simulated time.
func (w *World) now() core.Millis {
	return core.Millis(time.Now().UnixMilli()) + core.Millis(w.ahead.Load())
}

// jump puts the time of day ahead.
func (w *World) jump(d core.Millis) {
	if w.o.Clock != nil {
		w.o.Clock.Jump(d)
		return
	}
	w.ahead.Add(int64(d))
}

func (w *World) network() *testnet.Network {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.net
}

// networkFile is network.json. No gateway is there: what is in front of a node's
// name in an address is nobody's concern here.
func (w *World) networkFile() []byte { return w.network().NetworkFile("demo", "/demo") }

// life is the context of this life of the world.
func (w *World) life() context.Context {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.era
}
