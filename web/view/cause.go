package view

import (
	"tandem/core"
	"tandem/core/client"
)

// CauseSentence says why a linking attempt ended, to the device of role me.
// It is empty for CauseNone.
func CauseSentence(c client.Cause, me core.Role) string {
	if c == client.CauseNone {
		return ""
	}
	s, known := causes[c]
	switch {
	case !known:
		return "The devices were not linked, for a reason that this version does not know."
	case me == core.Primary:
		return s.primary
	}
	return s.secondary
}

// causes holds both sides' words: the same end is somebody's decision here and
// news there.
var causes = map[client.Cause]struct{ secondary, primary string }{
	client.CauseRejected: {
		"Your primary device rejected this device.",
		"You rejected the device: it was not linked.",
	},
	client.CauseDiffer: {
		"You said that the words differ: this device was not linked. If that happens again, somebody may be interfering.",
		"The other device said that the words differ: it was not linked. If that happens again, somebody may be interfering.",
	},
	client.CauseCancelled: {
		"You cancelled: this device was not linked.",
		"The other device cancelled: it was not linked.",
	},
	client.CauseClosed: {
		"Linking was cancelled on your primary device.",
		"You closed the dialog: the device was not linked.",
	},
	client.CauseExpired: {
		"The 10 minutes for this attempt are over: the devices were not linked.",
		"The 10 minutes for this attempt are over: the device was not linked.",
	},
	client.CauseLimit: {
		"Your account has five secondary devices already, and that is the most.",
		"You have linked five secondary devices already, and that is the most: the device was not linked.",
	},
	client.CauseLinked: {
		"Your primary device knows this device from before: link it again to try with a new identity.",
		"This device was linked or removed before: it has to start a new attempt.",
	},
	client.CauseInvalid: {
		"A message did not pass its checks, so this device was not linked: somebody may be interfering.",
		"A message did not pass its checks, so the device was not linked: somebody may be interfering.",
	},
	client.CauseFlood: {
		"Your primary device gets too many requests: close its dialog Waiting for Device, open it again, then try again here.",
		"Too many requests. Close and try again.",
	},
	client.CauseUnlinked: {
		"Your primary device removed this device while it was being linked.",
		"You removed the device while it was being linked.",
	},
	client.CauseOwn: {
		"A device cannot be linked to itself.",
		"A device tried to link to itself: it was not linked.",
	},
}
