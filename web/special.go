package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// opening is shown while the store is being opened.
type opening struct{ app.Compo }

func (*opening) Render() app.UI {
	return quiet("Tandem", "Opening what is stored here…", tag.Span())
}

// otherTab is shown while another tab writes that this one cannot show: it runs
// another version, or does not answer.
type otherTab struct{ app.Compo }

func (*otherTab) Render() app.UI {
	return quiet("Tandem is open in another tab",
		"Go on there. As soon as that tab is closed, this one takes over by itself.", tag.Span())
}

// cannotOpen is shown when the store cannot be opened.
type cannotOpen struct {
	app.Compo

	Fault string // one sentence
}

func (p *cannotOpen) Render() app.UI {
	return quiet("Tandem cannot open its storage", p.Fault,
		tag.In("div choices",
			part.Button("Reload this page", "btn-primary btn-wide", func(ctx app.Context, _ app.Event) { ctx.Reload() }),
			part.Notice("info", "If this stays, delete the data of this site in your browser’s settings. "+
				"Your 13 words bring the account back; a secondary device is linked again."),
		))
}

// leaving is shown while this device takes its leave of the others.
type leaving struct{ app.Compo }

func (*leaving) Render() app.UI {
	return quiet("Unlinking this device",
		"It says goodbye to your other devices, and then erases everything that it holds. That takes a minute at most.",
		tag.Told("p small", "Keep this page open."))
}

// unlinked is shown on a device that was removed and has wiped itself.
type unlinked struct {
	app.Compo

	doer
	engine client.Engine
	trail  *trail
}

func (p *unlinked) Render() app.UI {
	return quiet("This device was unlinked",
		"It is no longer part of the account, and it has erased everything that it held.",
		tag.In("div choices",
			part.AlertIf(view.Sentence(p.err)),
			part.Button("Continue", "btn-primary btn-wide", p.leave),
		))
}

func (p *unlinked) leave(app.Context, app.Event) {
	p.trail.Enter(p.ctx, view.AtStart)
	p.do(p.engine.ClearData)
}
