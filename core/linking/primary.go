package linking

import (
	"tandem/core"
)

// State of an attempt on the primary (multi-device.md §12, P). The numbers are
// those of the stored record. None is an attempt without a record.
//
//	None ──request──▶ Pending ──dialog open──▶ Challenged ──reveal──▶ Words ──Authorise──▶ Authorised ──S speaks──▶ Done
//	  ▲                  │                        │                     │                     │                      │
//	  └─ pushed out ─────┤                        ▼                     ▼                     └──▶ Unlinked ◀────────┘
//	                     └──────────────────▶  Over  ◀──────────────────┘        (LinkReject from S, Unlink)
type State uint8

// States. Done is Linked in §12 and Over is Ended.
const (
	None       State = 0
	Pending    State = 1
	Challenged State = 2
	Words      State = 3
	Authorised State = 4 // "authorised, not confirmed"
	Done       State = 5
	Over       State = 6
	Departed   State = 7 // Unlinked in §12
)

// AccountKey signs as the account.
type AccountKey interface {
	ID() core.ID
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// DeviceKey signs as the primary's device.
type DeviceKey interface {
	ID() core.ID
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// Primary is the machine of the primary device, for all attempts. Not safe for
// concurrent use: the loop owns it.
type Primary struct {
	account AccountKey
	device  DeviceKey
	listKey core.EdKey

	attempts map[Attempt]*primaryRecord
	ended    int // how many of attempts are Over
	dialog   *dialog
	noticed  core.Millis // when the last notice was given; 0 = never
}

// NewPrimary is the machine without any attempt. Private keys stay with the
// keys' keeper.
func NewPrimary(account AccountKey, device DeviceKey, listKey core.EdKey) *Primary {
	return &Primary{account: account, device: device, listKey: listKey, attempts: map[Attempt]*primaryRecord{}}
}

// Asker is one attempt as the dialog shows it.
type Asker struct {
	Attempt  Attempt
	State    State
	Device   core.ID
	Facts    core.Facts  // until Authorised; then the loop has them
	Words    []string    // three, in Words
	Asked    core.Millis // when the device asked, by its own account
	Deadline core.Millis // network time; 0 = none
	Proved   bool        // it knows the link code that the dialog shows
}

// Dialog is what the dialog Waiting for Device shows.
type Dialog struct {
	Open    bool
	Code    string  // the link code; empty when closed
	Flooded bool    // "Too many requests. Close and try again."
	Notice  bool    // somebody asks and the dialog is closed
	Askers  []Asker // Words first, then Challenged, then Pending, then Authorised
}

// Candidate is all that is needed to sign a list with the device in it and to
// make a session with it.
type Candidate struct {
	Attempt Attempt
	Device  core.ID
	Ed      core.EdKey
	Consent []byte // 64 bytes, verified
	Bundle  []byte // as the device sent it; the words cover it
	Facts   core.Facts
}
