package part

import (
	"strconv"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/core"
	"tandem/web/tag"
	"tandem/web/view"
)

func logRow(r view.LogRow) app.UI {
	switch {
	case r.Day != "":
		return tag.Say("p day", r.Day)
	case r.New != "":
		return tag.Say("p new-line", r.New)
	case r.Hole != "":
		return tag.In("div hole", Icon("hole"), tag.In("p", tag.Say("b", r.Hole), app.Text(" "+view.HoleTruth)))
	}
	m := tag.Div().Class("msg").Role("article").TabIndex(-1).DataSet("testid", "message").
		DataSet("direction", directionWord(r.Message.Direction)).DataSet("status", r.Message.Status.String())
	if r.First {
		m = m.DataSet("first", true)
	}
	if r.Last {
		m = m.DataSet("last", true)
	}
	bubble := make([]app.UI, 0, 7)
	if p := r.Message.Post; p != nil {
		m = m.DataSet("author", p.Author)
		if r.First && r.Message.Direction == core.In {
			bubble = append(bubble, author(r.Author, p.Moderator))
		}
	}
	if p := r.Message.Post; p != nil && p.Reply != nil {
		name, said := view.QuotedBy(p.Reply)
		bubble = append(bubble, tag.In("blockquote quote", tag.In("b", tag.Say("bdi", name)), tag.Say("bdi", said)))
	}
	bubble = append(bubble, words(r), app.Text(" "))
	if r.Kind != "" {
		bubble = append(bubble, remark("info", kindLine(r)))
	}
	if r.Message.Unverified {
		bubble = append(bubble, remark("alert", view.Unverified))
	}
	body := append(make([]app.UI, 0, 3), tag.In("div bubble", append(bubble, meta(r))...),
		tag.Button().Class("msg-more").TabIndex(-1).Aria("label", "Message options"))
	if r.Message.Status == core.Failed {
		body = append(body, notSent(r))
	}
	if r.Join {
		body = append(body, tag.In("p actions", tag.Say("button btn btn-small msg-join", "Join")))
	}
	if p := r.Message.Post; p != nil && len(p.Reactions) > 0 {
		body = append(body, reactions(p))
	}
	return m.Body(body...)
}

// author is who wrote a post.
func author(a view.Author, moderates bool) app.UI {
	return tag.Span().Class("author").DataSet("tint", a.Tint).Body(
		tag.In("b", tag.Say("bdi", a.Name)), tag.Say("span small", " "+a.End),
		tag.When(moderates, tag.Say("span small", " · moderator")), app.Text(" "))
}

// reactions are what others pressed, each a button to join them or to stop.
func reactions(p *core.Post) app.UI {
	body := make([]app.UI, len(p.Reactions))
	for i, r := range p.Reactions {
		body[i] = tag.Button().Class("btn btn-small msg-react").TabIndex(-1).DataSet("emoji", r.Emoji).Aria("pressed", r.You).
			Text(r.Emoji + " " + strconv.Itoa(r.Count))
	}
	return tag.In("p actions", body...)
}

// meta is when, for how long, and how far it came.
func meta(r view.LogRow) app.UI {
	body := make([]app.UI, 0, 3)
	if r.Ends != "" {
		body = append(body, tag.Say("span", r.Ends+" · "))
	}
	if p := r.Message.Post; p != nil && p.Edited {
		body = append(body, tag.Say("span", "edited · "))
	}
	body = append(body, tag.Time().Attr("datetime", r.Time.Stamp).Title(r.Time.Full).Text(r.Time.Short))
	if r.Mark.Icon != "" {
		body = append(body, Sign(r.Mark.Icon, r.Mark.Word))
	}
	return tag.In("span meta", body...)
}

// notSent says why, and what to do.
func notSent(r view.LogRow) app.UI {
	return tag.In("p failed actions",
		tag.Say("span", "Not sent. "), tag.Theirs("span", r.Message.Cause),
		tag.When(r.Again, tag.Say("button btn btn-small btn-danger msg-retry", "Retry")),
		tag.Say("button btn btn-small btn-quiet btn-danger msg-delete", "Delete"),
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
	return tag.In("span remark", Icon(icon), tag.Say("span", sentence))
}

func directionWord(d core.Direction) string {
	if d == core.Out {
		return "out"
	}
	return "in"
}
