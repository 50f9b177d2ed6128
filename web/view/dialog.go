package view

import (
	"strings"
	"time"

	"tandem/core"
	"tandem/core/client"
)

// WaitingForDevice is the heading of the dialog, as long as it is open.
const WaitingForDevice = "Waiting for Device"

// DialogOpen reports whether the dialog shows. Once the devices are linked it
// has nothing more to wait for, and Success takes its place.
func DialogOpen(s *client.Snapshot) bool {
	return s.Phase == client.Main && s.Dialog.Open && s.Dialog.Stage != client.DialogDone
}

// Succeeded reports whether Success shows: in the dialog, if that stays open
// for the next device, otherwise in the page.
func Succeeded(s *client.Snapshot) bool {
	return s.Phase == client.Main && (s.Success || s.Dialog.Open && s.Dialog.Stage == client.DialogDone)
}

// Asker is a device that asks to be linked.
type Asker struct {
	Attempt  [16]byte
	Stage    client.DialogStage
	Words    []string
	Name     string // as it calls itself
	Icon     string
	Line     string // browser, system, when
	Proved   bool   // it knows the link code
	Deadline core.Millis
}

// Askers are the devices that ask, best first.
func Askers(d client.Dialog, now core.Millis, loc *time.Location) []Asker {
	var rows []Asker
	for _, a := range d.Askers {
		name := DeviceName(a.Facts)
		rows = append(rows, Asker{
			Attempt: a.Attempt, Stage: a.Stage, Words: a.Words, Name: name, Icon: DeviceIcon(a.Facts),
			Line: askerLine(a, name, now, loc), Proved: a.Proved, Deadline: a.Deadline,
		})
	}
	return rows
}

// Shown is the asker that the dialog shows in full, by its place; -1 without
// any. shown is the one that stood there before, chosen whether the person put
// it there. It stays as long as it can, so that no words change under a finger,
// but neither an answer on its way nor somebody without the link code holds the
// place of one who has more.
func Shown(d client.Dialog, shown [16]byte, chosen bool) int {
	if len(d.Askers) == 0 {
		return -1
	}
	best := d.Askers[0]
	for i, a := range d.Askers {
		if a.Attempt != shown {
			continue
		}
		if chosen || len(a.Words) > 0 && (a.Proved || !best.Proved) || a.Stage == client.DialogSending {
			return i
		}
	}
	return 0
}

// ShownStage is what the dialog is about: the asker shown, or waiting for one.
func ShownStage(d client.Dialog, shown int) client.DialogStage {
	if shown >= 0 {
		return d.Askers[shown].Stage
	}
	if d.Stage == client.DialogEnded {
		return client.DialogEnded
	}
	return client.DialogWaiting
}

// DialogSay is announced when it changes: what happens in the dialog while the
// person looks at the other device.
func DialogSay(s client.DialogStage) string {
	switch s {
	case client.DialogChallenge:
		return "A device asks to be linked."
	case client.DialogWords:
		return "The 3 words are here."
	case client.DialogSending:
		return "Authorised."
	case client.DialogWaiting, client.DialogDone, client.DialogEnded:
	}
	return ""
}

// DialogOver is what a dialog says in which nobody asked in time.
func DialogOver(d client.Dialog) string {
	if d.Notice {
		return "The 10 minutes were over, and the link code is void. A device asks just now: try again to see it."
	}
	return "Nobody asked within 10 minutes, and the link code is void."
}

// DialogExit is the name of the button that closes the dialog. After Authorise
// nothing is cancelled any more.
func DialogExit(s client.DialogStage) string {
	if s == client.DialogSending {
		return "Close"
	}
	return "Cancel"
}

// askerLine is what is known of the device that asks, beside its name.
func askerLine(a client.Asker, name string, now core.Millis, loc *time.Location) string {
	parts := make([]string, 0, 2)
	if p := strings.TrimSpace(a.Facts.Platform); p != "" && p != name {
		parts = append(parts, p)
	}
	if a.Asked != 0 {
		asked := moment(a.Asked, loc).Format("asked at 15:04")
		parts = append(parts, asked+", "+Ago(a.Asked, now))
	}
	return capital(strings.Join(parts, " · "))
}

// MoreAskers says how many devices found no place in the list; empty for none.
func MoreAskers(d client.Dialog) string {
	switch {
	case d.More <= 0:
		return ""
	case d.More == 1:
		return "One more device asked and found no place here."
	}
	return grouped(d.More) + " more devices asked and found no place here. If that is too many, let the right one use the link code: it then comes first."
}
