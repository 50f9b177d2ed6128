package view

import (
	"strconv"

	"tandem/core"
	"tandem/core/client"
)

// Ring is one notification. What was written is not in it: it may be shown on a
// locked screen.
type Ring struct {
	Title string
	Text  string
	Place string // that it leads to; of two for one place the later replaces the former
}

// Rings are the notifications for what has come between two snapshots of one
// device. It is silent about what was there at its start, about what one wrote
// oneself, and about open groups, where strangers would ring.
func Rings(before, after *client.Snapshot) (rings []Ring) {
	if before.Phase != client.Main || after.Phase != client.Main || before.Account != after.Account || after.OtherTab {
		return nil
	}
	had := map[core.ID]client.ChatRow{}
	for _, c := range before.Chats {
		had[c.Conversation] = c
	}
	for _, c := range after.Chats {
		old, known := had[c.Conversation]
		if !known || c.Note || c.Group != nil || c.Friendship == client.Blocked || c.Unread <= old.Unread || c.LastAt < old.LastAt {
			continue
		}
		text := "New message"
		if c.Unread > 1 {
			text = strconv.Itoa(c.Unread) + " new messages"
		}
		name := c.Name
		if name == "" {
			name = "Tandem"
		}
		rings = append(rings, Ring{Title: oneLine(name), Text: text, Place: PlaceOf(after, c.Conversation)})
	}
	asked := map[core.ID]bool{}
	for _, r := range before.Requests {
		asked[r.Account] = true
	}
	for _, r := range after.Requests {
		if !asked[r.Account] {
			return append(rings, Ring{Title: "Tandem", Text: "Somebody asks to be your friend", Place: AtRequests})
		}
	}
	return rings
}

// Unread is what waits to be read, for the title and the badge.
func Unread(s *client.Snapshot) int {
	if s.Phase != client.Main {
		return 0
	}
	n := len(s.Requests)
	for _, c := range s.Chats {
		n += c.Unread
	}
	return n
}

// TabTitle is the name of a page in the browser's tab, with what waits to be read.
func TabTitle(p Page, s *client.Snapshot) string {
	if n := Unread(s); n > 0 {
		return "(" + strconv.Itoa(n) + ") " + p.Title()
	}
	return p.Title()
}

// Ringing is how this browser stands to notifications.
type Ringing uint8

// In the words of the browser, but for Silenced: allowed there, and switched off
// here.
const (
	NoRinging Ringing = iota // it has none
	MayAsk
	Refused
	Silenced
	On
)

// RingingLine says what follows from it.
func RingingLine(r Ringing) string {
	switch r {
	case MayAsk:
		return "Off. The browser will ask you whether Tandem may show notifications."
	case Refused:
		return "The browser was told not to let Tandem show notifications: allow them in its settings for this site."
	case Silenced:
		return "Off."
	case On:
		return "On: a new message or a friend request is shown while nobody looks at Tandem, by the name of who wrote, without the text."
	}
	return "This browser has no notifications for pages."
}

// ClosedTab is what no page can do.
const ClosedTab = "A closed tab cannot ring: there is no server that would wake it. Messages wait in the network for 14 days, and come when Tandem is opened again. " +
	"A tab in the background looks once a minute, and browsers let it sleep longer to save power."

// LastChecked says when the network was asked last.
func LastChecked(n client.NetworkView, now core.Millis) string {
	if n.LastPoll == 0 {
		return "Not checked yet."
	}
	return "Last checked " + AgoSeconds(n.LastPoll, now) + "."
}
