package ratchet

import (
	"bytes"
	"testing"

	"tandem/core/identity"
)

func FuzzParseBundle(f *testing.F) {
	p := newParty(f)
	f.Add(p.keys.Bundle(start, false).Marshal())
	f.Add(p.keys.Bundle(start, true).Marshal())
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := ParseBundle(raw)
		if err != nil {
			return
		}
		again, err := ParseBundle(b.Marshal())
		if err != nil || again != b {
			t.Errorf("does not come back: %v", err)
		}
	})
}

func FuzzParsePreKeys(f *testing.F) {
	p := newParty(f)
	f.Add(p.keys.Marshal())
	p.keys.Bundle(start, true)
	f.Add(p.keys.Marshal())
	f.Fuzz(func(t *testing.T, raw []byte) {
		keys, err := ParsePreKeys(raw)
		if err != nil {
			return
		}
		keys.Bundle(start, true)
		wantBack(t, keys.Marshal(), ParsePreKeys)
	})
}

func FuzzParseSession(f *testing.F) {
	alice, bob := newTalk(f)
	f.Add(alice.session.Marshal())
	letters := alice.writeMany(5, "x")
	bob.opens(letters[4], letters[1])
	bob.begin(alice.keys.Bundle(start, true))
	f.Add(bob.session.Marshal())
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := ParseSession(raw)
		if err != nil {
			return
		}
		wantBack(t, s.Marshal(), ParseSession)
		if _, _, err := s.Encrypt(nil); err != nil && s.states[0].sendKey.index <= lastCounter {
			t.Errorf("does not encrypt: %v", err)
		}
	})
}

// wantBack expects that what was written is read and written the same.
func wantBack[T interface{ Marshal() []byte }](t *testing.T, written []byte, parse func([]byte) (T, error)) {
	t.Helper()
	again, err := parse(written)
	if err != nil {
		t.Fatalf("does not come back: %v", err)
	}
	if !bytes.Equal(again.Marshal(), written) {
		t.Error("comes back changed")
	}
}

// FuzzOpenMessage and FuzzOpenPreKeyMessage are the doors for bytes of peers:
// nobody without the keys makes them open, and a failure changes nothing.
func FuzzOpenMessage(f *testing.F) {
	alice, bob := newTalk(f)
	f.Add(alice.write("for somebody else").body)
	f.Fuzz(func(t *testing.T, raw []byte) { wantShut(t, newReader(bob), letter{"fuzz", KindMessage, raw}) })
}

func FuzzOpenPreKeyMessage(f *testing.F) {
	alice, bob := newPair(f)
	f.Add(alice.write("for somebody else").body)
	f.Fuzz(func(t *testing.T, raw []byte) { wantShut(t, newReader(bob), letter{"fuzz", KindPreKey, raw}) })
}

// newReader has the records of p under another identity, so that nothing that
// was written to p opens.
func newReader(p *party) *party {
	r := &party{t: p.t, id: identity.NewDevice(), keys: p.keys}
	if p.session != nil {
		s := *p.session
		s.own = r.id.PublicKey()
		r.session = &s
	}
	return r
}

func wantShut(t *testing.T, p *party, l letter) {
	t.Helper()
	p.t = t
	before := p.saved()
	opened, err := p.open(l)
	if err == nil && !opened.Duplicate {
		t.Errorf("opened %q", opened.Plain)
	}
	p.wantSaved(before)
}
