package linking

import (
	"tandem/core"
	"tandem/core/identity"
)

// Stage of the device that wants to join (multi-device.md §12, S). The numbers
// are those of the stored record.
//
//	Idle ──Link──▶ Asking ──challenge──▶ Revealed ──grant──▶ Holding ──Finish──▶ Linked ──P speaks──▶ Confirmed
//	                 │ Cancel               │ They differ, Cancel,  │                 │                    │
//	                 ▼                      ▼ time, other bytes     ▼                 └── removed ─────────┴──▶ Wiped
//	             Cancelling              Ending ◀───────────────────┘
//	                 └───────▶ Gone ◀───────┘
type Stage uint8

// Stages.
const (
	Idle       Stage = 0 // no attempt
	Asking     Stage = 1
	Cancelling Stage = 2
	Revealed   Stage = 3 // words are shown
	Holding    Stage = 4 // words are shown, the grant is here: Finish works
	Confirming Stage = 5 // Linked in §12: LinkDone is repeated
	Confirmed  Stage = 6
	Ending     Stage = 7 // not linked; the primary is being told
	Gone       Stage = 8 // the cause until it is read
	Wiped      Stage = 9
)

// Secondary is the machine of the device that wants to join. It holds at most
// one attempt. Not safe for concurrent use: the loop owns it.
type Secondary struct {
	rec  *secondaryRecord // nil in Idle
	next core.Millis      // when the last message is repeated; 0 = at once
}

// NewSecondary is a device without an attempt.
func NewSecondary() *Secondary { return &Secondary{} }

// LoadSecondary reads the record that was saved last. Error: ErrRecord.
func LoadSecondary(record []byte) (*Secondary, error) {
	rec, err := parseSecondary(record)
	if err != nil {
		return nil, ErrRecord
	}
	return &Secondary{rec: rec}, nil
}

// Join is what a page may know of an attempt.
type Join struct {
	Stage    Stage
	Attempt  Attempt
	Account  core.ID
	Primary  core.ID     // the primary's device; zero before its challenge
	Words    []string    // three, in Revealed and Holding
	Deadline core.Millis // network time at which this stage ends by itself; 0 = none
	Reason   Reason      // in Ending and Gone
	// CheckPrimary: the primary may never have heard that this attempt ended.
	// "Check Devices on your primary device."
	CheckPrimary bool
}

// Joined is the account, as Finish gives it to the loop. The machine keeps
// none of it.
type Joined struct {
	Shared  identity.Shared
	Device  *identity.Device
	Grant   Grant
	Primary core.ID // the device of Session
	ListKey core.EdKey
	Session []byte // opaque, as Granted brought it
	Secrets []byte // opaque
}

// String keeps the account out of logs.
func (Joined) String() string { return "[secret]" }

// GoString keeps the account out of %#v.
func (Joined) GoString() string { return "[secret]" }

// Grant is what a primary gives beside the keys.
type Grant struct {
	List       []byte // the signed device list with the new device in it
	Profile    string // the account's display name
	DeviceName string // how the primary calls the new device
	// Known are the facts of the account's other devices, so that the new one
	// can show their names; at most six.
	Known []Known
}

// Known is a device with what it said about itself.
type Known struct {
	Device core.ID
	Facts  core.Facts
}
