package linking

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// readAny reads a message of a kind as the machines do.
func readAny(kind Kind, raw []byte) error {
	var err error
	switch kind {
	case KindRequest:
		_, err = readRequest(raw)
	case KindChallenge:
		_, err = readChallenge(raw)
	case KindReveal:
		_, err = readReveal(raw)
	case KindGrant:
		_, err = readGrant(raw)
	default:
		_, err = readEnding(kind, raw)
	}
	return err
}

// rewrite gives a body other fields and signs it anew: the strongest attacker.
func rewrite(t *testing.T, by signer, kind Kind, signed []byte, change func(wire.Field) []byte) []byte {
	t.Helper()
	s, err := wire.ParseSigned(signed)
	if err != nil {
		t.Fatal(err)
	}
	var body []byte
	if err := wire.Fields(s.Body, func(f wire.Field) error {
		body = append(body, change(f)...)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return wire.SignBody(by, kind.domain(), body).Marshal()
}

func sameField(f wire.Field) []byte {
	if f.Bytes == nil {
		return wire.AppendUint(nil, f.Number, f.Varint)
	}
	return wire.AppendBytes(nil, f.Number, f.Bytes)
}

// mail is one message of each kind, with who signs it and its last field.
type mail struct {
	kind   Kind
	signed []byte
	by     signer
	last   int
}

func (s *story) mail() []mail {
	return []mail{
		{KindRequest, s.request.Bytes, s.j.device, 11},
		{KindChallenge, s.challenge.Bytes, s.h.keys.Shared.Account, 11},
		{KindReveal, s.reveal.Bytes, s.j.device, 8},
		{KindGrant, s.granted().Signed, s.h.keys.Shared.Account, 6},
		{KindDone, s.done.Bytes, s.j.device, 5},
		{KindReject, s.forgeEnd(KindReject, s.h.keys.Device, s.j.device.ID()).Signed, s.h.keys.Device, 7},
		{KindCancel, s.forgeEnd(KindCancel, s.j.device, s.j.device.ID()).Signed, s.j.device, 6},
	}
}

// TestEachFieldIsRequired: a message without one of its fields, of another
// type, or too long is none, though its signature holds.
func TestEachFieldIsRequired(t *testing.T) {
	for _, m := range newStory(t).confirming().mail() {
		if err := readAny(m.kind, rewrite(t, m.by, m.kind, m.signed, sameField)); err != nil {
			t.Fatalf("kind %d: bad before it was changed: %v", m.kind, err)
		}
		for number := 1; number <= m.last; number++ {
			lacking := rewrite(t, m.by, m.kind, m.signed, func(f wire.Field) []byte {
				if f.Number == number {
					return nil
				}
				return sameField(f)
			})
			if readAny(m.kind, lacking) == nil {
				t.Errorf("kind %d is read without field %d", m.kind, number)
			}
		}
		for _, other := range []Kind{m.kind - 1, m.kind + 1} {
			typed := rewrite(t, m.by, m.kind, m.signed, func(f wire.Field) []byte {
				if f.Number == 1 {
					return wire.AppendUint(nil, 1, uint64(other))
				}
				return sameField(f)
			})
			if readAny(m.kind, typed) == nil {
				t.Errorf("kind %d is read with type %d", m.kind, other)
			}
		}
		long := rewrite(t, m.by, m.kind, m.signed, func(f wire.Field) []byte {
			if f.Number == 2 {
				return append(sameField(f), wire.AppendBytes(nil, 99, make([]byte, maxBody))...)
			}
			return sameField(f)
		})
		if refused := readAny(m.kind, long) != nil; refused == (m.kind == KindGrant) {
			t.Errorf("kind %d with 4 KiB more: refused %v", m.kind, refused)
		}
	}
}

// A time that no calendar has makes a message none, so that nobody is answered.
func TestTimesAreBounded(t *testing.T) {
	absurd := func(f wire.Field) []byte {
		if f.Bytes == nil && f.Varint > uint64(noon)/2 {
			return wire.AppendUint(nil, f.Number, 1<<60)
		}
		return sameField(f)
	}
	for _, kind := range []Kind{KindRequest, KindCancel, KindReject} {
		s := newStory(t).ask()
		good := heard(t, s.request)
		if kind != KindRequest {
			good = s.byJoiner(kind)
		}
		out, err := s.h.do(s.now, Heard{Kind: kind, Signed: rewrite(t, s.j.device, kind, good.Signed, absurd)})
		nothing(t, "an absurd time", out, err)
		if out := s.h.must(s.now, good); len(out.Save) == 0 {
			t.Errorf("kind %d was no message before", kind)
		}
	}
}

// Reasons of later versions end an attempt all the same, and can be stored.
func TestUnknownReasons(t *testing.T) {
	for number, want := range map[uint64]Reason{0: ReasonInvalid, 12: ReasonInvalid, 1 << 20: ReasonInvalid, 2: ReasonDiffer} {
		s := newStory(t).inWords()
		in := s.byJoiner(KindReject)
		in.Signed = rewrite(t, s.j.device, KindReject, in.Signed, func(f wire.Field) []byte {
			if f.Number == 7 {
				return wire.AppendUint(nil, 7, number)
			}
			return sameField(f)
		})
		s.h.must(s.now, in)
		if r := s.h.p.attempts[s.attempt]; r == nil || r.state != Over || r.reason != want {
			t.Errorf("reason %d is not read as %d", number, want)
		}
	}
}

// What is inside a grant has bounds of its own.
func TestGrantsHaveTheirBounds(t *testing.T) {
	id := identity.NewDevice().ID()
	good := Grant{List: []byte("list"), Known: []Known{{Device: id}, {}, {}, {}, {}, {}}}
	for i := range good.Known {
		good.Known[i].Device = identity.NewDevice().ID()
	}
	if _, err := parseGrant(good.marshal()); err != nil {
		t.Fatal(err)
	}
	bad := map[string]Grant{
		"no list":             {Known: good.Known},
		"a list too long":     {List: make([]byte, maxList+1)},
		"seven known devices": {List: good.List, Known: append(good.Known[:6:6], good.Known[0])},
		"an ID that is none":  {List: good.List, Known: []Known{{Device: core.ID(append([]byte{6}, id[1:]...))}}},
		"a profile too long":  {List: good.List, Profile: string(make([]byte, wire.MaxName+1))},
		"a name too long":     {List: good.List, DeviceName: string(make([]byte, MaxDeviceName+1))},
		"a known name too long": {List: good.List, Known: []Known{
			{Device: id, Facts: core.Facts{Name: string(make([]byte, MaxDeviceName+1))}}}},
	}
	for name, g := range bad {
		if _, err := parseGrant(g.marshal()); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

// The formulas of PROTOCOL.md §6, computed here again: what both sides would
// get wrong in the same way shows nowhere else.
func TestFormulas(t *testing.T) {
	device, err1 := identity.ParseDevice(bytes.Repeat([]byte{0x01}, 32))
	account, err2 := identity.ParseDevice(bytes.Repeat([]byte{0x0b}, 32))
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	// The same number as in core/devices: the consent goes into the list.
	const consent = "c777fb88904a89ee64e2ceb0bfd18ee47e475f3d6818e3a791548c41bd9ed8b7cb8f1a6f3da9d2bb18340c5982770978a73ba358297eb6de07d38276ab194309"
	if got := hex.EncodeToString(device.Sign(consentOf(account.ID(), device.ID()))); got != consent {
		t.Errorf("consent = %s", got)
	}
	id, ephemeral, nonce := Attempt{1, 2}, [32]byte{3, 4}, [32]byte{5, 6}
	joined := bytes.Join([][]byte{[]byte("tandem link commit v1"), id[:], ephemeral[:], nonce[:]}, nil)
	if commit(id, ephemeral, nonce) != sha256.Sum256(joined) {
		t.Error("another commitment")
	}
	secret, request, challenge := [16]byte{7}, [32]byte{8}, [32]byte{9}
	mac := hmac.New(sha256.New, secret[:])
	mac.Write(append([]byte("tandem link code S v1"), request[:]...))
	if !bytes.Equal(proofS(secret, request), mac.Sum(nil)) {
		t.Error("another proof_S")
	}
	mac = hmac.New(sha256.New, secret[:])
	mac.Write(append(append([]byte("tandem link code P v1"), request[:]...), challenge[:]...))
	if !bytes.Equal(proofP(secret, request, challenge), mac.Sum(nil)) {
		t.Error("another proof_P")
	}
}
