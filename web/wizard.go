package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/tag"
)

// wizard is the frame of the pages before the account is there: one idea, one
// button.
func wizard(top app.UI, body ...app.UI) app.UI {
	return tag.Main().Class("view").Body(
		top,
		tag.Div().Class("scroll").Body(
			tag.Div().Class("wizard").Body(body...),
		),
	)
}

// stepBar is the top of a page of three; back may be nil.
func stepBar(step int, back app.EventHandler) app.UI {
	return tag.Div().Class("topbar").Body(
		app.If(back != nil, func() app.UI { return part.Back("Back", "", back) }),
		app.If(step > 0, func() app.UI {
			return tag.Progress().Class("bar pips").Attr("max", 3).Attr("value", step).Aria("hidden", true)
		}),
	)
}

// stepHead names the step and says what it is about.
func stepHead(eyebrow, title, lead string) app.UI {
	return tag.Header().Body(
		app.If(eyebrow != "", func() app.UI { return tag.P().Class("eyebrow").Text(eyebrow) }),
		part.Heading("title", title),
		app.If(lead != "", func() app.UI { return tag.P().Class("lead").Text(lead) }),
	)
}

// quiet is a page with nothing to do but read, and perhaps one thing to press.
func quiet(title, lead string, action app.UI) app.UI {
	return tag.Main().Class("view welcome").Body(
		tag.Div().Class("welcome-in").Body(
			tag.Div().Class("welcome-say").Body(
				part.Mark("mark-xl"),
				part.Heading("title", title),
				tag.P().Class("lead").Text(lead),
			),
			action,
		),
	)
}
