package view

import (
	"testing"

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

func TestAskerLine(t *testing.T) {
	d := client.Dialog{Facts: core.Facts{Name: "x", Platform: "Firefox"}, Asked: core.Minute}
	if got := AskerLine(d, "x", 3*core.Minute); got != "Firefox · asked 2 minutes ago" {
		t.Error(got)
	}
	d.Facts.Platform = "x"
	if got := AskerLine(d, "x", 3*core.Minute); got != "Asked 2 minutes ago" {
		t.Error(got)
	}
	if AskerLine(client.Dialog{}, "", 0) != "" || MoreWaiting(client.Dialog{}) != "" {
		t.Error("nothing is known, and something is said")
	}
}
