package snapshot

import (
	"bytes"
	"slices"

	"tandem/core"
)

// State is all registers of an account as this device knows them. In whatever
// order registers come in, and however often, the same set of them gives the
// same state. Not safe for concurrent use.
type State struct {
	registers map[string]Register
}

// New is empty.
func New() *State { return &State{registers: map[string]Register{}} }

// Load makes a state of registers that were saved. Error: ErrRegister.
func Load(saved [][]byte) (*State, error) {
	s := New()
	for _, b := range saved {
		r, err := ParseRegister(b)
		if err != nil {
			return nil, err
		}
		s.registers[r.key()] = r
	}
	return s, nil
}

// Get is the value of a register; false if it was never set, or is deleted.
func (s *State) Get(kind Kind, name string) ([]byte, bool) {
	r, ok := s.registers[keyOf(kind, name)]
	if !ok || r.Deleted {
		return nil, false
	}
	return bytes.Clone(r.Value), true
}

// Written is when a register was written or deleted last; 0 = never.
func (s *State) Written(kind Kind, name string) core.Millis {
	return s.registers[keyOf(kind, name)].Time
}

// Set writes a register as a device of the account, later than what it
// replaces. What is returned is to be saved and told to the other devices;
// false: it says that already. Error: ErrRegister beyond the bounds.
func (s *State) Set(now core.Millis, by core.ID, kind Kind, name string, value []byte) (Register, bool, error) {
	return s.write(now, Register{Kind: kind, Name: name, Value: bytes.Clone(value), Device: by})
}

// Delete leaves a tombstone where a register is; otherwise as Set.
func (s *State) Delete(now core.Millis, by core.ID, kind Kind, name string) (Register, bool, error) {
	if _, ok := s.Get(kind, name); !ok {
		return Register{}, false, nil
	}
	return s.write(now, Register{Kind: kind, Name: name, Device: by, Deleted: true})
}

func (s *State) write(now core.Millis, r Register) (Register, bool, error) {
	old, known := s.registers[r.key()]
	if known && old.Deleted == r.Deleted && bytes.Equal(old.Value, r.Value) {
		return Register{}, false, nil
	}
	r.Time = now
	if known {
		r.Time = max(now, old.Time+1) // another device's clock may be ahead
	}
	if !r.valid() {
		return Register{}, false, ErrRegister
	}
	if known && !r.beats(old) {
		return Register{}, false, nil // a request that was settled stays so
	}
	s.registers[r.key()] = r
	return r, true, nil
}

// Merge takes registers from elsewhere and returns those that were news, to be
// saved. Left out are such as are more than MaxAhead ahead of now, and
// tombstones and requests that are too old.
func (s *State) Merge(now core.Millis, from []Register) (news []Register) {
	for _, r := range from {
		if !r.valid() || r.Time > now+MaxAhead || r.expired(now) {
			continue
		}
		if old, known := s.registers[r.key()]; known && !r.beats(old) {
			continue
		}
		s.registers[r.key()] = r
		news = append(news, r)
	}
	return news
}

// Sweep forgets tombstones and requests that are too old, and returns what is to
// be deleted.
func (s *State) Sweep(now core.Millis) (gone []Register) {
	for k, r := range s.registers {
		if r.expired(now) {
			delete(s.registers, k)
			gone = append(gone, r)
		}
	}
	return gone
}

// All lists the registers, tombstones included, by kind and name.
func (s *State) All() []Register {
	keys := make([]string, 0, len(s.registers))
	for k := range s.registers {
		keys = append(keys, k)
	}
	slices.Sort(keys) // the registers themselves would cost 20 KB of code
	out := make([]Register, len(keys))
	for i, k := range keys {
		out[i] = s.registers[k]
	}
	return out
}

// covers reports whether nothing in these registers would be news.
func (s *State) covers(registers []Register) bool {
	for _, r := range registers {
		if have, known := s.registers[r.key()]; !known || r.beats(have) {
			return false
		}
	}
	return true
}
