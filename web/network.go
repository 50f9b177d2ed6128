package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/view"
)

// network is the one page where addresses show: by which nodes requests go, and
// how the network looks from here.
type network struct {
	app.Compo

	Net   client.NetworkView
	Now   core.Millis
	Alone bool

	doer
	engine client.Engine
	trail  *trail
	said   string // after Rebuild path, for those who do not see the path change
}

func (p *network) Render() app.UI {
	return app.Main().Class("main").Body(
		paneBar("Back to Settings", p.back, app.Span(), "Network", chip(p.Alone, p.Net)),
		app.Div().Class("scroll").Body(
			app.Div().Class("page").Body(
				p.path(),
				p.facts(),
				app.P().Class("small").Text(view.WhatNodesKnow(p.Net)),
			),
		),
	)
}

func (p *network) path() app.UI {
	hops := view.HopRows(p.Net, p.Now)
	items := make([]app.UI, len(hops))
	for i, h := range hops {
		items[i] = app.Li().Body(app.Span().Text(h.Name), app.Span().Class("small").Text(h.Line))
	}
	return app.Section().Class("card").Body(
		app.Div().Class("spread").Body(
			app.H2().Text("Your path"),
			app.Span().Class("badge badge-accent").DataSet("testid", "profile").Text(view.ProfileName(p.Net.Profile)),
		),
		app.Ol().Class("path").Role("list").Aria("label", "Your path").DataSet("testid", "path").Body(items...),
		part.AlertIf(view.Sentence(p.err)),
		app.Div().Class("actions").Body(
			part.IconNameButton("refresh", "Rebuild path", "btn-small", p.rebuild),
			app.Span().Class("small").Text(view.PathLine(p.Net, p.Now)),
		),
		part.Say(p.said),
	)
}

func (p *network) facts() app.UI {
	var list []app.UI
	for _, f := range view.NetworkFacts(p.Net, p.Now) {
		list = append(list, app.Dt().Text(f.Name), app.Dd().Text(f.Value))
	}
	return app.Section().Class("card").Body(
		app.H2().Text("At this moment"),
		app.Dl().Class("facts").DataSet("testid", "network-facts").Body(list...),
	)
}

func (p *network) back(app.Context, app.Event)    { p.trail.Back(view.AtSettings) }
func (p *network) rebuild(app.Context, app.Event) { p.do(p.engine.RebuildPath, p.rebuilt) }

func (p *network) rebuilt(err error) {
	if p.said = ""; err == nil {
		p.said = "Requests take a new path now."
	}
}
