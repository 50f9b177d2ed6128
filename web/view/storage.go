package view

import (
	"tandem/core"
	"tandem/core/client"
)

// What sealing at rest protects, and what it does not (the wrapping key cannot
// be exported by pages, but the browser keeps its bytes in the profile).
const (
	Sealed = "Keys, messages and names are stored sealed, under a key that the browser keeps and gives to no page. " +
		"Whoever reads the stored records of this site finds nothing readable."
	NotSealed = "It does not protect against somebody who copies the whole browser profile, who uses this browser as you, " +
		"or who controls the site that serves Tandem. A passphrase does more: see Lock."
	// SealedMore is said in place of both where there is a passphrase.
	SealedMore = "Keys, messages and names are stored sealed, under your passphrase and a key that the browser keeps. " +
		"It does not protect against somebody who uses this browser as you while Tandem is open, or who controls the site that serves it."
)

// ClearWarning says what Clear Data takes away, and what brings it back.
func ClearWarning(s *client.Snapshot) string {
	const erased = "Keys, messages and settings in this browser are erased for good. "
	if s.Role == core.Secondary {
		return erased + "Your account lives on, on your other devices, which are told if the network answers; to use it here again, link this device again."
	}
	return erased + "Only your 13 words bring this account back, and messages that no other device has are lost."
}
