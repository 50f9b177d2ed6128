package web

import (
	"errors"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core/client"
	"tandem/web/part"
	"tandem/web/tag"
	"tandem/web/view"
)

// fileID is the box in which a file is chosen.
const fileID = "backup-file"

// export is Settings > Storage > Export.
type export struct {
	app.Compo

	Net   client.NetworkView
	Seed  bool // the file will hold the 13 words
	Alone bool
	Move  view.Transfer

	moves *moves
	trail *trail
	ctx   app.Context
	typed struct{ next, again string }
	err   error
}

// OnMount takes the page's context.
func (p *export) OnMount(ctx app.Context) { p.ctx = ctx }

func (p *export) Render() app.UI {
	seed := view.ExportNoSeed
	if p.Seed {
		seed = view.ExportSeed
	}
	err := p.err
	if err == nil && p.Move.Kind == view.Exporting {
		err = p.Move.Err
	}
	form := tag.Form().Class("card").OnSubmit(p.submit).Body(
		tag.Say("h2", "A passphrase for the file"),
		part.Box{
			ID: nextID, Label: "Passphrase", Hint: view.PassphraseHint, Secret: true, Complete: "new-password",
			Error: sentenceBut(err, view.ErrDiffer), Invalid: view.Mistyped(err), OnInput: p.type1,
		}.Draw(),
		part.Box{
			ID: againID, Label: "Passphrase again", Secret: true, Complete: "new-password",
			Error: sentenceOf(err, view.ErrDiffer), Invalid: errors.Is(err, view.ErrDiffer), OnInput: p.type2,
		}.Draw(),
		tag.In("div actions", tag.Submit().Class("btn btn-primary").Text("Export")),
	)
	return tag.In("main main",
		paneBar("Back to Storage", p.back, tag.Span(), "Export", chip(p.Alone, p.Net)),
		tag.In("div scroll",
			tag.In("div page",
				tag.In("section card",
					tag.Say("p small", view.ExportLead), tag.Say("p small", seed), tag.Say("p small", view.ExportNever),
				),
				tag.In("div", tag.Either(p.Move.On, underWay(p.Move, p.stop), form)),
				ended(p.Move, view.Exporting),
			),
		),
	)
}

// submit begins after the button has been drawn as pressed: the key takes a moment.
func (p *export) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	if p.err = nil; p.typed.next != p.typed.again {
		p.err = view.ErrDiffer
		part.FocusOn(p.ctx, againID)
		return
	}
	if p.moves.host == nil {
		p.err = view.ErrNoFile
		return
	}
	next := p.typed.next
	p.typed.next, p.typed.again = "", ""
	for _, id := range []string{nextID, againID} {
		part.Fill(p.JSValue(), id, "")
	}
	p.moves.export(next)
}

func (p *export) type1(ctx app.Context, _ app.Event) { p.typed.next, p.err = part.Typed(ctx), nil }
func (p *export) type2(ctx app.Context, _ app.Event) { p.typed.again, p.err = part.Typed(ctx), nil }
func (p *export) stop(app.Context, app.Event)        { p.moves.cancel() }
func (p *export) back(app.Context, app.Event)        { p.trail.Back(view.AtStorage) }

// take is the form of Import: in Settings > Storage, and on a device without an
// account.
type take struct {
	app.Compo

	First bool // there is no account yet
	Net   client.NetworkView
	Alone bool
	Move  view.Transfer

	moves *moves
	trail *trail
	typed string
}

func (p *take) Render() app.UI {
	if p.First {
		return wizard(
			stepBar(0, p.back),
			stepHead("", "Import a file", view.ImportLead),
			tag.Say("p hint", view.ImportHere),
			p.form(),
			ended(p.Move, view.Importing),
		)
	}
	return tag.In("main main",
		paneBar("Back to Storage", p.back, tag.Span(), "Import", chip(p.Alone, p.Net)),
		tag.In("div scroll",
			tag.In("div page",
				tag.In("section card", tag.Say("p small", view.ImportLead)),
				p.form(),
				ended(p.Move, view.Importing),
			),
		),
	)
}

func (p *take) form() app.UI {
	var err error
	if p.Move.Kind == view.Importing {
		err = p.Move.Err
	}
	typed := errors.Is(err, client.ErrPassphrase)
	form := tag.Form().Class("form").OnSubmit(p.submit).Body(
		tag.In("div field",
			tag.Label().Attr("for", fileID).Text("File"),
			tag.Input("file").ID(fileID).Class("input").Attr("accept", ".backup,application/octet-stream"),
			part.AlertIf(sentenceBut(err, client.ErrPassphrase)),
		),
		part.Box{
			ID: nextID, Label: "Passphrase of the file", Secret: true, Complete: "off",
			Error: sentenceOf(err, client.ErrPassphrase), Invalid: typed, OnInput: p.typing,
		}.Draw(),
		part.Primary("Import"),
	)
	return tag.In("div", tag.Either(p.Move.On, underWay(p.Move, p.stop), form))
}

func (p *take) submit(_ app.Context, e app.Event) {
	e.PreventDefault()
	if p.moves.host != nil {
		p.moves.take(fileID, p.typed)
	}
}

func (p *take) typing(ctx app.Context, _ app.Event) { p.typed = part.Typed(ctx) }
func (p *take) stop(app.Context, app.Event)         { p.moves.cancel() }

func (p *take) back(app.Context, app.Event) {
	if p.First {
		p.trail.Back(view.AtStart)
		return
	}
	p.trail.Back(view.AtStorage)
}

// underWay is how far a transfer is.
func underWay(t view.Transfer, stop app.EventHandler) app.UI {
	what := "Writing the file…"
	if t.Kind == view.Importing {
		what = "Reading the file, first to its end, then into your chats…"
	}
	bar := tag.Progress().Class("bar").Aria("label", "Progress")
	if t.Total > 0 {
		bar = bar.Attr("max", t.Total).Attr("value", t.Done)
	}
	return tag.In("section card",
		tag.P().Role("status").Text(what), bar,
		tag.In("div actions", part.Button("Stop", "", stop)),
	)
}

// ended says how a transfer ended well.
func ended(t view.Transfer, kind view.TransferKind) app.UI {
	said := ""
	if t.Kind == kind {
		said = t.Said
	}
	return tag.P().Class("small").Role("status").DataSet("testid", "transferred").Text(said)
}

// sentenceOf is the sentence of an error, if it is this one; sentenceBut, if it is
// another.
func sentenceOf(err, is error) string {
	if !errors.Is(err, is) {
		return ""
	}
	return view.Sentence(err)
}

func sentenceBut(err, not error) string {
	if errors.Is(err, not) {
		return ""
	}
	return view.Sentence(err)
}
