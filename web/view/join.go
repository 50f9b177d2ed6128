package view

import (
	"tandem/core/client"
)

// Sentences of linking that both the pages and their readers rely on.
const (
	WaitingTitle = "Waiting for your primary device"
	WordsTitle   = "Compare the 3 words"
	NotLinked    = "Not linked"
	// Success is shown on both sides, in role=status, and nowhere before.
	Success = "You've successfully set up a multi-device account."
	// CheckWords is what the primary says over the words.
	CheckWords = "Check that the 3 words match between devices, and authorise the request."
)

// Span of one attempt and of holding a grant, in seconds (multi-device.md §5).
const AttemptSeconds = 600

// JoinTitle is the heading of the page at a stage of joining.
func JoinTitle(s client.JoinStage) string {
	switch s {
	case client.JoinWords, client.JoinHolding:
		return WordsTitle
	case client.JoinEnding, client.JoinGone:
		return NotLinked
	case client.JoinNone, client.JoinAsking:
	}
	return WaitingTitle
}

// Stage is one tick of the wait.
type Stage struct {
	State  string // done, now, todo, failed: the word in data-state
	Name   string
	Detail string
}

// Prefix is read before the name by those who cannot see the tick.
func (s Stage) Prefix() string {
	switch s.State {
	case "done":
		return "Done: "
	case "now":
		return "Now: "
	case "failed":
		return "Failed: "
	}
	return "To come: "
}

// Stages are the six ticks of an attempt, up to the words.
func Stages(s *client.Snapshot) []Stage {
	stages := []Stage{
		{Name: "Key made", State: "done"},
		{Name: "Network reached"},
		{Name: "Request stored"},
		{Name: "Primary device answered"},
		{Name: "Words compared"},
		{Name: "Account received"},
	}
	done := 1
	if s.Network.State == client.Online || s.Join.Stored {
		done = 2
	}
	if s.Join.Stored {
		done = 3
	}
	for i := 1; i < len(stages); i++ {
		switch {
		case i < done:
			stages[i].State = "done"
		case i == done:
			stages[i].State = "now"
		default:
			stages[i].State = "todo"
		}
	}
	switch {
	case s.Network.State == client.Offline:
		// What is done stays done; what cannot go on says why.
		stages[done].State = "failed"
		stages[done].Detail = "You are offline. It goes on by itself."
		if s.Network.Cause != "" {
			stages[done].Detail = s.Network.Cause
		}
	case done == 2:
		stages[done].Detail = "In your account’s mailbox"
	case done == 3:
		stages[done].Detail = "Press Link Device there, now or later"
	}
	return stages
}

// JoinLead is the sentence under the heading.
func JoinLead(s client.JoinStage) string {
	switch s {
	case client.JoinWords:
		return "Check that the 3 words match between devices. Then authorise the request on your primary device."
	case client.JoinHolding:
		return "Check that the 3 words match between devices, then press Finish."
	case client.JoinNone, client.JoinAsking, client.JoinEnding, client.JoinGone:
	}
	return ""
}

// JoinSay is announced when it changes, while the person looks elsewhere.
func JoinSay(j client.Join) string {
	switch j.Stage {
	case client.JoinWords:
		return "The 3 words are here."
	case client.JoinHolding:
		return "Authorised on your primary device."
	case client.JoinNone, client.JoinAsking, client.JoinEnding, client.JoinGone:
	}
	return ""
}
