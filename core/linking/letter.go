package linking

import (
	"tandem/core"
	"tandem/core/wire"
)

// Form says how a letter is sealed.
type Form uint8

// Forms of letters.
const (
	// ToAccount: Session's 1-1 format to the account mailbox, by the device key
	// of the attempt (envelope.SealSession).
	ToAccount Form = 1
	// ToDevice: a SealedDevice of kind linking, its body the padded Content
	// (envelope.SealDevice).
	ToDevice Form = 2
	// ToSession: a SealedDevice of kind prekey message; Bytes is the pairwise
	// ciphertext that Authorise brought.
	ToSession Form = 3
	// Ping: one new pairwise message that says nothing (Content field 125), in
	// the session with To.
	Ping Form = 4
)

// keepTime is how long the network keeps a message that still matters when the
// other device comes back after days. Its repeats need less: there is one
// every 30 s for as long as this device is there.
const keepTime = 14 * core.Day

// Letter is one message to store in the inbox of To, an account or a device.
// The loop seals it anew each time; the inner bytes never change.
type Letter struct {
	Attempt Attempt
	Form    Form
	To      core.ID
	Kind    Kind   // 0 for Ping
	Bytes   []byte // Signed, for ToSession the ciphertext, nil for Ping
	TTL     core.Millis
}

// Content is the letter as the innermost plaintext of a message: for ToAccount
// (the loop sets SigTimestamp) and ToDevice (the loop pads it).
func (l Letter) Content() *wire.Content {
	return &wire.Content{Linking: &wire.Linking{Kind: uint64(l.Kind), Signed: l.Bytes}}
}

// first is the letter as it goes out for the first time.
func (l Letter) first() Letter {
	l.TTL = Lifetime
	switch l.Kind {
	case KindGrant, KindDone, KindReject:
		l.TTL = keepTime
	}
	return l
}

// again is the letter as a repeat.
func (l Letter) again() Letter {
	l.TTL = Lifetime
	return l
}
