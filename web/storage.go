package web

import (
	"context"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// storage is Settings > Storage: what the browser says about it, and what to do
// about that.
type storage struct {
	app.Compo

	Net   client.NetworkView
	Alone bool

	ctx   app.Context
	host  Host
	trail *trail
	room  view.Room
}

// OnMount asks the browser.
func (p *storage) OnMount(ctx app.Context) {
	p.ctx = ctx
	p.look(false)
}

// look asks the browser how things stand, or to keep the data.
func (p *storage) look(persist bool) {
	if p.host == nil {
		return
	}
	ctx, asked := p.ctx, p.room.Asked || persist
	ctx.Async(func() {
		room := p.host.Room(context.Background(), persist)
		room.Asked = asked
		ctx.Dispatch(func(app.Context) { p.room = room })
	})
}

func (p *storage) Render() app.UI {
	return pane("Back to Settings", p.back, "Storage", p.Alone, p.Net,
		p.card(),
		tag.In("div rows",
			part.NoteRow("to-export", "export", "Export", "History, contacts and settings in one file, sealed with a passphrase", p.export),
			part.NoteRow("to-import", "import", "Import", "Merges, never overwrites", p.take),
		),
		says("If the browser throws it away", view.WaysBack()...),
	)
}

func (p *storage) card() app.UI {
	used, of := view.RoomLine(p.room)
	kept, icon := "no", "icon warn"
	if p.room.Kept {
		kept, icon = "yes", "icon yes"
	}
	return tag.In("section card",
		tag.Say("h2", "In this browser"),
		tag.In("div", tag.When(p.room.Known, tag.In("div field",
			tag.In("div spread", tag.Say("b", used), tag.Say("span small", of)),
			tag.When(p.room.Quota > 0, tag.Progress().Class("bar").Aria("label", "Storage used").Attr("max", p.room.Quota>>10).Attr("value", p.room.Used>>10)),
		))),
		tag.P().Class("asker").Role("status").DataSet("testid", "kept").DataSet("kept", kept).Body(
			part.IconOf(icon, "shield"), tag.Say("span small", view.KeptLine(p.room)),
		),
		tag.In("div", tag.When(p.room.Known && !p.room.Kept, part.Button("Ask the browser to keep it", "", p.persist))),
	)
}

func (p *storage) persist(app.Context, app.Event) { p.look(true) }
func (p *storage) back(app.Context, app.Event)    { p.trail.Back(view.AtSettings) }
func (p *storage) export(app.Context, app.Event)  { p.trail.Enter(p.ctx, view.AtExport) }
func (p *storage) take(app.Context, app.Event)    { p.trail.Enter(p.ctx, view.AtImport) }
