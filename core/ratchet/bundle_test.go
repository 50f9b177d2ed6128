package ratchet

import (
	"bytes"
	"errors"
	"testing"

	"tandem/core/wire"
)

func TestBundleTravels(t *testing.T) {
	bob := newParty(t)
	for _, oneTime := range []bool{false, true} {
		sent := bob.keys.Bundle(start, oneTime)
		if sent.Identity != bob.id.PublicKey() || (sent.OneTimeID != 0) != oneTime {
			t.Errorf("bundle of the wrong identity or kind")
		}
		got, err := ParseBundle(sent.Marshal())
		if err != nil || got != sent {
			t.Errorf("one-time %t: %v", oneTime, err)
		}
	}
}

// TestBundleUnknownFields: what a later version adds is ignored.
func TestBundleUnknownFields(t *testing.T) {
	sent := newParty(t).keys.Bundle(start, true)
	got, err := ParseBundle(wire.AppendText(sent.Marshal(), 99, "news"))
	if err != nil || got != sent {
		t.Error(err)
	}
}

func TestBundleForged(t *testing.T) {
	bob, mallory := newParty(t), newParty(t)
	good := bob.keys.Bundle(start, true)
	other := mallory.keys.Bundle(start, true)

	forge := func(change func(b *Bundle)) Bundle {
		b := good
		change(&b)
		return b
	}
	for name, forged := range map[string]Bundle{
		"another signed prekey": forge(func(b *Bundle) { b.Signed = other.Signed }),
		"another signature":     forge(func(b *Bundle) { b.Signature = other.Signature }),
		"another identity":      forge(func(b *Bundle) { b.Identity = other.Identity }),
		"no signature":          forge(func(b *Bundle) { b.Signature = [64]byte{} }),
	} {
		if _, err := ParseBundle(forged.Marshal()); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Initiate(mallory.id, forged, start); err == nil {
			t.Errorf("%s: a session was begun", name)
		}
	}
	// The last byte of a bundle is the end of its signature: all 64 are checked.
	for bit := range 8 {
		raw := good.Marshal()
		raw[len(raw)-1] ^= 1 << bit
		if _, err := ParseBundle(raw); !errors.Is(err, ErrSignature) {
			t.Errorf("bit %d of the last byte: %v", bit, err)
		}
	}
}

func TestBundleMalformed(t *testing.T) {
	b := newParty(t).keys.Bundle(start, true)
	good := b.Marshal()
	notCanonical := b.OneTime
	notCanonical[31] |= 0x80
	without := func(number int) []byte { return dropField(t, good, number) }
	if _, err := ParseBundle(without(2)); err != nil {
		t.Errorf("without the device number that nobody reads: %v", err)
	}
	for name, raw := range map[string][]byte{
		"nothing":                  nil,
		"cut":                      good[:len(good)-1],
		"too long":                 wire.AppendBytes(bytes.Clone(good), 99, make([]byte, MaxBundle)),
		"no identity":              without(1),
		"no one-time id":           without(3),
		"no signed id":             without(4),
		"no one-time key":          without(5),
		"no signed key":            without(6),
		"no signature":             without(7),
		"a field twice":            wire.AppendUint(bytes.Clone(good), 4, 1),
		"short key":                wire.AppendBytes(without(5), 5, b.OneTime[:]),
		"key of another curve":     wire.AppendBytes(without(5), 5, append([]byte{6}, b.OneTime[:]...)),
		"key in a second encoding": wire.AppendBytes(without(5), 5, encodeKey(notCanonical)),
		"id of 33 bits":            wire.AppendUint(without(4), 4, 1<<32),
	} {
		if _, err := ParseBundle(raw); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCanonicalKeys(t *testing.T) {
	p := [32]byte{0xed, 31: 0x7f} // 2^255 - 19
	for i := 1; i < 31; i++ {
		p[i] = 0xff
	}
	below, inside := p, p
	below[0]--
	inside[17]--
	top := p
	top[0] = 0xff
	for _, c := range []struct {
		key  [32]byte
		want bool
	}{
		{[32]byte{}, true},
		{[32]byte{9}, true},
		{below, true},
		{inside, true},
		{p, false},
		{top, false},
		{[32]byte{31: 0x80}, false},
	} {
		if _, err := decodeKey(encodeKey(c.key)); (err == nil) != c.want {
			t.Errorf("%x: %v", c.key, err)
		}
	}
}
