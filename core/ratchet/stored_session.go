package ratchet

import (
	"encoding/binary"
	"math"
	"slices"

	"tandem/core"
	"tandem/core/wire"
)

// The form in which sessions and prekeys lie in the store, which seals them.
// Nobody else reads it. The parsers are as strict as those of outside bytes: a
// damaged ratchet that is used all the same loses messages silently.

// Bounds of what is stored.
const (
	numberedSize = 4 + 32
	// maxState: five chains full of skipped keys, the retired ones, and room for
	// the rest.
	maxState   = MaxChains*(MaxSkip*numberedSize+256) + maxRetired*numberedSize + 1024
	maxSession = (1 + MaxArchived) * (maxState + 16)
)

// Marshal is for the sealed store only: {1 own identity, 2 peer identity, 3
// states, the active one first}.
func (s *Session) Marshal() []byte {
	out := wire.AppendBytes(nil, 1, s.own[:])
	out = wire.AppendBytes(out, 2, s.peer[:])
	for _, st := range s.states {
		out = wire.AppendBytes(out, 3, st.record())
	}
	return out
}

// record is marshal, once for each state.
func (s *state) record() []byte {
	if s.written.of != s {
		s.written = written{s, s.marshal()}
	}
	return s.written.bytes
}

// ParseSession reads what Marshal wrote. Error: ErrForm.
func ParseSession(b []byte) (*Session, error) {
	if len(b) > maxSession {
		return nil, ErrForm
	}
	var (
		m wire.Message
		s Session
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, s.own[:])
		case 2:
			return m.Fixed(f, s.peer[:])
		case 3:
			st, err := parseState(f.Bytes)
			if err != nil || len(s.states) > MaxArchived || s.holds(st) {
				return ErrForm
			}
			s.states = append(s.states, st)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || len(s.states) == 0 || s.own == s.peer {
		return nil, ErrForm
	}
	return &s, nil
}

func (s *Session) holds(st *state) bool {
	return slices.ContainsFunc(s.states, func(o *state) bool { return o.base == st.base })
}

// marshal writes {1 root, 2 base, 3 origin, 4 begun, 5 6 sending pair, 7 chain,
// 8 previous, 9 receiving chains, 10 announcement, 11 retired chains}.
func (s *state) marshal() []byte {
	out := wire.AppendBytes(nil, 1, s.root[:])
	out = wire.AppendBytes(out, 2, s.base[:])
	out = wire.AppendBytes(out, 3, s.origin[:])
	out = wire.AppendUint(out, 4, uint64(s.begun))
	out = appendPair(out, 5, s.sending)
	out = wire.AppendBytes(out, 7, pack(numbered(s.sendKey)))
	out = wire.AppendUint(out, 8, uint64(s.previous))
	for _, r := range s.receiving {
		out = wire.AppendBytes(out, 9, r.marshal())
	}
	if a := s.unanswered; a != nil {
		out = wire.AppendBytes(out, 10, a.marshal())
	}
	if len(s.retired) > 0 {
		out = wire.AppendBytes(out, 11, pack(s.retired...))
	}
	return out
}

func parseState(b []byte) (*state, error) {
	var (
		p parser
		s state
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return p.Fixed(f, s.root[:])
		case 2:
			return p.Fixed(f, s.base[:])
		case 3:
			return p.Fixed(f, s.origin[:])
		case 4:
			return p.millis(f, &s.begun)
		case 5:
			return p.Fixed(f, s.sending.public[:])
		case 6:
			return p.Fixed(f, s.sending.private[:])
		case 7:
			return p.chain(f, &s.sendKey)
		case 8:
			return p.uint32(f, &s.previous)
		case 9:
			r, err := parseReceiving(f.Bytes)
			if err != nil || len(s.receiving) == MaxChains || s.knows(r.ratchet) {
				return ErrForm
			}
			s.receiving = append(s.receiving, r)
		case 10:
			s.unanswered = &announcement{}
			return p.announcement(f, s.unanswered)
		case 11:
			return p.packed(f, &s.retired, maxRetired)
		}
		return nil
	})
	for number := 1; number <= 8; number++ {
		if !p.Has(number) {
			err = ErrForm
		}
	}
	// One who is answered has a chain of the answer, one who is not has none.
	if err != nil || (s.unanswered != nil) != (len(s.receiving) == 0) {
		return nil, ErrForm
	}
	return &s, nil
}

// marshal writes {1 ratchet key, 2 chain, 3 skipped keys}.
func (r receiving) marshal() []byte {
	out := wire.AppendBytes(nil, 1, r.ratchet[:])
	out = wire.AppendBytes(out, 2, pack(numbered(r.chain)))
	return wire.AppendBytes(out, 3, pack(r.skipped...))
}

func parseReceiving(b []byte) (receiving, error) {
	var (
		p parser
		r receiving
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return p.Fixed(f, r.ratchet[:])
		case 2:
			return p.chain(f, &r.chain)
		case 3:
			return p.packed(f, &r.skipped, MaxSkip)
		}
		return nil
	})
	if err != nil || !p.Has(1) || !p.Has(2) || !p.Has(3) {
		return receiving{}, ErrForm
	}
	low := int64(-1)
	for _, k := range r.skipped {
		if int64(k.index) <= low || k.index >= r.chain.index {
			return receiving{}, ErrForm
		}
		low = int64(k.index)
	}
	return r, nil
}

// pack writes index ‖ key for each, 36 bytes.
func pack(list ...numbered) []byte {
	out := make([]byte, 0, len(list)*numberedSize)
	for _, n := range list {
		out = append(binary.BigEndian.AppendUint32(out, n.index), n.key[:]...)
	}
	return out
}

// packed reads what pack wrote, at most high of them.
func (p *parser) packed(f wire.Field, into *[]numbered, high int) error {
	var b []byte
	if err := p.Bytes(f, &b, 0, high*numberedSize); err != nil || len(b)%numberedSize != 0 {
		return ErrForm
	}
	*into = slices.Grow(*into, len(b)/numberedSize)
	for n := range slices.Chunk(b, numberedSize) {
		*into = append(*into, numbered{binary.BigEndian.Uint32(n), [32]byte(n[4:])})
	}
	return nil
}

func (p *parser) chain(f wire.Field, into *chainKey) error {
	var one []numbered
	if err := p.packed(f, &one, 1); err != nil || len(one) != 1 {
		return ErrForm
	}
	*into = chainKey(one[0])
	return nil
}

// marshal writes {1 registration, 2 signed prekey, 3 one-time prekey}.
func (a announcement) marshal() []byte {
	out := wire.AppendUint(nil, 1, uint64(a.registration))
	out = wire.AppendUint(out, 2, uint64(a.signed))
	return wire.AppendUint(out, 3, uint64(a.oneTime))
}

func (p *parser) announcement(f wire.Field, into *announcement) error {
	var b []byte
	if err := p.Bytes(f, &b, 0, 64); err != nil {
		return err
	}
	var in parser
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return in.uint32(f, &into.registration)
		case 2:
			return in.uint32(f, &into.signed)
		case 3:
			return in.uint32(f, &into.oneTime)
		}
		return nil
	})
	if err != nil || !in.Has(1) || !in.Has(2) || !in.Has(3) {
		return ErrForm
	}
	return nil
}

func (p *parser) millis(f wire.Field, into *core.Millis) error {
	var v uint64
	err := p.Uint(f, &v, math.MaxInt64)
	*into = core.Millis(v)
	return err
}
