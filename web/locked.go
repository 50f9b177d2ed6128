package web

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// painted is how long a page is given to say that it is at work before what it
// asks for takes the tab's only thread: trying a passphrase takes as long as it
// must.
const painted = 60 * time.Millisecond

// Ids of the page for a forgotten passphrase.
const (
	forgotID       = "forgot"
	forgotDialogID = "forgot-dialog"
)

// locked asks for the passphrase. It is all that a locked device shows.
type locked struct {
	app.Compo

	Lock client.LockView

	doer
	engine client.Engine
	trail  *trail
	typed  string
	modal  part.Modal
	asking bool  // Clear Data waits for its confirmation
	erring error // of Clear Data
}

// OnInit names the dialog.
func (p *locked) OnInit() { p.modal = confirmModal(forgotDialogID, forgotID) }

// OnMount puts the caret where the passphrase goes, on the first page too.
func (p *locked) OnMount(ctx app.Context) {
	p.doer.OnMount(ctx)
	part.FocusOn(ctx, part.FirstID)
}

func (p *locked) Render() app.UI {
	verb, say := "Unlock", ""
	if p.busy && !p.asking {
		verb, say = "Unlocking…", "Unlocking"
	}
	return tag.In("main view welcome",
		tag.In("div welcome-in",
			tag.In("div welcome-say",
				part.Mark("mark-xl"),
				part.Heading("title", "Tandem is locked"),
				tag.Say("p lead", "Your passphrase opens it. Until then nothing is sent and nothing is fetched."),
			),
			tag.Form("form choices", p.unlock,
				part.Box{
					ID: part.FirstID, Label: "Passphrase", Secret: true, Complete: "current-password",
					Error: view.Sentence(p.err), Invalid: view.Mistyped(p.err), OnInput: p.input,
				}.Draw(),
				p.wait(),
				part.Primary(verb),
				part.Say(say),
				part.Button("Forgotten?", "btn-quiet btn-wide", p.ask).ID(forgotID),
			),
		),
		p.dialog(),
	)
}

// wait counts down to the next try.
func (p *locked) wait() app.UI {
	return tag.In("div", tag.When(p.Lock.Wait > 0, &part.Countdown{Deadline: p.Lock.Wait, Of: 60, Caption: "until the next try"}))
}

func (p *locked) dialog() app.UI {
	return confirm{
		ID: forgotDialogID, Title: "Erase everything on this device?", Lead: view.ForgotLead, List: view.ForgotTruths(),
		Verb: "Clear Data", Err: p.erring, Cancel: p.cancel, Closed: p.closed, Do: p.clear,
	}.Draw(p.asking)
}

func (p *locked) input(ctx app.Context, _ app.Event) { p.typed, p.err = part.Typed(ctx), nil }

func (p *locked) unlock(_ app.Context, e app.Event) {
	e.PreventDefault()
	typed := p.typed
	p.do(func() error {
		<-time.After(painted)
		return p.engine.Unlock(typed)
	}, p.refused)
}

func (p *locked) ask(app.Context, app.Event) { p.show(true) }

// closed is the browser's own closing, which cannot be refused.
func (p *locked) closed(_ app.Context, e app.Event) {
	if p.modal.Closed(e) {
		p.show(false)
	}
}

func (p *locked) cancel(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.show(false)
}

func (p *locked) show(open bool) {
	p.asking, p.erring = open, nil
	p.modal.Sync(p.ctx, open)
}

func (p *locked) clear(app.Context, app.Event) {
	p.trail.Enter(p.ctx, view.AtStart)
	p.do(p.engine.ClearData, func(err error) { p.erring, p.err = err, nil })
}
