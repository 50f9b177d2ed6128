package web

import (
	"slices"
	"testing"
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
