package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/tag"
)

// wizard is the frame of the pages before the account is there: one idea, one
// button.
func wizard(top app.UI, body ...app.UI) app.UI {
	return tag.In("main view",
		top,
		tag.In("div scroll",
			tag.In("div wizard", body...),
		),
	)
}

// stepBar is the top of a page of three; back may be nil.
func stepBar(step int, back app.EventHandler) app.UI {
	return tag.In("div topbar",
		tag.When(back != nil, part.Back("Back", "", back)),
		tag.When(step > 0, tag.Progress().Class("bar pips").Attr("max", 3).Attr("value", step).Aria("hidden", true)),
	)
}

// stepHead names the step and says what it is about.
func stepHead(eyebrow, title, lead string) app.UI {
	return tag.In("header",
		tag.When(eyebrow != "", tag.Say("p eyebrow", eyebrow)),
		part.Heading("title", title),
		tag.When(lead != "", tag.Say("p lead", lead)),
	)
}

// quiet is a page with nothing to do but read, and perhaps one thing to press.
func quiet(title, lead string, action app.UI) app.UI {
	return tag.In("main view welcome",
		tag.In("div welcome-in",
			tag.In("div welcome-say",
				part.Mark("mark-xl"),
				part.Heading("title", title),
				tag.Say("p lead", lead),
			),
			action,
		),
	)
}
