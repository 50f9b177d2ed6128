package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
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
	return tag.Main().Class("main").Body(
		paneBar("Back to Settings", p.back, tag.Span(), "Network", chip(p.Alone, p.Net)),
		tag.Div().Class("scroll").Body(
			tag.Div().Class("page").Body(
				p.path(),
				p.facts(),
				tag.P().Class("small").Text(view.WhatNodesKnow(p.Net)),
			),
		),
	)
}

func (p *network) path() app.UI {
	hops := view.HopRows(p.Net, p.Now)
	items := make([]app.UI, len(hops))
	for i, h := range hops {
		items[i] = tag.Li().Body(tag.Span().Text(h.Name), tag.Span().Class("small").Text(h.Line))
	}
	return tag.Section().Class("card").Body(
		tag.Div().Class("spread").Body(
			tag.H2().Text("Your path"),
			tag.Span().Class("badge badge-accent").DataSet("testid", "profile").Text(view.ProfileName(p.Net.Profile)),
		),
		tag.Ol().Class("path").Role("list").Aria("label", "Your path").DataSet("testid", "path").Body(items...),
		part.AlertIf(view.Sentence(p.err)),
		tag.Div().Class("actions").Body(
			part.IconNameButton("refresh", "Rebuild path", "btn-small", p.rebuild),
			tag.Span().Class("small").Text(view.PathLine(p.Net, p.Now)),
		),
		part.Say(p.said),
	)
}

func (p *network) facts() app.UI {
	var list []app.UI
	for _, f := range view.NetworkFacts(p.Net, p.Now) {
		list = append(list, tag.Dt().Text(f.Name), tag.Dd().Text(f.Value))
	}
	return tag.Section().Class("card").Body(
		tag.H2().Text("At this moment"),
		tag.Dl().Class("facts").DataSet("testid", "network-facts").Body(list...),
	)
}

func (p *network) back(app.Context, app.Event)    { p.trail.Back(view.AtSettings) }
func (p *network) rebuild(app.Context, app.Event) { p.do(p.engine.RebuildPath, p.rebuilt) }

func (p *network) rebuilt(err error) {
	if p.said = ""; err == nil {
		p.said = "Requests take a new path now."
	}
}
