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
	// MaxDevices is one primary and five secondaries.
	MaxDevices = 6
	// MaxRemoved places; the oldest makes room.
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
	ErrUnknown = errors.New("devices: nothing is held that this could be about")
	ErrRecord  = errors.New("devices: a stored record is damaged")

	ErrFarewell = errors.New("devices: not a valid farewell")
)
