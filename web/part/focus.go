package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
)

// Ids that pages give to what takes the focus when they appear.
const (
	TitleID = "title" // the heading
	FirstID = "first" // the first box, where a page begins with one
)

// UsedFrame selects the frame in which somebody works, if the app is in one.
const UsedFrame = "[data-used]"

// FocusPage moves the focus to a page that has just appeared: its first box, or
// else its heading.
func FocusPage(ctx app.Context) {
	ctx.Defer(func(ctx app.Context) { focusFirst(ctx, FirstID, TitleID) })
}

// FocusOn moves the focus after the coming redraw.
func FocusOn(ctx app.Context, id string) {
	ctx.Defer(func(ctx app.Context) { focusFirst(ctx, id) })
}

// Find is an element of the page that from is in. Where the app stands in a
// frame of another page, it has a tree of elements for itself, and in that its
// own ids.
func Find(from app.Value, id string) app.Value {
	return treeOf(from).Call("getElementById", id)
}

// treeOf is the document around an element, or a frame's own tree.
func treeOf(e app.Value) app.Value {
	if tree := e.Call("getRootNode"); tree.Get("getElementById").Truthy() {
		return tree
	}
	return app.Window().Get("document") // e has left the page
}

// focusFirst focuses the first of the ids that is in the page. A frame that
// somebody else moves does not take the focus from where it is.
func focusFirst(ctx app.Context, ids ...string) {
	if frame := treeOf(ctx.JSSrc()).Get("host"); frame.Truthy() && !frame.Call("matches", UsedFrame).Bool() {
		return
	}
	for _, id := range ids {
		if el := Find(ctx.JSSrc(), id); el.Truthy() {
			el.Call("focus")
			return
		}
	}
}

// Heading is the page's h1.
func Heading(class, text string) app.HTMLElem {
	return tag.H1().ID(TitleID).TabIndex(-1).Class(class).Text(text)
}
