package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
)

// doer carries out a page's commands, one at a time, beside the UI. Pages embed
// it and show its err.
//
// It keeps the context of the page as a whole: that of an event belongs to the
// button, and what is asked of it is dropped without a word once the button is
// gone, as most buttons are after they were pressed.
type doer struct {
	ctx  app.Context
	busy bool
	err  error // of the last command
}

// OnMount takes the page's context.
func (d *doer) OnMount(ctx app.Context) { d.ctx = ctx }

// do runs command, unless another one is running, and then calls each of then
// with its error. If the page is gone by then, nothing is called: the next
// snapshot says the rest.
func (d *doer) do(command func() error, then ...func(error)) {
	if d.busy {
		return
	}
	d.busy = true
	d.ctx.Async(func() {
		err := command()
		d.ctx.Dispatch(func(app.Context) {
			d.busy, d.err = false, err
			for _, f := range then {
				f(err)
			}
		})
	})
}

// refused brings the focus back to the box of a page that asks for something.
func (d *doer) refused(err error) {
	if err != nil {
		part.FocusOn(d.ctx, part.FirstID)
	}
}
