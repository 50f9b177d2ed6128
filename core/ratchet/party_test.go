package ratchet

import (
	"bytes"
	"errors"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// start is any time at all.
const start core.Millis = 1_763_750_000_000

// party is one device with its store of two records.
type party struct {
	t       testing.TB
	id      *identity.Device
	keys    *PreKeys
	session *Session
}

// letter is a message on its way.
type letter struct {
	text string
	kind Kind
	body []byte
}

func newParty(t testing.TB) *party {
	id := identity.NewDevice()
	return &party{t: t, id: id, keys: NewPreKeys(start, id)}
}

// newPair is two devices, the first with a fresh session to the second.
func newPair(t testing.TB) (alice, bob *party) {
	t.Helper()
	alice, bob = newParty(t), newParty(t)
	alice.begin(bob.keys.Bundle(start, true))
	return alice, bob
}

// newTalk is a pair in which both have heard of the other.
func newTalk(t testing.TB) (alice, bob *party) {
	t.Helper()
	alice, bob = newPair(t)
	bob.opens(alice.write("first"))
	alice.opens(bob.write("answer"))
	return alice, bob
}

func (p *party) begin(b Bundle) {
	p.t.Helper()
	var err error
	if p.session == nil {
		p.session, err = Initiate(p.id, b, start)
	} else {
		p.session, err = p.session.Renew(p.id, b, start)
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *party) write(text string) letter {
	p.t.Helper()
	kind, body, err := p.session.Encrypt([]byte(text))
	if err != nil {
		p.t.Fatal(err)
	}
	return letter{text, kind, body}
}

func (p *party) writeMany(n int, text string) []letter {
	p.t.Helper()
	out := make([]letter, n)
	for i := range out {
		out[i] = p.write(text)
	}
	return out
}

// open opens and saves, as the client does.
func (p *party) open(l letter) (Opened, error) {
	opened, err := Open(p.id, p.keys, p.session, l.kind, l.body, start)
	if err == nil {
		p.session = opened.Session
		if opened.Keys != nil {
			p.keys = opened.Keys
		}
	}
	return opened, err
}

func (p *party) opens(letters ...letter) {
	p.t.Helper()
	for i, l := range letters {
		opened, err := p.open(l)
		if err != nil {
			p.t.Fatalf("letter %d %q: %v", i, l.text, err)
		}
		if opened.Duplicate || string(opened.Plain) != l.text {
			p.t.Fatalf("letter %d %q: duplicate %t, opened %q", i, l.text, opened.Duplicate, opened.Plain)
		}
	}
}

// dropsSilently expects a duplicate, which changes nothing.
func (p *party) dropsSilently(l letter) {
	p.t.Helper()
	before := p.saved()
	opened, err := p.open(l)
	if err != nil {
		p.t.Fatalf("duplicate of %q: %v", l.text, err)
	}
	if !opened.Duplicate || opened.Plain != nil || opened.Keys != nil {
		p.t.Fatalf("duplicate of %q was taken for new", l.text)
	}
	p.wantSaved(before)
}

// refuses expects an error, which changes nothing.
func (p *party) refuses(l letter, want error) {
	p.t.Helper()
	before := p.saved()
	if _, err := p.open(l); !errors.Is(err, want) {
		p.t.Fatalf("letter %q: error %v, want %v", l.text, err, want)
	}
	p.wantSaved(before)
}

// saved is what the store holds of p.
func (p *party) saved() []byte {
	out := p.keys.Marshal()
	if p.session != nil {
		out = append(out, p.session.Marshal()...)
	}
	return out
}

func (p *party) wantSaved(before []byte) {
	p.t.Helper()
	if !bytes.Equal(before, p.saved()) {
		p.t.Fatal("session or prekeys changed")
	}
}

// reload writes both records and reads them again.
func (p *party) reload() {
	p.t.Helper()
	var err error
	if p.keys, err = ParsePreKeys(p.keys.Marshal()); err != nil {
		p.t.Fatal(err)
	}
	if p.session == nil {
		return
	}
	if p.session, err = ParseSession(p.session.Marshal()); err != nil {
		p.t.Fatal(err)
	}
}
