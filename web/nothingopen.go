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

	doer
	engine client.Engine
}

func (p *nothingOpen) Render() app.UI {
	if p.Success {
		return tag.Main().Class("main").Body(p.success())
	}
	say := "Choose a chat, or write a note to yourself."
	if p.Chats < 2 {
		say = "No chats yet. Press New chat to share your public key or to paste a friend’s."
	}
	return tag.Main().Class("main").Body(
		tag.Div().Class("empty").Body(
			part.Mark("mark-xl"),
			tag.P().Class("lead").Text(say),
		),
	)
}

func (p *nothingOpen) success() app.UI {
	return tag.Section().Class("empty").Body(
		part.Mark("mark-xl bright"),
		tag.P().Class("title").Role("status").Text(view.Success),
		tag.P().Class("lead").Dir("auto").Text(view.NameOnDevices(p.Name, p.Devices)),
		part.AlertIf(view.Sentence(p.err)),
		part.Button("Continue", "btn-primary", p.dismiss),
	)
}

func (p *nothingOpen) dismiss(app.Context, app.Event) {
	p.do(func() error { return dismissSuccess(p.engine) }, func(error) { part.FocusOn(p.ctx, part.TitleID) })
}
