package web

import (
	"fmt"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/view"
)

// Ids inside the dialog.
const (
	linkDialogID = "link-dialog"
	linkTitleID  = "link-title"
)

// linkDialog is Waiting for Device, on the primary.
type linkDialog struct {
	app.Compo

	Dialog  client.Dialog
	Open    bool
	Success bool   // a device was linked while the next one asks
	Key     string // of the account, 66 hex characters

	doer
	engine client.Engine
	modal  part.Modal
}

// OnInit names the dialog.
func (d *linkDialog) OnInit() {
	d.modal = part.Modal{ID: linkDialogID, First: linkTitleID, Opener: linkDeviceID}
}

// OnMount opens the dialog that was open before.
func (d *linkDialog) OnMount(ctx app.Context) {
	d.doer.OnMount(ctx)
	d.modal.Sync(ctx, d.Open)
}

// OnUpdate follows the snapshot.
func (d *linkDialog) OnUpdate(ctx app.Context) { d.modal.Sync(ctx, d.Open) }

func (d *linkDialog) Render() app.UI {
	dialog := app.Dialog().ID(linkDialogID).Class("dialog").Aria("labelledby", linkTitleID).
		On("cancel", d.cancel).On("close", d.closed)
	if !d.Open {
		return dialog
	}
	return dialog.Body(
		app.Div().Class("dialog-in").Body(
			app.Div().Class("dialog-head").Body(
				app.H2().ID(linkTitleID).TabIndex(-1).Text(view.WaitingForDevice),
				countdown(d.Dialog.Deadline, "left"),
			),
			part.Say(view.DialogSay(d.Dialog)),
			app.Div().Role("status").Body(app.If(d.Success, func() app.UI { return part.Notice("check", view.Success) })),
			&linkStage{Dialog: d.Dialog, Key: d.Key, engine: d.engine},
			part.AlertIf(view.Sentence(d.err)),
			app.Div().Class("actions actions-end").Body(
				part.Button(view.DialogExit(d.Dialog.Stage), "", d.leave),
			),
		),
	)
}

func (d *linkDialog) leave(app.Context, app.Event) { d.close() }

// cancel is Esc.
func (d *linkDialog) cancel(_ app.Context, e app.Event) {
	e.PreventDefault()
	d.close()
}

// closed is the browser's own closing, which cannot be refused.
func (d *linkDialog) closed(app.Context, app.Event) {
	if d.modal.Closed() {
		d.close()
	}
}

func (d *linkDialog) close() {
	d.do(d.engine.CloseDialog, func(error) { d.modal.Sync(d.ctx, d.Open) })
}

// linkStage is what the dialog shows of one attempt at one stage. Another one
// is another component, so that no button turns into another under a finger.
type linkStage struct {
	app.Compo

	Dialog client.Dialog
	Key    string

	doer
	engine client.Engine
}

// CompoID tells attempts and stages apart; waiting and ended are one.
func (l *linkStage) CompoID() string {
	stage := l.Dialog.Stage
	if stage == client.DialogEnded {
		stage = client.DialogWaiting
	}
	return fmt.Sprintf("%d/%x", stage, l.Dialog.Attempt)
}

func (l *linkStage) Render() app.UI {
	switch l.Dialog.Stage {
	case client.DialogChallenge:
		return app.Div().Class("form").Body(
			app.P().Class("lead").Text("A device asks to be linked. The words are on their way…"),
			asker(l.Dialog),
		)
	case client.DialogWords:
		return app.Div().Class("form").Body(l.words()...)
	case client.DialogSending:
		return app.Div().Class("form").Body(
			app.P().Class("lead").Text("Authorised. Now press Finish on the other device."),
			asker(l.Dialog),
			part.Notice("clock", "You may close this. Until the other device has finished, the list of devices calls it not confirmed."),
		)
	case client.DialogWaiting, client.DialogEnded, client.DialogDone:
	}
	return l.waiting()
}

func (l *linkStage) waiting() app.UI {
	cause := view.CauseSentence(l.Dialog.Cause, core.Primary)
	return app.Div().Class("form").Body(
		app.Div().Role("status").Body(app.If(cause != "", func() app.UI { return part.Warning(cause) })),
		app.P().Class("lead").Body(
			app.Text("On the new device choose "),
			app.B().Text("Link device to an existing account"),
			app.Text(", then paste this public key there."),
		),
		app.Div().Class("keycard").Body(
			app.P().Class("key").Text(l.Key),
			&part.Copier{Name: "Copy public key", Text: l.Key},
		),
	)
}

func (l *linkStage) words() []app.UI {
	return []app.UI{
		app.P().Class("lead").Text(view.CheckWords),
		part.Words(l.Dialog.Words),
		asker(l.Dialog),
		part.AlertIf(view.Sentence(l.err)),
		app.Div().Class("actions").Body(
			part.Button("Authorise", "btn-primary grow", l.authorise),
			part.Button("Reject", "btn-danger", l.reject),
		),
		app.If(l.Dialog.Waiting > 0, func() app.UI { return app.P().Class("small").Text(view.MoreWaiting(l.Dialog)) }),
	}
}

// asker is what the device says about itself.
func asker(d client.Dialog) app.UI {
	name := view.DeviceName(d.Facts)
	return app.Div().Class("asker").Body(
		app.Span().Class("tile").Body(part.Icon(view.DeviceIcon(d.Facts))),
		app.Div().Body(
			app.B().Dir("auto").Text(name),
			app.Span().Class("small").Dir("auto").Text(view.AskerLine(d, name, clock())),
		),
	)
}

func (l *linkStage) authorise(app.Context, app.Event) {
	attempt := l.Dialog.Attempt
	l.do(func() error { return l.engine.Authorise(attempt, "") })
}

func (l *linkStage) reject(app.Context, app.Event) {
	attempt := l.Dialog.Attempt
	l.do(func() error { return l.engine.Reject(attempt) })
}
