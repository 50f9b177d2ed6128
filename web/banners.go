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
	return app.Div().Class("banners").Body(
		banner(s.Fault != "", "alert", "warn", "alert", s.Fault, nil),
		banner(offline != "", "offline", "warn", "", offline, nil),
		banner(s.Dialog.Notice && !s.Dialog.Open && view.CanLink(s), "devices", "", "status", "A device wants to be linked to your account.",
			part.Button("Review", "btn-small", b.review)),
		banner(b.Success, "check", "", "status", view.Success,
			part.Button("Dismiss", "btn-small", b.dismiss)),
		part.AlertIf(view.Sentence(b.err)),
	)
}

// banner is one line, or its place.
func banner(shown bool, icon, tone, role, sentence string, action app.UI) app.UI {
	if !shown {
		return app.Span().Hidden(true)
	}
	p := app.P().Text(sentence)
	if role != "" {
		p = p.Role(role)
	}
	return app.Div().Class("banner", tone).Body(part.Icon(icon), p, action)
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
