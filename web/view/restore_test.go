package view

import (
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
)

func TestRestoredOf(t *testing.T) {
	others := []client.DeviceRow{
		{ID: me, Role: core.Primary, Facts: core.Facts{Name: "Ada’s phone"}},
		{ID: ines, Role: core.Secondary},
	}
	for _, tt := range []struct {
		name    string
		restore client.Restore
		line    string
		choose  bool
		others  int
	}{
		{"reading", client.Restore{Stage: client.RestoreReading, Cause: "No node answers."}, "Looking for", true, 0},
		{"alone", client.Restore{Stage: client.RestoreAlone}, "no other device", false, 0},
		{"one", client.Restore{Stage: client.RestoreFound, Devices: others[:1]}, "one other device", true, 1},
		{"two", client.Restore{Stage: client.RestoreFound, Devices: others}, "2 other devices", true, 2},
	} {
		s := &client.Snapshot{Phase: client.Key, Name: "Ada", Restore: tt.restore}
		page, ok := RestoredOf(s, 0, time.UTC)
		if !ok || page.Title != "Welcome back, Ada" || !strings.Contains(page.Line, tt.line) || page.Choose != tt.choose ||
			len(page.Others) != tt.others || page.Trouble != tt.restore.Cause {
			t.Errorf("%s: %+v", tt.name, page)
		}
	}
	if _, ok := RestoredOf(&client.Snapshot{Phase: client.Key}, 0, time.UTC); ok {
		t.Error("a new account is welcomed back")
	}
}

func TestWhatWaitsAfterRestore(t *testing.T) {
	for _, tt := range []struct {
		name    string
		phase   client.Phase
		restore client.Restore
		pending string
	}{
		{"nothing", client.Main, client.Restore{}, ""},
		{"still choosing", client.Key, client.Restore{Stage: client.RestoreFound, Full: true}, ""},
		{"chosen", client.Main, client.Restore{Stage: client.RestoreReading, Chosen: true, Cause: "No node answers."}, "No node answers."},
	} {
		s := &client.Snapshot{Phase: tt.phase, Restore: tt.restore}
		if got := Pending(s); !strings.HasSuffix(got, tt.pending) || (got == "") != (tt.pending == "") {
			t.Errorf("%s: %q", tt.name, got)
		}
	}
}

func TestWasItYouNamesTheDevice(t *testing.T) {
	if s := WasItYou(&client.Snapshot{}); s != "" {
		t.Errorf("nobody restored, and the page asks %q", s)
	}
	s := &client.Snapshot{Restored: &client.DeviceRow{Facts: core.Facts{Name: "Firefox on Linux"}}}
	if got := WasItYou(s); got != "Restored on Firefox on Linux. Was it you?" {
		t.Error(got)
	}
}
