package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// nothingOpen fills the pane beside the list while no chat is open. After
// linking it says so there.
type nothingOpen struct {
	app.Compo

	Success bool
	Name    string
	Devices int
	Chats   int
	Locked  bool

	doer
	engine client.Engine
	host   Host
	trail  *trail
}

func (p *nothingOpen) Render() app.UI {
	if p.Success {
		return tag.In("main main", p.success())
	}
	say := "Choose a chat, or write a note to yourself."
	if p.Chats < 2 {
		say = "No chats yet. Press New chat to share your public key or to paste a friend’s."
	}
	return tag.In("main main",
		tag.In("div empty",
			part.Mark("mark-xl"),
			tag.Say("p lead", say),
		),
	)
}

func (p *nothingOpen) success() app.UI {
	return tag.In("section empty",
		part.Mark("mark-xl bright"),
		tag.Told("p title", view.Success),
		tag.Theirs("p lead", view.NameOnDevices(p.Name, p.Devices)),
		tag.When(p.host != nil, &checks{Locked: p.Locked, host: p.host, trail: p.trail}), // the demo has no browser to ask
		part.AlertIf(view.Sentence(p.err)),
		part.Button("Continue", "btn-primary", p.dismiss),
	)
}

func (p *nothingOpen) dismiss(app.Context, app.Event) {
	p.do(func() error { return dismissSuccess(p.engine) }, func(error) { part.FocusOn(p.ctx, part.TitleID) })
}
