package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
)

// Copier is a button that copies a text, and says that it did.
type Copier struct {
	app.Compo

	Name string // of the button
	Kind string // class of the button
	Text string // what is copied

	said string
}

// Render draws the button and the place of its answer.
func (c *Copier) Render() app.UI {
	return tag.In("div actions copier",
		IconNameButton("copy", c.Name, c.Kind, c.copy),
		tag.Told("p small", c.said),
	)
}

func (c *Copier) copy(ctx app.Context, _ app.Event) {
	clipboard := app.Window().Get("navigator").Get("clipboard")
	if !clipboard.Truthy() {
		c.said = notCopied
		return
	}
	// Both ends of the promise free both callbacks.
	var done, failed app.Func
	end := func(said string) {
		done.Release()
		failed.Release()
		ctx.Dispatch(func(app.Context) { c.said = said })
	}
	done = app.FuncOf(func(app.Value, []app.Value) any { end("Copied"); return nil })
	failed = app.FuncOf(func(app.Value, []app.Value) any { end(notCopied); return nil })
	clipboard.Call("writeText", c.Text).Call("then", done, failed)
}

const notCopied = "The browser did not allow it: select the key and copy it by hand."
