package web

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/view"
)

// linkDeviceID is the button that opens the dialog, and gets the focus back.
const linkDeviceID = "link-device"

// devices lists the devices of the account; on the primary it links more.
type devices struct {
	app.Compo

	Snap  *client.Snapshot
	Now   core.Millis
	Alone bool

	doer
	engine client.Engine
	trail  *trail
}

func (p *devices) Render() app.UI {
	return app.Main().Class("main").Body(
		paneBar("Back to Settings", p.back, app.Span(), "Devices", chip(p.Alone, p.Snap.Network)),
		app.Div().Class("scroll").Body(
			app.Div().Class("page").Body(
				app.Div().Class("spread").Body(
					app.P().Class("lead grow").Text(view.DevicesLead(p.Snap)),
					app.If(view.CanLink(p.Snap), func() app.UI {
						return part.IconNameButton("link", "Link Device", "btn-primary", p.link).ID(linkDeviceID)
					}),
				),
				part.AlertIf(view.Sentence(p.err)),
				p.list(),
				part.Notice("info", view.WhatDevicesKnow),
			),
		),
	)
}

func (p *devices) list() app.UI {
	rows := view.DeviceRows(p.Snap, p.Now, time.Local)
	body := make([]app.UI, len(rows))
	for i, r := range rows {
		body[i] = deviceItem(r)
	}
	return app.Ul().Class("devices").Role("list").Aria("label", "Devices").DataSet("testid", "device-list").Body(body...)
}

func deviceItem(r view.DeviceRow) app.UI {
	tone := "badge"
	if r.Main {
		tone = "badge badge-accent"
	}
	return app.Li().Class("device").Body(
		app.Span().Class("tile").Body(part.Icon(r.Icon)),
		app.Div().Body(
			app.P().Class("device-name").Body(
				app.Span().Dir("auto").Text(r.Name),
				app.Text(" "),
				app.Span().Class(tone).Text(r.Role),
				app.Range(r.Badges).Slice(func(i int) app.UI { return app.Span().Class("badge").Text(r.Badges[i]) }),
			),
			app.P().Class("small").Dir("auto").Text(r.Line),
		),
	)
}

func (p *devices) back(app.Context, app.Event) { p.trail.Back(view.AtSettings) }

func (p *devices) link(app.Context, app.Event) { p.do(p.engine.OpenDialog) }
