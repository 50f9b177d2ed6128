package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// chat is one conversation: its log and its box.
type chat struct {
	app.Compo

	Snap  *client.Snapshot
	Row   view.ChatRow
	Now   core.Millis
	Alone bool

	trail  *trail
	drafts *drafts
}

func (p *chat) Render() app.UI {
	draft := p.drafts.at(p.Row.Conversation)
	return tag.Main().Class("main").Body(
		paneBar("Back to chats", p.back, avatar(p.Row, "avatar-s"), p.Row.Name, p.second()),
		&part.Log{
			Conversation: p.Row.Conversation, Label: "Messages in " + p.Row.Name,
			Messages: p.Snap.Logs[p.Row.Conversation], Now: p.Now / core.Minute * core.Minute,
			Empty: view.EmptyLog(p.Row.Note),
		},
		&composer{
			Conversation: p.Row.Conversation, Refused: view.Sentence(draft.err), Returned: draft.returned,
			Touch: p.Alone, drafts: p.drafts,
		},
	)
}

func (p *chat) second() app.UI {
	if status := chip(p.Alone, p.Snap.Network); status != nil {
		return status
	}
	return tag.P().Class("small").Text(view.Audience(p.Snap, p.Row.Note))
}

func (p *chat) back(app.Context, app.Event) { p.trail.Back(view.AtStart) }
