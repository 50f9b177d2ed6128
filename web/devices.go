package web

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// linkDeviceID is the button that opens the dialog, and gets the focus back.
const linkDeviceID = "link-device"

// devices lists the devices of the account. The primary links more and removes
// others; a secondary removes itself; each can be named.
type devices struct {
	app.Compo

	Snap  *client.Snapshot
	Now   core.Millis
	Alone bool

	doer
	engine client.Engine
	trail  *trail
	act    deviceAct
}

// OnInit names the dialogs.
func (p *devices) OnInit() { p.act.init() }

func (p *devices) Render() app.UI {
	rows := view.DeviceRows(p.Snap, p.Now, time.Local)
	return tag.Main().Class("main").Body(
		paneBar("Back to Settings", p.back, tag.Span(), "Devices", chip(p.Alone, p.Snap.Network)),
		tag.Div().Class("scroll").Body(
			tag.Div().Class("page").Body(
				tag.Div().Class("spread").Body(
					tag.P().Class("lead grow").Text(view.DevicesLead(p.Snap)),
					app.If(view.CanLink(p.Snap), func() app.UI {
						return part.IconNameButton("link", "Link Device", "btn-primary", p.link).ID(linkDeviceID)
					}),
				),
				part.AlertIf(view.Sentence(p.err)),
				p.list(rows),
				p.remarks(),
			),
		),
		p.rename(),
		p.remove(),
	)
}

func (p *devices) list(rows []view.DeviceRow) app.UI {
	body := make([]app.UI, len(rows))
	for i, r := range rows {
		body[i] = &deviceItem{Row: r, press: p.begin}
	}
	return tag.Ul().Class("devices").Role("list").Aria("label", "Devices").DataSet("testid", "device-list").Body(body...)
}

// remarks are what one should know of devices here.
func (p *devices) remarks() app.UI {
	refused := view.RefusedLine(p.Snap.Refused)
	return tag.Div().Class("remarks").Body(
		tag.Div().Role("status").Body(app.If(refused != "", func() app.UI { return part.Warning(refused) })),
		tag.Div().Body(app.If(p.Snap.Role != core.Primary, func() app.UI {
			return tag.P().Class("notice").Body(
				part.Icon("link"),
				tag.Span().Body(tag.B().Text("Link Device: "), app.Text(view.ElsewhereLink)),
			)
		})),
		part.Notice("info", view.WhatDevicesKnow),
	)
}

// deviceItem is one line of the list.
type deviceItem struct {
	app.Compo

	Row view.DeviceRow

	press func(kind deviceDo, row view.DeviceRow)
}

// CompoID keeps the buttons of a line from becoming those of another device.
func (d *deviceItem) CompoID() string { return d.Row.ID.Hex() }

func (d *deviceItem) Render() app.UI {
	r := d.Row
	tone := "badge"
	if r.Main {
		tone = "badge badge-accent"
	}
	return tag.Li().Class("device").Body(
		tag.Span().Class("tile").Body(part.Icon(r.Icon)),
		tag.Div().Body(
			tag.P().Class("device-name").Body(
				tag.Span().Dir("auto").Text(r.Name),
				app.Text(" "),
				tag.Span().Class(tone).Text(r.Role),
				app.Range(r.Badges).Slice(func(i int) app.UI { return tag.Span().Class("badge").Text(r.Badges[i]) }),
			),
			tag.P().Class("small").Dir("auto").Text(r.Line),
		),
		tag.Div().Class("actions").Body(
			part.IconButton("edit", "Rename "+r.Name, "", d.rename).ID(renameID(r.ID)),
			d.out(),
		),
	)
}

func (d *deviceItem) out() app.UI {
	switch d.Row.Unlink {
	case view.UnlinkIt:
		return tag.Button().ID(unlinkID(d.Row.ID)).Class("btn btn-small btn-danger").OnClick(d.unlink).
			Body(app.Text("Unlink"), tag.Span().Class("vh").Text(" "+d.Row.Name))
	case view.LeaveHere:
		return part.Button("Unlink this device", "btn-small btn-danger", d.leave).ID(unlinkID(d.Row.ID))
	case view.Stays:
	}
	return nil
}

func (d *deviceItem) rename(app.Context, app.Event) { d.press(doRename, d.Row) }
func (d *deviceItem) unlink(app.Context, app.Event) { d.press(doUnlink, d.Row) }
func (d *deviceItem) leave(app.Context, app.Event)  { d.press(doLeave, d.Row) }

// Ids of the buttons of one device: they get the focus back.
func renameID(id core.ID) string { return "rename-" + id.Hex()[:16] }
func unlinkID(id core.ID) string { return "unlink-" + id.Hex()[:16] }

func (p *devices) back(app.Context, app.Event) { p.trail.Back(view.AtSettings) }

func (p *devices) link(app.Context, app.Event) { p.do(func() error { return openDialog(p.engine) }) }

// openDialog begins with the next device: what was said of the last one is
// over, or it would seem to be about the next.
func openDialog(e client.Engine) error {
	if e.Snapshot().Success {
		if err := e.DismissSuccess(); err != nil {
			return err
		}
	}
	return e.OpenDialog()
}
