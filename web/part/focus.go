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

// FocusPage moves the focus to a page that has just appeared: its first box, or
// else its heading.
func FocusPage(ctx app.Context) {
	ctx.Defer(func(app.Context) { focusFirst(FirstID, TitleID) })
}

// FocusOn moves the focus after the coming redraw.
func FocusOn(ctx app.Context, id string) {
	ctx.Defer(func(app.Context) { focusFirst(id) })
}

// focusFirst focuses the first of the ids that is in the document.
func focusFirst(ids ...string) {
	for _, id := range ids {
		if el := app.Window().GetElementByID(id); el.Truthy() {
			el.Call("focus")
			return
		}
	}
}

// Heading is the page's h1.
func Heading(class, text string) app.HTMLElem {
	return tag.H1().ID(TitleID).TabIndex(-1).Class(class).Text(text)
}
