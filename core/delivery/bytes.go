package delivery

import (
	"errors"

	"tandem/core"
	"tandem/core/wire"
)

// ErrDamaged says that a stored entry cannot be read.
var ErrDamaged = errors.New("delivery: a stored outbox entry is damaged")

const (
	maxData  = 76_800
	maxValue = 1 << 62
)

// Marshal encodes an entry for the store.
func (e *Entry) Marshal() []byte {
	out := wire.AppendUint(nil, 1, e.Number)
	out = wire.AppendBytes(out, 2, e.Message.Device[:])
	out = wire.AppendUint(out, 3, e.Message.Counter)
	out = wire.AppendBytes(out, 4, e.Conversation[:])
	out = wire.AppendUint(out, 5, uint64(e.Created))
	for _, c := range e.Copies {
		out = wire.AppendBytes(out, 6, c.marshal())
	}
	if e.Content != nil {
		out = wire.AppendBytes(out, 7, e.Content)
	}
	if e.Transcript != nil {
		out = wire.AppendBytes(out, 8, e.Transcript)
	}
	if e.Told {
		out = wire.AppendUint(out, 9, 1)
	}
	return out
}

func (c Copy) marshal() []byte {
	out := wire.AppendBytes(nil, 1, c.To[:])
	out = wire.AppendUint(out, 2, uint64(c.State))
	out = wire.AppendBytes(out, 3, c.Data)
	out = wire.AppendUint(out, 4, c.Tries)
	out = wire.AppendUint(out, 5, uint64(c.Next))
	if c.Own {
		out = wire.AppendUint(out, 6, 1)
	}
	return out
}

// Parse reads what Marshal wrote. Error: ErrDamaged.
func Parse(b []byte) (*Entry, error) {
	e := &Entry{}
	var m wire.Message
	var created, told uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &e.Number, maxValue)
		case 2:
			return m.Fixed(f, e.Message.Device[:])
		case 3:
			return m.Uint(f, &e.Message.Counter, maxValue)
		case 4:
			return m.Fixed(f, e.Conversation[:])
		case 5:
			return m.Uint(f, &created, maxValue)
		case 6:
			return e.copyField(f)
		case 7:
			return m.Bytes(f, &e.Content, 1, maxData)
		case 8:
			return m.Bytes(f, &e.Transcript, 1, maxData)
		case 9:
			return m.Uint(f, &told, 1)
		}
		return nil
	})
	// What a copy without a session will say is there, and only then.
	if err == nil && (m.Has(7) != e.unsealed(false) || m.Has(8) != e.unsealed(true)) {
		return nil, ErrDamaged
	}
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(3) || !m.Has(4) || !m.Has(5) {
		return nil, ErrDamaged
	}
	e.Created, e.Told = core.Millis(created), told == 1
	return e, nil
}

func (e *Entry) copyField(outer wire.Field) error {
	if len(e.Copies) == MaxCopies {
		return ErrDamaged
	}
	var (
		m           wire.Message
		c           Copy
		state, next uint64
		own         uint64
	)
	err := wire.Fields(outer.Bytes, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, c.To[:])
		case 2:
			return m.Uint(f, &state, uint64(Withdrawn))
		case 3:
			return m.Bytes(f, &c.Data, 0, maxData)
		case 4:
			return m.Uint(f, &c.Tries, maxValue)
		case 5:
			return m.Uint(f, &next, maxValue)
		case 6:
			return m.Uint(f, &own, 1)
		}
		return nil
	})
	if err != nil || !m.Has(1) || state == 0 {
		return ErrDamaged
	}
	if len(c.Data) == 0 {
		c.Data = nil // one form of having none
	}
	c.State, c.Next, c.Own = State(state), core.Millis(next), own == 1
	e.Copies = append(e.Copies, c)
	return nil
}
