package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/view"
)

// linkHere asks a fresh device whose account it is to join.
type linkHere struct {
	app.Compo

	doer
	engine client.Engine
	trail  *trail
	typed  string
}

func (p *linkHere) Render() app.UI {
	return wizard(
		stepBar(0, func(app.Context, app.Event) { p.trail.Back(view.AtStart) }),
		stepHead("", "Link this device", "On your primary device, copy your public key and paste it here."),
		app.Form().Class("form").OnSubmit(p.submit).Body(
			part.Box{
				ID: part.FirstID, Label: "Public key of your primary device", Lines: 3, Class: "input-key", Complete: "off",
				Hint:  "66 characters that start with 05",
				Error: view.KeySentence(p.err, p.typed), Invalid: view.Mistyped(p.err),
				OnInput: p.input, OnEnter: p.submit,
			}.Draw(),
			part.Primary("Link"),
		),
	)
}

func (p *linkHere) input(ctx app.Context, _ app.Event) { p.typed, p.err = part.Typed(ctx), nil }

func (p *linkHere) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	key, err := view.ReadKey(p.typed)
	p.do(func() error {
		if err != nil {
			return err
		}
		return p.engine.Join(key)
	}, p.refused)
}
