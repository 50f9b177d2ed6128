package web

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// checksID takes the focus when a button of it has done its work, and is gone.
const checksID = "checks"

// checks is what is left to do for a device that has just been set up. It offers,
// and never nags.
type checks struct {
	app.Compo

	Locked bool // there is a passphrase

	ctx     app.Context
	host    Host
	trail   *trail
	room    view.Room
	ringing view.Ringing
}

// OnMount asks the browser.
func (p *checks) OnMount(ctx app.Context) {
	p.ctx, p.ringing = ctx, p.host.Ringing()
	p.look(false)
}

func (p *checks) look(persist bool) {
	p.ctx.Async(func() {
		room := p.host.Room(context.Background(), persist)
		room.Asked = persist
		p.ctx.Dispatch(func(app.Context) {
			if p.room = room; persist {
				part.FocusOn(p.ctx, checksID)
			}
		})
	})
}

func (p *checks) Render() app.UI {
	lock := "Whoever opens this browser can read your chats."
	if p.Locked {
		lock = "It locks Tandem in this browser."
	}
	return tag.Ul().ID(checksID).TabIndex(-1).Class("checks card").Body(
		check("Storage is protected", "Storage is not protected", view.KeptLine(p.room), p.room.Kept, p.room.Known && !p.room.Asked, "Protect it", p.keep),
		check("A passphrase is set", "No passphrase yet", lock, p.Locked, true, "Set a passphrase", p.lock),
		check("Notifications are on", "Notifications are off", view.RingingLine(p.ringing), p.ringing == view.On,
			p.ringing == view.MayAsk || p.ringing == view.Silenced, "Turn on", p.ring),
	)
}

// check is one line: that something is done, or how to do it, where that can be.
func check(done, open, why string, is, can bool, verb string, do app.EventHandler) app.UI {
	title, icon, mark := done, "icon yes", "check"
	if !is {
		title, icon, mark = open, "icon warn", "alert"
	}
	return tag.In("li",
		part.IconOf(icon, mark),
		tag.In("span", tag.Say("span", title), tag.Told("span small", why)),
		tag.When(!is && can, part.Button(verb, "btn-small", do)),
	)
}

func (p *checks) keep(app.Context, app.Event) { p.look(true) }
func (p *checks) lock(app.Context, app.Event) { p.trail.Enter(p.ctx, view.AtLock) }

func (p *checks) ring(app.Context, app.Event) {
	p.ctx.Async(func() {
		ringing := p.host.SetRinging(context.Background(), true)
		p.ctx.Dispatch(func(app.Context) {
			if p.ringing != ringing {
				part.FocusOn(p.ctx, checksID)
			}
			p.ringing = ringing
		})
	})
}
