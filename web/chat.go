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
	copies   []client.CopyRow
	edited   string // the new text of a post
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
	return tag.In("main main",
		tag.In("div topbar",
			part.Back("Back to chats", "back", p.back),
			avatar(p.Row, "avatar-s"),
			tag.In("div who", part.Heading("", p.Row.Name).Dir("auto"), p.second()),
			tag.When(!p.Row.Note, part.IconButton("info", "Details", "", p.details)),
		),
		p.twoKeys(),
		p.pinned(),
		&part.Log{
			Conversation: id, Label: "Messages in " + p.Row.Name,
			Messages: s.Logs[id], Now: p.Now / core.Minute * core.Minute,
			First: p.Row.Contact.FirstUnread, Unread: p.Row.Unread, Missing: p.Row.Contact.Missing, Device: view.ThisDevice(s),
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
	return tag.In("div foot-bar",
		tag.Div().Class("standing").Role("status").Body(tag.When(standing.Line != "", part.Notice(standing.Icon, standing.Line))),
		tag.Either(standing.Unblock, tag.In("div standing", part.Button("Unblock", "", p.unblock)), tag.Span().Hidden(true)),
		tag.In("div standing", tag.When(p.err != nil && !p.asking && !p.trusting, part.AlertIf(view.Sentence(p.err)))),
		tag.When(standing.Box != view.NoBox, p.box(standing.Box)),
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
		Touch: p.Alone, Verb: verb, Reply: draft.reply.ID, drafts: p.drafts,
	}
}

func (p *chat) second() app.UI {
	if status := chip(p.Alone, p.Snap.Network); status != nil && p.Row.Contact.Group != nil {
		return tag.In("div who-group", status, tag.Say("p small", view.GroupWord)) // a group can have a friend's name
	} else if status != nil {
		return status
	}
	return tag.Say("p small", view.Audience(p.Snap, p.Row))
}

// twoKeys is the warning that the account answers as two.
func (p *chat) twoKeys() app.UI {
	c := p.Row.Contact
	return tag.Live(tag.When(c.Second != "", tag.In("div notice warn two-keys",
		part.Icon("alert"),
		tag.In("div form",
			tag.In("p", tag.Say("b", view.AnswersAsTwo+". "), app.Text(view.TwoKeys)),
			tag.In("div two-numbers",
				safety("First safety number", c.Safety),
				safety("Second safety number", c.Second),
			),
			tag.In("div actions", part.Button("Trust the second", "btn-small", p.askTrust).ID(trustID)),
		),
	)))
}

// safety shows a number in groups, so that it can be read aloud.
func safety(label, digits string) app.UI {
	groups := view.Safety(digits)
	return tag.In("div safety",
		tag.Say("p small", label),
		tag.In("div digits", app.Range(groups).Slice(func(i int) app.UI {
			return tag.Say("span", groups[i]+" ")
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
