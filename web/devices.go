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
	return tag.In("main main",
		paneBar("Back to Settings", p.back, tag.Span(), "Devices", chip(p.Alone, p.Snap.Network)),
		tag.In("div scroll",
			tag.In("div page",
				tag.In("div spread",
					tag.Say("p lead grow", view.DevicesLead(p.Snap)),
					tag.When(view.CanLink(p.Snap), part.IconNameButton("link", "Link Device", "btn-primary", p.link).ID(linkDeviceID)),
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
		body[i] = &deviceItem{Row: r, Past: view.PastOf(p.Snap, r.ID), press: p.begin, stopPast: p.stopPast}
	}
	return tag.Ul().Class("devices").Role("list").Aria("label", "Devices").DataSet("testid", "device-list").Body(body...)
}

// remarks are what one should know of devices here.
func (p *devices) remarks() app.UI {
	refused := view.RefusedLine(p.Snap.Refused)
	return tag.In("div remarks",
		tag.Live(tag.When(refused != "", part.Warning(refused))),
		tag.In("div", tag.When(p.Snap.Role != core.Primary, tag.In("p notice",
			part.Icon("link"),
			tag.In("span", tag.Say("b", "Link Device: "), app.Text(view.ElsewhereLink)),
		))),
		part.Notice("info", view.WhatDevicesKnow),
	)
}

// deviceItem is one line of the list.
type deviceItem struct {
	app.Compo

	Row  view.DeviceRow
	Past *client.PastRow // what it gets from this one; nil = nothing

	press    func(kind deviceDo, row view.DeviceRow)
	stopPast func(core.ID)
}

// CompoID keeps the buttons of a line from becoming those of another device.
func (d *deviceItem) CompoID() string { return d.Row.ID.Hex() }

func (d *deviceItem) Render() app.UI {
	r := d.Row
	tone := "badge"
	if r.Main {
		tone = "badge badge-accent"
	}
	return tag.In("li device",
		tag.In("span tile", part.Icon(r.Icon)),
		tag.In("div",
			tag.In("p device-name",
				tag.Theirs("span", r.Name),
				app.Text(" "),
				tag.Span().Class(tone).Text(r.Role),
				app.Range(r.Badges).Slice(func(i int) app.UI { return tag.Say("span badge", r.Badges[i]) }),
			),
			tag.Theirs("p small", r.Line),
			d.past(),
		),
		tag.In("div actions",
			part.IconButton("edit", "Rename "+r.Name, "", d.rename).ID(renameID(r.ID)),
			d.out(),
		),
	)
}

func (d *deviceItem) out() app.UI {
	switch d.Row.Unlink {
	case view.UnlinkIt:
		return tag.Button().ID(unlinkID(d.Row.ID)).Class("btn btn-small btn-danger").OnClick(d.unlink).
			Body(app.Text("Unlink"), tag.Say("span vh", " "+d.Row.Name))
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

func (p *devices) stopPast(device core.ID) { p.do(func() error { return p.engine.StopPast(device) }) }

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
