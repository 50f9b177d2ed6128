package web

import (
	"slices"
	"testing"

	"github.com/maxence-charriere/go-app/v10/pkg/app"
)

// walk lets a trail see places come: ">x" by us, "=x" in place of the present
// one, "x" by the browser.
func walk(steps ...string) *trail {
	t := &trail{}
	for _, s := range steps {
		switch {
		case len(s) > 0 && s[0] == '>':
			t.move, s = enter, s[1:]
		case len(s) > 0 && s[0] == '=':
			t.move, s = replace, s[1:]
		}
		t.arrive(s)
	}
	return t
}

// In a frame all moves are within the page: neither the address nor the history of
// the tab knows them.
func TestATrailInAFrame(t *testing.T) {
	var none app.Context
	tr := &trail{}
	tr.arrive("")
	tr.moved = func(place string) { tr.arrive(place) }
	for _, tt := range []struct {
		step func()
		want []string
	}{
		{func() { tr.Enter(none, "settings") }, []string{"", "settings"}},
		{func() { tr.Enter(none, "settings") }, []string{"", "settings"}},
		{func() { tr.Enter(none, "devices") }, []string{"", "settings", "devices"}},
		{func() { tr.Back("settings") }, []string{"", "settings"}},
		{func() { tr.Instead("lock") }, []string{"", "lock"}},
		{func() { tr.Back("chat/note") }, []string{"", "chat/note"}},
		{func() { tr.Back("") }, []string{""}},
	} {
		if !tr.framed() || (&trail{}).framed() {
			t.Fatal("a frame looks like a tab, or a tab like a frame")
		}
		if tt.step(); !slices.Equal(tr.places, tt.want) {
			t.Errorf("%q, want %q", tr.places, tt.want)
		}
	}
}

func TestTrail(t *testing.T) {
	for _, tt := range []struct {
		name  string
		steps []string
		want  []string
	}{
		{"first", []string{""}, []string{""}},
		{"there and back", []string{"", ">settings", ""}, []string{""}},
		{"back twice", []string{"", ">settings", ">devices", "settings", ""}, []string{""}},
		{"forward again", []string{"", ">settings", "", "settings"}, []string{"", "settings"}},
		{"begun inside", []string{"devices", "=settings", "="}, []string{""}},
		// From a chat into Settings again is one further, not a step back.
		{"same place twice", []string{"", ">settings", ">chat/note", ">settings"}, []string{"", "settings", "chat/note", "settings"}},
		{"told twice", []string{"", ""}, []string{""}},
	} {
		if got := walk(tt.steps...).places; !slices.Equal(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
