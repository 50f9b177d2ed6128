package part

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"

	"tandem/web/tag"
)

// Box is a labelled place to type in, with its hint before and its error after.
type Box struct {
	ID       string
	Label    string
	Hint     string
	Error    string // one sentence; it takes the hint's place
	Invalid  bool   // the error is about what was typed
	Lines    int    // 0 and 1: one line
	Class    string // further class of the box
	Secret   bool   // what is typed is not shown
	Complete string // autocomplete, off if not given; "off" also keeps spell checkers out
	OnInput  app.EventHandler
	// OnEnter, if set, takes Enter in a box of several lines, where it would
	// break the line; in one line Enter submits the form.
	OnEnter app.EventHandler
}

// Draw is the box with everything around it.
func (b Box) Draw() app.UI {
	return tag.In("div field",
		tag.Label().Attr("for", b.ID).Text(b.Label),
		b.box(),
		b.note(),
	)
}

func (b Box) box() app.UI {
	if b.Lines > 1 {
		t := tag.Textarea().ID(b.ID).Class("input", b.Class).Attr("rows", b.Lines).Attr("dir", "auto").
			OnInput(b.OnInput).Aria("invalid", b.Invalid).Aria("describedby", b.noteID()).
			Attr("autocomplete", b.complete())
		if b.Complete == "off" {
			t = t.Attr("spellcheck", "false").Attr("autocapitalize", "none").Attr("autocorrect", "off")
		}
		if b.OnEnter == nil {
			return t
		}
		return t.OnKeyPress(b.press)
	}
	kind := "text"
	if b.Secret {
		kind = "password"
	}
	return tag.Input(kind).ID(b.ID).Class("input", b.Class).Attr("dir", "auto").
		OnInput(b.OnInput).Aria("invalid", b.Invalid).Aria("describedby", b.noteID()).
		Attr("autocomplete", b.complete())
}

// complete is off for all that is not asked for: what may be completed, a browser
// also writes into its own files, to restore the page.
func (b Box) complete() string {
	if b.Complete == "" {
		return "off"
	}
	return b.Complete
}

func (b Box) press(ctx app.Context, e app.Event) {
	if IsEnter(e) {
		b.OnEnter(ctx, e)
		return
	}
	ctx.PreventUpdate()
}

// note is the error, or else the hint. The error is a new element each time it
// appears, so that it is announced.
func (b Box) note() app.UI {
	switch {
	case b.Error != "":
		return tag.In("div", Alert(b.noteID(), b.Error))
	case b.Hint != "":
		return tag.P().Class("hint").ID(b.noteID()).Text(b.Hint)
	}
	return tag.Span()
}

// noteID is empty, and so no attribute, where there is nothing to point to.
func (b Box) noteID() string {
	if b.Error == "" && b.Hint == "" {
		return ""
	}
	return b.ID + "-note"
}

// Alert is one sentence about what went wrong, at the place where it happened.
func Alert(id, sentence string) app.UI {
	p := tag.P().Class("error").Role("alert").Body(Icon("fail"), tag.Say("span", sentence))
	if id != "" {
		p = p.ID(id)
	}
	return p
}

// AlertIf is an Alert, or a place kept for it.
func AlertIf(sentence string) app.UI {
	if sentence == "" {
		return tag.Span().Hidden(true)
	}
	return tag.In("div", Alert("", sentence))
}

// Typed is what stands in the box that an event came from.
func Typed(ctx app.Context) string {
	return ctx.JSSrc().Get("value").String()
}

// Fill writes into a box of the page that from is in; "" clears it. Drawing cannot do that:
// go-app v10.1.11 ignores .Value("") (its issue #1083).
func Fill(from app.Value, id, text string) {
	if box := Find(from, id); box.Truthy() {
		box.Set("value", text)
	}
}

// IsEnter reports whether a key event asks to send: Enter without Shift, and
// not the Enter that ends a composition (229 is how Safari says so).
func IsEnter(e app.Event) bool {
	return e.Get("key").String() == "Enter" && !e.Get("shiftKey").Bool() &&
		!e.Get("isComposing").Truthy() && e.Get("keyCode").Int() != 229
}

// class joins classes.
func class(names ...string) string {
	return strings.TrimSpace(strings.Join(names, " "))
}
