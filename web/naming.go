package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Ids of the dialog about the display name.
const (
	nameDialogID = "name-dialog"
	nameFieldID  = "own-name"
	nameOpenID   = "change-name"
)

// naming is the dialog that changes the account's display name.
type naming struct {
	app.Compo

	Name string

	doer
	engine client.Engine
	open   bool
	typed  string
	modal  part.Modal
}

// OnInit names the dialog.
func (n *naming) OnInit() {
	n.modal = part.Modal{ID: nameDialogID, First: nameFieldID, Opener: nameOpenID}
}

func (n *naming) Render() app.UI {
	dialog := tag.Dialog().ID(nameDialogID).Class("dialog").Aria("labelledby", nameDialogID+"-title").
		On("cancel", n.cancel).On("close", n.closed)
	if n.open {
		dialog = dialog.Body(tag.In("div dialog-in",
			tag.In("div dialog-head", tag.H2().ID(nameDialogID+"-title").Text("Display name")),
			tag.Form("form", n.save,
				part.Box{
					ID: nameFieldID, Label: "Display name", Hint: "Your friends see it, and all your devices.",
					Error: view.Sentence(n.err), Invalid: view.Mistyped(n.err), Complete: "nickname", OnInput: n.input,
				}.Draw(),
				tag.In("div actions actions-end",
					part.Button("Cancel", "", n.cancel),
					tag.Submit().Class("btn btn-primary").Text("Save"),
				),
			),
		))
	}
	return tag.In("div", part.Button("Change name", "btn-small", n.ask).ID(nameOpenID), dialog)
}

func (n *naming) ask(app.Context, app.Event) {
	n.typed, n.err = n.Name, nil
	n.ctx.Defer(func(app.Context) { part.Fill(n.JSValue(), nameFieldID, n.Name) })
	n.show(true)
}

func (n *naming) input(ctx app.Context, _ app.Event) { n.typed, n.err = part.Typed(ctx), nil }

func (n *naming) save(_ app.Context, e app.Event) {
	e.PreventDefault()
	name := n.typed
	n.do(func() error { return n.engine.SetName(name) }, func(err error) {
		if err != nil {
			part.FocusOn(n.ctx, nameFieldID)
			return
		}
		n.show(false)
	})
}

func (n *naming) cancel(_ app.Context, e app.Event) {
	e.PreventDefault()
	n.show(false)
}

// closed is the browser's own closing, which cannot be refused.
func (n *naming) closed(_ app.Context, e app.Event) {
	if n.modal.Closed(e) {
		n.show(false)
	}
}

func (n *naming) show(open bool) {
	n.open = open
	n.modal.Sync(n.ctx, open)
}
