package friends

import (
	"tandem/core"
	"tandem/core/wire"
)

// Contact is what the devices of an account agree on about a friend.
type Contact struct {
	Since core.Millis // when the devices became friends
	Name  string      // display name, as the friend gave it; may be empty
	Named core.Millis // when the friend's devices agreed on it; 0 = not known
	// List is the newest device list, a Signed under the pinned list key. nil: the
	// friend uses a client that knows nothing of several devices.
	List []byte
	// Trust counts how often the user has pinned another list key.
	Trust uint64
	// Reading opens the friend's public outbox (identity.OpenReading). nil: not
	// known.
	Reading []byte
	// Unsure: brought back from a snapshot that nobody could confirm, and not
	// heard from since.
	Unsure bool
	// Plain: the user has messages sent to the account although there is a List.
	Plain bool
	// Second is a list under another list key, which the account also answers
	// with; nil: it does not, as far as is known.
	Second []byte
}

// MaxSecond bounds the second list that is handed on, in bytes, so that both find
// a place in one register: six devices and 32 removed ids are about 2,700.
const MaxSecond = 5 << 10

// maxReading bounds a reading key as it is handed over, in bytes.
const maxReading = 64

// Marshal writes {1 since, 2 name, 3 list, 4 trust, 5 reading key, 6 unsure,
// 7 plain, 8 second list, 9 named}.
func (c Contact) Marshal() []byte {
	out := wire.AppendUint(nil, 1, uint64(c.Since))
	out = wire.AppendText(out, 2, c.Name)
	if c.List != nil {
		out = wire.AppendBytes(out, 3, c.List)
	}
	if c.Trust != 0 {
		out = wire.AppendUint(out, 4, c.Trust)
	}
	if c.Reading != nil {
		out = wire.AppendBytes(out, 5, c.Reading)
	}
	if c.Unsure {
		out = wire.AppendUint(out, 6, 1)
	}
	if c.Plain {
		out = wire.AppendUint(out, 7, 1)
	}
	if c.Second != nil {
		out = wire.AppendBytes(out, 8, c.Second)
	}
	if c.Named != 0 {
		out = wire.AppendUint(out, 9, uint64(c.Named))
	}
	return out
}

// ParseContact reads what Marshal wrote. Whether the list is one is the caller's
// to check. Error: ErrRecord.
func ParseContact(b []byte) (Contact, error) {
	var (
		c             Contact
		m             wire.Message
		since, named  uint64
		unsure, plain uint64
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &since, maxTime)
		case 2:
			return m.Text(f, &c.Name, wire.MaxName)
		case 3:
			return m.Bytes(f, &c.List, 1, MaxList)
		case 4:
			return m.Uint(f, &c.Trust, maxEpoch)
		case 5:
			return m.Bytes(f, &c.Reading, 1, maxReading)
		case 6:
			return m.Uint(f, &unsure, 1)
		case 7:
			return m.Uint(f, &plain, 1)
		case 8:
			return m.Bytes(f, &c.Second, 1, MaxSecond)
		case 9:
			return m.Uint(f, &named, maxTime)
		}
		return nil
	})
	if err != nil || !hasAll(&m, 2) {
		return Contact{}, ErrRecord
	}
	c.Since, c.Named, c.Unsure, c.Plain = core.Millis(since), core.Millis(named), unsure == 1, plain == 1
	return c, nil
}
