package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
)

// wizard is the frame of the pages before the account is there: one idea, one
// button.
func wizard(top app.UI, body ...app.UI) app.UI {
	return app.Main().Class("view").Body(
		top,
		app.Div().Class("scroll").Body(
			app.Div().Class("wizard").Body(body...),
		),
	)
}

// stepBar is the top of a page of three; back may be nil.
func stepBar(step int, back app.EventHandler) app.UI {
	return app.Div().Class("topbar").Body(
		app.If(back != nil, func() app.UI { return part.Back("Back", "", back) }),
		app.If(step > 0, func() app.UI {
			return app.Progress().Class("bar pips").Max(3).Value(step).Aria("hidden", true)
		}),
	)
}

// stepHead names the step and says what it is about.
func stepHead(eyebrow, title, lead string) app.UI {
	return app.Header().Body(
		app.If(eyebrow != "", func() app.UI { return app.P().Class("eyebrow").Text(eyebrow) }),
		part.Heading("title", title),
		app.If(lead != "", func() app.UI { return app.P().Class("lead").Text(lead) }),
	)
}

// quiet is a page with nothing to do but read, and perhaps one thing to press.
func quiet(title, lead string, action app.UI) app.UI {
	return app.Main().Class("view welcome").Body(
		app.Div().Class("welcome-in").Body(
			app.Div().Class("welcome-say").Body(
				part.Mark("mark-xl"),
				part.Heading("title", title),
				app.P().Class("lead").Text(lead),
			),
			action,
		),
	)
}
