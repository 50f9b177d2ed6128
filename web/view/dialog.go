package view

import (
	"strings"

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

// DialogSay is announced when it changes: what happens in the dialog while the
// person looks at the other device.
func DialogSay(d client.Dialog) string {
	switch d.Stage {
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

// DialogExit is the name of the button that closes the dialog. After Authorise
// nothing is cancelled any more.
func DialogExit(s client.DialogStage) string {
	if s == client.DialogSending {
		return "Close"
	}
	return "Cancel"
}

// AskerLine is what is known of the device that asks, beside its name.
func AskerLine(d client.Dialog, name string, now core.Millis) string {
	parts := make([]string, 0, 2)
	if p := strings.TrimSpace(d.Facts.Platform); p != "" && p != name {
		parts = append(parts, p)
	}
	if d.Asked != 0 {
		parts = append(parts, "asked "+Ago(d.Asked, now))
	}
	return capital(strings.Join(parts, " · "))
}

// MoreWaiting says how many further devices ask; empty for none.
func MoreWaiting(d client.Dialog) string {
	switch {
	case d.Waiting <= 0:
		return ""
	case d.Waiting == 1:
		return "One more device asks; it comes after this one."
	}
	return grouped(d.Waiting) + " more devices ask; they come after this one."
}
