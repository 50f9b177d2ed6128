// Package friends is how two accounts become friends (multi-device.md §7): the
// two signed messages of it, and what an account remembers of requests and of
// contacts. It is pure: bytes in, bytes out, and the rule by which what is known
// of one request only ever moves one way.
//
// It knows no device list and no session: that the device which signed is one of
// its account is core/client's to check, which composes this with core/devices.
package friends

import (
	"errors"

	"tandem/core"
	"tandem/core/wire"
)

const (
	// Expiry is how long a request may be answered, from its Created; the network
	// keeps it no longer.
	Expiry = 14 * core.Day
	// Remembered is how long a settled id stays known after it has expired.
	Remembered = 28 * core.Day
	// maxAhead: a request from further ahead of network time is not taken.
	maxAhead = 10 * core.Minute
	// MaxList bounds a signed device list of somebody else, in bytes: 8 KiB,
	// signature and room. A larger one could not be kept.
	MaxList = 9 << 10
	// maxEpoch is far from overflow.
	maxEpoch = 1 << 62
	// maxTime is the year 9999, ms.
	maxTime = 253_402_300_799_999
)

// Types of bodies (PROTOCOL.md, table of numbers).
const (
	typeRequest = 11
	typeAccept  = 12
)

const (
	domainRequest = "tandem friend request v1"
	domainAccept  = "tandem friend accept v1"
)

// Errors.
var (
	ErrRequest = errors.New("friends: not a valid friend request")
	ErrAccept  = errors.New("friends: not a valid acceptance")
	ErrRecord  = errors.New("friends: not a valid record")
)

// RequestID names one request, for ever.
type RequestID [16]byte

// Signer is the device key that signs.
type Signer interface {
	ID() core.ID
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// readID reads a field that holds an ID.
func readID(m *wire.Message, f wire.Field, into *core.ID) error {
	if err := m.Fixed(f, into[:]); err != nil {
		return err
	}
	_, err := core.IDFromBytes(into[:])
	return err
}

// hasAll reports whether the fields from 1 to last were there.
func hasAll(m *wire.Message, last int) bool {
	for number := 1; number <= last; number++ {
		if !m.Has(number) {
			return false
		}
	}
	return true
}
