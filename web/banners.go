package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Ids of the question whether to erase a device that the list does not name.
const (
	eraseDialogID = "erase-dialog"
	eraseID       = "erase-device"
)

// banners stand above the panes and take space from them; they cover nothing.
type banners struct {
	app.Compo

	Snap    *client.Snapshot
	Now     core.Millis
	Success bool // is said here, and nowhere else

	doer
	engine client.Engine
	trail  *trail
	modal  part.Modal
	asking bool // Erase waits for its confirmation
}

// OnInit names the dialog.
func (b *banners) OnInit() { b.modal = confirmModal(eraseDialogID, eraseID) }

func (b *banners) Render() app.UI {
	s := b.Snap
	offline := view.OfflineSentences(s.Network, b.Now)
	asks := s.Dialog.Notice && !s.Dialog.Open && view.CanLink(s)
	return tag.In("div banners",
		tag.Live(otherTabBanner(s)),
		tag.Div().Role("alert").Body(banner(s.Fault, "alert", "warn", nil)),
		// Offline is announced by the status chip; this one counts minutes.
		tag.Either(offline != "", tag.Aside().Aria("label", "Offline").Body(banner(offline, "offline", "warn", nil)), tag.Span()),
		tag.Live(tag.When(asks, banner("A device wants to be linked to your account.", "devices", "", part.Button("Review", "btn-small", b.review)))),
		tag.Live(tag.When(b.Success, banner(view.Success, "check", "", part.Button("Dismiss", "btn-small", b.dismiss)))),
		tag.Live(b.restored()),
		tag.Live(b.absent()),
		tag.Live(banner(view.Pending(s), "clock", "", nil)),
		b.past(),
		part.AlertIf(view.Sentence(b.err)),
		b.erase(),
	)
}

// banner is one line above the panes; nothing, without a sentence.
func banner(sentence, icon, tone string, action app.UI) app.UI {
	if sentence == "" {
		return nil
	}
	return tag.Div().Class("banner", tone).Body(part.Icon(icon), tag.Say("p", sentence), action)
}

// otherTabBanner stands where another tab does the work.
func otherTabBanner(s *client.Snapshot) app.UI {
	if !s.OtherTab {
		return nil
	}
	return banner(view.OtherTabLine, "browser", "", tag.Span().Class("badge badge-accent").Text("View"))
}

// restored is the question of a device that was primary. Each answer says what
// it does.
func (b *banners) restored() app.UI {
	question := view.WasItYou(b.Snap)
	if question == "" {
		return nil
	}
	return tag.Section().Class("banner warn question").Aria("label", "Was it you?").Body(
		part.Icon("alert"),
		tag.In("div question-in",
			tag.P().Dir("auto").Body(tag.Say("b", question)),
			tag.Ul().Role("list").Body(
				tag.In("li", part.Button("Yes, it was me", "btn-small", b.yes), tag.Say("p", view.YesItWasMe)),
				tag.In("li", part.Button("No, remove it", "btn-small btn-danger", b.no), tag.Say("p", view.NoItWasNot)),
			),
		),
	)
}

// absent stands on a device that the account's list does not name.
func (b *banners) absent() app.UI {
	if !b.Snap.Absent {
		return nil
	}
	return banner(view.AbsentLine, "alert", "warn", tag.In("div actions",
		part.Button("Ask to be added", "btn-small", b.ask),
		part.Button("Erase this device", "btn-small btn-danger", b.askErase).ID(eraseID),
	))
}

func (b *banners) erase() app.UI {
	return confirm{
		ID: eraseDialogID, Title: "Erase everything on this device?", Lead: view.ClearWarning(b.Snap), Verb: "Erase",
		Cancel: b.cancelErase, Closed: b.closedErase, Do: b.doErase,
	}.Draw(b.asking)
}

func (b *banners) review(app.Context, app.Event)   { b.do(func() error { return openDialog(b.engine) }) }
func (b *banners) yes(app.Context, app.Event)      { b.answer(true) }
func (b *banners) no(app.Context, app.Event)       { b.answer(false) }
func (b *banners) askErase(app.Context, app.Event) { b.show(true) }
func (b *banners) doErase(app.Context, app.Event)  { b.do(b.engine.ClearData) }

func (b *banners) answer(yes bool) { b.do(func() error { return b.engine.WasItMe(yes) }) }

func (b *banners) ask(app.Context, app.Event) {
	b.trail.Enter(b.ctx, view.AtStart)
	b.do(b.engine.AskToBeAdded)
}

// closedErase is the browser's own closing, which cannot be refused.
func (b *banners) closedErase(_ app.Context, e app.Event) {
	if b.modal.Closed(e) {
		b.show(false)
	}
}

func (b *banners) cancelErase(_ app.Context, e app.Event) {
	e.PreventDefault()
	b.show(false)
}

func (b *banners) show(open bool) {
	b.asking, b.err = open, nil
	b.modal.Sync(b.ctx, open)
}

func (b *banners) dismiss(app.Context, app.Event) {
	b.do(func() error { return dismissSuccess(b.engine) }, func(error) { part.FocusOn(b.ctx, part.TitleID) })
}

// dismissSuccess forgets the success, and the dialog that led to it.
func dismissSuccess(e client.Engine) error {
	if e.Snapshot().Dialog.Open {
		if err := e.CloseDialog(); err != nil {
			return err
		}
	}
	return e.DismissSuccess()
}
