package view

import (
	"time"

	"tandem/core"
)

// About is what the dialog about one message says.
type About struct {
	Text     string   // its beginning
	Facts    []string // in sentences
	Everyone bool     // it can be taken back
}

// AboutMessage says what is known of a message, and what Delete does to it.
func AboutMessage(m core.Message, r ChatRow, now core.Millis, loc *time.Location) About {
	a := About{Text: oneLine(m.Body)}
	if m.Unable != "" {
		a.Facts = append(a.Facts, kindOf(m.Unable)+". "+KindTruth)
	}
	sent := At(m.Sent, now, loc).Full + "."
	if m.Direction == core.In {
		a.Facts = append(a.Facts, "Sent on "+sent)
	} else {
		a.Facts = append(a.Facts, "Written on "+sent, MarkOf(m.Status).Word+statusMeans(m))
	}
	if m.Unverified {
		a.Facts = append(a.Facts, Unverified+".")
	}
	if m.Ends > 0 {
		a.Facts = append(a.Facts, "It "+lasts(m.Ends-now)+".")
	}
	a.Everyone = m.Direction == core.Out && !r.Note && m.Status != core.Failed
	if a.Everyone {
		a.Facts = append(a.Facts, "Delete for me removes it from all your devices. Delete for everyone asks the devices of "+isolated(r.Name)+" to do so too.")
	} else {
		a.Facts = append(a.Facts, "Delete for me removes it from all your devices.")
	}
	return a
}

// statusMeans explains the word of a status.
func statusMeans(m core.Message) string {
	switch m.Status {
	case core.Queued:
		return ": it is kept on this device until the network takes it."
	case core.Stored:
		return ": it lies in the network, and no device has fetched it yet."
	case core.Delivered:
		return ": at least one device has it."
	case core.Failed:
		if m.Cause != "" {
			return ": " + m.Cause
		}
	}
	return "."
}
