package web

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Older is part.LogHost's.
func (p *chat) Older() error { return p.engine.Older(p.Row.Conversation) }

// Newest is part.LogHost's.
func (p *chat) Newest() error { return p.engine.Newest(p.Row.Conversation) }

// Act is part.LogHost's.
func (p *chat) Act(act part.LogAct, m core.Message) {
	if act == part.Retry {
		p.do(func() error { return p.engine.Retry(m.ID) })
		return
	}
	p.about, p.edited, p.copies, p.asking, p.err = m, m.Body, nil, true, nil
	ctx := p.ctx
	// Only what is dispatched to this page has it drawn first: then there is
	// something that can take the focus and the text.
	ctx.Dispatch(func(ctx app.Context) {
		p.modal.Sync(ctx, true)
		if m.Post != nil {
			ctx.Defer(func(app.Context) { part.Fill(p.JSValue(), editID, m.Body) })
		}
	})
	if m.Post != nil {
		return
	}
	ctx.Async(func() {
		copies, _ := p.engine.Copies(m.ID) // or nothing is said of them
		ctx.Dispatch(func(app.Context) {
			if p.asking && p.about.ID == m.ID {
				p.copies = copies
			}
		})
	})
}

// options is all that can be done to one message, and what is known of it.
func (p *chat) options() app.UI {
	dialog := tag.Dialog().ID(messageDialogID).Class("dialog").Aria("labelledby", messageDialogID+"-title").
		On("cancel", p.stop).On("close", p.closed)
	if !p.asking {
		return dialog
	}
	about := view.AboutMessage(p.about, p.Row, p.copies, p.Snap, p.Now, time.Local)
	return dialog.Body(
		tag.In("div dialog-in",
			tag.In("div dialog-head", tag.H2().ID(messageDialogID+"-title").Text("Message")),
			tag.Theirs("p excerpt", about.Text),
			tag.Ul().Class("truths").Role("list").Body(app.Range(about.Facts).Slice(func(i int) app.UI {
				return tag.Theirs("li", about.Facts[i])
			})),
			tag.When(about.Reply, part.Button("Reply", "", p.reply)),
			tag.When(about.Post, p.reactions()),
			tag.When(about.Edit, p.edit()),
			part.AlertIf(view.Sentence(p.shown(p.asking))),
			tag.In("div actions actions-end",
				part.Button("Cancel", "", p.stop).ID(messageDialogID+"-cancel"),
				tag.When(about.Everyone, part.Button("Delete for everyone", "btn-danger", p.deleteAll)),
				tag.When(about.Mine, part.Button("Delete for me", "btn-danger", p.deleteMine)),
				tag.When(about.Pin, part.Button("Pin", "", p.pin)),
				tag.When(about.Ban, part.Button("Unban author", "", p.unban)),
				tag.When(about.Ban, part.Button("Ban author", "btn-danger", p.ban)),
			),
		),
	)
}

func (p *chat) deleteMine(app.Context, app.Event) { p.delete(false) }
func (p *chat) deleteAll(app.Context, app.Event)  { p.delete(true) }

func (p *chat) delete(everyone bool) {
	id := p.about.ID
	p.do(func() error { return p.engine.Delete(id, everyone) }, p.end)
}

// end closes the dialog, unless it has to say why not.
func (p *chat) end(err error) {
	if err == nil {
		p.hush()
	}
}

func (p *chat) hush() {
	p.asking, p.trusting, p.err = false, false, nil
	p.about = core.Message{}
	p.modal.Sync(p.ctx, false)
	p.trust.Sync(p.ctx, false)
}

func (p *chat) stop(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.hush()
}

// closed is the browser's own closing, which cannot be refused.
func (p *chat) closed(_ app.Context, e app.Event) {
	if p.modal.Closed(e) || p.trust.Closed(e) {
		p.hush()
	}
}
