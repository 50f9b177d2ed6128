package devices

import (
	"tandem/core"
	"tandem/core/wire"
)

// typeList is the type of a device list's body (PROTOCOL.md, table of numbers).
const typeList = 8

// Bounds of numbers, far from overflow.
const (
	maxEpoch = 1 << 62
	maxTime  = 253_402_300_799_999 // the year 9999, ms
)

// marshal writes the body:
//
//	1 type = 8          5 issued, ms                      9 device, repeated
//	2 account ID        6 list-key public, 32 B           10 removed, repeated
//	3 account ed25519   7 account signature over it
//	4 epoch             8 snapshot epoch
//
//	device:  1 device ID, 2 ed25519 key, 3 role, 4 added at (ms), 5 consent
//	removed: 1 device ID, 2 removed at (ms)
func (l List) marshal() []byte {
	out := wire.AppendUint(nil, 1, typeList)
	out = wire.AppendBytes(out, 2, l.Account[:])
	out = wire.AppendBytes(out, 3, l.AccountEd[:])
	out = wire.AppendUint(out, 4, l.Epoch)
	out = wire.AppendUint(out, 5, uint64(l.Issued))
	out = wire.AppendBytes(out, 6, l.ListKey[:])
	out = wire.AppendBytes(out, 7, l.AccountSig)
	out = wire.AppendUint(out, 8, l.SnapshotEpoch)
	for _, e := range l.Devices {
		out = wire.AppendBytes(out, 9, e.marshal())
	}
	for _, r := range l.Removed {
		out = wire.AppendBytes(out, 10, wire.AppendUint(wire.AppendBytes(nil, 1, r.ID[:]), 2, uint64(r.At)))
	}
	return out
}

func (e Entry) marshal() []byte {
	out := wire.AppendBytes(nil, 1, e.ID[:])
	out = wire.AppendBytes(out, 2, e.Ed[:])
	out = wire.AppendUint(out, 3, uint64(e.Role))
	out = wire.AppendUint(out, 4, uint64(e.Added))
	return wire.AppendBytes(out, 5, e.Consent)
}

// unmarshal reads a body. It checks forms and bounds, no signature. Error:
// wire.ErrMalformed.
func unmarshal(body []byte) (List, error) {
	var (
		l List
		m wire.Message
	)
	if err := wire.Fields(body, func(f wire.Field) error { return l.field(&m, f) }); err != nil {
		return List{}, err
	}
	for number := 1; number <= 8; number++ {
		if !m.Has(number) {
			return List{}, wire.ErrMalformed
		}
	}
	return l, nil
}

func (l *List) field(m *wire.Message, f wire.Field) error {
	switch f.Number {
	case 1:
		return exactly(m, f, typeList)
	case 2:
		return readID(m, f, &l.Account)
	case 3:
		return m.Fixed(f, l.AccountEd[:])
	case 4:
		return m.Uint(f, &l.Epoch, maxEpoch)
	case 5:
		return readTime(m, f, &l.Issued)
	case 6:
		return m.Fixed(f, l.ListKey[:])
	case 7:
		return m.Bytes(f, &l.AccountSig, 64, 64)
	case 8:
		return m.Uint(f, &l.SnapshotEpoch, maxEpoch)
	case 9:
		return l.device(f)
	case 10:
		return l.removed(f)
	}
	return nil
}

// device reads a repeated field; the count is bounded here, before anything is
// verified.
func (l *List) device(f wire.Field) error {
	if len(l.Devices) == MaxDevices {
		return wire.ErrMalformed
	}
	var (
		e    Entry
		role uint64
	)
	err := sub(f, 5, func(m *wire.Message, f wire.Field) error {
		switch f.Number {
		case 1:
			return readID(m, f, &e.ID)
		case 2:
			return m.Fixed(f, e.Ed[:])
		case 3:
			return m.Uint(f, &role, uint64(core.Secondary))
		case 4:
			return readTime(m, f, &e.Added)
		case 5:
			return m.Bytes(f, &e.Consent, 64, 64)
		}
		return nil
	})
	if err != nil || role == 0 {
		return wire.ErrMalformed
	}
	e.Role = core.Role(role)
	l.Devices = append(l.Devices, e)
	return nil
}

func (l *List) removed(f wire.Field) error {
	if len(l.Removed) == MaxRemoved {
		return wire.ErrMalformed
	}
	var r Removed
	err := sub(f, 2, func(m *wire.Message, f wire.Field) error {
		switch f.Number {
		case 1:
			return readID(m, f, &r.ID)
		case 2:
			return readTime(m, f, &r.At)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.Removed = append(l.Removed, r)
	return nil
}

// sub reads a repeated field that is a message with the required fields
// 1 … required.
func sub(f wire.Field, required int, field func(*wire.Message, wire.Field) error) error {
	var (
		outer, m wire.Message
		raw      []byte
	)
	if err := outer.Bytes(f, &raw, 1, MaxBody); err != nil {
		return err
	}
	if err := wire.Fields(raw, func(f wire.Field) error { return field(&m, f) }); err != nil {
		return err
	}
	for number := 1; number <= required; number++ {
		if !m.Has(number) {
			return wire.ErrMalformed
		}
	}
	return nil
}

func exactly(m *wire.Message, f wire.Field, want uint64) error {
	var got uint64
	if err := m.Uint(f, &got, want); err != nil || got != want {
		return wire.ErrMalformed
	}
	return nil
}

func readID(m *wire.Message, f wire.Field, into *core.ID) error {
	if err := m.Fixed(f, into[:]); err != nil {
		return err
	}
	_, err := core.IDFromBytes(into[:])
	return err
}

func readTime(m *wire.Message, f wire.Field, into *core.Millis) error {
	var v uint64
	if err := m.Uint(f, &v, maxTime); err != nil {
		return err
	}
	*into = core.Millis(v)
	return nil
}
