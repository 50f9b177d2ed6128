package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// requests are the people who ask to be friends.
type requests struct {
	app.Compo

	Snap  *client.Snapshot
	Now   core.Millis
	Alone bool

	doer
	engine client.Engine
	trail  *trail
}

func (p *requests) Render() app.UI {
	return tag.In("main main",
		paneBar("Back to chats", p.back, tag.Span(), "Friend requests", chip(p.Alone, p.Snap.Network)),
		tag.In("div scroll",
			tag.In("div page",
				tag.Told("p lead", view.RequestsLead(p.Snap)),
				part.AlertIf(view.Sentence(p.err)),
				p.list(),
			),
		),
	)
}

func (p *requests) list() app.UI {
	rows := view.RequestRows(p.Snap, p.Now)
	body := make([]app.UI, len(rows))
	for i, r := range rows {
		body[i] = &requestItem{Row: r, press: p.answer}
	}
	return tag.Ul().Class("devices").Role("list").Aria("label", "Friend requests").DataSet("testid", "request-list").Body(body...)
}

// answer is what one does to a request.
type answer uint8

const (
	accept answer = iota
	decline
	block
)

func (p *requests) answer(how answer, account core.ID) {
	p.do(func() error {
		switch how {
		case accept:
			return p.engine.Accept(account)
		case decline:
			return p.engine.Decline(account)
		}
		return p.engine.Block(account)
	}, func(err error) {
		switch {
		case err != nil:
		case how == accept:
			p.trail.Enter(p.ctx, view.PlaceOf(p.Snap, account))
		default:
			part.FocusPage(p.ctx) // the button is gone with its row
		}
	})
}

func (p *requests) back(app.Context, app.Event) { p.trail.Back(view.AtStart) }

// requestItem is one of them.
type requestItem struct {
	app.Compo

	Row view.RequestRow

	press func(how answer, account core.ID)
}

// CompoID keeps the buttons of a person from becoming those of another.
func (i *requestItem) CompoID() string { return i.Row.Key }

func (i *requestItem) Render() app.UI {
	r, who := i.Row, "asker-"+i.Row.Key[:16]
	button := func(name, kind string, press app.EventHandler) app.UI {
		return part.Button(name, kind, press).Aria("describedby", who)
	}
	return tag.In("li card",
		tag.In("div asker",
			tag.Span().Class("avatar").DataSet("tint", r.Tint).Aria("hidden", true).Text(r.Initial),
			tag.In("div",
				tag.B().ID(who).Dir("auto").Text(r.Name),
				tag.Say("span small", r.Line),
			),
		),
		tag.Theirs("p text asked", r.Text),
		tag.In("details more",
			tag.Say("summary", "Public key"),
			tag.Say("p mono", r.Key),
		),
		tag.In("div actions",
			button("Accept", "btn-primary", i.accept),
			button("Decline", "", i.decline),
			button("Block", "btn-quiet btn-danger", i.block),
		),
	)
}

func (i *requestItem) accept(app.Context, app.Event)  { i.press(accept, i.Row.Account) }
func (i *requestItem) decline(app.Context, app.Event) { i.press(decline, i.Row.Account) }
func (i *requestItem) block(app.Context, app.Event)   { i.press(block, i.Row.Account) }
