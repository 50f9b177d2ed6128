package snapshot

import (
	"bytes"
	"cmp"

	"tandem/core"
	"tandem/core/wire"
)

// Register is one fact of the account. Of two with the same kind and name the
// later (Time, Device) is true.
type Register struct {
	Kind    Kind
	Name    string // bytes; "" where there is one of its kind
	Value   []byte // nil when deleted
	Time    core.Millis
	Device  core.ID // that wrote it
	Deleted bool    // a tombstone
}

// key is what a register is about, so that the order of keys is that of kinds,
// then names.
func (r Register) key() string { return keyOf(r.Kind, r.Name) }

func keyOf(kind Kind, name string) string { return string([]byte{byte(kind)}) + name }

// beats is the order in which registers of one name replace each other. Time
// and device decide, but for requests what became of them; what comes after them
// only makes the order total, should a device write twice in one millisecond.
func (r Register) beats(other Register) bool {
	order := cmp.Or(
		cmp.Compare(r.rank(), other.rank()),
		cmp.Compare(r.Time, other.Time),
		bytes.Compare(r.Device[:], other.Device[:]),
		compareBool(r.Deleted, other.Deleted),
		bytes.Compare(r.Value, other.Value),
	)
	return order > 0
}

// rank is the state that the first byte of a request's value is: accepted beats
// declined beats pending, whatever the times (multi-device.md §7).
func (r Register) rank() byte {
	if r.Kind != Request || len(r.Value) == 0 {
		return 0
	}
	return r.Value[0]
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// valid reports whether a register keeps the bounds.
func (r Register) valid() bool {
	return r.Kind > 0 && len(r.Name) <= MaxName && len(r.Value) <= MaxValue &&
		(!r.Deleted || len(r.Value) == 0) && r.Time >= 0 && r.Time <= maxTime && r.Device[0] == 0x05
}

// expired reports whether a tombstone has done its duty, or a request been
// settled for long enough.
func (r Register) expired(now core.Millis) bool {
	return r.Deleted && r.Time < now-Tombstones || r.Kind == Request && r.Time < now-Requests
}

// maxTime is the year 9999, ms.
const maxTime = 253_402_300_799_999

// Marshal writes {1 kind, 2 name, 3 value (absent = deleted), 4 time, 5 device}.
func (r Register) Marshal() []byte {
	out := wire.AppendUint(nil, 1, uint64(r.Kind))
	out = wire.AppendText(out, 2, r.Name)
	if !r.Deleted {
		out = wire.AppendBytes(out, 3, r.Value)
	}
	out = wire.AppendUint(out, 4, uint64(r.Time))
	return wire.AppendBytes(out, 5, r.Device[:])
}

// ParseRegister reads what Marshal wrote. Error: ErrRegister.
func ParseRegister(b []byte) (Register, error) {
	var (
		r          Register
		m          wire.Message
		kind, time uint64
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &kind, 255)
		case 2:
			return m.Text(f, &r.Name, MaxName)
		case 3:
			return m.Bytes(f, &r.Value, 0, MaxValue)
		case 4:
			return m.Uint(f, &time, maxTime)
		case 5:
			return m.Fixed(f, r.Device[:])
		}
		return nil
	})
	r.Kind, r.Time, r.Deleted = Kind(kind), core.Millis(time), !m.Has(3)
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(4) || !m.Has(5) || !r.valid() {
		return Register{}, ErrRegister
	}
	return r, nil
}

// Bounds of facts, in bytes.
const (
	maxFactName     = 64
	maxFactPlatform = 128
)

// MarshalFacts is the value of a register of kind Device: {1 name, 2 platform}.
func MarshalFacts(f core.Facts) []byte {
	return wire.AppendText(wire.AppendText(nil, 1, f.Name), 2, f.Platform)
}

// ParseFacts reads what MarshalFacts wrote. Error: ErrRegister.
func ParseFacts(b []byte) (core.Facts, error) {
	var (
		out core.Facts
		m   wire.Message
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Text(f, &out.Name, maxFactName)
		case 2:
			return m.Text(f, &out.Platform, maxFactPlatform)
		}
		return nil
	})
	if err != nil {
		return core.Facts{}, ErrRegister
	}
	return out, nil
}
