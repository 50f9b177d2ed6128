package web

import (
	"tandem/core/client"
	"tandem/web/view"
)

// invitation is the place of an open group that this tab was opened at before
// there was an account. It is offered as soon as there is one.
//
// From the moment of registering or linking it is the tab's address again, which a
// reload keeps.
type invitation struct{ place string }

// follow notes a group that cannot be joined yet, and is the place to go to
// instead of the present one; "" = none.
func (i *invitation) follow(phase client.Phase, place string) string {
	switch {
	case view.GroupOf(place) != "":
		if i.place = place; phase == client.Main {
			i.place = ""
		}
	case phase == client.Words, phase == client.Key, phase == client.Joining, phase == client.Main:
		return i.place
	}
	return ""
}
