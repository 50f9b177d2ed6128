package view

import (
	"tandem/core"
	"tandem/core/client"
)

// PastTitle names what a new device gets of what was said before.
const PastTitle = "Messages to send along"

// PastChoice is one of the choices at Authorise.
type PastChoice struct {
	Past client.Past
	Name string
	On   bool
}

// PastChoices are the choices at Authorise.
func PastChoices(chosen client.Past) []PastChoice {
	return []PastChoice{
		{client.PastNone, "None", chosen == client.PastNone},
		{client.PastMonth, "Last 30 days", chosen == client.PastMonth},
		{client.PastAll, "Everything", chosen == client.PastAll},
	}
}

// PastAmount says how much a choice is.
func PastAmount(d client.Dialog, chosen client.Past) string {
	a := d.Month
	switch chosen {
	case client.PastNone:
		return "The new device shows only what is written from now on."
	case client.PastAll:
		a = d.All
	case client.PastMonth:
	}
	size := "less than 1 MB"
	if a.Bytes >= 1<<20 {
		size = "about " + grouped(int(a.Bytes>>20)) + " MB"
	}
	return plural(a.Messages, "message", "messages") + ", " + size + "."
}

// PastLine says how far a transfer of earlier messages is.
func PastLine(p client.PastRow) string {
	switch {
	case p.Begun && p.Coming:
		return "Earlier messages: " + grouped(p.Done) + " of " + grouped(p.Total) + ". You can start already."
	case p.Coming:
		return "Earlier messages come when your primary device is awake. You can start already."
	case p.Begun:
		return "Earlier messages: " + grouped(p.Done) + " of " + grouped(p.Total) + " are there."
	}
	return "Gets earlier messages as soon as it asks for them."
}

// PastOf is the transfer to another device; nil = there is none.
func PastOf(s *client.Snapshot, device core.ID) *client.PastRow {
	for i := range s.Past {
		if s.Past[i].Device == device && !s.Past[i].Coming {
			return &s.Past[i]
		}
	}
	return nil
}

// PastComing is the transfer to this device; nil = there is none.
func PastComing(s *client.Snapshot) *client.PastRow {
	if len(s.Past) > 0 && s.Past[0].Coming {
		return &s.Past[0]
	}
	return nil
}
