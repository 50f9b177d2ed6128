// Package devices is the signed device list: which devices may speak for an
// account (multi-device.md §6). It builds, signs, verifies and compares lists,
// and Book is the machine that holds one's own list and pins those of contacts.
//
// It does no input and output and holds no private key. Who becomes a device
// is not decided here (core/linking), nor who gets which copy (core/delivery).
package devices

import (
	"errors"

	"tandem/core"
)

// Bounds of a list (multi-device.md §6).
const (
	MaxDevices = 6
	MaxRemoved = 32
	// MaxBody of a signed list, in bytes: six devices and 32 removed ids are
	// about 2,700.
	MaxBody = 8 << 10
	// MaxAhead is how far an epoch may lie ahead of network time: a wrong clock
	// must not make all later lists impossible.
	MaxAhead = core.Day
)

// Errors. A list that breaks one rule is refused whole.
var (
	ErrList    = errors.New("devices: not a valid device list")
	ErrForeign = errors.New("devices: the list is of another account")
	ErrAhead   = errors.New("devices: the list is more than a day ahead")
	ErrFull    = errors.New("devices: the list has no place left")
	ErrUnknown = errors.New("devices: no list of this account is held")
)

// List is a device list.
type List struct {
	Account       core.ID
	AccountEd     core.EdKey
	Epoch         uint64 // ms since 1970 or more: at least the time of signing
	Issued        core.Millis
	ListKey       core.EdKey
	AccountSig    []byte // by the account over the list key
	SnapshotEpoch uint64 // epoch of the last list that removed a device, 0 at first
	Devices       []Entry
	Removed       []Removed
}

// Entry is a device in a list. Names are not in it: the list is published.
type Entry struct {
	ID      core.ID
	Ed      core.EdKey
	Role    core.Role
	Added   core.Millis
	Consent []byte // by the device: that it belongs to this account
}

// Removed is a device that was removed. It is never listed again.
type Removed struct {
	ID core.ID
	At core.Millis
}

// Signer is a key that signs and says its public half.
type Signer interface {
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// Consent is a device's signature that it belongs to an account.
func Consent(by Signer, account, device core.ID) []byte { panic("not yet") }

// Consents reports whether the entry's consent to account holds.
func (e Entry) Consents(account core.ID) bool { panic("not yet") }

// Sign fills in AccountEd, ListKey and AccountSig and signs the list. The
// result is a marshalled wire.Signed. Error: ErrList, ErrAhead where the list
// would be refused by others.
func Sign(now core.Millis, l List, listKey, account Signer) ([]byte, error) { panic("not yet") }

// Parse verifies a signed list of an account by every rule but those about
// time and about what was known before (Book, CheckAhead). Errors: ErrList,
// ErrForeign.
func Parse(signed []byte, account core.ID) (List, error) { panic("not yet") }

// CheckAhead refuses what is more than a day ahead. Error: ErrAhead.
func (l List) CheckAhead(now core.Millis) error { panic("not yet") }

// Hash is SHA-256 of the body of a signed list; zero for other bytes.
func Hash(signed []byte) [32]byte { panic("not yet") }

// NextEpoch is the epoch of the next list: higher than all that were seen, and
// at least now. Error: ErrAhead when that is more than a day ahead.
func NextEpoch(now core.Millis, seen ...uint64) (uint64, error) { panic("not yet") }

// Find is the entry of a device.
func (l List) Find(device core.ID) (Entry, bool) { panic("not yet") }

// Primary is the entry of the primary device.
func (l List) Primary() Entry { panic("not yet") }

// Removes reports whether the list names device in removed.
func (l List) Removes(device core.ID) bool { panic("not yet") }

// With is the list with one more device, Without the one with a device moved
// to removed and the snapshot epoch set to the list's new epoch. Neither
// changes l. epoch comes from NextEpoch. Errors: ErrFull, ErrList.
func (l List) With(e Entry, epoch uint64, now core.Millis) (List, error) { panic("not yet") }

// Without is described with With.
func (l List) Without(device core.ID, epoch uint64, now core.Millis) (List, error) {
	panic("not yet")
}

// Safety is 30 digits by which people compare an account's list key.
func Safety(account core.ID, listKey core.EdKey) string { panic("not yet") }
