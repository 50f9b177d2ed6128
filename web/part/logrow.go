package part

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/web/tag"
	"tandem/web/view"
)

func logRow(r view.LogRow) app.UI {
	switch {
	case r.Day != "":
		return tag.P().Class("day").Text(r.Day)
	case r.New != "":
		return tag.P().Class("new-line").Text(r.New)
	case r.Hole != "":
		return tag.Div().Class("hole").Body(Icon("hole"), tag.P().Body(tag.B().Text(r.Hole), app.Text(" "+view.HoleTruth)))
	}
	m := tag.Div().Class("msg").Role("article").TabIndex(-1).DataSet("testid", "message").
		DataSet("direction", directionWord(r.Message.Direction)).DataSet("status", r.Message.Status.String())
	if r.First {
		m = m.DataSet("first", true)
	}
	if r.Last {
		m = m.DataSet("last", true)
	}
	return m.Body(
		tag.Div().Class("bubble").Body(
			words(r),
			app.Text(" "),
			app.If(r.Kind != "", func() app.UI { return remark("info", kindLine(r)) }),
			app.If(r.Message.Unverified, func() app.UI { return remark("alert", view.Unverified) }),
			tag.Span().Class("meta").Body(
				app.If(r.Ends != "", func() app.UI { return tag.Span().Text(r.Ends + " · ") }),
				tag.Time().Attr("datetime", r.Time.Stamp).Title(r.Time.Full).Text(r.Time.Short),
				app.If(r.Mark.Icon != "", func() app.UI { return Sign(r.Mark.Icon, r.Mark.Word) }),
			),
		),
		tag.Button().Class("msg-more").TabIndex(-1).Aria("label", "Message options"),
		app.If(r.Message.Status == core.Failed, func() app.UI {
			return tag.P().Class("failed actions").Body(
				tag.Span().Text("Not sent. "), tag.Span().Dir("auto").Text(r.Message.Cause),
				tag.Button().Class("btn btn-small btn-danger msg-retry").Text("Retry"),
				tag.Button().Class("btn btn-small btn-quiet btn-danger msg-delete").Text("Delete"),
			)
		}),
	)
}

// words are what was written, character for character. Whatever it looks like,
// it becomes text nodes and nothing else.
func words(r view.LogRow) app.UI {
	text := tag.Span().Class("text").Dir("auto")
	switch {
	case len(r.Body) == 0:
		return text.Text(r.Kind)
	case len(r.Body) == 1 && !r.Body[0].Link:
		return text.Text(r.Body[0].Text)
	}
	body := make([]app.UI, len(r.Body))
	for i, s := range r.Body {
		body[i] = app.Text(s.Text)
		if s.Link {
			body[i] = tag.A().Attr("href", s.Text).Attr("target", "_blank").Attr("rel", "noopener noreferrer").Text(s.Text)
		}
	}
	return text.Body(body...)
}

// kindLine is what to say of a message that cannot be shown.
func kindLine(r view.LogRow) string {
	if len(r.Body) == 0 {
		return view.KindTruth
	}
	return r.Kind + ". " + view.KindTruth
}

func remark(icon, sentence string) app.UI {
	return tag.Span().Class("remark").Body(Icon(icon), tag.Span().Text(sentence))
}

func directionWord(d core.Direction) string {
	if d == core.Out {
		return "out"
	}
	return "in"
}
