package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// pastBar shows how far earlier messages are; nothing before it is known.
func pastBar(p client.PastRow) app.UI {
	return tag.When(p.Total > 0, tag.Progress().Class("bar").Aria("label", "Earlier messages").
		Attr("max", p.Total).Attr("value", p.Done))
}

// past stands on a device that gets earlier messages. It counts, and is no status
// that would be read at each step.
func (b *banners) past() app.UI {
	p := view.PastComing(b.Snap)
	if p == nil {
		return tag.Span()
	}
	return tag.Aside().Class("banner").Aria("label", "Earlier messages").Body(
		part.Icon("clock"),
		tag.Say("p", view.PastLine(*p)),
		part.Button("Stop", "btn-small", b.stopPast),
		pastBar(*p),
	)
}

func (b *banners) stopPast(app.Context, app.Event) {
	if p := view.PastComing(b.Snap); p != nil {
		device := p.Device
		b.do(func() error { return b.engine.StopPast(device) })
	}
}

// past stands in the line of a device that gets earlier messages from this one.
func (d *deviceItem) past() app.UI {
	if d.Past == nil {
		return nil
	}
	return tag.In("div field",
		tag.Say("p small", view.PastLine(*d.Past)),
		pastBar(*d.Past),
		part.Button("Stop sending history", "btn-small", d.stop),
	)
}

func (d *deviceItem) stop(app.Context, app.Event) { d.stopPast(d.Row.ID) }

// pastChoice is what the device gets of what was said before.
func (c *askerCard) pastChoice() app.UI {
	var choices []app.UI
	for _, choice := range view.PastChoices(c.past) {
		choices = append(choices, tag.In("label",
			tag.Input("radio").Attr("name", "past").Attr("checked", choice.On).
				OnChange(func(app.Context, app.Event) { c.past = choice.Past }),
			app.Text(choice.Name),
		))
	}
	return tag.In("fieldset field",
		tag.Say("legend", view.PastTitle),
		tag.In("div segments", choices...),
		tag.Told("p small", view.PastAmount(c.Dialog, c.past)),
	)
}
