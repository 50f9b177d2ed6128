package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
)

// Frame is the app as a part of another page, which the demo has three of: the
// same pages, each on an engine of its own. It leaves alone what belongs to the
// page around it: the address, the title, and the focus while somebody works
// elsewhere (part.UsedFrame). Its dialogs cover the frame and no more.
//
// The page around it gives it a tree of elements for itself (a shadow root), so
// that its ids and labels are its own, and says when its size changes.
type Frame struct {
	root *root
	ctx  app.Context // of root, once it is mounted
}

// NewFrame makes a frame for an engine.
func NewFrame(e client.Engine, in Intake) *Frame {
	f := &Frame{root: &root{engine: e, intake: in}}
	f.root.frame = f
	return f
}

// UI is what the frame shows: one element, always the same one.
func (f *Frame) UI() app.UI { return f.root }

func (f *Frame) mounted(ctx app.Context) {
	f.ctx = ctx
	f.root.trail.arrive(f.root.place)
	f.root.trail.moved = func(place string) {
		ctx.Dispatch(func(ctx app.Context) { f.root.arrive(ctx, place) })
	}
}

// Go shows a place, as a link to it does. Call it on the UI.
func (f *Frame) Go(place string) {
	if f.root.trail.moved != nil {
		f.root.trail.Enter(f.ctx, place)
	}
}

// Place is where the frame is.
func (f *Frame) Place() string { return f.root.place }

// Type writes into the first box of the page, if there is one that is empty, as a
// person would. Call it on the UI.
func (f *Frame) Type(text string) {
	if f.root.trail.moved == nil {
		return
	}
	if box := part.Find(f.root.JSValue(), part.FirstID); box.Truthy() && box.Get("value").String() == "" {
		part.Fill(f.root.JSValue(), part.FirstID, text)
		box.Call("dispatchEvent", app.Window().Get("Event").New("input", map[string]any{"bubbles": true}))
	}
}

// Fit looks at the frame's size again, and whether it is shown. Call it on the UI.
func (f *Frame) Fit() {
	if f.root.trail.moved != nil {
		f.ctx.Dispatch(func(app.Context) {
			f.root.measure()
			f.root.look()
		})
	}
}
