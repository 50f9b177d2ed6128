package view

import (
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
