package view

import (
	"strings"
	"time"

	"tandem/core"
	"tandem/core/client"
)

// Restored is what the page after Restore says of the account's other devices.
type Restored struct {
	Title   string
	Line    string
	Trouble string // why they are not known yet; it goes on
	Choose  bool   // Keep or Remove
	Full    bool   // with Keep, one must be dropped
	Others  []DeviceRow
}

// RestoredOf is that page; ok is false for an account that is new.
func RestoredOf(s *client.Snapshot, now core.Millis, loc *time.Location) (page Restored, ok bool) {
	r := s.Restore
	if r.Stage == client.RestoreNone {
		return Restored{}, false
	}
	page = Restored{Title: "Welcome back", Choose: r.Stage != client.RestoreAlone, Full: r.Full}
	if s.Name != "" {
		page.Title += ", " + s.Name
	}
	if r.Stage == client.RestoreReading {
		page.Line = "Looking for your other devices…"
		page.Trouble = r.Cause
		return page, true
	}
	for _, d := range r.Devices {
		page.Others = append(page.Others, DeviceRow{
			ID: d.ID, Name: DeviceName(d.Facts), Icon: DeviceIcon(d.Facts), Role: capital(d.Role.String()),
			Main: d.Role == core.Primary, Line: deviceLine(d, now, loc),
		})
	}
	switch n := len(page.Others); n {
	case 0:
		page.Line = "This account has no other device."
	case 1:
		page.Line = "This account has one other device."
	default:
		page.Line = "This account has " + plural(n, "", "other devices") + "."
	}
	return page, true
}

// Sentences of the choice after Restore.
const (
	KeepThem    = "Keep my other devices"
	KeepMeans   = "This device becomes the primary device, the one that was primary becomes a secondary device."
	RemoveThem  = "Remove them"
	RemoveMeans = "If one is lost or stolen. They are wiped when they next connect."
	DropOne     = "An account has at most six devices. Which one makes room for this one?"
)

// Pending says what becomes of the other devices while the choice made after
// Restore waits for the network; empty when nothing waits.
func Pending(s *client.Snapshot) string {
	if s.Phase != client.Main || !s.Restore.Chosen {
		return ""
	}
	said := "Your choice about your other devices is carried out as soon as your account could be read."
	if cause := strings.TrimSpace(s.Restore.Cause); cause != "" {
		said += " " + cause
	}
	return said
}

// WasItYou is the question to a primary device that was replaced.
func WasItYou(s *client.Snapshot) string {
	if s.Restored == nil {
		return ""
	}
	return "Restored on " + DeviceName(s.Restored.Facts) + ". Was it you?"
}

// What the two answers do.
const (
	YesItWasMe = "Yes: this device becomes a secondary device and forgets the 13 words."
	NoItWasNot = "No: the other device is removed, and this one stays the primary device. Whoever has your 13 words can do it again."
)
