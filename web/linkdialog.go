package web

import (
	"fmt"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Ids inside the dialog.
const (
	linkDialogID = "link-dialog"
	linkTitleID  = "link-title"
	nameBoxID    = "device-name"
)

// linkDialog is Waiting for Device, on the primary: the link code while nobody
// asks, then one device in full and the others as a list.
type linkDialog struct {
	app.Compo

	Dialog  client.Dialog
	Open    bool
	Success bool   // a device was linked while the next one asks
	Key     string // of the account, 66 hex characters

	doer
	engine client.Engine
	modal  part.Modal
	shown  [16]byte // the attempt that stands there in full
	chosen bool     // by the person
	code   string   // that qr draws
	qr     view.QR
}

// OnInit names the dialog.
func (d *linkDialog) OnInit() {
	d.modal = part.Modal{ID: linkDialogID, First: linkTitleID, Opener: linkDeviceID}
}

// OnMount opens the dialog that was open before.
func (d *linkDialog) OnMount(ctx app.Context) {
	d.doer.OnMount(ctx)
	d.OnUpdate(ctx)
}

// OnUpdate follows the snapshot.
func (d *linkDialog) OnUpdate(ctx app.Context) {
	d.follow()
	d.modal.Sync(ctx, d.Open)
}

// follow remembers who is shown, and draws a new code once.
func (d *linkDialog) follow() {
	switch i := view.Shown(d.Dialog, d.shown, d.chosen); {
	case i < 0:
		d.shown, d.chosen = [16]byte{}, false
	case d.Dialog.Askers[i].Attempt != d.shown:
		d.shown, d.chosen = d.Dialog.Askers[i].Attempt, false
	}
	if d.Dialog.Code != d.code {
		d.code, d.qr = d.Dialog.Code, view.QR{}
		if d.code != "" {
			d.qr = view.QRCode(d.code)
		}
	}
}

func (d *linkDialog) Render() app.UI {
	dialog := tag.Dialog().ID(linkDialogID).Class("dialog").Aria("labelledby", linkTitleID).
		On("cancel", d.cancel).On("close", d.closed)
	if !d.Open {
		return dialog
	}
	place := view.Shown(d.Dialog, d.shown, d.chosen)
	stage := view.ShownStage(d.Dialog, place)
	askers := view.Askers(d.Dialog, clock(), time.Local)
	cause := view.CauseSentence(d.Dialog.Cause, core.Primary)
	deadline := d.Dialog.Deadline
	if place >= 0 {
		deadline = askers[place].Deadline
	}
	return dialog.Body(
		tag.In("div dialog-in",
			tag.In("div dialog-head",
				tag.H2().ID(linkTitleID).TabIndex(-1).Text(view.WaitingForDevice),
				countdown(deadline, "left"),
			),
			part.Say(view.DialogSay(stage)),
			tag.Live(tag.When(d.Success, part.Notice("check", view.Success))),
			tag.Live(tag.When(cause != "", part.Warning(cause))),
			tag.Live(tag.When(d.Dialog.Over, part.Notice("clock", view.DialogOver(d.Dialog)))),
			d.stage(askers, place),
			d.others(askers, place),
			part.AlertIf(view.Sentence(d.err)),
			tag.In("div actions actions-end",
				part.Button(view.DialogExit(stage), "", d.leave),
				tag.When(d.Dialog.Over, part.Button("Try again", "btn-primary", d.again)),
			),
		),
	)
}

func (d *linkDialog) stage(askers []view.Asker, place int) app.UI {
	switch {
	case d.Dialog.Over:
		return tag.Span()
	case place < 0:
		return tag.In("div form", linkCode(d.qr, d.Dialog.Code, d.Key))
	}
	return tag.In("section form",
		&askerCard{Asker: askers[place], Dialog: d.Dialog, engine: d.engine},
		// The code stays at hand: whoever has it comes before all others, and one
		// that never confirms must not be in the way of the next.
		tag.When(d.Dialog.Code != "", tag.In("details more",
			tag.Say("summary", "Show the link code"),
			linkCode(d.qr, d.Dialog.Code, d.Key),
		)),
	)
}

// linkCode is what the new device needs, to scan or to copy.
func linkCode(qr view.QR, code, key string) app.UI {
	return tag.In("div pairing",
		tag.When(qr.Path != "", part.QR(qr, "QR code of the link code")),
		tag.In("div pairing-text",
			tag.In("p lead",
				app.Text("On the new device choose "),
				tag.Say("b", "Link device to an existing account"),
				app.Text(", then scan the code or paste it there."),
			),
			tag.When(code != "", tag.In("div keycard",
				tag.Say("p mono", code),
				&part.Copier{Name: "Copy link code", Text: code},
			)),
			tag.In("div keycard",
				tag.Say("p small", "Your public key works as well."),
				tag.Say("p mono", key),
				&part.Copier{Name: "Copy public key", Text: key},
			),
		),
	)
}

// others are the devices that ask besides the one shown.
func (d *linkDialog) others(askers []view.Asker, place int) app.UI {
	more := view.MoreAskers(d.Dialog)
	if len(askers) < 2 && more == "" {
		return nil
	}
	var rows []app.UI
	for i, a := range askers {
		if i != place {
			rows = append(rows, tag.In("li", &askerButton{Asker: a, press: d.choose}))
		}
	}
	return tag.In("section field",
		tag.Say("h3 label", "Other devices that ask"),
		tag.Ul().Class("rows").Role("list").Body(rows...),
		tag.Told("p small", more),
	)
}

func (d *linkDialog) choose(attempt [16]byte) {
	d.shown, d.chosen = attempt, true
	part.FocusOn(d.ctx, linkTitleID)
	d.ctx.Dispatch(func(app.Context) {})
}

func (d *linkDialog) leave(app.Context, app.Event) { d.close() }

func (d *linkDialog) again(app.Context, app.Event) {
	d.do(d.engine.OpenDialog, func(error) { part.FocusOn(d.ctx, linkTitleID) })
}

// cancel is Esc.
func (d *linkDialog) cancel(_ app.Context, e app.Event) {
	e.PreventDefault()
	d.close()
}

// closed is the browser's own closing, which cannot be refused.
func (d *linkDialog) closed(_ app.Context, e app.Event) {
	if d.modal.Closed(e) {
		d.close()
	}
}

func (d *linkDialog) close() {
	d.do(d.engine.CloseDialog, func(error) { d.modal.Sync(d.ctx, d.Open) })
}

// askerButton is a line of the list: pressed, its device is shown in full.
type askerButton struct {
	app.Compo

	Asker view.Asker

	press func(attempt [16]byte)
}

// CompoID keeps a line from turning into another one under a finger.
func (b *askerButton) CompoID() string { return fmt.Sprintf("%x", b.Asker.Attempt) }

func (b *askerButton) Render() app.UI {
	return tag.Button().Class("row").OnClick(b.pressed).Body(
		part.Icon(b.Asker.Icon),
		tag.In("span",
			tag.Theirs("span", b.Asker.Name),
			tag.Theirs("span small", b.Asker.Line),
		),
		provedBadge(b.Asker),
		part.Pointer("next"),
	)
}

func (b *askerButton) pressed(app.Context, app.Event) { b.press(b.Asker.Attempt) }

// provedBadge tells the device that saw this dialog from all others.
func provedBadge(a view.Asker) app.UI {
	return tag.Either(a.Proved, tag.In("span badge badge-accent", part.Icon("check"), app.Text("Knows the link code")), tag.Span())
}
