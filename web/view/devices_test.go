package view

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
)

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

// Who may take what out of the account (multi-device.md §6, Leave).
func TestOnlyThePrimaryRemovesOthers(t *testing.T) {
	rows := []client.DeviceRow{
		{ID: me, Role: core.Primary}, {ID: ines, Role: core.Secondary}, {Role: core.Secondary},
	}
	for _, tt := range []struct {
		name   string
		this   int
		role   core.Role
		absent bool
		want   []Removal
	}{
		{"on the primary", 0, core.Primary, false, []Removal{Stays, UnlinkIt, UnlinkIt}},
		{"on a secondary", 1, core.Secondary, false, []Removal{Stays, LeaveHere, Stays}},
		{"on a device that is not listed", 1, core.Secondary, true, []Removal{Stays, Stays, Stays}},
	} {
		s := &client.Snapshot{Role: tt.role, Absent: tt.absent, Devices: append([]client.DeviceRow(nil), rows...)}
		s.Devices[tt.this].This = true
		for i, row := range DeviceRows(s, 0, time.UTC) {
			if row.Unlink != tt.want[i] {
				t.Errorf("%s, device %d: %d, want %d", tt.name, i, row.Unlink, tt.want[i])
			}
		}
	}
}

func TestRefusedLine(t *testing.T) {
	for n, want := range map[int]string{0: "", 1: "One message", 2000: "2,000 messages"} {
		if got := RefusedLine(n); !strings.HasPrefix(got, want) || (got == "") != (n == 0) {
			t.Errorf("%d: %q", n, got)
		}
	}
	for _, s := range append(UnlinkTruths(), LeaveTruth, LeaveLater, AbsentLine, ElsewhereLink, YesItWasMe, NoItWasNot, KeepMeans, RemoveMeans) {
		sentence(t, "a truth", s)
	}
}

func TestDeviceNames(t *testing.T) {
	for name, want := range map[string]error{
		"": client.ErrNameEmpty, " \n": client.ErrNameEmpty, "x": nil,
		strings.Repeat("x", 64): nil, strings.Repeat("x", 65): client.ErrDeviceNameLong, strings.Repeat("字", 22): client.ErrDeviceNameLong,
	} {
		err := CheckDeviceName(name)
		if !errors.Is(err, want) || (want == nil) != (err == nil) {
			t.Errorf("%q: %v, want %v", name, err, want)
		}
		if s := DeviceNameSentence(err); (s == "") != (err == nil) || strings.Contains(s, "friends") {
			t.Errorf("%q: %q", name, s)
		}
	}
}
