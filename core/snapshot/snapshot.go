// Package snapshot is what the devices of an account agree on besides their
// list: small registers (display name, device names, later contacts, requests,
// groups), each of which the last writer wins, and the sealed parts in which
// all of them lie in the account's private mailbox (multi-device.md §9).
//
// It does no input and output and holds no private key. How registers travel
// between devices that are awake, and when parts are read and written, is
// core/client's matter.
package snapshot

import (
	"errors"

	"tandem/core"
)

// Bounds.
const (
	// MaxAhead is how far a time may lie ahead of network time: whoever writes
	// with a wrong clock must not win for ever.
	MaxAhead = 10 * core.Minute
	// Tombstones are kept this long, so that a device that slept does not bring
	// back what was deleted.
	Tombstones = 400 * core.Day
	// Requests are kept this long: 14 days until one expires, and 28 more, so that
	// nothing that still comes in reopens it (multi-device.md §7).
	Requests = 42 * core.Day
	// Refresh is the age at which a part is written again before the network
	// forgets it, which is after Lifetime.
	Refresh  = 7 * core.Day
	Lifetime = 30 * core.Day
	// MaxName and MaxValue bound a register, in bytes: a name is an ID or two, a
	// value at most a contact with its signed list of 8 KiB.
	MaxName  = 128
	MaxValue = 16 << 10
	// MaxSealed bounds a part as it is stored, in bytes (multi-device.md §9).
	MaxSealed = 60_000
	// maxDepth: 256 parts hold 14 MB.
	maxDepth = 8
)

// Errors.
var (
	ErrPart     = errors.New("snapshot: not a valid part")
	ErrDevice   = errors.New("snapshot: the part is by a device that is not listed")
	ErrAhead    = errors.New("snapshot: a time is more than ten minutes ahead")
	ErrRegister = errors.New("snapshot: not a valid register")
	ErrFull     = errors.New("snapshot: more than the parts can hold")
)

// Kind says what a register is about. The numbers are part of the wire format
// (PROTOCOL.md); kinds that are not known are kept and handed on.
type Kind uint8

// Kinds, with what their names and values are.
const (
	Profile Kind = 1  // no name; the account's display name
	Device  Kind = 2  // device ID; Facts
	Epoch   Kind = 3  // no name; epoch of the newest device list, 8 bytes big-endian
	Contact Kind = 4  // account ID; a friend
	Request Kind = 5  // id of a friend request; its state, first byte, and whose it is
	Block   Kind = 6  // account ID; empty: nothing by this account counts
	Group   Kind = 7  // conversation ID of an open group; where it is (opengroup.Room)
	Read    Kind = 8  // conversation ID; how far it is read
	Setting Kind = 10 // its name; what the account's devices do alike
)
