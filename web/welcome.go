package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// welcome is the first page: three choices of equal rank, and the demo.
type welcome struct {
	app.Compo

	Invited bool // to an open group, by the address that led here
	Framed  bool // in the demo itself

	trail *trail
}

func (p *welcome) Render() app.UI {
	return tag.In("main view welcome",
		tag.In("div welcome-in",
			part.Art(),
			tag.In("div welcome-say",
				part.Mark("mark-xl"),
				part.Heading("", "Tandem"),
				tag.Say("p lead", "Private messages, on all your devices. No phone number, no server in the middle."),
				tag.When(p.Invited, tag.Say("p", view.GroupAfter)),
			),
			tag.In("div choices",
				part.Choice("plus", "Register a new account", p.register),
				part.Choice("key", "Restore using seed", p.restore),
				part.Choice("devices", "Link device to an existing account", p.link),
				tag.When(!p.Framed, part.Button("Try the demo (nothing leaves this tab)", "btn-quiet", p.demo)),
			),
		),
	)
}

func (p *welcome) register(ctx app.Context, _ app.Event) { p.trail.Enter(ctx, view.AtRegister) }
func (p *welcome) restore(ctx app.Context, _ app.Event)  { p.trail.Enter(ctx, view.AtRestore) }
func (p *welcome) link(ctx app.Context, _ app.Event)     { p.trail.Enter(ctx, view.AtLink) }

// demo is another program, at an address of its own.
func (p *welcome) demo(app.Context, app.Event) {
	app.Window().Get("location").Call("assign", "/demo/")
}
