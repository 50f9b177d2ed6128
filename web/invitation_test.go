package web

import (
	"strings"
	"testing"

	"tandem/core/client"
	"tandem/web/view"
)

// A link to a group that is opened before there is an account is kept on every way
// to one, and offered once: then it is the present place.
func TestInvitationIsKept(t *testing.T) {
	group := view.AtNew + "/" + lobbyURL
	for name, way := range map[string][]struct {
		phase       client.Phase
		place, want string
	}{
		"registered": {
			{client.Starting, group, ""}, {client.Welcome, group, ""}, {client.Welcome, view.AtRegister, ""},
			{client.Words, view.AtRegister, group}, {client.Words, group, ""}, {client.Key, group, ""}, {client.Main, group, ""},
			{client.Main, view.AtStart, ""},
		},
		"linked": {
			{client.Welcome, group, ""}, {client.Welcome, view.AtLink, ""}, {client.Joining, view.AtLink, group},
			{client.Welcome, view.AtStart, ""}, {client.Joining, view.AtLink, group}, {client.Main, view.AtStart, group},
			{client.Main, group, ""}, {client.Main, view.AtNote, ""},
		},
		"unlocked":   {{client.Locked, group, ""}, {client.Main, group, ""}, {client.Main, view.AtSettings, ""}},
		"no link":    {{client.Welcome, view.AtStart, ""}, {client.Words, view.AtRegister, ""}, {client.Main, view.AtNew, ""}},
		"an account": {{client.Main, group, ""}, {client.Main, view.AtStart, ""}},
	} {
		var i invitation
		for n, step := range way {
			if got := i.follow(step.phase, step.place); got != step.want {
				t.Errorf("%s, step %d: %q, want %q", name, n, got, step.want)
			}
		}
	}
	for _, invited := range []bool{true, false} {
		r := &root{engine: &twin{snap: client.Snapshot{Phase: client.Welcome}}}
		if invited {
			r.place = group
		}
		r.OnInit()
		r.guest.follow(client.Welcome, r.place)
		if page := shownBy(r.Render()); strings.Contains(page, view.GroupAfter) != invited {
			t.Errorf("invited %v: %s", invited, page)
		}
	}
}
