package tag

import (
	"strings"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// The pages are mostly elements that have a class, and other elements or a text
// in them. These five make such a one by one call; a chain of go-app's weighs
// three times as much in the client, at each of some hundred places. spec is the
// name of the element and its classes: "div card".

// In is an element with others in it.
func In(spec string, in ...app.UI) app.UI { return of(spec).Body(in...) }

// Say is an element that says something of ours.
func Say(spec, text string) app.UI { return of(spec).Text(text) }

// Theirs is an element with a text that somebody wrote, in its own direction.
func Theirs(spec, text string) app.UI { return of(spec).Dir("auto").Text(text) }

// Told is a Say that is read aloud when it changes. It must stay in the page while it
// is empty.
func Told(spec, text string) app.UI { return of(spec).Role("status").Text(text) }

// Live is the same around others.
func Live(in ...app.UI) app.UI { return app.Elem("div").Role("status").Body(in...) }

func of(spec string) app.HTMLElem {
	name, class, _ := strings.Cut(spec, " ")
	e := app.Elem(name)
	if class != "" {
		return e.Class(class)
	}
	return e
}

// When is an element, or nothing. It is made in either case: a function around
// it would weigh more than it does.
func When(on bool, e app.UI) app.UI {
	if on {
		return e
	}
	return nil
}

// Either is one of two.
func Either(on bool, e, otherwise app.UI) app.UI {
	if on {
		return e
	}
	return otherwise
}
