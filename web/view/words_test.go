package view

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
)

func TestCheckText(t *testing.T) {
	for text, want := range map[string]error{
		"":                                 client.ErrTextEmpty,
		" \n\t":                            client.ErrTextEmpty,
		" x ":                              nil,
		strings.Repeat("é", TextLimit):     nil,
		strings.Repeat("é", TextLimit+1):   client.ErrTextLong,
		strings.Repeat("x", TextLimit*100): client.ErrTextLong,
	} {
		if got := CheckText(text); !errors.Is(got, want) {
			t.Errorf("%d bytes: %v, want %v", len(text), got, want)
		}
	}
}

func TestTextCountShowsNearTheLimit(t *testing.T) {
	for n, want := range map[int]string{
		0: "", 1799: "", 1800: "1,800 of 2,000 characters", 2000: "2,000 of 2,000 characters",
		2001: "2,001 of 2,000 characters: 1 too many",
	} {
		if got := TextCount(strings.Repeat("é", n)); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestInitial(t *testing.T) {
	for name, want := range map[string]string{"ada": "A", " ólafur": "Ó", "מאיה": "מ", "": "?", "  ": "?"} {
		if got := Initial(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}

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

func TestDeviceRows(t *testing.T) {
	now := at("2026-11-18 14:31:00")
	s := &client.Snapshot{Devices: []client.DeviceRow{
		{ID: me, Role: core.Primary, Facts: core.Facts{Name: "Ada’s phone", Platform: "Chrome on Android"}, Added: at("2026-09-02 10:00:00"), LastSeen: now, This: true},
		{ID: ines, Role: core.Secondary, Facts: core.Facts{Name: "Firefox on Linux", Platform: "Firefox on Linux"}, Added: now, LastSeen: now - 12*core.Day, Unconfirmed: true},
		{Role: core.Secondary},
	}}
	rows := DeviceRows(s, now, time.UTC)
	for i, want := range []DeviceRow{
		{Name: "Ada’s phone", Icon: "phone", Role: "Primary device", Line: "Added 2 Sep 2026 · Chrome on Android"},
		{Name: "Firefox on Linux", Icon: "laptop", Role: "Secondary device", Line: "Added today · last seen 12 days ago"},
		{Name: "A device without a name", Icon: "browser", Role: "Secondary device", Line: ""},
	} {
		if got := rows[i]; got.Name != want.Name || got.Icon != want.Icon || got.Role != want.Role || got.Line != want.Line {
			t.Errorf("device %d: %+v", i, got)
		}
	}
	if got := strings.Join(rows[0].Badges, ","); got != "This device" {
		t.Errorf("badges: %s", got)
	}
	if got := strings.Join(rows[1].Badges, ","); got != "Authorised, not confirmed" {
		t.Errorf("badges: %s", got)
	}
}

func TestLinkDeviceOnlyWhereItWorks(t *testing.T) {
	s := &client.Snapshot{Role: core.Primary}
	for n := 0; n <= 7; n++ {
		sentence(t, "the lead of Devices", DevicesLead(s))
		if got, want := CanLink(s), n < 5; got != want {
			t.Errorf("with %d secondary devices: %v", n, got)
		}
		s.Devices = append(s.Devices, client.DeviceRow{Role: core.Secondary})
	}
	if CanLink(&client.Snapshot{Role: core.Secondary}) {
		t.Error("a secondary device offers Link Device")
	}
}

func TestNetworkInWords(t *testing.T) {
	now := core.Millis(1000) * core.Minute
	n := client.NetworkView{State: client.Offline, Profile: "local", LastPoll: now - 3*core.Minute, Queue: 2}
	if got := OfflineSentences(n, now); got != "You are offline. 2 messages wait here and go out by themselves. Last checked 3 minutes ago." {
		t.Error(got)
	}
	n.Cause, n.Queue = "The gateway does not answer.", 1
	if got := OfflineSentences(n, now); got != "The gateway does not answer. 1 message waits here and goes out by itself. Last checked 3 minutes ago." {
		t.Error(got)
	}
	if got := NetworkLine(n, now); got != "Offline, local network · last checked 3 minutes ago · 1 message waits here" {
		t.Error(got)
	}
	n.State = client.Online
	if OfflineSentences(n, now) != "" {
		t.Error("online, and still a banner")
	}
	names := map[string]bool{}
	for _, p := range []string{"demo", "local", "session", "else"} {
		names[networkName(p)] = true
	}
	if len(names) != 4 {
		t.Errorf("profiles are blurred: %v", names)
	}
}

func TestClearWarningKnowsTheRole(t *testing.T) {
	p, s := ClearWarning(&client.Snapshot{Role: core.Primary}), ClearWarning(&client.Snapshot{Role: core.Secondary})
	if !strings.Contains(p, "13 words") || strings.Contains(s, "13 words") {
		t.Errorf("%q\n%q", p, s)
	}
}

func TestAudience(t *testing.T) {
	s := &client.Snapshot{Devices: make([]client.DeviceRow, 1)}
	alone := Audience(s, true)
	s.Devices = make([]client.DeviceRow, 3)
	if many := Audience(s, true); many == alone || !strings.Contains(many, "3") {
		t.Errorf("%q, %q", alone, many)
	}
	if NameOnDevices("Ada", 2) != "Ada, on two devices" || NameOnDevices("Ada", 1) != "Ada" || NameOnDevices("Ada", 9) != "Ada" {
		t.Error("the line under success")
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
