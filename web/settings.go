package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Ids inside Settings.
const (
	clearID       = "clear-data"
	clearDialogID = "clear-dialog"
	receiptsID    = "receipts"
)

// settings is the account, its devices, what protects it, and its end.
type settings struct {
	app.Compo

	Snap  *client.Snapshot
	Alone bool

	doer
	engine client.Engine
	trail  *trail
	modal  part.Modal
	asking bool // Clear Data waits for its confirmation
}

// OnInit names the dialog.
func (p *settings) OnInit() {
	p.modal = confirmModal(clearDialogID, clearID)
}

func (p *settings) Render() app.UI {
	return tag.Main().Class("main").Body(
		paneBar("Back to chats", p.back, tag.Span(), "Settings", chip(p.Alone, p.Snap.Network)),
		tag.Div().Class("scroll").Body(
			tag.Div().Class("page").Body(
				p.profile(),
				keyCard(p.Snap.Account.Hex()),
				tag.Div().Class("rows").Body(
					part.Row("to-devices", "devices", "Devices", p.devices),
					part.Row("to-network", "path", "Network", p.network),
					part.Row("to-lock", "lock", "Lock", p.lock),
				),
				p.privacy(),
				p.protection(),
				tag.Div().Class("rows").Body(p.clear()),
			),
		),
		p.dialog(),
	)
}

func (p *settings) profile() app.UI {
	return tag.Div().Class("asker").Body(
		tag.Span().Class("avatar avatar-l").Aria("hidden", true).Text(view.Initial(p.Snap.Name)),
		tag.Div().Class("profile").Body(
			tag.P().Class("title").Dir("auto").Text(p.Snap.Name),
			tag.P().Class("small").Text("This is your "+p.Snap.Role.String()+"."),
		),
	)
}

// privacy is what others learn of one, and whom one does not want to hear.
func (p *settings) privacy() app.UI {
	blocked := view.BlockedRows(p.Snap)
	rows := []app.UI{
		tag.Label().Class("row").Body(
			tag.Input("checkbox").ID(receiptsID).Class("switch").Role("switch").Attr("checked", p.Snap.Receipts).Aria("label", "Read receipts").
				Aria("describedby", "receipts-note").OnChange(p.receipts),
			tag.Span().Body(tag.Span().Text("Read receipts"), tag.Span().ID("receipts-note").Class("small").Text(view.ReceiptsMeans)),
		),
	}
	for _, b := range blocked {
		rows = append(rows, &blockedItem{Row: b, unblock: p.unblock})
	}
	return tag.Section().Class("form").Body(
		tag.H2().Text("Privacy"),
		tag.Div().Class("rows").Body(rows...),
		tag.Div().Body(app.If(p.err != nil && !p.asking, func() app.UI { return part.AlertIf(view.Sentence(p.err)) })),
	)
}

// blockedItem is somebody who is blocked.
type blockedItem struct {
	app.Compo

	Row view.BlockedRow

	unblock func(core.ID)
}

// CompoID keeps the button of a person from becoming that of another.
func (i *blockedItem) CompoID() string { return i.Row.Account.Hex() }

func (i *blockedItem) Render() app.UI {
	who := "blocked-" + i.Row.Account.Hex()[:16]
	return tag.Div().Class("row").Body(
		part.Icon("block"),
		tag.Span().Body(tag.Span().ID(who).Dir("auto").Text(i.Row.Name), tag.Span().Class("small").Text("Blocked")),
		part.Button("Unblock", "btn-small", i.press).Aria("describedby", who),
	)
}

func (i *blockedItem) press(app.Context, app.Event) { i.unblock(i.Row.Account) }

func (p *settings) protection() app.UI {
	return tag.Section().Class("card").Body(
		tag.H2().Text("What protects the data here"),
		app.Range(sealed(p.Snap.Lock)).Slice(func(i int) app.UI {
			return tag.P().Class("small").Text(sealed(p.Snap.Lock)[i])
		}),
		tag.P().Class("small").Text(view.LockLine(p.Snap.Lock)+"."),
	)
}

// sealed says what protects the data.
func sealed(l client.LockView) []string {
	if l.On {
		return []string{view.SealedMore}
	}
	return []string{view.Sealed, view.NotSealed}
}

// clear opens the dialog. While that is open only its own button has the name.
func (p *settings) clear() app.UI {
	if p.asking {
		return tag.Div().Class("row").Aria("hidden", true).Body(part.Icon("trash"), tag.Span().Text("Clear Data"))
	}
	return tag.Button().ID(clearID).Class("row btn-danger").OnClick(p.ask).
		Body(part.Icon("trash"), tag.Span().Text("Clear Data"))
}

func (p *settings) dialog() app.UI {
	return confirm{
		ID: clearDialogID, Title: "Erase everything on this device?", Lead: view.ClearWarning(p.Snap), Verb: "Clear Data", Err: p.refusal(),
		Cancel: p.cancel, Closed: p.closed, Do: p.confirm,
	}.Draw(p.asking)
}

func (p *settings) unblock(account core.ID) {
	p.do(func() error { return p.engine.Unblock(account) }, func(error) { part.FocusPage(p.ctx) })
}

func (p *settings) receipts(app.Context, app.Event) {
	on := !p.Snap.Receipts
	p.do(func() error { return p.engine.SetReceipts(on) }, func(err error) {
		if box := app.Window().GetElementByID(receiptsID); err != nil && box.Truthy() {
			box.Set("checked", !on) // the browser has switched it already
		}
	})
}

// refusal is what the dialog has to say.
func (p *settings) refusal() error {
	if p.asking {
		return p.err
	}
	return nil
}

func (p *settings) back(app.Context, app.Event)    { p.trail.Back(view.AtStart) }
func (p *settings) devices(app.Context, app.Event) { p.trail.Enter(p.ctx, view.AtDevices) }
func (p *settings) network(app.Context, app.Event) { p.trail.Enter(p.ctx, view.AtNetwork) }
func (p *settings) lock(app.Context, app.Event)    { p.trail.Enter(p.ctx, view.AtLock) }
func (p *settings) ask(app.Context, app.Event)     { p.show(true) }
func (p *settings) closed(app.Context, app.Event)  { p.show(false) }
func (p *settings) confirm(app.Context, app.Event) { p.do(p.engine.ClearData) }

func (p *settings) cancel(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.show(false)
}

func (p *settings) show(open bool) {
	p.asking, p.err = open, nil
	p.modal.Sync(p.ctx, open)
}
