// Package linking is how a device joins an account: two machines, Secondary on
// the device that wants to join and Primary on the account's primary device,
// with one record per attempt on each side. It follows multi-device.md §5 and
// builds the two tables of §12 state by state; why they are so, and what went
// wrong before, is in legacy-2019.md §2.11 and §8.1.
//
// It does no input and output. It knows neither the pairwise sessions (a
// prekey bundle, its secrets and a session are opaque bytes here) nor how a
// device list is signed and read (the loop hands lists in as bytes and a
// ListReader). core/client composes these.
//
// # How the loop drives a machine
//
// Step(now, input) moves the machine and says what follows from it. The loop
// writes everything that the Outcome asks to save in ONE transaction, then
// sends the letters, then tells the events. If the transaction fails it throws
// the machine away and loads it again from the store. now is network time.
//
// Due says when a Tick is needed next: for repeats, every 30 s, and for the end
// of waits. A Tick that comes early does nothing. After a load a Tick is due at
// once, so that repeats go on after a reload.
//
// # What is destroyed
//
// The record of an attempt that ended holds no ephemeral, nonce, key, grant,
// session or prekey secret: Marshal writes the fields that the state has in the
// table of §12 and no other, and every change of state goes through it.
package linking

import (
	"errors"

	"tandem/core"
)

// Attempt is the id of one attempt to link: 16 random bytes drawn by the
// device that wants to join.
type Attempt [16]byte

// Kind is the type of a linking message: the first field of its body, and the
// kind beside it in Content field 120.
type Kind uint64

// Kinds (PROTOCOL.md, table of numbers).
const (
	KindRequest   Kind = 1
	KindChallenge Kind = 2
	KindReveal    Kind = 3
	KindGrant     Kind = 4
	KindDone      Kind = 5
	KindReject    Kind = 6
	KindCancel    Kind = 7
)

// Reason is why an attempt ended. The numbers travel in LinkReject and are
// those of client.Cause; unknown numbers from outside are read as Invalid.
type Reason uint8

// Reasons (PROTOCOL.md, table of numbers).
const (
	ReasonNone      Reason = 0
	ReasonRejected  Reason = 1  // Reject on the primary
	ReasonDiffer    Reason = 2  // They differ on the secondary
	ReasonCancelled Reason = 3  // Cancel on the secondary
	ReasonClosed    Reason = 4  // the primary's dialog was cancelled
	ReasonExpired   Reason = 5  // the time is over
	ReasonLimit     Reason = 6  // five secondary devices are linked already
	ReasonLinked    Reason = 7  // this device is linked already, or was removed
	ReasonInvalid   Reason = 8  // a message did not verify, or came twice and different
	ReasonFlood     Reason = 9  // pushed out by other requests
	ReasonUnlinked  Reason = 10 // unlinked while it was being linked
	ReasonOwn       Reason = 11 // a device that asks to join itself
)

// Times and bounds of linking (multi-device.md §5).
const (
	// Lifetime of an attempt, from the request's created. A request that is
	// further off than this, before or after, is refused.
	Lifetime = 10 * core.Minute
	// HoldTime is how long a grant waits for Finish.
	HoldTime = 10 * core.Minute
	// RepeatEvery is when the last message is stored again.
	RepeatEvery = 30 * core.Second
	// EndingTime bounds how long a device repeats that it did not join: as long
	// as the network keeps a message.
	EndingTime = 14 * core.Day
	// MaxSecondaries of one account, as the device list allows.
	MaxSecondaries = 5
	// MaxPending requests are looked at at a time; more are a flood.
	MaxPending = 8
	// MaxChallenges per opening of the dialog: each gives an attacker one guess
	// in 2^32.
	MaxChallenges = 16
	// ProvedChallenges of them are kept for devices that know the link code, so
	// that a flood of others cannot use up the opening in which the code is shown.
	ProvedChallenges = 4
	// MaxEnded ids are remembered; beyond it new ids are dropped unrecorded.
	MaxEnded = 4096
	// MaxUnlinked records are kept, as many as a list has places in removed.
	// Later copies of older ones are answered as unknown ids are.
	MaxUnlinked = 32
	// MaxCrowd is how many requests without a place are counted; there is no use
	// in more, and each costs memory.
	MaxCrowd = 16_384
	// RevealTime: a challenge without a reveal goes to the end of the order.
	RevealTime = 20 * core.Second
	// NoticeEvery bounds how often a closed dialog makes itself noticed.
	NoticeEvery = 10 * core.Minute
	// MaxBundle bounds the public prekey bundle in a request, in bytes: three
	// keys, two signatures and numbers are about 250.
	MaxBundle = 1 << 10
	// MaxDeviceName and MaxPlatform bound core.Facts, in bytes.
	MaxDeviceName = 64
	MaxPlatform   = 128
)

// Errors of Step and of the queries. What comes from the network is never an
// error: it changes something or it does not.
var (
	ErrNotNow = errors.New("linking: not possible in this state")
	ErrInput  = errors.New("linking: the input is not complete or too long")
	ErrRecord = errors.New("linking: a stored attempt is damaged")
	ErrCode   = errors.New("linking: this is not a link code")
)

// Record is the stored form of one attempt; it contains secrets, so it goes
// into the sealed store only. Nil Bytes = delete the record.
type Record struct {
	Attempt Attempt
	Bytes   []byte
}

// String keeps records out of logs.
func (Record) String() string { return "[secret]" }

// GoString keeps records out of %#v.
func (Record) GoString() string { return "[secret]" }

// Outcome is what follows from an input. The zero Outcome: nothing.
type Outcome struct {
	Save []Record

	// Joined (secondary, Finish only) is the account. The loop saves keyring,
	// list, session and names in the same transaction as Save.
	Joined *Joined
	// Adopt (primary, Authorise only) is the list that the loop prepared. It is
	// the account's own from this transaction on, which also saves the session
	// that encrypted the grant; then it is published. A loop that does not find
	// it here forgets the prepared list and session.
	Adopt []byte
	// Remove (primary) names a device, or nobody. In the same transaction the
	// loop signs a list with it in removed under a new snapshot epoch; then it
	// stores the snapshot, publishes the list and sends Unlinked once. A device
	// that is no longer listed needs nothing.
	Remove core.ID

	Send []Letter
	Tell []Event
}

// What an event says.
type What uint8

// Events.
const (
	// Changed: an attempt moved on; the views say where to.
	Changed What = 1
	// Notice: a device asked while the dialog was closed. At most one in ten
	// minutes.
	Notice What = 2
	// Flooded: the dialog has no more challenges. "Too many requests. Close and
	// try again."
	Flooded What = 3
	// Ended: the attempt ended without a link, for Reason.
	Ended What = 4
	// Linked: on the primary, the device has confirmed; on the secondary, it is
	// a device of the account from this moment.
	Linked What = 5
	// Wipe: this device was removed. The loop says farewell, then erases it.
	Wipe What = 6
)

// Event is something that a page may want to show.
type Event struct {
	What    What
	Attempt Attempt
	Reason  Reason
}
