package view

import (
	"errors"
	"strings"
	"time"

	"tandem/core"
	"tandem/core/client"
)

// secondaryLimit is how many secondary devices an account can have
// (multi-device.md §6: at most 6 devices, one of them the primary).
const secondaryLimit = 5

// DeviceRow is one line of Settings > Devices.
type DeviceRow struct {
	ID     core.ID
	Name   string
	Icon   string
	Role   string
	Main   bool // the primary
	Badges []string
	Line   string
	Unlink Removal // how this device leaves the account, from here
}

// Removal is what the page offers to take a device out of the account.
type Removal uint8

// Removals.
const (
	Stays     Removal = iota // nothing is offered here
	UnlinkIt                 // the primary removes another device
	LeaveHere                // a secondary removes itself
)

// DeviceRows is the list of devices.
func DeviceRows(s *client.Snapshot, now core.Millis, loc *time.Location) []DeviceRow {
	rows := make([]DeviceRow, 0, len(s.Devices))
	for _, d := range s.Devices {
		row := DeviceRow{
			ID: d.ID, Name: DeviceName(d.Facts), Icon: DeviceIcon(d.Facts),
			Role: capital(d.Role.String()), Main: d.Role == core.Primary, Line: deviceLine(d, now, loc), Unlink: removal(s, d),
		}
		if d.This {
			row.Badges = append(row.Badges, "This device")
		}
		if d.Unconfirmed {
			row.Badges = append(row.Badges, "Authorised, not confirmed")
		}
		rows = append(rows, row)
	}
	return rows
}

// removal: only the primary removes another device; a secondary removes only
// itself.
func removal(s *client.Snapshot, d client.DeviceRow) Removal {
	switch {
	case s.Role == core.Primary && !d.This && d.Role == core.Secondary:
		return UnlinkIt
	case s.Role == core.Secondary && d.This && !s.Absent:
		return LeaveHere
	}
	return Stays
}

// DeviceName is what a device calls itself; a device may call itself nothing.
func DeviceName(f core.Facts) string {
	if name := strings.TrimSpace(f.Name); name != "" {
		return name
	}
	if platform := strings.TrimSpace(f.Platform); platform != "" {
		return platform
	}
	return "A device without a name"
}

// deviceNameLimit is the longest name of a device, in bytes (LinkRequest has no
// room for more).
const deviceNameLimit = 64

// CheckDeviceName refuses what the engine would refuse, so that the box keeps
// it. Errors: client.ErrNameEmpty, client.ErrDeviceNameLong.
func CheckDeviceName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return client.ErrNameEmpty
	case len(name) > deviceNameLimit:
		return client.ErrDeviceNameLong
	}
	return nil
}

// DeviceNameSentence is Sentence for what was typed as a device's name.
func DeviceNameSentence(err error) string {
	if errors.Is(err, client.ErrNameEmpty) {
		return "Type a name first, any name by which you know this device."
	}
	return Sentence(err)
}

func deviceLine(d client.DeviceRow, now core.Millis, loc *time.Location) string {
	parts := make([]string, 0, 3)
	if d.Added != 0 {
		parts = append(parts, "Added "+date(d.Added, now, loc))
	}
	if p := strings.TrimSpace(d.Facts.Platform); p != "" && p != d.Facts.Name {
		parts = append(parts, p)
	}
	if d.LastSeen != 0 && !d.This {
		parts = append(parts, "last seen "+Ago(d.LastSeen, now))
	}
	return strings.Join(parts, " · ")
}

// DeviceIcon guesses from the platform; a wrong guess harms nobody.
func DeviceIcon(f core.Facts) string {
	p := strings.ToLower(f.Platform + " " + f.Name)
	for _, phone := range [...]string{"android", "iphone", "ipad", "phone", "mobile"} {
		if strings.Contains(p, phone) {
			return "phone"
		}
	}
	for _, computer := range [...]string{"linux", "windows", "mac", "chromeos"} {
		if strings.Contains(p, computer) {
			return "laptop"
		}
	}
	return "browser"
}

// DevicesLead says what this device is and how many more there may be.
func DevicesLead(s *client.Snapshot) string {
	if s.Role != core.Primary {
		return "This is a secondary device. Your primary device decides which devices belong to the account."
	}
	switch n := secondaries(s); n {
	case 0:
		return "This is your primary device. You can link up to five secondary devices to it."
	case secondaryLimit:
		return "This is your primary device. Five secondary devices are linked, and that is the most."
	default:
		return "This is your primary device. " + [...]string{1: "One", 2: "Two", 3: "Three", 4: "Four"}[n] +
			" of five secondary devices " + [...]string{1: "is", 2: "are", 3: "are", 4: "are"}[n] + " linked."
	}
}

// WhatDevicesKnow stands under the list.
const WhatDevicesKnow = "A linked device is you: it reads and writes everything in this account. Only your 13 words stay on the primary device."

// Sentences of taking a device out. They say what cannot be taken back.
const (
	// ElsewhereLink stands where a secondary would have Link Device.
	ElsewhereLink = "Do this on your primary device."
	LeaveTruth    = "Your other devices and your contacts are told, then everything that this device holds is erased. " +
		"The account lives on, on your other devices."
	// AbsentLine is for a device that is listed neither as linked nor as removed.
	AbsentLine = "Your account’s list of devices does not name this one. It keeps what it has, and sends nothing until it is added again."
	LeaveLater = "To use it here again, link this device again."
)

// UnlinkTruths are what Unlink means, one sentence each.
func UnlinkTruths() []string {
	return []string{
		"Its data is wiped there when it next connects.",
		"Your other devices and your contacts are told, and stop sending to it.",
		"It has known your account key. Whoever holds that can still read friend requests, what people with a plain " +
			"Session app write to you, and what this device received before.",
	}
}

// RefusedLine counts messages of devices that were removed; empty for none.
func RefusedLine(n int) string {
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return "One message was refused, because a removed device sent it."
	}
	return grouped(n) + " messages were refused, because a removed device sent them."
}

// NameOnDevices is the line under Success: "Ada, on two devices".
func NameOnDevices(name string, devices int) string {
	words := [...]string{2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
	if devices < 2 || devices >= len(words) {
		return name
	}
	return name + ", on " + words[devices] + " devices"
}

// CanLink reports whether Link Device works here.
func CanLink(s *client.Snapshot) bool {
	return s.Role == core.Primary && secondaries(s) < secondaryLimit
}

// secondaries counts them, within what an account can have.
func secondaries(s *client.Snapshot) int {
	n := 0
	for _, d := range s.Devices {
		if d.Role == core.Secondary {
			n++
		}
	}
	return min(n, secondaryLimit)
}

// capital begins a line of ours with a capital letter.
func capital(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// ThisDevice is the device that shows the page; zero = not known.
func ThisDevice(s *client.Snapshot) core.ID {
	for _, d := range s.Devices {
		if d.This {
			return d.ID
		}
	}
	return core.ID{}
}
