package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// composer is the box under a conversation. Enter sends, Shift+Enter breaks.
// Its text lives in the document and in drafts; drawing never touches it.
type composer struct {
	app.Compo

	Conversation core.ID
	Refused      string // why the last text came back
	Returned     int    // how often one did
	Touch        bool   // a phone: do not raise its keyboard unasked
	Verb         string // on the button: Send, or Send friend request
	// Reply is what the text answers, as drafts has it: another one draws the box anew.
	Reply core.MessageID

	drafts  *drafts
	problem string // of the text as typed
	count   string
}

func (c *composer) id() string { return composerID(c.Touch) }

// composerID is the first box of the page where a keyboard is at hand.
func composerID(touch bool) string {
	if touch {
		return "composer"
	}
	return part.FirstID
}

// CompoID makes another conversation another box.
func (c *composer) CompoID() string { return c.Conversation.Hex() + c.id() }

// OnMount fills in what was typed here before.
func (c *composer) OnMount(ctx app.Context) {
	c.refill(ctx)
	c.count = view.TextCount(c.drafts.at(c.Conversation).text)
}

// OnUpdate runs when a text came back.
func (c *composer) OnUpdate(ctx app.Context) { c.OnMount(ctx) }

func (c *composer) refill(ctx app.Context) {
	ctx.Defer(func(app.Context) { part.Fill(c.JSValue(), c.id(), c.drafts.at(c.Conversation).text) })
}

func (c *composer) Render() app.UI {
	said := c.problem
	if said == "" {
		said = c.Refused
	}
	return tag.In("div composer",
		c.replying(),
		tag.In("div composer-row",
			tag.Textarea().ID(c.id()).Class("input").Attr("rows", 1).Dir("auto").Aria("label", "Message").Attr("placeholder", "Message").
				Attr("autocomplete", "off"). // and so out of what a browser writes down to restore a page
				Aria("invalid", c.problem != "").Aria("describedby", "composer-note").
				OnInput(c.typed).OnKeyDown(c.key).OnKeyPress(c.noBreak),
			part.IconButton("send", c.Verb, "btn-primary", c.press),
		),
		tag.Div().ID("composer-note").Class("composer-note").Body(
			part.AlertIf(said),
			tag.Told("p hint", c.count),
		),
	)
}

// replying is what the text answers.
func (c *composer) replying() app.UI {
	m := c.drafts.at(c.Conversation).reply
	if m.Post == nil {
		return tag.Span().Hidden(true)
	}
	return tag.Div().Class("replying").DataSet("testid", "replying").Body(
		part.Icon("reply"),
		tag.In("div quote", tag.In("b", tag.Say("bdi", view.AuthorOf(m.Post).Name)), tag.Theirs("p", view.Excerpt(m.Body))),
		part.IconButton("close", "Cancel reply", "", c.noReply),
	)
}

func (c *composer) noReply(ctx app.Context, _ app.Event) {
	c.drafts.at(c.Conversation).reply = core.Message{}
	part.FocusOn(ctx, c.id())
}

// typed redraws only when the line under the box changes.
func (c *composer) typed(ctx app.Context, _ app.Event) {
	text := part.Typed(ctx)
	c.drafts.Type(c.Conversation, text)
	if count := view.TextCount(text); count != c.count || c.problem != "" {
		c.count, c.problem = count, ""
		return
	}
	ctx.PreventUpdate()
}

func (c *composer) key(ctx app.Context, e app.Event) {
	if part.IsEnter(e) {
		e.PreventDefault()
		c.submit(ctx)
		return
	}
	ctx.PreventUpdate()
}

// noBreak keeps the line break of an Enter that has sent out of the box, where
// a browser's driver sends key and character apart.
func (c *composer) noBreak(ctx app.Context, e app.Event) {
	if part.IsEnter(e) {
		e.PreventDefault()
	}
	ctx.PreventUpdate()
}

func (c *composer) press(ctx app.Context, _ app.Event) {
	c.submit(ctx)
	part.FocusOn(ctx, c.id())
}

func (c *composer) submit(app.Context) {
	text := c.drafts.at(c.Conversation).text
	if err := view.CheckText(text); err != nil {
		c.problem = view.Sentence(err)
		return
	}
	c.problem, c.count = "", ""
	c.drafts.Send(c.Conversation, text)
	part.Fill(c.JSValue(), c.id(), "")
}
