package view

import (
	"time"

	"tandem/core"
	"tandem/core/client"
)

// About is what the dialog about one message says.
type About struct {
	Text     string   // its beginning
	Facts    []string // in sentences
	Everyone bool     // it can be taken back
	Mine     bool     // it can be removed from one's own devices alone

	// In an open group: one can react, answer, change it, ban and unban its author,
	// pin it.
	Post, Reply, Edit, Ban, Pin bool
}

// AboutMessage says what is known of a message and its copies, and what Delete does
// to it.
func AboutMessage(m core.Message, r ChatRow, copies []client.CopyRow, s *client.Snapshot, now core.Millis, loc *time.Location) About {
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
	a.Facts = append(a.Facts, CopyFacts(copies, s, r)...)
	if m.Post != nil && r.Contact.Group != nil {
		aboutPost(&a, m, r.Contact.Group)
		return a
	}
	a.Mine = true
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
		return ": it is kept on the device that wrote it until the network takes it."
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

// CopyFacts says where the copies of a message are, while one of them waits: those
// for the other person in numbers, those for one's own devices by name.
func CopyFacts(copies []client.CopyRow, s *client.Snapshot, r ChatRow) []string {
	var facts []string
	total, there, mute, over := 0, 0, 0, 0
	for _, c := range copies {
		switch {
		case c.Own && c.State != client.CopyTakenBack:
			facts = append(facts, isolated(deviceNamed(s, c.Device))+": "+copyMeans(c.State)+".")
		case c.State == client.CopyTakenBack || c.Own:
		default:
			total++
			switch c.State {
			case client.CopyStored:
				there++
			case client.CopyNoSession:
				mute++
			case client.CopyGivenUp:
				over++
			case client.CopyWaiting, client.CopyTakenBack:
			}
		}
	}
	if total == 0 {
		return facts
	}
	whose := " of " + isolated(r.Name)
	facts = append(facts, "In the mailbox of "+grouped(there)+" of "+plural(total, "device", "devices")+whose+".")
	if mute > 0 {
		facts = append(facts, plural(mute, "device", "devices")+whose+" must be heard from first.")
	}
	if over > 0 {
		facts = append(facts, plural(over, "device", "devices")+whose+" could not be reached for 14 days.")
	}
	return facts
}

// copyMeans is what becomes of a copy for one's own device.
func copyMeans(s client.CopyState) string {
	switch s {
	case client.CopyStored:
		return "it lies in the mailbox of this device"
	case client.CopyNoSession:
		return "this device must be heard from first"
	case client.CopyGivenUp:
		return "it could not be reached for 14 days"
	case client.CopyWaiting, client.CopyTakenBack:
	}
	return "it waits for the network"
}

// deviceNamed is what one of one's own devices is called.
func deviceNamed(s *client.Snapshot, id core.ID) string {
	for _, d := range s.Devices {
		if d.ID == id {
			return DeviceName(d.Facts)
		}
	}
	return "Another device"
}
