package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// welcome is the first page: three choices of equal rank.
type welcome struct {
	app.Compo

	trail *trail
}

func (p *welcome) Render() app.UI {
	return tag.Main().Class("view welcome").Body(
		tag.Div().Class("welcome-in").Body(
			part.Art(),
			tag.Div().Class("welcome-say").Body(
				part.Mark("mark-xl"),
				part.Heading("", "Tandem"),
				tag.P().Class("lead").Text("Private messages, on all your devices. No phone number, no server in the middle."),
			),
			tag.Div().Class("choices").Body(
				part.Choice("plus", "Register a new account", p.register),
				part.Choice("key", "Restore using seed", p.restore),
				part.Choice("devices", "Link device to an existing account", p.link),
			),
		),
	)
}

func (p *welcome) register(ctx app.Context, _ app.Event) { p.trail.Enter(ctx, view.AtRegister) }
func (p *welcome) restore(ctx app.Context, _ app.Event)  { p.trail.Enter(ctx, view.AtRestore) }
func (p *welcome) link(ctx app.Context, _ app.Event)     { p.trail.Enter(ctx, view.AtLink) }
