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
	return tag.Main().Class("main").Body(
		tag.Div().Class("topbar").Body(
			part.Back("Back to chat", "", p.back),
			tag.Span(),
			tag.Div().Class("who").Body(part.Heading("", "Details"), chip(p.Alone, p.Net)),
		),
		tag.Div().Class("scroll").Body(
			tag.Div().Class("page").Body(
				tag.Div().Class("asker").Body(
					avatar(p.Row, "avatar-l"),
					tag.Div().Class("profile").Body(
						tag.P().Class("title").Dir("auto").Text(p.Row.Name),
						tag.P().Class("small").Text(view.ContactLine(c)),
					),
				),
				p.number(),
				tag.Section().Class("card").Body(
					tag.H2().Text("Public key"),
					tag.P().Class("key").DataSet("testid", "contact-key").Text(p.Row.Conversation.Hex()),
					&part.Copier{Name: "Copy public key", Text: p.Row.Conversation.Hex()},
				),
				tag.Dl().Class("facts").Body(
					tag.Dt().Text("Devices"), tag.Dd().Text(view.DeviceCount(c)),
				),
				part.AlertIf(view.Sentence(p.err)),
				tag.Section().Class("card").Body(
					tag.P().Class("small").Text(view.BlockTruth),
					tag.Div().Class("actions").Body(
						app.If(blocked, func() app.UI { return part.Button("Unblock", "", p.unblock) }).
							Else(func() app.UI { return part.Button("Block", "btn-danger", p.block) }),
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
	return tag.Section().Class("card").Body(
		tag.H2().Text("Safety number"),
		tag.Div().DataSet("testid", "safety-number").Body(safety("", c.Safety)),
		tag.P().Class("small").Text(view.SafetyTruth),
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
