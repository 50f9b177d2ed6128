package ratchet

import (
	"errors"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/wire"
)

// TestDamagedSessions breaks one rule of a stored session at a time.
func TestDamagedSessions(t *testing.T) {
	alice, bob := newTalk(t)
	letters := alice.writeMany(5, "x")
	bob.opens(letters[4], letters[1]) // keeps the keys of 0, 2 and 3
	bob.begin(alice.keys.Bundle(start, true))
	good := bob.session

	// change breaks a copy: of the session, of its active state, which waits for
	// an answer, or of the archived one, which has chains.
	change := func(f func(s *Session, active, archived *state)) *Session {
		active, archived := *good.states[0], *good.states[1]
		archived.receiving = slices.Clone(archived.receiving)
		for i := range archived.receiving {
			archived.receiving[i].skipped = slices.Clone(archived.receiving[i].skipped)
		}
		s := &Session{good.own, good.peer, []*state{&active, &archived}}
		f(s, &active, &archived)
		return s
	}
	another := func(s *state, n int) *state {
		c := *s
		c.base[0], c.base[1] = byte(n), byte(n>>8)
		return &c
	}
	for name, c := range map[string]struct {
		session *Session
		want    error
	}{
		"nothing": {change(func(*Session, *state, *state) {}), nil},
		"41 states": {change(func(s *Session, a, _ *state) {
			for len(s.states) < 1+MaxArchived {
				s.states = append(s.states, another(a, len(s.states)))
			}
		}), nil},
		"42 states": {change(func(s *Session, a, _ *state) {
			for len(s.states) < 2+MaxArchived {
				s.states = append(s.states, another(a, len(s.states)))
			}
		}), ErrForm},
		"a state twice": {change(func(s *Session, a, _ *state) { s.states = append(s.states, a) }), ErrForm},
		"no state":      {change(func(s *Session, _, _ *state) { s.states = nil }), ErrForm},
		"with oneself":  {change(func(s *Session, _, _ *state) { s.peer = s.own }), ErrForm},
		"six chains":    {change(func(_ *Session, _, o *state) { o.receiving = manyChains(6) }), ErrForm},
		"five chains":   {change(func(_ *Session, _, o *state) { o.receiving = manyChains(5) }), nil},
		"a chain twice": {change(func(_ *Session, _, o *state) { o.receiving = append(o.receiving, o.receiving[0]) }), ErrForm},
		"no chain":      {change(func(_ *Session, _, o *state) { o.receiving = nil }), ErrForm},
		"early chain":   {change(func(_ *Session, a, o *state) { a.receiving = o.receiving }), ErrForm},
		"key order":     {change(func(_ *Session, _, o *state) { slices.Reverse(o.receiving[1].skipped) }), ErrForm},
		"key twice":     {change(func(_ *Session, _, o *state) { o.receiving[1].skipped[1] = o.receiving[1].skipped[0] }), ErrForm},
		"key of future": {change(func(_ *Session, _, o *state) { o.receiving[1].skipped[2].index = o.receiving[1].chain.index }), ErrForm},
		"too many keys": {change(func(_ *Session, _, o *state) { o.receiving[1] = fullChain(MaxSkip + 1) }), ErrForm},
		"full chain":    {change(func(_ *Session, _, o *state) { o.receiving[1] = fullChain(MaxSkip) }), nil},
		"65 retired":    {change(func(_ *Session, _, o *state) { o.retired = make([]numbered, maxRetired+1) }), ErrForm},
		"64 retired":    {change(func(_ *Session, _, o *state) { o.retired = make([]numbered, maxRetired) }), nil},
		"before 1970":   {change(func(_ *Session, a, _ *state) { a.begun = -1 }), ErrForm},
	} {
		if _, err := ParseSession(c.session.Marshal()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ParseSession(make([]byte, maxSession+1)); !errors.Is(err, ErrForm) {
		t.Errorf("too long: %v", err)
	}
}

func manyChains(n int) []receiving {
	out := make([]receiving, n)
	for i := range out {
		out[i].ratchet[0] = byte(i)
	}
	return out
}

func fullChain(n int) receiving {
	r := receiving{chain: chainKey{index: uint32(n)}, skipped: make([]numbered, n)}
	for i := range r.skipped {
		r.skipped[i].index = uint32(i)
	}
	return r
}

// TestSessionsWithoutAField: each field of each part is needed, or it is told
// from its absence.
func TestSessionsWithoutAField(t *testing.T) {
	alice, bob := newTalk(t)
	bob.opens(alice.write("x"))
	answered := bob.session.states[0]
	bob.begin(alice.keys.Bundle(start, true))
	waiting := bob.session.states[0]

	for number := 1; number <= 3; number++ {
		if _, err := ParseSession(dropField(t, bob.session.Marshal(), number)); err == nil {
			t.Errorf("session without field %d", number)
		}
		if _, err := parseReceiving(dropField(t, answered.receiving[0].marshal(), number)); err == nil {
			t.Errorf("chain without field %d", number)
		}
		state := dropField(t, waiting.marshal(), 10)
		state = wire.AppendBytes(state, 10, dropField(t, waiting.unanswered.marshal(), number))
		if _, err := parseState(state); err == nil {
			t.Errorf("announcement without field %d", number)
		}
	}
	for number := 1; number <= 9; number++ {
		if _, err := parseState(dropField(t, answered.marshal(), number)); err == nil {
			t.Errorf("state without field %d", number)
		}
	}
	short := wire.AppendBytes(dropField(t, answered.marshal(), 7), 7, nil)
	if _, err := parseState(short); err == nil {
		t.Error("state with an empty chain key")
	}
	short = wire.AppendBytes(dropField(t, answered.marshal(), 7), 7, make([]byte, numberedSize-1))
	if _, err := parseState(short); err == nil {
		t.Error("state with a short chain key")
	}
}

func TestDamagedPreKeys(t *testing.T) {
	p := newParty(t)
	p.keys.Bundle(start, true)
	good := p.keys
	change := func(f func(p *PreKeys)) *PreKeys {
		c := &PreKeys{good.identity, slices.Clone(good.signed), slices.Clone(good.oneTime)}
		f(c)
		return c
	}
	const free = 7 // random ids are hardly ever so small
	for name, c := range map[string]struct {
		keys *PreKeys
		want error
	}{
		"nothing":         {change(func(*PreKeys) {}), nil},
		"no signed":       {change(func(p *PreKeys) { p.signed = nil }), ErrForm},
		"id 0":            {change(func(p *PreKeys) { p.signed[0].id = 0 }), ErrForm},
		"one-time id 0":   {change(func(p *PreKeys) { p.oneTime[0].id = 0 }), ErrForm},
		"same ids":        {change(func(p *PreKeys) { p.oneTime[0].id = p.signed[0].id }), ErrForm},
		"same signed ids": {change(func(p *PreKeys) { p.signed = append(p.signed, p.signed[0]) }), ErrForm},
		"before 1970":     {change(func(p *PreKeys) { p.signed[0].created = -core.Day }), ErrForm},
		"eight signed":    {change(func(p *PreKeys) { p.signed = manySigned(maxSigned) }), nil},
		"nine signed":     {change(func(p *PreKeys) { p.signed = manySigned(maxSigned + 1) }), ErrForm},
		"2048 one-time":   {change(func(p *PreKeys) { p.oneTime = manyOneTime(MaxOneTime) }), nil},
		"2049 one-time":   {change(func(p *PreKeys) { p.oneTime = manyOneTime(MaxOneTime + 1) }), ErrForm},
	} {
		if _, err := ParsePreKeys(c.keys.Marshal()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}

	signed := appendPreKey(free, good.signed[0].pair, start)
	whole := wire.AppendBytes(signed, 5, good.signed[0].signature[:])
	base := wire.AppendBytes(nil, 1, good.identity[:])
	for number := 1; number <= 5; number++ {
		if _, err := ParsePreKeys(wire.AppendBytes(base, 2, dropField(t, whole, number))); err == nil {
			t.Errorf("signed prekey without field %d", number)
		}
	}
	if _, err := ParsePreKeys(wire.AppendBytes(good.Marshal(), 3, whole)); err == nil {
		t.Error("a one-time prekey that is signed")
	}
	if _, err := ParsePreKeys(dropField(t, good.Marshal(), 1)); err == nil {
		t.Error("without an identity")
	}
	if _, err := ParsePreKeys(make([]byte, maxPreKeys+1)); err == nil {
		t.Error("too long")
	}
}

func manySigned(n int) []signedPreKey {
	out := make([]signedPreKey, n)
	for i := range out {
		out[i].id = uint32(1<<23 + i)
	}
	return out
}

func manyOneTime(n int) []oneTimePreKey {
	out := make([]oneTimePreKey, n)
	for i := range out {
		out[i].id = uint32(1<<24 + i)
	}
	return out
}

// dropField is a message without one of its fields.
func dropField(t *testing.T, message []byte, number int) []byte {
	t.Helper()
	var out []byte
	err := wire.Fields(message, func(f wire.Field) error {
		switch {
		case f.Number == number:
		case f.Bytes != nil:
			out = wire.AppendBytes(out, f.Number, f.Bytes)
		default:
			out = wire.AppendUint(out, f.Number, f.Varint)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
