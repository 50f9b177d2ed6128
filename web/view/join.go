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

// Stages are the six ticks of an attempt.
func Stages(s *client.Snapshot) []Stage {
	stages := []Stage{
		{Name: "Key made", State: "done"},
		{Name: "Network reached"},
		{Name: "Request stored", Detail: "In your account’s mailbox"},
		{Name: "Primary device answered", Detail: "Press Link Device there, now or later"},
		{Name: "Words confirmed", Detail: "Press Authorise there, if they match"},
		{Name: "Data received", Detail: "It is here, sealed. Press Finish, if the words match"},
	}
	now := stagesDone(s)
	for i := range stages {
		switch {
		case i < now:
			stages[i].State, stages[i].Detail = "done", ""
		case i == now:
			stages[i].State = "now"
		default:
			stages[i].State, stages[i].Detail = "todo", ""
		}
	}
	if trouble := trouble(s); trouble != "" {
		// What is done stays done; what cannot go on says why. A grant that is here
		// stays here, whatever happens to the network.
		stages[now].Detail = trouble
		if s.Join.Stage != client.JoinHolding {
			stages[now].State = "failed"
		}
	}
	return stages
}

// stagesDone is how many of them are over.
func stagesDone(s *client.Snapshot) int {
	switch j := s.Join; {
	case j.Stage == client.JoinHolding:
		return 5
	case j.Stage == client.JoinWords:
		return 4
	case j.Stored:
		return 3
	case j.Sent || s.Network.State == client.Online:
		return 2
	}
	return 1
}

// trouble is why the present stage does not get on.
func trouble(s *client.Snapshot) string {
	switch {
	case s.Join.Trouble != "":
		return s.Join.Trouble
	case s.Network.State != client.Offline:
		return ""
	case s.Network.Cause != "":
		return s.Network.Cause
	}
	return "You are offline. It goes on by itself."
}

// InTrouble reports whether Try again has something to try.
func InTrouble(s *client.Snapshot) bool {
	switch s.Join.Stage {
	case client.JoinAsking, client.JoinWords:
		return trouble(s) != ""
	case client.JoinNone, client.JoinHolding, client.JoinEnding, client.JoinGone:
	}
	return false
}

// Again reports whether the attempt that ended can be made anew.
func Again(j client.Join) bool {
	return j.Stage == client.JoinGone && !j.Target.IsZero() && j.Cause != client.CauseOwn
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
	case client.JoinAsking:
		return j.Trouble
	case client.JoinNone, client.JoinEnding, client.JoinGone:
	}
	return ""
}
