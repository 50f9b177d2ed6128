package view

import (
	"strings"
	"testing"

	"tandem/core/client"
)

func TestAudience(t *testing.T) {
	s := &client.Snapshot{Devices: make([]client.DeviceRow, 1)}
	alone := Audience(s, ChatRow{Note: true})
	s.Devices = make([]client.DeviceRow, 3)
	if many := Audience(s, ChatRow{Note: true}); many == alone || !strings.Contains(many, "3") {
		t.Errorf("%q, %q", alone, many)
	}
	if NameOnDevices("Ada", 2) != "Ada, on two devices" || NameOnDevices("Ada", 1) != "Ada" || NameOnDevices("Ada", 9) != "Ada" {
		t.Error("the line under success")
	}
}
