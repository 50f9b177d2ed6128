package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// seedWords shows the 13 words until they are confirmed, across reloads.
type seedWords struct {
	app.Compo

	Words []string

	doer
	engine client.Engine
}

func (p *seedWords) Render() app.UI {
	return wizard(
		stepBar(2, nil),
		stepHead("Step 2 of 3", "Write down these 13 words",
			"They are your account. Whoever has them is you, and nobody can give them back to you."),
		part.Seed(p.Words),
		part.Notice("info", "Paper is best. These words stay on this device only, linked devices never learn them."),
		tag.Form("form", p.submit,
			part.AlertIf(view.Sentence(p.err)),
			part.Primary("Continue"),
		),
	)
}

func (p *seedWords) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.do(p.engine.ConfirmWords)
}
