// Package demo is the page of the demo: three devices in frames, the swarms
// between them, the script's captions, and a panel of everything that can go
// wrong. What happens is core/demo's matter; here it is only shown, and pressed.
//
// What the frames show are the app's own pages (web.Frame), each on the engine of
// a device of the demo. Only the demo's own program links this package.
package demo

import (
	"context"
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	world "tandem/core/demo"
	"tandem/web/view"
)

// World is what the page needs of core/demo's.
type World interface {
	Engine(s world.Seat) client.Engine
	State() *world.State
	Watch(f func()) (stop func())

	Play()
	Pause()
	Restart()
	SetSpeed(s world.Speed)
	SetFaults(f world.Faults)
	Kill(s world.Seat)
	Revive(s world.Seat)
	Skew(s world.Seat, on bool)
	Away(s world.Seat)
	KillNodes(n int)
	ReviveNodes()
	Remove(s world.Seat) error
}

var _ World = (*world.World)(nil)

// Paste is the text that was copied, from the browser.
type Paste func(ctx context.Context) (string, error)

// Routes registers the page under "/demo". Call it before app.RunWhenOnBrowser.
func Routes(w World, paste Paste) {
	make := func() app.Composer { return newStage(w, paste) }
	app.Route("/demo", make)
	app.Route("/demo/", make) // as hosts of static files have it
}

// pasteOnly is the way into a box that the demo's devices have: a camera would
// show another screen than the one beside them.
type pasteOnly struct{ paste Paste }

var errNoWay = errors.New("demo: there is no such way in")

// Ways is web.Intake's, as all its methods.
func (p pasteOnly) Ways() view.Ways { return view.Ways{Clipboard: p.paste != nil} }

// Clipboard asks the browser.
func (p pasteOnly) Clipboard(ctx context.Context) (string, error) { return p.paste(ctx) }

// Picture is not offered.
func (p pasteOnly) Picture(context.Context, string) (string, error) { return "", errNoWay }

// Camera is not offered.
func (p pasteOnly) Camera(context.Context, string) (string, error) { return "", errNoWay }
