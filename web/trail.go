package web

import (
	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// trail knows the places that this tab went through, so that Back on a page
// and the browser's own Back are the same step and do not pile up.
type trail struct {
	places []string
	move   move               // how the next place comes to be
	moved  func(place string) // of a frame, whose places are not the address's
}

type move uint8

const (
	wander  move = iota // by the browser: back, forward, a typed address
	enter               // by us, one further
	replace             // by us, in place of the present one
)

// Enter goes one further.
func (t *trail) Enter(ctx app.Context, place string) {
	if t.here() == place {
		return
	}
	t.move = enter
	if t.moved != nil {
		t.moved(place)
		return
	}
	address := "/"
	if place != "" {
		address += "#" + place
	}
	ctx.Navigate(address)
}

// Back goes to the parent of a page: a real step back if one came from there,
// otherwise the parent takes the page's place.
func (t *trail) Back(parent string) {
	if n := len(t.places); n > 1 && t.places[n-2] == parent {
		if t.moved != nil {
			t.moved(parent)
			return
		}
		app.Window().Get("history").Call("back")
		return
	}
	t.Instead(parent)
}

// Instead goes to a place that takes that of the present one: Back does not lead
// here again.
func (t *trail) Instead(place string) {
	t.move = replace
	if t.moved != nil {
		t.moved(place)
		return
	}
	app.Window().Get("location").Call("replace", "#"+place)
}

// arrive notes the place where the browser is now.
func (t *trail) arrive(place string) {
	n := len(t.places)
	switch {
	case n == 0, t.move == enter:
		t.places = append(t.places, place)
	case t.move == replace:
		t.places[n-1] = place
	case n > 1 && t.places[n-2] == place:
		t.places = t.places[:n-1]
	case t.places[n-1] != place:
		t.places = append(t.places, place)
	}
	t.move = wander
}

// framed reports whether the app is in a frame of another page.
func (t *trail) framed() bool { return t != nil && t.moved != nil }

func (t *trail) here() string {
	if n := len(t.places); n > 0 {
		return t.places[n-1]
	}
	return ""
}
