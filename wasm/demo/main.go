//go:build js && wasm

// Command demo is the demo: what runs in the tab at /demo. It is a program of its
// own, because a whole network is in it. It only wires: the world of core/demo to
// the clock of this page (static/demo.js), and to the page.
//
// It opens no storage and makes no request.
package main

import (
	"context"
	"crypto/rand"
	"syscall/js"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/demo"
	"tandem/wasm/scan"
	page "tandem/web/demo"
)

func main() {
	o := demo.Options{Clock: clock{}, Frame: newFrames().next}
	rand.Read(o.Seed[:])
	world, err := demo.New(o)
	if err != nil {
		panic("demo: " + err.Error()) // the options are right above
	}
	go world.Run(context.Background())
	page.Routes(world, scan.Reader{}.Clipboard)
	app.RunWhenOnBrowser()
}

// clock is the page's, by which this program lives.
type clock struct{}

var _ demo.Clock = clock{}

// SetSpeed is demo.Clock's.
func (clock) SetSpeed(s demo.Speed) {
	factor := 1
	switch s {
	case demo.Normal:
	case demo.Fast:
		factor = 4
	case demo.Unthrottled:
		factor = 0
	}
	js.Global().Get("demoClock").Call("setSpeed", factor)
}

// Jump is demo.Clock's.
func (clock) Jump(d core.Millis) { js.Global().Get("demoClock").Call("jump", float64(d)) }
