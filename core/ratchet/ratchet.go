// Package ratchet is the secrecy of one pair of devices: X3DH to begin a
// session with a device that may be asleep, the Double Ratchet to go on with
// it. It follows the two documents as published by Signal (Perrin, Marlinspike
// 2016) in the bytes of libsignal's version 3 (legacy-2019.md §4.1, Appendix
// A5; multi-device.md §8).
//
// It is not a store and not a mailbox: bytes come in, bytes and a new Session
// go out, the caller saves and sends. It does not decide who may talk to whom:
// it says which identity a session is with, the caller compares. It holds no
// identity key; it does hold its own prekeys and ratchet keys, which are worth
// one session and not an account.
//
// # Several sessions of one pair
//
// A Session is everything that one device knows about one other: the active
// state and at most 40 archived ones. The active one is the last that opened a
// message, so two devices that begin at the same moment converge as soon as a
// message does not cross another (Sesame). A used counter, and a prekey message
// whose message was opened before, are duplicates: no error, nothing changes.
//
// # Two habits of libsignal
//
// The prekey message has its fields in the order 5, 1, 6, 2, 3, 4, and zero
// counters are written out. previousCounter is the index of the last message of
// the chain before, 0 if there was none. It is written and not used in reading:
// a receiving chain keeps its key until five newer ones exist, so a late
// message is opened from there, and what a stranger's library writes into that
// field (2^32-1 has been seen) cannot do harm.
package ratchet

import (
	"errors"

	"tandem/core"
	"tandem/core/identity"
)

// Identity is the long-term key of this device, which stays in its keeper.
type Identity interface {
	// PublicKey is the X25519 form.
	PublicKey() [32]byte
	// Agree is X25519; an error where the result is all zeros.
	Agree(peer [32]byte) ([32]byte, error)
	// XEdSign signs by the X25519 form.
	XEdSign(message []byte) [64]byte
}

var _ Identity = (*identity.Device)(nil)

// Kind says how the bytes of a message are to be read. The numbers are those
// of SealedDevice (PROTOCOL.md, table of numbers).
type Kind uint8

// Kinds.
const (
	KindMessage Kind = 1 // the session is known to both
	KindPreKey  Kind = 2 // carries what begins the session, until the first answer
)

// Limits (multi-device.md §8).
const (
	// MaxSkip is the largest jump within a chain, and how many keys of messages
	// that have not come yet a chain keeps: beyond it the oldest is forgotten.
	MaxSkip = 2000
	// MaxChains is how many receiving chains a state keeps, which is how many
	// turns of the conversation a message may be late.
	MaxChains = 5
	// maxRetired is how many older chains a state remembers by name, to tell a
	// message that comes twice from one that is lost.
	maxRetired = 64
	// MaxArchived is how many states a session keeps beside the active one.
	MaxArchived = 40
	// MaxMessage bounds the bytes of a message: the network stores no more.
	MaxMessage = 76_800
	// MaxPlain bounds what one message says. A prekey message adds less than
	// 300 bytes, the rest is room for the sealed box around it.
	MaxPlain = 72 << 10
)

// Times.
const (
	// RotateAfter is the age at which a new signed prekey is made.
	RotateAfter = 7 * core.Day
	// KeepFor is how long a prekey answers after it was made: a bundle may wait
	// 14 days in a swarm, its answer 14 more.
	KeepFor = 42 * core.Day
	// StaleAfter is how long a session may go without its first answer: KeepFor
	// less the age that the signed prekey could have (7 days, and 14 days in
	// which the bundle waited). After that the peer may have thrown away the
	// prekey, and a new bundle is needed.
	StaleAfter = KeepFor - RotateAfter - 14*core.Day
)

// Errors. ErrForm, ErrIdentity, ErrKey and ErrSignature say that a message or a
// bundle was made wrongly; the others, that this device lacks what it takes, so
// that a new session helps. None of them changes anything.
var (
	ErrForm      = errors.New("ratchet: malformed")
	ErrIdentity  = errors.New("ratchet: not the identity of this session")
	ErrKey       = errors.New("ratchet: a public key that agrees on nothing")
	ErrSignature = errors.New("ratchet: signed prekey is not signed by its identity")
	ErrSize      = errors.New("ratchet: message too long")

	ErrNoSession = errors.New("ratchet: no session with this device")
	ErrNoPreKey  = errors.New("ratchet: prekey unknown, used or too old")
	ErrTooFar    = errors.New("ratchet: too many messages are missing before this one")
	ErrNoState   = errors.New("ratchet: no state of the session opens this message")
)
