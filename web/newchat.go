package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// firstMessageID is the box of the first message.
const firstMessageID = "first-message"

// newChat asks a person to be a friend: their public key, and the first message.
type newChat struct {
	app.Compo

	Snap  *client.Snapshot
	Alone bool
	Group string // the address of one that is about to be joined

	doer
	engine client.Engine
	trail  *trail
	key    string // as typed
	text   string
	tried  string // the key that err is about
}

func (p *newChat) Render() app.UI {
	return tag.In("main main",
		paneBar("Back to chats", p.back, tag.Span(), "New chat", chip(p.Alone, p.Snap.Network)),
		tag.In("div scroll",
			tag.In("div page",
				tag.Say("p lead", "Paste the public key of your friend and say who you are. You can write on once they accept."),
				tag.Form("form", p.submit,
					p.keyBox().Draw(),
					p.textBox().Draw(),
					part.AlertIf(p.other()),
					part.Primary("Send friend request"),
				),
				&joinGroup{Snap: p.Snap, Address: p.Group, engine: p.engine, trail: p.trail},
				tag.In("section card",
					tag.Say("h2", "Or let them write to you"),
					tag.Say("p small", "Give your public key to your friend, in any way you like. It is no secret."),
					&part.Copier{Name: "Copy public key", Text: p.Snap.Account.Hex()},
				),
			),
		),
	)
}

// aboutText: the refusal is about the message.
func (p *newChat) aboutText() bool { return view.AboutText(p.err) }

func (p *newChat) keyBox() part.Box {
	b := part.Box{
		ID: part.FirstID, Label: "Public key", Hint: "66 characters, it starts with 05.", Lines: 2, Class: "input-key",
		Complete: "off", OnInput: p.typeKey, OnEnter: p.submit,
	}
	if view.AboutKey(p.err) {
		b.Error, b.Invalid = view.AccountSentence(p.err, p.tried), true
	}
	return b
}

func (p *newChat) textBox() part.Box {
	b := part.Box{ID: firstMessageID, Label: "Message", Hint: view.TextCount(p.text), Lines: 3, OnInput: p.typeText}
	if p.aboutText() {
		b.Error, b.Invalid = view.Sentence(p.err), true
	}
	return b
}

// other is a refusal that is not about what was typed.
func (p *newChat) other() string {
	if view.AboutKey(p.err) || p.aboutText() {
		return ""
	}
	return view.Sentence(p.err)
}

func (p *newChat) typeKey(ctx app.Context, _ app.Event) {
	p.key = part.Typed(ctx)
	if p.err == nil {
		ctx.PreventUpdate()
	}
	p.err = nil
}

func (p *newChat) typeText(ctx app.Context, _ app.Event) {
	p.text, p.err = part.Typed(ctx), nil
}

func (p *newChat) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	typed, text := p.key, p.text
	key, err := view.ReadKey(typed)
	if err == nil {
		err = view.CheckText(text)
	}
	p.do(func() error {
		if err != nil {
			return err
		}
		return p.engine.Befriend(key, text)
	}, func(err error) {
		if p.tried = typed; err == nil {
			p.open(key)
			return
		}
		box := part.FirstID
		if p.aboutText() {
			box = firstMessageID
		}
		part.FocusOn(p.ctx, box)
	})
}

// open shows the chat, which takes the place of this page.
func (p *newChat) open(key string) {
	if account, err := core.ParseID(key); err == nil {
		p.trail.Instead(view.PlaceOf(p.Snap, account))
	}
}

func (p *newChat) back(app.Context, app.Event) { p.trail.Back(view.AtStart) }
