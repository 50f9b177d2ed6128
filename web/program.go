package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// program is the page About: what runs here, and how to build the same.
type program struct {
	app.Compo

	Net   client.NetworkView
	Alone bool

	trail *trail
	hash  string // hex; empty until the page's own script has computed it, "unknown" if it cannot
}

// OnMount asks the script that handed the program to the browser (static/page.js).
func (p *program) OnMount(ctx app.Context) {
	if page := app.Window().Get("tandem"); page.Truthy() {
		page.Call("hash").Then(func(hash app.Value) {
			ctx.Dispatch(func(app.Context) { p.hash = hash.String() })
		})
	}
}

func (p *program) Render() app.UI {
	return pane("Back to Settings", p.back, "About", p.Alone, p.Net,
		tag.In("div asker",
			part.Mark("mark-l"),
			tag.In("div", tag.Say("b title", "Tandem"), tag.Say("p small", view.VersionLine(app.Getenv("GOAPP_VERSION")))),
		),
		tag.In("section card",
			tag.Say("h2", "What this tab runs"),
			tag.Say("p small", view.HashMeans),
			p.sum(),
		),
		tag.In("section card",
			tag.Say("h2", "Build it yourself"),
			tag.In("p codeline", tag.Say("span mono", view.Recipe)),
			tag.Say("p small", view.RecipeMeans),
		),
	)
}

func (p *program) sum() app.UI {
	switch p.hash {
	case "":
		return tag.Say("p", view.HashComing)
	case "unknown":
		return tag.Say("p", view.HashUnknown)
	}
	return tag.In("div keycard",
		tag.P().Class("key key-hash").DataSet("testid", "program-hash").Text(p.hash),
		&part.Copier{Name: "Copy hash", Text: p.hash},
	)
}

func (p *program) back(app.Context, app.Event) { p.trail.Back(view.AtSettings) }
