package view

import (
	"fmt"

	"tandem/core/client"
)

// What a passphrase does, and what it does not. It is said where one is set.
const (
	LockLead = "What is stored here from then on can be read only with the passphrase: not by other programs, not from a copy of this browser’s profile."
	// The account's words or another device bring everything back but what only
	// this device has.
	ForgotLead = "Nobody can open this device without its passphrase, and nobody can reset it. You can erase everything here and start again."
	// Both say the same of what people must type.
	PassphraseHint = "At least 8 characters; a few words that you remember are best."
	Differ         = "These are two different passphrases: type the new one twice, the same way."
)

// LockTruths are what a person should know before setting a passphrase.
func LockTruths() []string {
	return []string{
		"Tandem then starts locked, and locks itself when nobody uses it. Locked, it holds no keys and does not ask for messages.",
		"What you have typed and not sent is forgotten when it locks.",
		"If you forget the passphrase, only your 13 words or another device bring the account back.",
		"What lies here already is sealed anew within a moment. Older copies can stay in the browser’s own files until it tidies them up.",
		"It is taken exactly as you type it: letters that look alike can be different ones.",
		"While Tandem is open, it does not protect against somebody who uses this browser as you, nor against whoever controls the site that serves Tandem.",
	}
}

// ForgotTruths are what Clear Data means to who has forgotten the passphrase.
func ForgotTruths() []string {
	return []string{
		"Your 13 words bring the account back: Restore using seed.",
		"So does another device of the account: link this one again.",
		"Messages that no other device has are lost.",
	}
}

// AutoLock is one choice of Settings > Lock.
type AutoLock struct {
	Minutes int
	Name    string
	Chosen  bool
}

// AutoLocks are all the choices.
func AutoLocks(l client.LockView) []AutoLock {
	var out []AutoLock
	for _, m := range []int{1, 5, 15, 60, 0} {
		name := fmt.Sprintf("After %d minutes", m)
		switch m {
		case 0:
			name = "Never"
		case 1:
			name = "After 1 minute"
		}
		out = append(out, AutoLock{Minutes: m, Name: name, Chosen: m == l.Minutes})
	}
	return out
}

// LockLine is the state of the lock in a row of Settings.
func LockLine(l client.LockView) string {
	switch {
	case !l.On:
		return "No passphrase"
	case l.Minutes == 0:
		return "Passphrase set; it locks only when you lock it"
	case l.Minutes == 1:
		return "Passphrase set; it locks itself after 1 minute"
	}
	return fmt.Sprintf("Passphrase set; it locks itself after %d minutes", l.Minutes)
}
