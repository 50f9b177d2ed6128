package view

import (
	"strings"
	"testing"

	"tandem/core/client"
)

// stages writes the states of the ticks in one line.
func stages(s *client.Snapshot) string {
	var out []string
	for _, stage := range Stages(s) {
		out = append(out, stage.State)
	}
	return strings.Join(out, " ")
}

func TestStages(t *testing.T) {
	snap := func(l client.Link, stored bool) *client.Snapshot {
		return &client.Snapshot{Phase: client.Joining, Network: client.NetworkView{State: l}, Join: client.Join{Stage: client.JoinAsking, Stored: stored}}
	}
	for _, tt := range []struct {
		name string
		snap *client.Snapshot
		want string
	}{
		{"connecting", snap(client.Connecting, false), "done now todo todo todo todo"},
		{"online", snap(client.Online, false), "done done now todo todo todo"},
		{"stored", snap(client.Online, true), "done done done now todo todo"},
		{"offline at once", snap(client.Offline, false), "done failed todo todo todo todo"},
		{"offline after it was stored", snap(client.Offline, true), "done done done failed todo todo"},
	} {
		if got := stages(tt.snap); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	off := snap(client.Offline, false)
	off.Network.Cause = "The gateway does not answer."
	if got := Stages(off)[1].Detail; got != off.Network.Cause {
		t.Errorf("the failed tick says %q", got)
	}
}
