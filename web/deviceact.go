package web

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Ids of the dialogs about one device.
const (
	renameDialogID = "rename-dialog"
	removeDialogID = "remove-dialog"
	renameBoxID    = "rename-name"
)

// deviceDo is what one does to a device.
type deviceDo uint8

const (
	doNothing deviceDo = iota
	doRename
	doUnlink // the primary, to another device
	doLeave  // a secondary, to itself
)

// deviceAct is the dialog over the list of devices, and whom it is about.
type deviceAct struct {
	kind  deviceDo
	row   view.DeviceRow
	name  string // as typed
	wrong error  // of what was typed

	renaming, removing part.Modal
}

func (a *deviceAct) init() {
	a.renaming = part.Modal{ID: renameDialogID, First: renameBoxID}
	a.removing = confirmModal(removeDialogID, "")
}

// begin opens the dialog about one device.
func (p *devices) begin(kind deviceDo, row view.DeviceRow) {
	p.act.kind, p.act.row, p.act.name, p.act.wrong, p.err = kind, row, row.Name, nil, nil
	p.act.renaming.Opener, p.act.removing.Opener = renameID(row.ID), unlinkID(row.ID)
	if kind == doRename {
		p.ctx.Defer(func(app.Context) { part.Fill(p.JSValue(), renameBoxID, row.Name) })
	}
	p.syncAct()
}

// syncAct makes the dialogs what kind says, after the coming redraw.
func (p *devices) syncAct() {
	p.act.renaming.Sync(p.ctx, p.act.kind == doRename)
	p.act.removing.Sync(p.ctx, p.act.kind == doUnlink || p.act.kind == doLeave)
	p.ctx.Dispatch(func(app.Context) {})
}

func (p *devices) rename() app.UI {
	dialog := tag.Dialog().ID(renameDialogID).Class("dialog").Aria("labelledby", renameDialogID+"-title").
		On("cancel", p.stopAct).On("close", p.closedAct)
	if p.act.kind != doRename {
		return dialog
	}
	return dialog.Body(
		tag.In("div dialog-in",
			tag.In("div dialog-head", tag.H2().ID(renameDialogID+"-title").Dir("auto").Text("Rename "+p.act.row.Name)),
			tag.Form("form", p.saveName,
				part.Box{
					ID: renameBoxID, Label: "Device name", Hint: "All your devices call it so. Friends do not see it.",
					Error: view.DeviceNameSentence(p.act.wrong), Invalid: view.Mistyped(p.act.wrong), Complete: "off", OnInput: p.typeName,
				}.Draw(),
				tag.In("div actions actions-end",
					part.Button("Cancel", "", p.stopAct),
					tag.Submit().Class("btn btn-primary").Text("Save"),
				),
			),
		),
	)
}

func (p *devices) typeName(ctx app.Context, _ app.Event) {
	p.act.name, p.act.wrong = part.Typed(ctx), nil
}

func (p *devices) saveName(_ app.Context, e app.Event) {
	e.PreventDefault()
	device, name := p.act.row.ID, strings.TrimSpace(p.act.name)
	err := view.CheckDeviceName(name)
	p.do(func() error {
		if err != nil {
			return err
		}
		return p.engine.RenameDevice(device, name)
	}, func(err error) {
		if p.act.wrong, p.err = err, nil; err != nil {
			part.FocusOn(p.ctx, renameBoxID)
			return
		}
		p.endAct()
	})
}

// remove asks before a device is taken out of the account.
func (p *devices) remove() app.UI {
	c := confirm{
		ID: removeDialogID, Err: p.act.wrong, Cancel: p.stopAct, Closed: p.closedAct,
	}
	switch p.act.kind {
	case doUnlink:
		c.Title, c.List, c.Verb, c.Do = "Unlink "+p.act.row.Name+"?", view.UnlinkTruths(), "Unlink", p.unlink
	case doLeave:
		c.Title, c.Lead, c.After = "Unlink this device?", view.LeaveTruth, view.LeaveLater
		c.Verb, c.Do = "Unlink and erase", p.leave
	case doNothing, doRename:
	}
	return c.Draw(c.Verb != "")
}

func (p *devices) unlink(app.Context, app.Event) {
	device := p.act.row.ID
	p.do(func() error { return p.engine.Unlink(device) }, p.acted)
}

func (p *devices) leave(app.Context, app.Event) { p.do(p.engine.Leave, p.acted) }

// acted closes the dialog, or says in it why not.
func (p *devices) acted(err error) {
	if p.act.wrong, p.err = err, nil; err == nil {
		p.endAct()
	}
}

func (p *devices) endAct() {
	p.act.kind = doNothing
	p.syncAct()
}

func (p *devices) stopAct(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.endAct()
}

// closedAct is the browser's own closing, which cannot be refused.
func (p *devices) closedAct(_ app.Context, e app.Event) {
	if p.act.renaming.Closed(e) || p.act.removing.Closed(e) {
		p.endAct()
	}
}
