package part

import "github.com/maxence-charriere/go-app/v10/pkg/app"

// Modal opens and closes a <dialog> of the document together with the state
// that it shows. Its owner calls Sync whenever that state may have changed, and
// Closed from the dialog's close event.
//
// Opening moves the focus to the element named First; closing returns it to
// Opener, or to the page's heading if the opener is gone.
type Modal struct {
	ID     string // of the <dialog>
	First  string // id of the element that takes the focus
	Opener string // id of the element that gets it back

	shown bool // as the state wants it
	open  bool // as it was made last
}

// Sync makes the dialog open or closed after the coming redraw.
func (m *Modal) Sync(ctx app.Context, open bool) {
	if open == m.shown {
		return
	}
	m.shown = open
	ctx.Defer(func(ctx app.Context) {
		m.open = open
		dialog := Find(ctx.JSSrc(), m.ID)
		switch {
		case !dialog.Truthy():
		case open && !dialog.Get("open").Bool():
			dialog.Call(opening(dialog))
			focusFirst(ctx, m.First)
		case !open && dialog.Get("open").Bool():
			dialog.Call("close")
			focusFirst(ctx, m.Opener, TitleID)
		}
	})
}

// opening is how a dialog opens: over the whole page, but over nothing else than
// its frame, where the app is in one.
func opening(dialog app.Value) string {
	if treeOf(dialog).Get("host").Truthy() {
		return "show"
	}
	return "showModal"
}

// Closed reports whether the browser closed the dialog against the state: a
// second Esc does that. The close event comes some time after the closing, so it
// says nothing of a dialog that is open again by then, or about to be, nor of
// another dialog.
func (m *Modal) Closed(e app.Event) bool {
	dialog := e.Get("target")
	if !m.open || dialog.Get("open").Bool() || dialog.Get("id").String() != m.ID {
		return false
	}
	m.shown, m.open = false, false
	return true
}
