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
	differ := sentenceOf(err, view.ErrDiffer)
	form := tag.Form("card", p.submit,
		tag.Say("h2", "A passphrase for the file"),
		secretBox(nextID, "Passphrase", view.PassphraseHint, "new-password", sentenceBut(err, view.ErrDiffer), view.Mistyped(err), &p.typed.next, &p.err),
		secretBox(againID, "Passphrase again", "", "new-password", differ, differ != "", &p.typed.again, &p.err),
		tag.In("div actions", tag.Submit().Class("btn btn-primary").Text("Export")),
	)
	return pane("Back to Storage", p.back, "Export", p.Alone, p.Net,
		says("", view.ExportLead, seed, view.ExportNever),
		tag.In("div", tag.Either(p.Move.On, underWay(p.Move, p.stop), form)),
		ended(p.Move, view.Exporting),
	)
}

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

func (p *export) stop(app.Context, app.Event) { p.moves.cancel() }
func (p *export) back(app.Context, app.Event) { p.trail.Back(view.AtStorage) }

// secretBox is a box for a passphrase; what is typed goes into typed, and forgives
// err.
func secretBox(id, label, hint, complete, wrong string, invalid bool, typed *string, err *error) app.UI {
	return part.Box{
		ID: id, Label: label, Hint: hint, Secret: true, Complete: complete, Error: wrong, Invalid: invalid,
		OnInput: func(ctx app.Context, _ app.Event) { *typed, *err = part.Typed(ctx), nil },
	}.Draw()
}

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
	return pane("Back to Storage", p.back, "Import", p.Alone, p.Net,
		says("", view.ImportLead), p.form(), ended(p.Move, view.Importing),
	)
}

func (p *take) form() app.UI {
	var err error
	if p.Move.Kind == view.Importing {
		err = p.Move.Err
	}
	wrong := sentenceOf(err, client.ErrPassphrase)
	form := tag.Form("form", p.submit,
		tag.In("div field",
			tag.Label().Attr("for", fileID).Text("File"),
			tag.Input("file").ID(fileID).Class("input").Attr("accept", ".backup,application/octet-stream"),
			part.AlertIf(sentenceBut(err, client.ErrPassphrase)),
		),
		secretBox(nextID, "Passphrase of the file", "", "off", wrong, wrong != "", &p.typed, new(error)),
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

func (p *take) stop(app.Context, app.Event) { p.moves.cancel() }

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
		tag.Told("p", what), bar,
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
