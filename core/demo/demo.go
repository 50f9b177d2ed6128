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

	"tandem/core"
	"tandem/core/client"
)

// Options describe a World. The zero value is one on the clock of package time.
type Options struct {
	Seed  [32]byte // the network's keys and swarms follow from it
	Clock Clock    // nil: speeds do nothing, and days are added to package time's clock
	// Frame calls f soon, at most once for each picture that can be seen. It is
	// asked before the page is told of changes. nil: at once.
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
// Engines' commands blocks.
type World struct{}

// New builds the world; nothing happens in it until Run.
func New(o Options) (*World, error) { panic("demo") }

// Run lets it live until ctx ends.
func (w *World) Run(ctx context.Context) { panic("demo") }

// Engine is the device at a seat, the same for ever: when it is killed and comes
// back, it is another client with the same store behind the same Engine. Commands
// to a killed device give client.ErrClosed.
func (w *World) Engine(s Seat) client.Engine { panic("demo") }

// State is the newest state. It never blocks.
func (w *World) State() *State { panic("demo") }

// Watch calls f after each change of State, at most once a Frame. f must not
// block. stop ends it.
func (w *World) Watch(f func()) (stop func()) { panic("demo") }

// Play runs the script on from where it stands; Pause stops it before its next
// act. The devices live on in either case, and take commands.
func (w *World) Play() { panic("demo") }

// Pause is described at Play.
func (w *World) Pause() { panic("demo") }

// Restart begins anew: devices without an account, a network without messages,
// no faults, nothing typed, the script at its beginning.
func (w *World) Restart() { panic("demo") }

// SetSpeed changes how fast time passes. At the end of the script Unthrottled
// becomes Normal: without an end to reach it would only heat the machine.
func (w *World) SetSpeed(s Speed) { panic("demo") }

// SetFaults changes what happens to requests from now on; each value is brought
// into its bounds.
func (w *World) SetFaults(f Faults) { panic("demo") }

// Kill ends a device between two instructions; its store stays. Revive starts it
// again, as opening the tab again does.
func (w *World) Kill(s Seat) { panic("demo") }

// Revive is described at Kill.
func (w *World) Revive(s Seat) { panic("demo") }

// Skew puts a device's clock ahead by SkewAhead, or right again.
func (w *World) Skew(s Seat, on bool) { panic("demo") }

// Away takes a device offline while DaysAway days pass, each with some seconds in
// which the others are awake; then it is online again. Nothing happens while
// somebody is away already.
func (w *World) Away(s Seat) { panic("demo") }

// KillNodes stops n nodes that live, by chance; ReviveNodes starts all again,
// with what they had stored.
func (w *World) KillNodes(n int) { panic("demo") }

// ReviveNodes is described at KillNodes.
func (w *World) ReviveNodes() { panic("demo") }

// Remove takes the newest message that was typed out of the store of a device,
// behind the back of its client, which no accident could do: it shows that Counts
// would see a loss. Error: there is none.
func (w *World) Remove(s Seat) error { panic("demo") }
