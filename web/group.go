package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// groupURLID is the box for the address of an open group.
const groupURLID = "group-url"

// joinGroup is the form by which an open group is joined.
type joinGroup struct {
	app.Compo

	Snap    *client.Snapshot
	Address string // from the place

	doer
	engine client.Engine
	trail  *trail
	text   string // as typed
}

// OnMount fills in the address that led here.
func (p *joinGroup) OnMount(ctx app.Context) {
	p.doer.OnMount(ctx)
	if p.text = p.Address; p.text != "" {
		ctx.Defer(func(app.Context) { part.Fill(p.JSValue(), groupURLID, p.text) })
	}
}

func (p *joinGroup) Render() app.UI {
	return tag.In("section card",
		tag.Say("h2", "Join open group"),
		tag.Say("p small", view.GroupLead),
		tag.Form("form", p.submit,
			part.Box{
				ID: groupURLID, Label: view.GroupURL, Hint: view.GroupHint, Error: view.Sentence(p.err), Invalid: p.err != nil,
				Complete: "off", OnInput: p.typed,
			}.Draw(),
			tag.Submit().Class("btn").Text("Join"),
		),
	)
}

func (p *joinGroup) typed(ctx app.Context, _ app.Event) {
	p.text = part.Typed(ctx)
	if p.err == nil {
		ctx.PreventUpdate()
	}
	p.err = nil
}

func (p *joinGroup) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	address := p.text
	p.do(func() error { return p.engine.Group(client.GroupOrder{Verb: client.JoinGroup, Text: address}) }, func(err error) {
		if err != nil {
			part.FocusOn(p.ctx, groupURLID)
			return
		}
		if id, err := client.ReadGroupURL(address); err == nil {
			p.trail.Instead(view.PlaceOf(p.Snap, id))
		}
	})
}

// group is what is known of an open group, and the way out of it.
type group struct {
	app.Compo

	Snap  *client.Snapshot
	Row   view.ChatRow
	Alone bool

	doer
	engine  client.Engine
	trail   *trail
	invited string
}

func (p *group) Render() app.UI {
	g := p.Row.Contact.Group
	friends := view.Friends(p.Snap)
	return tag.In("main main",
		paneBar("Back to chat", p.back, tag.Span(), "Details", chip(p.Alone, p.Snap.Network)),
		tag.In("div scroll",
			tag.In("div page",
				tag.In("div asker",
					avatar(p.Row, "avatar-l"),
					tag.In("div profile",
						tag.Theirs("p title", p.Row.Name),
						tag.Say("p small", view.ContactLine(p.Row.Contact)),
					),
				),
				tag.Theirs("p", g.Description),
				tag.P().Class("small group-self").DataSet("testid", "group-self").Text(view.GroupSelf(g)),
				part.AlertIf(view.Sentence(p.err)),
				tag.In("section card",
					tag.Say("h2", "Address"),
					tag.P().Class("key").DataSet("testid", "group-url").Text(g.URL),
					&part.Copier{Name: "Copy address", Text: g.URL},
				),
				tag.In("div", tag.When(len(friends) > 0, tag.In("section card",
					tag.Say("h2", "Invite a friend"),
					tag.Say("p small", view.GroupInvite),
					tag.In("div actions", app.Range(friends).Slice(func(i int) app.UI {
						return part.Button("Invite "+friends[i].Name, "", p.invite(friends[i]))
					})),
					tag.Told("p small", p.invited),
				))),
				tag.In("section card",
					tag.Say("p small", view.GroupLeave),
					tag.In("div actions", part.Button("Leave", "btn-danger", p.leave)),
				),
			),
		),
	)
}

func (p *group) back(app.Context, app.Event) { p.trail.Back(p.Row.Place) }

func (p *group) leave(app.Context, app.Event) {
	id := p.Row.Conversation
	p.do(func() error { return p.engine.Group(client.GroupOrder{Verb: client.LeaveGroup, Group: id}) }, func(err error) {
		if err == nil {
			p.trail.Instead(view.AtStart)
		}
	})
}

// invite sends the address to a friend.
func (p *group) invite(friend view.ChatRow) app.EventHandler {
	return func(app.Context, app.Event) {
		address := p.Row.Contact.Group.URL
		p.do(func() error { return p.engine.Send(friend.Conversation, address) }, func(err error) {
			if err == nil {
				p.invited = "Invited: " + friend.Name
			}
		})
	}
}

// pinned is the newest pinned message of a group.
func (p *chat) pinned() app.UI {
	g := p.Row.Contact.Group
	if g == nil || g.Pinned == nil {
		return tag.Span().Hidden(true)
	}
	return tag.Div().Class("notice pinned").DataSet("testid", "pinned").Body(
		part.Icon("info"), tag.In("p", tag.Say("b", "Pinned: "), tag.Theirs("span", g.Pinned.Body)),
		tag.When(g.Moderator, part.Button("Unpin", "btn-small", p.unpin)))
}

// React is part.LogHost's.
func (p *chat) React(m core.Message, emoji string) {
	on := true
	for _, r := range m.Post.Reactions {
		on = on && !(r.Emoji == emoji && r.You)
	}
	p.do(func() error {
		return p.engine.Group(client.GroupOrder{Verb: client.ReactToPost, Message: m.ID, Text: emoji, On: on})
	}, p.end)
}

// JoinFrom is part.LogHost's: the address in a message is joined.
func (p *chat) JoinFrom(m core.Message) {
	id := view.Invited(m)
	p.do(func() error { return p.engine.Group(client.GroupOrder{Verb: client.JoinGroup, Text: m.Body}) }, func(err error) {
		if err == nil {
			p.trail.Enter(p.ctx, view.PlaceOf(p.Snap, id))
		}
	})
}

// reactions are offered in the dialog about a post.
func (p *chat) reactions() app.UI {
	emoji := view.Emoji()
	return tag.Div().Class("actions").Role("group").Aria("label", "React").Body(app.Range(emoji).Slice(func(i int) app.UI {
		return part.Button(emoji[i], "btn-small", func(app.Context, app.Event) { p.React(p.about, emoji[i]) })
	}))
}

// reply has the next text answer the post that the dialog is about.
func (p *chat) reply(app.Context, app.Event) {
	p.drafts.at(p.Row.Conversation).reply = p.about
	p.hush()
	part.FocusOn(p.ctx, composerID(p.Alone))
}

// editID is the box in which a post is changed.
const editID = "edit-post"

// edit is that box.
func (p *chat) edit() app.UI {
	return tag.In("div form",
		part.Box{ID: editID, Label: "Edit", Lines: 2, OnInput: func(ctx app.Context, _ app.Event) { p.edited = part.Typed(ctx) }}.Draw(),
		tag.In("div actions", part.Button("Save", "", func(app.Context, app.Event) {
			id, text := p.about.ID, p.edited
			p.do(func() error { return p.engine.Group(client.GroupOrder{Verb: client.EditPost, Message: id, Text: text}) }, p.end)
		})),
	)
}

func (p *chat) ban(app.Context, app.Event)   { p.moderate(client.BanAuthor, p.about.ID, true) }
func (p *chat) unban(app.Context, app.Event) { p.moderate(client.BanAuthor, p.about.ID, false) }
func (p *chat) pin(app.Context, app.Event)   { p.moderate(client.PinPost, p.about.ID, true) }
func (p *chat) unpin(app.Context, app.Event) {
	p.moderate(client.PinPost, p.Row.Contact.Group.Pinned.ID, false)
}

// moderate is what moderators do about a post.
func (p *chat) moderate(verb client.GroupVerb, id core.MessageID, on bool) {
	p.do(func() error { return p.engine.Group(client.GroupOrder{Verb: verb, Message: id, On: on}) }, p.end)
}
