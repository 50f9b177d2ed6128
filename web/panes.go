package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// panes is the main page: the chat list, and beside it or instead of it what is
// open. What does not fit is not drawn, so that nothing is there twice or
// unseen.
type panes struct {
	app.Compo

	Snap  *client.Snapshot
	Place string
	Wide  bool
	Now   core.Millis
	Move  view.Transfer

	engine client.Engine
	trail  *trail
	drafts *drafts
	host   Host
	moves  *moves
}

func (p *panes) Render() app.UI {
	page := view.PageOf(p.Snap, p.Place)
	dialog, success := view.DialogOpen(p.Snap), view.Succeeded(p.Snap)
	told := success && !dialog && (!p.Wide || page != view.Chats)
	listed := p.Wide || page == view.Chats
	pane := "main"
	if page == view.Chats {
		pane = "list"
	}
	return tag.In("div view",
		tag.A().Class("skip").Attr("href", "#"+part.TitleID).OnClick(p.skip).Text("Skip to content"),
		&banners{Snap: p.Snap, Now: p.Now, Success: told, engine: p.engine, trail: p.trail},
		tag.Div().Class("shell").DataSet("pane", pane).Body(
			// The list keeps its place while it is not there: a window that grows
			// must not make a new page of the open one, and lose what was typed.
			tag.Either(listed, &sidebar{Snap: p.Snap, Place: p.Place, Alone: !p.Wide, Success: told, Title: page == view.Chats, Now: p.Now, host: p.host, trail: p.trail}, tag.Span().Hidden(true)),
			tag.When(p.Wide || page != view.Chats, p.open(page)),
		),
		&linkDialog{Dialog: p.Snap.Dialog, Open: dialog, Success: success, Key: p.Snap.Account.Hex(), engine: p.engine},
	)
}

// open is the page beside the list.
func (p *panes) open(page view.Page) app.UI {
	switch page {
	case view.Settings:
		return &settings{Snap: p.Snap, Alone: !p.Wide, engine: p.engine, host: p.host, trail: p.trail}
	case view.Network:
		return &network{Net: p.Snap.Network, Now: p.Now, Alone: !p.Wide, engine: p.engine, trail: p.trail}
	case view.Lock:
		return &lock{Snap: p.Snap, Alone: !p.Wide, engine: p.engine, trail: p.trail}
	case view.Program:
		return &program{Net: p.Snap.Network, Alone: !p.Wide, trail: p.trail}
	case view.Storage:
		return &storage{Net: p.Snap.Network, Alone: !p.Wide, host: p.host, trail: p.trail}
	case view.Export:
		return &export{Net: p.Snap.Network, Seed: p.Snap.Role == core.Primary, Alone: !p.Wide, Move: p.Move, moves: p.moves, trail: p.trail}
	case view.Import:
		return &take{Net: p.Snap.Network, Alone: !p.Wide, Move: p.Move, moves: p.moves, trail: p.trail}
	case view.Notices:
		return &notices{Net: p.Snap.Network, Now: p.Now, Alone: !p.Wide, host: p.host, trail: p.trail}
	case view.Devices:
		return &devices{Snap: p.Snap, Now: p.Now, Alone: !p.Wide, engine: p.engine, trail: p.trail}
	case view.Chat:
		row, _ := view.OpenChat(p.Snap, p.Place)
		return &chat{Snap: p.Snap, Row: row, Now: p.Now, Alone: !p.Wide, engine: p.engine, trail: p.trail, drafts: p.drafts}
	case view.Contact:
		row, _ := view.OpenChat(p.Snap, view.ChatOf(p.Place))
		if row.Contact.Group != nil {
			return &group{Snap: p.Snap, Row: row, Alone: !p.Wide, engine: p.engine, trail: p.trail}
		}
		return &contact{Row: row, Net: p.Snap.Network, Alone: !p.Wide, engine: p.engine, trail: p.trail}
	case view.NewChat:
		return &newChat{Snap: p.Snap, Group: view.GroupOf(p.Place), Alone: !p.Wide, engine: p.engine, trail: p.trail}
	case view.Requests:
		return &requests{Snap: p.Snap, Now: p.Now, Alone: !p.Wide, engine: p.engine, trail: p.trail}
	}
	return &nothingOpen{
		Success: view.Succeeded(p.Snap), Name: p.Snap.Name, Devices: len(p.Snap.Devices), Chats: len(view.ChatRows(p.Snap)),
		Locked: p.Snap.Lock.On, engine: p.engine, host: p.host, trail: p.trail,
	}
}

// skip is done here and not by the address, where a fragment is a page.
func (p *panes) skip(ctx app.Context, e app.Event) {
	e.PreventDefault()
	e.Call("stopPropagation")
	part.FocusPage(ctx)
}

// paneBar is the top of an open page.
func paneBar(back string, press app.EventHandler, avatar app.UI, title string, second app.UI) app.UI {
	return tag.In("div topbar",
		part.Back(back, "back", press),
		avatar,
		tag.In("div who",
			part.Heading("", title).Dir("auto"),
			second,
		),
	)
}

// pane is an open page that is its parts, one below the other.
func pane(back string, press app.EventHandler, title string, alone bool, n client.NetworkView, parts ...app.UI) app.UI {
	return tag.In("main main",
		paneBar(back, press, tag.Span(), title, chip(alone, n)),
		tag.In("div scroll", tag.In("div page", parts...)),
	)
}

// says is a card of sentences.
func says(title string, lines ...string) app.UI {
	var all []app.UI
	if title != "" {
		all = append(all, tag.Say("h2", title))
	}
	for _, l := range lines {
		all = append(all, tag.Say("p small", l))
	}
	return tag.In("section card", all...)
}

// switchRow is a setting that is on or off, and what that means.
func switchRow(id, name, means string, on bool, turn app.EventHandler) app.UI {
	return tag.In("label row",
		tag.Input("checkbox").ID(id).Class("switch").Role("switch").Attr("checked", on).Aria("label", name).Aria("describedby", id+"-note").OnChange(turn),
		tag.In("span", tag.Say("span", name), tag.Span().ID(id+"-note").Class("small").Text(means)),
	)
}

// chip is the status in a pane that stands alone, where the list with its own
// is not seen.
func chip(alone bool, n client.NetworkView) app.UI {
	if !alone {
		return nil
	}
	return part.Status(n.State.String(), view.LinkWord(n.State))
}
