package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// contact is what is known of the person behind a chat.
type contact struct {
	app.Compo

	Row   view.ChatRow
	Net   client.NetworkView
	Alone bool

	doer
	engine client.Engine
	trail  *trail

	asking bool // whether messages shall go to the account again
	plain  part.Modal
}

// Ids of the dialog about that, and of its button.
const (
	plainDialogID = "plain-dialog"
	plainID       = "plain"
)

// OnInit names the dialog.
func (p *contact) OnInit() { p.plain = confirmModal(plainDialogID, plainID) }

func (p *contact) Render() app.UI {
	c := p.Row.Contact
	blocked := c.Friendship == client.Blocked
	return tag.In("main main",
		tag.In("div topbar",
			part.Back("Back to chat", "", p.back),
			tag.Span(),
			tag.In("div who", part.Heading("", "Details"), chip(p.Alone, p.Net)),
		),
		tag.In("div scroll",
			tag.In("div page",
				tag.In("div asker",
					avatar(p.Row, "avatar-l"),
					tag.In("div profile",
						tag.Theirs("p title", p.Row.Name),
						tag.Say("p small", view.ContactLine(c)),
					),
				),
				tag.In("div", tag.When(c.Safety != "", safetyCard("Safety number", c.Safety, view.SafetyTruth))),
				tag.In("section card",
					tag.Say("h2", "Public key"),
					tag.P().Class("key").DataSet("testid", "contact-key").Text(p.Row.Conversation.Hex()),
					&part.Copier{Name: "Copy public key", Text: p.Row.Conversation.Hex()},
				),
				tag.In("dl facts",
					tag.Say("dt", "Devices"), tag.Say("dd", view.DeviceCount(c)),
				),
				tag.In("div", tag.When(!p.asking, part.AlertIf(view.Sentence(p.err)))),
				tag.In("div", tag.When(view.MaySwitch(c), tag.In("section card",
					tag.Say("p small", view.SwitchTruth(c)),
					tag.In("div actions", tag.Either(c.Plain,
						part.Button(view.ToDevices, "", p.doPlain), part.Button(view.ToAccount, "", p.askPlain).ID(plainID))),
				))),
				tag.In("section card",
					tag.Say("p small", view.BlockTruth),
					tag.In("div actions",
						tag.Either(blocked, part.Button("Unblock", "", p.unblock), part.Button("Block", "btn-danger", p.block)),
					),
				),
			),
		),
		confirm{
			ID: plainDialogID, Title: "Send to the account?", List: view.PlainWarning(), Err: p.err,
			Verb: view.ToAccount, Cancel: p.stop, Closed: p.closed, Do: p.doPlain,
		}.Draw(p.asking),
	)
}

func (p *contact) askPlain(app.Context, app.Event) {
	p.asking, p.err = true, nil
	p.plain.Sync(p.ctx, true)
}

func (p *contact) doPlain(app.Context, app.Event) {
	account, on := p.Row.Conversation, !p.Row.Contact.Plain
	p.do(func() error { return p.engine.UsePlain(account, on) }, func(err error) {
		if err == nil {
			p.hush()
			part.FocusPage(p.ctx)
		}
	})
}

func (p *contact) stop(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.hush()
}

// closed is the browser's own closing, which cannot be refused.
func (p *contact) closed(_ app.Context, e app.Event) {
	if p.plain.Closed(e) {
		p.hush()
	}
}

func (p *contact) hush() {
	p.asking, p.err = false, nil
	p.plain.Sync(p.ctx, false)
}

// safetyCard is a safety number and what it is for.
func safetyCard(title, digits, means string) app.UI {
	return tag.In("section card",
		tag.Say("h2", title),
		tag.Div().DataSet("testid", "safety-number").Body(safety("", digits)),
		tag.Say("p small", means),
	)
}

func (p *contact) back(app.Context, app.Event) { p.trail.Back(p.Row.Place) }

func (p *contact) block(app.Context, app.Event) {
	account := p.Row.Conversation
	p.do(func() error { return p.engine.Block(account) })
}

func (p *contact) unblock(app.Context, app.Event) {
	account := p.Row.Conversation
	p.do(func() error { return p.engine.Unblock(account) })
}
