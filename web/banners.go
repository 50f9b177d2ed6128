package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/view"
)

// banners stand above the panes and take space from them; they cover nothing.
type banners struct {
	app.Compo

	Snap    *client.Snapshot
	Now     core.Millis
	Success bool // is said here, and nowhere else

	doer
	engine client.Engine
}

func (b *banners) Render() app.UI {
	s := b.Snap
	offline := view.OfflineSentences(s.Network, b.Now)
	asks := s.Dialog.Notice && !s.Dialog.Open && view.CanLink(s)
	return app.Div().Class("banners").Body(
		app.Div().Role("alert").Body(banner(s.Fault, "alert", "warn", nil)),
		// Offline is announced by the status chip; this one counts minutes.
		app.If(offline != "", func() app.UI {
			return app.Aside().Aria("label", "Offline").Body(banner(offline, "offline", "warn", nil))
		}).Else(func() app.UI { return app.Span() }),
		app.Div().Role("status").Body(app.If(asks, func() app.UI {
			return banner("A device wants to be linked to your account.", "devices", "", part.Button("Review", "btn-small", b.review))
		})),
		app.Div().Role("status").Body(app.If(b.Success, func() app.UI {
			return banner(view.Success, "check", "", part.Button("Dismiss", "btn-small", b.dismiss))
		})),
		part.AlertIf(view.Sentence(b.err)),
	)
}

// banner is one line above the panes; nothing, without a sentence.
func banner(sentence, icon, tone string, action app.UI) app.UI {
	if sentence == "" {
		return nil
	}
	return app.Div().Class("banner", tone).Body(part.Icon(icon), app.P().Text(sentence), action)
}

func (b *banners) review(app.Context, app.Event) { b.do(b.engine.OpenDialog) }

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
