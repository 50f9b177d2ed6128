package web

import (
	"time"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// sidebar is who I am, how the network looks, and the chat list.
type sidebar struct {
	app.Compo

	Snap    *client.Snapshot
	Place   string
	Alone   bool // nothing beside it
	Success bool // and said above it, so that here stands what is left to do
	Title   bool // it holds the page's heading
	Now     core.Millis

	host  Host
	trail *trail
	find  string // in names, as typed
}

// findID is the box over a long list.
const findID = "find-chat"

func (b *sidebar) Render() app.UI {
	if b.Alone {
		return tag.In("main side", b.body()...)
	}
	return tag.Nav().Class("side").Aria("label", "Chats").Body(b.body()...)
}

func (b *sidebar) body() []app.UI {
	s := b.Snap
	return []app.UI{
		tag.In("div topbar",
			tag.Span().Class("avatar avatar-s").Aria("hidden", true).Text(view.Initial(s.Name)),
			tag.In("div who",
				tag.In("p", tag.Theirs("b", s.Name)),
				part.Status(s.Network.State.String(), view.LinkWord(s.Network.State)),
			),
			part.IconButton("compose", "New chat", "", b.compose),
			part.IconButton("settings", "Settings", "", b.settings),
		),
		tag.In("div scroll",
			tag.Either(b.Title, part.Heading("vh", "Chats"), tag.Span()),
			tag.In("div", tag.When(b.Alone && b.Success && b.host != nil, &checks{Locked: s.Lock.On, host: b.host, trail: b.trail})),
			app.If(len(s.Requests) > 0, b.requests).Else(func() app.UI { return tag.Span() }),
			b.search(),
			b.chats(),
		),
	}
}

// search is there when the list is longer than a look.
func (b *sidebar) search() app.UI {
	if !view.ManyChats(b.Snap) {
		return tag.Span()
	}
	return tag.In("div find", tag.Input("search").ID(findID).Class("input").Attr("placeholder", "Search chats").
		Attr("autocomplete", "off").Aria("label", "Search chats").OnInput(b.typed))
}

func (b *sidebar) typed(ctx app.Context, _ app.Event) { b.find = part.Typed(ctx) }

// requests leads to the friend requests, which are no chats.
func (b *sidebar) requests() app.UI {
	button := tag.Button().Class("chat").OnClick(b.toRequests)
	if b.Place == view.AtRequests {
		button = button.Aria("current", true)
	}
	return tag.In("div chats", button.Body(
		tag.Span().Class("avatar").DataSet("tint", 0).Aria("hidden", true).Body(part.Icon("user-add")),
		tag.Say("span chat-name", "Friend requests"),
		tag.In("span chat-end",
			tag.Span().Class("count").DataSet("testid", "request-count").Text(len(b.Snap.Requests)),
		),
		tag.Theirs("span chat-text", view.Requesters(b.Snap)),
	))
}

func (b *sidebar) chats() app.UI {
	rows := view.ChatRows(b.Snap)
	if b.find != "" && view.ManyChats(b.Snap) {
		if rows = view.FindChats(rows, b.find); len(rows) == 0 {
			return tag.Told("p find small", "No chat has this in its name.")
		}
	}
	body := make([]app.UI, len(rows))
	for i, row := range rows {
		body[i] = tag.In("li", &chatButton{Row: row, Here: row.Place == view.ChatOf(b.Place), Now: b.Now / core.Minute * core.Minute, trail: b.trail})
	}
	return tag.Ul().Class("chats").Role("list").Aria("label", "Chats").DataSet("testid", "chat-list").Body(body...)
}

func (b *sidebar) compose(ctx app.Context, _ app.Event)    { b.trail.Enter(ctx, view.AtNew) }
func (b *sidebar) toRequests(ctx app.Context, _ app.Event) { b.trail.Enter(ctx, view.AtRequests) }
func (b *sidebar) settings(ctx app.Context, _ app.Event)   { b.trail.Enter(ctx, view.AtSettings) }

// chatButton is one line of the chat list.
type chatButton struct {
	app.Compo

	Row  view.ChatRow
	Here bool
	Now  core.Millis // to the minute

	trail *trail
}

func (c *chatButton) Render() app.UI {
	r := c.Row
	button := tag.Button().Class("chat").OnClick(c.open)
	if c.Here {
		button = button.Aria("current", true)
	}
	if r.Unread > 0 {
		button = button.DataSet("unread", true)
	}
	if r.Failed {
		button = button.DataSet("failed", true)
	}
	return button.Body(
		avatar(r, ""),
		tag.Theirs("span chat-name", r.Name),
		c.time(),
		tag.Theirs("span chat-text", r.Last),
		tag.In("span chat-end", app.If(r.Unread > 0, func() app.UI {
			return tag.In("span count", app.Text(r.Unread), tag.Say("span vh", " unread"))
		}).ElseIf(r.Mark.Icon != "", func() app.UI { return part.Sign(r.Mark.Icon, r.Mark.Word) })),
	)
}

func (c *chatButton) time() app.UI {
	if c.Row.LastAt == 0 {
		return tag.Span().Class("chat-time")
	}
	t := view.At(c.Row.LastAt, c.Now, time.Local)
	return tag.Time().Class("chat-time").Attr("datetime", t.Stamp).Title(t.Full).Text(t.Short)
}

func (c *chatButton) open(ctx app.Context, _ app.Event) { c.trail.Enter(ctx, c.Row.Place) }

// avatar stands for a person; the name is always beside it.
func avatar(r view.ChatRow, size string) app.UI {
	if r.Note {
		return tag.Span().Class("avatar avatar-self", size).Aria("hidden", true).Body(part.Icon("note"))
	}
	return tag.Span().Class("avatar", size).DataSet("tint", r.Tint).Aria("hidden", true).Text(r.Initial)
}
