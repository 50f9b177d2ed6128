package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/view"
)

// accountKey shows the account ID once, with what it is for.
type accountKey struct {
	app.Compo

	Key string // 66 hex characters

	doer
	engine client.Engine
}

func (p *accountKey) Render() app.UI {
	return wizard(
		stepBar(3, nil),
		stepHead("Step 3 of 3", "This is your public key",
			"Share it with friends so that they can write to you. You will also need it to link another device."),
		keyCard(p.Key),
		app.Form().Class("form").OnSubmit(p.submit).Body(
			part.AlertIf(view.Sentence(p.err)),
			part.Primary("Continue"),
		),
	)
}

func (p *accountKey) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	p.do(p.engine.ConfirmKey)
}

// keyCard is the account ID with a way to copy it.
func keyCard(key string) app.UI {
	return app.Div().Class("keycard").Body(
		app.P().Class("key").DataSet("testid", "account-id").Text(key),
		&part.Copier{Name: "Copy public key", Text: key},
	)
}
