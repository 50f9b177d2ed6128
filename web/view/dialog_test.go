package view

import (
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
)

func TestSuccessOnlyAfterSuccess(t *testing.T) {
	for _, tt := range []struct {
		name string
		snap client.Snapshot
		want bool
	}{
		{"main", client.Snapshot{Phase: client.Main}, false},
		{"authorised, not confirmed", client.Snapshot{Phase: client.Main, Dialog: client.Dialog{Open: true, Stage: client.DialogSending}}, false},
		{"holding", client.Snapshot{Phase: client.Joining, Success: true}, false},
		{"linked", client.Snapshot{Phase: client.Main, Success: true}, true},
		{"linked, dialog not closed yet", client.Snapshot{Phase: client.Main, Dialog: client.Dialog{Open: true, Stage: client.DialogDone}}, true},
		{"dialog closed since", client.Snapshot{Phase: client.Main, Dialog: client.Dialog{Stage: client.DialogDone}}, false},
	} {
		if got := Succeeded(&tt.snap); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestAskersSayWhoAndWhen(t *testing.T) {
	facts := core.Facts{Name: "Firefox on Linux", Platform: "Firefox 140 on Linux"}
	asked := at("2026-11-18 14:29:00")
	d := client.Dialog{Askers: []client.Asker{
		{Facts: facts, Asked: asked, Proved: true, Words: []string{"violin"}},
		{Facts: core.Facts{Name: "x", Platform: "x"}, Asked: asked},
		{},
	}}
	rows := Askers(d, asked+2*core.Minute, time.UTC)
	for i, want := range []Asker{
		{Name: "Firefox on Linux", Icon: "laptop", Line: "Firefox 140 on Linux · asked at 14:29, 2 minutes ago", Proved: true},
		{Name: "x", Icon: "browser", Line: "Asked at 14:29, 2 minutes ago"},
		{Name: "A device without a name", Icon: "browser"},
	} {
		if got := rows[i]; got.Name != want.Name || got.Icon != want.Icon || got.Line != want.Line || got.Proved != want.Proved {
			t.Errorf("asker %d: %+v", i, got)
		}
	}
}

func TestMoreAskersAreCounted(t *testing.T) {
	for n, want := range map[int]string{0: "", 1: "One more device", 9992: "9,992 more devices"} {
		if got := MoreAskers(client.Dialog{More: n}); !strings.HasPrefix(got, want) || (got == "") != (n == 0) {
			t.Errorf("%d: %q", n, got)
		}
	}
}

// What one looks at stays; only one who knows the link code pushes it away.
func TestShownAskerStays(t *testing.T) {
	words := []string{"violin", "lagoon", "cedar"}
	asker := func(n byte, words []string, proved bool) client.Asker {
		return client.Asker{Attempt: [16]byte{n}, Words: words, Proved: proved, Stage: client.DialogWords}
	}
	sending := client.Asker{Attempt: [16]byte{1}, Stage: client.DialogSending}
	for _, tt := range []struct {
		name   string
		askers []client.Asker
		shown  byte
		chosen bool
		want   int
	}{
		{"nobody", nil, 1, false, -1},
		{"the first", []client.Asker{asker(1, words, false), asker(2, words, false)}, 0, false, 0},
		{"a newer one came", []client.Asker{asker(2, words, false), asker(1, words, false)}, 1, false, 1},
		{"it had no words yet", []client.Asker{asker(2, words, false), asker(1, nil, false)}, 1, false, 0},
		{"one with the code came", []client.Asker{asker(2, words, true), asker(1, words, false)}, 1, false, 0},
		{"both have the code", []client.Asker{asker(2, words, true), asker(1, words, true)}, 1, false, 1},
		{"the person chose", []client.Asker{asker(2, words, true), asker(1, nil, false)}, 1, true, 1},
		{"authorised, not confirmed", []client.Asker{asker(2, words, true), sending}, 1, false, 1},
		{"it is gone", []client.Asker{asker(2, words, false), asker(3, words, false)}, 1, true, 0},
	} {
		if got := Shown(client.Dialog{Askers: tt.askers}, [16]byte{tt.shown}, tt.chosen); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
