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
}

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
				p.number(),
				tag.In("section card",
					tag.Say("h2", "Public key"),
					tag.P().Class("key").DataSet("testid", "contact-key").Text(p.Row.Conversation.Hex()),
					&part.Copier{Name: "Copy public key", Text: p.Row.Conversation.Hex()},
				),
				tag.In("dl facts",
					tag.Say("dt", "Devices"), tag.Say("dd", view.DeviceCount(c)),
				),
				part.AlertIf(view.Sentence(p.err)),
				tag.In("section card",
					tag.Say("p small", view.BlockTruth),
					tag.In("div actions",
						tag.Either(blocked, part.Button("Unblock", "", p.unblock), part.Button("Block", "btn-danger", p.block)),
					),
				),
			),
		),
	)
}

// number is the safety number; without one, only its place.
func (p *contact) number() app.UI {
	c := p.Row.Contact
	if c.Safety == "" {
		return tag.Div()
	}
	return tag.In("section card",
		tag.Say("h2", "Safety number"),
		tag.Div().DataSet("testid", "safety-number").Body(safety("", c.Safety)),
		tag.Say("p small", view.SafetyTruth),
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
