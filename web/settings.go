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

	host    Host
	install bool // the browser can install the app
}

// OnInit names the dialog.
func (p *settings) OnInit() {
	p.modal = confirmModal(clearDialogID, clearID)
}

// OnMount asks whether the app can be installed.
func (p *settings) OnMount(ctx app.Context) {
	p.doer.OnMount(ctx)
	p.OnAppInstallChange(ctx)
}

// OnAppInstallChange follows the browser's offer to install the app. A browser of
// Apple's makes none: there it is a step in its own menu.
func (p *settings) OnAppInstallChange(ctx app.Context) {
	p.install = p.host != nil && ctx.IsAppInstallable() && !app.Window().Call("goappIsAppleBrowser").Truthy()
}

func (p *settings) Render() app.UI {
	return tag.In("main main",
		paneBar("Back to chats", p.back, tag.Span(), "Settings", chip(p.Alone, p.Snap.Network)),
		tag.In("div scroll",
			tag.In("div page",
				p.profile(),
				keyCard(p.Snap.Account.Hex()),
				tag.In("div", tag.When(p.Snap.Safety != "", safetyCard("Your safety number", p.Snap.Safety, view.OwnSafety))),
				tag.In("div rows",
					part.Row("to-devices", "devices", "Devices", p.devices),
					part.Row("to-network", "path", "Network", p.network),
					part.Row("to-lock", "lock", "Lock", p.lock),
					// A device of the demo has neither a disk of its own nor a bell.
					tag.When(!p.trail.framed(), part.Row("to-storage", "storage", "Storage", p.storage)),
					tag.When(!p.trail.framed(), part.Row("to-notices", "bell", "Notifications", p.notices)),
					part.Row("to-about", "info", "About", p.about),
				),
				tag.In("div", tag.When(p.install, tag.In("div rows",
					part.NoteRow("install-app", "phone", "Install app", "A window and an icon of its own, on this device", p.installApp),
				))),
				p.privacy(),
				p.protection(),
				tag.In("div rows", p.clear()),
			),
		),
		p.dialog(),
	)
}

func (p *settings) profile() app.UI {
	return tag.In("div asker",
		tag.Span().Class("avatar avatar-l").Aria("hidden", true).Text(view.Initial(p.Snap.Name)),
		tag.In("div profile",
			tag.Theirs("p title", p.Snap.Name),
			tag.Say("p small", "This is your "+p.Snap.Role.String()+"."),
		),
		&naming{Name: p.Snap.Name, engine: p.engine},
	)
}

// privacy is what others learn of one, and whom one does not want to hear.
func (p *settings) privacy() app.UI {
	blocked := view.BlockedRows(p.Snap)
	rows := []app.UI{
		switchRow(receiptsID, "Read receipts", view.ReceiptsMeans, p.Snap.Receipts, p.receipts),
	}
	for _, b := range blocked {
		rows = append(rows, &blockedItem{Row: b, unblock: p.unblock})
	}
	return tag.In("section form",
		tag.Say("h2", "Privacy"),
		tag.In("div rows", rows...),
		tag.In("div", tag.When(p.err != nil && !p.asking, part.AlertIf(view.Sentence(p.err)))),
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
	return tag.In("div row",
		part.Icon("block"),
		tag.In("span", tag.Span().ID(who).Dir("auto").Text(i.Row.Name), tag.Say("span small", "Blocked")),
		part.Button("Unblock", "btn-small", i.press).Aria("describedby", who),
	)
}

func (i *blockedItem) press(app.Context, app.Event) { i.unblock(i.Row.Account) }

func (p *settings) protection() app.UI {
	return says("What protects the data here", append(sealed(p.Snap.Lock), view.LockLine(p.Snap.Lock)+".")...)
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
		return tag.Div().Class("row").Aria("hidden", true).Body(part.Icon("trash"), tag.Say("span", "Clear Data"))
	}
	return tag.Button().ID(clearID).Class("row btn-danger").OnClick(p.ask).
		Body(part.Icon("trash"), tag.Say("span", "Clear Data"))
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
		if box := part.Find(p.JSValue(), receiptsID); err != nil && box.Truthy() {
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
func (p *settings) about(app.Context, app.Event)   { p.trail.Enter(p.ctx, view.AtProgram) }
func (p *settings) storage(app.Context, app.Event) { p.trail.Enter(p.ctx, view.AtStorage) }

// installApp lets the browser ask. Whatever is answered, this offer is used up.
func (p *settings) installApp(ctx app.Context, _ app.Event) {
	ctx.ShowAppInstallPrompt()
	p.install = false
	part.FocusPage(p.ctx)
}

func (p *settings) notices(app.Context, app.Event) { p.trail.Enter(p.ctx, view.AtNotices) }
func (p *settings) ask(app.Context, app.Event)     { p.show(true) }
func (p *settings) confirm(app.Context, app.Event) { p.do(p.engine.ClearData) }

// closed is the browser's own closing, which cannot be refused.
func (p *settings) closed(_ app.Context, e app.Event) {
	if p.modal.Closed(e) {
		p.show(false)
	}
}

func (p *settings) cancel(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.show(false)
}

func (p *settings) show(open bool) {
	p.asking, p.err = open, nil
	p.modal.Sync(p.ctx, open)
}
