package web

import (
	"context"
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// noticesID is the switch.
const noticesID = "notify"

// lookEvery keeps "40 s ago" true.
const lookEvery = 5 * time.Second

// notices is Settings > Notifications.
type notices struct {
	app.Compo

	Net   client.NetworkView
	Now   core.Millis
	Alone bool

	ctx     app.Context
	host    Host
	trail   *trail
	ringing view.Ringing
	timer   *time.Timer
	gone    bool
}

// OnMount asks the browser.
func (p *notices) OnMount(ctx app.Context) {
	p.ctx = ctx
	if p.host != nil {
		p.ringing = p.host.Ringing()
	}
	p.timer = time.AfterFunc(lookEvery, func() { ctx.Dispatch(p.tick) })
}

// OnDismount ends the clock.
func (p *notices) OnDismount() {
	p.gone = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

func (p *notices) tick(app.Context) {
	if p.Now = clock(); !p.gone {
		p.timer.Reset(lookEvery)
	}
}

func (p *notices) Render() app.UI {
	line := view.RingingLine(p.ringing)
	row := tag.Say("p row", line)
	if p.ringing != view.NoRinging {
		row = switchRow(noticesID, "Notifications", line, p.ringing == view.On, p.turn)
	}
	return pane("Back to Settings", p.back, "Notifications", p.Alone, p.Net,
		tag.In("div rows", row),
		tag.In("section card",
			tag.Say("h2", "While Tandem is open"),
			tag.P().Class("small").DataSet("testid", "last-checked").Text(view.LastChecked(p.Net, p.Now)),
			tag.Say("p small", view.ClosedTab),
		),
	)
}

func (p *notices) turn(app.Context, app.Event) {
	if p.host == nil {
		return
	}
	ctx, on := p.ctx, p.ringing != view.On
	ctx.Async(func() {
		ringing := p.host.SetRinging(context.Background(), on)
		ctx.Dispatch(func(app.Context) {
			p.ringing = ringing
			if box := part.Find(p.JSValue(), noticesID); box.Truthy() {
				box.Set("checked", ringing == view.On) // the browser has switched it already
			}
		})
	})
}

func (p *notices) back(app.Context, app.Event) { p.trail.Back(view.AtSettings) }
