package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// register asks for the name of a new account. The 13 words come next.
type register struct {
	app.Compo

	doer
	engine client.Engine
	trail  *trail
	name   string
}

func (p *register) Render() app.UI {
	return wizard(
		stepBar(1, func(app.Context, app.Event) { p.trail.Back(view.AtStart) }),
		stepHead("Step 1 of 3", "What should friends call you?", "Only people you write to see this name."),
		tag.Form("form", p.submit,
			nameBox(p.err, p.typed),
			part.Primary("Continue"),
		),
	)
}

func (p *register) typed(ctx app.Context, _ app.Event) {
	p.name = part.Typed(ctx)
	p.err = nil
}

func (p *register) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	name := p.name
	p.do(func() error { return p.engine.Register(name) }, p.refused)
}
