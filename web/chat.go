package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// Ids of the dialogs of a chat.
const (
	messageDialogID = "message-dialog"
	trustDialogID   = "trust-dialog"
	trustID         = "trust"
)

// chat is one conversation: its log, how one stands with the other person, and
// its box.
type chat struct {
	app.Compo

	Snap  *client.Snapshot
	Row   view.ChatRow
	Now   core.Millis
	Alone bool

	doer
	engine client.Engine
	trail  *trail
	drafts *drafts

	about    core.Message // that the dialog is about
	asking   bool
	modal    part.Modal
	trusting bool // the second key waits for its confirmation
	trust    part.Modal
}

// CompoID makes another conversation another page.
func (p *chat) CompoID() string { return p.Row.Conversation.Hex() }

// OnInit names the dialogs.
func (p *chat) OnInit() {
	p.modal = confirmModal(messageDialogID, "chat-log")
	p.trust = confirmModal(trustDialogID, trustID)
}

func (p *chat) Render() app.UI {
	s, id := p.Snap, p.Row.Conversation
	standing := view.StandingOf(p.Row)
	return tag.Main().Class("main").Body(
		tag.Div().Class("topbar").Body(
			part.Back("Back to chats", "back", p.back),
			avatar(p.Row, "avatar-s"),
			tag.Div().Class("who").Body(part.Heading("", p.Row.Name).Dir("auto"), p.second()),
			app.If(!p.Row.Note, func() app.UI { return part.IconButton("info", "Details", "", p.details) }),
		),
		p.twoKeys(),
		&part.Log{
			Conversation: id, Label: "Messages in " + p.Row.Name,
			Messages: s.Logs[id], Now: p.Now / core.Minute * core.Minute,
			First: p.Row.Contact.FirstUnread, Unread: p.Row.Unread, Missing: p.Row.Contact.Missing,
			Older: s.Older[id], Newer: s.Newer[id],
			Empty: view.EmptyLog(p.Row.Note), Host: p,
		},
		p.foot(standing),
		p.options(),
		p.confirmTrust(),
	)
}

// foot is what one can write here, and why not.
func (p *chat) foot(standing view.Standing) app.UI {
	return tag.Div().Class("foot-bar").Body(
		tag.Div().Class("standing").Role("status").Body(app.If(standing.Line != "", func() app.UI {
			return part.Notice(standing.Icon, standing.Line)
		})),
		app.If(standing.Unblock, func() app.UI {
			return tag.Div().Class("standing").Body(part.Button("Unblock", "", p.unblock))
		}).Else(func() app.UI { return tag.Span().Hidden(true) }),
		tag.Div().Class("standing").Body(app.If(p.err != nil && !p.asking && !p.trusting, func() app.UI { return part.AlertIf(view.Sentence(p.err)) })),
		app.If(standing.Box != view.NoBox, func() app.UI { return p.box(standing.Box) }),
	)
}

func (p *chat) box(kind view.Box) app.UI {
	verb := "Send"
	if kind == view.AskBox {
		verb = "Send friend request"
	}
	draft := p.drafts.at(p.Row.Conversation)
	return &composer{
		Conversation: p.Row.Conversation, Refused: view.Sentence(draft.err), Returned: draft.returned,
		Touch: p.Alone, Verb: verb, drafts: p.drafts,
	}
}

func (p *chat) second() app.UI {
	if status := chip(p.Alone, p.Snap.Network); status != nil {
		return status
	}
	return tag.P().Class("small").Text(view.Audience(p.Snap, p.Row))
}

// twoKeys is the warning that the account answers as two.
func (p *chat) twoKeys() app.UI {
	c := p.Row.Contact
	return tag.Div().Role("status").Body(app.If(c.Second != "", func() app.UI {
		return tag.Div().Class("notice warn two-keys").Body(
			part.Icon("alert"),
			tag.Div().Class("form").Body(
				tag.P().Body(tag.B().Text(view.AnswersAsTwo+". "), app.Text(view.TwoKeys)),
				tag.Div().Class("two-numbers").Body(
					safety("First safety number", c.Safety),
					safety("Second safety number", c.Second),
				),
				tag.Div().Class("actions").Body(part.Button("Trust the second", "btn-small", p.askTrust).ID(trustID)),
			),
		)
	}))
}

// safety shows a number in groups, so that it can be read aloud.
func safety(label, digits string) app.UI {
	groups := view.Safety(digits)
	return tag.Div().Class("safety").Body(
		tag.P().Class("small").Text(label),
		tag.Div().Class("digits").Body(app.Range(groups).Slice(func(i int) app.UI {
			return tag.Span().Text(groups[i] + " ")
		})),
	)
}

func (p *chat) confirmTrust() app.UI {
	return confirm{
		ID: trustDialogID, Title: "Trust the second safety number?", Err: p.shown(p.trusting),
		Lead: "Do this only after you compared it with your friend. Messages then go to the devices of the second one, and the first one counts no more.",
		Verb: "Trust the second", Cancel: p.stop, Closed: p.closed, Do: p.doTrust,
	}.Draw(p.trusting)
}

// shown is the last error, where it belongs.
func (p *chat) shown(here bool) error {
	if here {
		return p.err
	}
	return nil
}

func (p *chat) back(app.Context, app.Event) { p.trail.Back(view.AtStart) }

func (p *chat) details(app.Context, app.Event) {
	p.trail.Enter(p.ctx, view.ContactPlace(p.Row.Place))
}

func (p *chat) unblock(app.Context, app.Event) {
	account := p.Row.Conversation
	p.do(func() error { return p.engine.Unblock(account) }, func(error) { part.FocusPage(p.ctx) })
}

func (p *chat) askTrust(app.Context, app.Event) {
	p.trusting, p.err = true, nil
	p.trust.Sync(p.ctx, true)
}

func (p *chat) doTrust(app.Context, app.Event) {
	account := p.Row.Conversation
	p.do(func() error { return p.engine.TrustKey(account) }, p.end)
}
