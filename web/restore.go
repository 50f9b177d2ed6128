package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// restore asks for the 13 words, then for the name. The words leave the page
// only into the engine.
type restore struct {
	app.Compo

	Named bool // the address asks for the second step

	doer
	engine client.Engine
	trail  *trail
	seed   string // checked
	typed  string // as it stands in the box
	name   string
}

// OnUpdate runs when the step changes: the box of the other step is a new one,
// and what was typed there comes back.
func (p *restore) OnUpdate(ctx app.Context) {
	typed := p.typed
	if p.Named && p.seed != "" {
		typed = p.name
	}
	ctx.Defer(func(app.Context) { part.Fill(p.JSValue(), part.FirstID, typed) })
}

func (p *restore) Render() app.UI {
	// After a reload the second step has lost its words and is the first again.
	if p.Named && p.seed != "" {
		return p.second()
	}
	return wizard(
		stepBar(1, func(app.Context, app.Event) { p.trail.Back(view.AtStart) }),
		stepHead("Step 1 of 3", "Restore using seed",
			"Type or paste your 13 words. Upper case, line breaks and extra spaces do not matter."),
		tag.Form("form", p.check,
			part.Box{
				ID: part.FirstID, Label: "Seed", Lines: 4, Complete: "off",
				Error: view.SeedSentence(p.err, p.typed), Invalid: view.Mistyped(p.err), OnInput: p.typeSeed,
			}.Draw(),
			part.Primary("Continue"),
			part.Button("Import a file instead", "btn-quiet btn-wide", func(ctx app.Context, _ app.Event) { p.trail.Enter(ctx, view.AtImport) }),
		),
	)
}

func (p *restore) second() app.UI {
	return wizard(
		stepBar(2, func(app.Context, app.Event) { p.trail.Back(view.AtRestore) }),
		stepHead("Step 2 of 3", "What should friends call you?", "The words are right. Only people you write to see this name."),
		tag.Form("form", p.submit,
			nameBox(p.err, p.typeName),
			part.Primary("Continue"),
		),
	)
}

func (p *restore) typeSeed(ctx app.Context, _ app.Event) { p.typed, p.err = part.Typed(ctx), nil }
func (p *restore) typeName(ctx app.Context, _ app.Event) { p.name, p.err = part.Typed(ctx), nil }

func (p *restore) check(_ app.Context, e app.Event) {
	e.PreventDefault()
	typed := p.typed
	p.do(func() error { return p.engine.CheckSeed(typed) }, p.refused, func(err error) {
		if err == nil {
			p.seed = typed
			p.trail.Enter(p.ctx, view.AtRestoreName)
		}
	})
}

func (p *restore) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	seed, name := p.seed, p.name
	p.do(func() error { return p.engine.Restore(seed, name) }, p.refused)
}
