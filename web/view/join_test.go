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

func TestStagesOfTheWords(t *testing.T) {
	snap := func(change func(*client.Snapshot)) *client.Snapshot {
		s := &client.Snapshot{Phase: client.Joining, Network: client.NetworkView{State: client.Online}, Join: client.Join{Stage: client.JoinWords, Stored: true}}
		change(s)
		return s
	}
	for _, tt := range []struct {
		name  string
		snap  *client.Snapshot
		want  string
		again bool
	}{
		{"words", snap(func(*client.Snapshot) {}), "done done done done now todo", false},
		{"in trouble", snap(func(s *client.Snapshot) { s.Join.Trouble = "No node takes it." }), "done done done done failed todo", true},
		{"offline", snap(func(s *client.Snapshot) { s.Network.State = client.Offline }), "done done done done failed todo", true},
		{"holding", snap(func(s *client.Snapshot) { s.Join.Stage = client.JoinHolding }), "done done done done done now", false},
		{"holding, offline", snap(func(s *client.Snapshot) {
			s.Join.Stage, s.Network.State = client.JoinHolding, client.Offline
		}), "done done done done done now", false},
		{"asking in trouble", snap(func(s *client.Snapshot) {
			s.Join = client.Join{Stage: client.JoinAsking, Sent: true, Trouble: "No node takes it."}
		}), "done done failed todo todo todo", true},
	} {
		if got := stages(tt.snap); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
		if got := InTrouble(tt.snap); got != tt.again {
			t.Errorf("%s: Try again is offered: %v", tt.name, got)
		}
	}
}

func TestAgainNeedsAnEndAndATarget(t *testing.T) {
	for _, tt := range []struct {
		join client.Join
		want bool
	}{
		{client.Join{Stage: client.JoinGone, Target: me, Cause: client.CauseExpired}, true},
		{client.Join{Stage: client.JoinGone}, false},
		{client.Join{Stage: client.JoinGone, Target: me, Cause: client.CauseOwn}, false},
		{client.Join{Stage: client.JoinEnding, Target: me}, false},
	} {
		if got := Again(tt.join); got != tt.want {
			t.Errorf("%+v: %v", tt.join, got)
		}
	}
}
