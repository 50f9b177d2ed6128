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
	return tag.In("main main",
		paneBar("Back to Settings", p.back, tag.Span(), "Network", chip(p.Alone, p.Net)),
		tag.In("div scroll",
			tag.In("div page",
				p.path(),
				p.facts(),
				tag.Say("p small", view.WhatNodesKnow(p.Net)),
			),
		),
	)
}

func (p *network) path() app.UI {
	hops := view.HopRows(p.Net, p.Now)
	items := make([]app.UI, len(hops))
	for i, h := range hops {
		items[i] = tag.In("li", tag.Say("span", h.Name), tag.Say("span small", h.Line))
	}
	return tag.In("section card",
		tag.In("div spread",
			tag.Say("h2", "Your path"),
			tag.Span().Class("badge badge-accent").DataSet("testid", "profile").Text(view.ProfileName(p.Net.Profile)),
		),
		tag.Ol().Class("path").Role("list").Aria("label", "Your path").DataSet("testid", "path").Body(items...),
		part.AlertIf(view.Sentence(p.err)),
		tag.In("div actions",
			part.IconNameButton("refresh", "Rebuild path", "btn-small", p.rebuild),
			tag.Say("span small", view.PathLine(p.Net, p.Now)),
		),
		part.Say(p.said),
	)
}

func (p *network) facts() app.UI {
	var list []app.UI
	for _, f := range view.NetworkFacts(p.Net, p.Now) {
		list = append(list, tag.Say("dt", f.Name), tag.Say("dd", f.Value))
	}
	return tag.In("section card",
		tag.Say("h2", "At this moment"),
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
