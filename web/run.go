package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// run carries out a command beside the UI and brings its error back. If the
// page is gone by then, done is not called: the next snapshot says the rest.
func run(ctx app.Context, command func() error, done func(app.Context, error)) {
	ctx.Async(func() {
		err := command()
		ctx.Dispatch(func(ctx app.Context) { done(ctx, err) })
	})
}
