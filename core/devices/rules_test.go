package devices

import (
	"crypto/sha512"
	"fmt"
	"testing"

	"filippo.io/edwards25519"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// edit writes a message again; change gives other fields for one of its own,
// none to leave it out.
func edit(t *testing.T, message []byte, change func(f wire.Field) []byte) []byte {
	t.Helper()
	var out []byte
	err := wire.Fields(message, func(f wire.Field) error {
		out = append(out, change(f)...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// same is a field as it was.
func same(f wire.Field) []byte {
	if f.Bytes == nil {
		return wire.AppendUint(nil, f.Number, f.Varint)
	}
	return wire.AppendBytes(nil, f.Number, f.Bytes)
}

func without(number int) func(wire.Field) []byte {
	return func(f wire.Field) []byte {
		if f.Number == number {
			return nil
		}
		return same(f)
	}
}

// inside edits what lies in the repeated field.
func inside(t *testing.T, number int, change func(wire.Field) []byte) func(wire.Field) []byte {
	return func(f wire.Field) []byte {
		if f.Number != number {
			return same(f)
		}
		return wire.AppendBytes(nil, number, edit(t, f.Bytes, change))
	}
}

// TestClaim10_EachFieldIsRequired: a list without one of its fields, of its
// devices' or of its removed ones', is refused, though its signature holds.
func TestClaim10_EachFieldIsRequired(t *testing.T) {
	h := newHouse(t, 1)
	l := h.list(t, uint64(noon), 3)
	l.Removed = []Removed{{ID: newKey(90).id(t), At: noon}}
	good, err := wire.ParseSigned(h.forge(l))
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string][]byte{
		"another type": edit(t, good.Body, func(f wire.Field) []byte {
			if f.Number == 1 {
				return wire.AppendUint(nil, 1, typeList-1)
			}
			return same(f)
		}),
		"a removed ID that is none": edit(t, good.Body, inside(t, 10, func(f wire.Field) []byte {
			if f.Number == 1 {
				f.Bytes = append([]byte{6}, f.Bytes[1:]...)
			}
			return same(f)
		})),
		"a device without a role": edit(t, good.Body, inside(t, 9, func(f wire.Field) []byte {
			if f.Number == 3 && f.Varint == uint64(core.Secondary) {
				return wire.AppendUint(nil, 3, 0)
			}
			return same(f)
		})),
	}
	for n := 1; n <= 8; n++ {
		bad[fmt.Sprint("no field ", n)] = edit(t, good.Body, without(n))
	}
	for n := 1; n <= 5; n++ {
		bad[fmt.Sprint("a device without ", n)] = edit(t, good.Body, inside(t, 9, without(n)))
	}
	for n := 1; n <= 2; n++ {
		bad[fmt.Sprint("a removed one without ", n)] = edit(t, good.Body, inside(t, 10, without(n)))
	}
	if _, err := Parse(wire.SignBody(h.listKey, domainList, edit(t, good.Body, same)).Marshal(), h.id); err != nil {
		t.Fatal("the list was bad before it was changed")
	}
	for name, body := range bad {
		if _, err := Parse(wire.SignBody(h.listKey, domainList, body).Marshal(), h.id); err != ErrList {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A body of 8 KiB is read, one byte more is not.
func TestClaim10_EightKiB(t *testing.T) {
	h := newHouse(t, 1)
	good, err := wire.ParseSigned(h.forge(h.list(t, uint64(noon), 2)))
	if err != nil {
		t.Fatal(err)
	}
	for size, want := range map[int]error{8192: nil, 8193: ErrList} {
		body := wire.AppendBytes(good.Body, 99, make([]byte, size-len(good.Body)-4)) // 2 of number, 2 of length
		if len(body) != size {
			t.Fatalf("a body of %d bytes", len(body))
		}
		if _, err := Parse(wire.SignBody(h.listKey, domainList, body).Marshal(), h.id); err != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

// A key that consents to be listed under another device's ID is refused: what
// is sealed to that ID would be signed by somebody else.
func TestClaim10_ConsentUnderAnotherID(t *testing.T) {
	h := newHouse(t, 1)
	l := h.list(t, uint64(noon), 3)
	thief := newKey(90)
	l.Devices[1].Ed = thief.Ed()
	l.Devices[1].Consent = Consent(thief, h.id, l.Devices[1].ID)
	if _, err := Parse(h.forge(l), h.id); err != ErrList {
		t.Errorf("not refused: %v", err)
	}
}

// skewed is a key outside the group of prime order: a point of order two was
// added to it. Every second nonce makes a signature that verifies.
type skewed struct{ key }

func (k skewed) point() *edwards25519.Point {
	two := make([]byte, 32)
	for i := range two {
		two[i] = 0xff
	}
	two[0], two[31] = 0xec, 0x7f
	low, err1 := new(edwards25519.Point).SetBytes(two)
	own := k.key.Ed()
	p, err2 := new(edwards25519.Point).SetBytes(own[:])
	if err1 != nil || err2 != nil {
		panic("test: no points")
	}
	return p.Add(p, low)
}

func (k skewed) Ed() core.EdKey { return core.EdKey(k.point().Bytes()) }

func (k skewed) Sign(message []byte) []byte {
	h := sha512.Sum512(k.private.Seed())
	a, err := edwards25519.NewScalar().SetBytesWithClamping(h[:32])
	if err != nil {
		panic(err)
	}
	ed := k.Ed()
	for n := byte(0); ; n++ {
		r := reduced(sha512.Sum512([]byte{n}))
		R := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
		c := reduced(sha512.Sum512(append(append(append([]byte{}, R...), ed[:]...), message...)))
		if c.Bytes()[0]&1 == 0 {
			return append(R, edwards25519.NewScalar().MultiplyAdd(c, a, r).Bytes()...)
		}
	}
}

func reduced(b [64]byte) *edwards25519.Scalar {
	s, err := edwards25519.NewScalar().SetUniformBytes(b[:])
	if err != nil {
		panic(err)
	}
	return s
}

// A list key outside the group of prime order signs lists that verify; it is
// refused all the same: it would have several names.
func TestClaim10_ListKeyOfMixedOrder(t *testing.T) {
	h := newHouse(t, 1)
	by := skewed{newKey(2)}
	l := h.list(t, uint64(noon), 2)
	l.AccountEd, l.ListKey = h.account.Ed(), by.Ed()
	l.AccountSig = h.account.Sign(wire.Domain(domainListKey, l.ListKey[:]))
	signed := wire.SignBody(by, domainList, l.marshal())
	if !identity.Verify(by.Ed(), wire.Domain(domainList, signed.Body), signed.Signature) {
		t.Fatal("the signature does not verify, so the test shows nothing")
	}
	if _, err := Parse(signed.Marshal(), h.id); err != ErrList {
		t.Errorf("not refused: %v", err)
	}
}

// Whoever takes the account over is its primary, and the former
// one a secondary; who is to go is removed, under a new snapshot key; a device
// that was removed takes nothing over, and there is no seventh.
func TestTakenOverKeepsTheRules(t *testing.T) {
	h := newHouse(t, 1)
	l := h.list(t, uint64(noon), 5)
	by, epoch := h.entry(t, 120, core.Secondary), uint64(noon)+1
	none := func(core.ID) bool { return false }
	kept, err := l.TakenOver(by, none, epoch, noon)
	if err != nil || len(kept.Devices) != 6 || kept.Primary().ID != by.ID || kept.SnapshotEpoch != 0 {
		t.Fatalf("all kept: %v, %d devices", err, len(kept.Devices))
	}
	if e, ok := kept.Find(l.Primary().ID); !ok || e.Role != core.Secondary {
		t.Error("the former primary is not a secondary")
	}
	h.sign(t, kept)
	out := l.Devices[0].ID
	one, err := l.TakenOver(by, func(id core.ID) bool { return id == out }, epoch, noon)
	if err != nil || len(one.Devices) != 5 || !one.Removes(out) || one.SnapshotEpoch != epoch {
		t.Fatalf("one removed: %v, %d devices, e %d", err, len(one.Devices), one.SnapshotEpoch)
	}
	h.sign(t, one)
	if _, err := one.TakenOver(l.Devices[0], none, epoch+1, noon); err != ErrList {
		t.Errorf("a removed device takes over: %v", err)
	}
	if _, err := kept.TakenOver(h.entry(t, 121, core.Primary), none, epoch+1, noon); err != ErrFull {
		t.Errorf("a seventh device: %v", err)
	}
}

// TestClaim10_NoBrokenListExpels: a list that breaks one rule, or is signed by
// another list key, expels nobody, though it is higher and names this device in
// removed; the one that breaks none does.
func TestClaim10_NoBrokenListExpels(t *testing.T) {
	h, other := newHouse(t, 1), newHouse(t, 11)
	mine := newKey(110)
	base := h.list(t, uint64(noon), 3)
	base.Devices = append(base.Devices, h.entry(t, 110, core.Secondary))
	s := newShelf(t, h.id, mine.id(t))
	s.expect(Trusted{h.sign(t, base)}, Newer, nil)

	expelling := func() List {
		l := h.list(t, uint64(noon)+1, 3)
		l.ListKey = h.listKey.Ed()
		l.Removed = []Removed{{ID: mine.id(t), At: noon}}
		return l
	}
	for _, bad := range badLists(t, h, other) {
		l := expelling()
		if bad.make(&l); !l.Removes(mine.id(t)) {
			l.Removed = append(l.Removed, expelling().Removed...)
		}
		if out := s.expect(Offered{h.id, h.forge(l)}, Refused, ErrList); out.Expelled || s.book.Standing() != Listed {
			t.Errorf("%s: expelled", bad.name)
		}
	}
	l := expelling()
	thief := house{account: h.account, listKey: newKey(66), id: h.id}
	l.ListKey = thief.listKey.Ed()
	if out := s.expect(Offered{h.id, thief.forge(l)}, Second, nil); out.Expelled || s.book.Standing() != Listed {
		t.Error("expelled by another list key")
	}
	l = expelling()
	l.Epoch = uint64(noon) - 1
	if out := s.expect(Offered{h.id, h.forge(l)}, Older, nil); out.Expelled || s.book.Standing() != Listed {
		t.Error("expelled by a lower epoch")
	}
	l.Epoch = uint64(noon+core.Day) + 1
	if out := s.expect(Offered{h.id, h.forge(l)}, Refused, ErrAhead); out.Expelled || s.book.Standing() != Listed {
		t.Error("expelled by a list from the future")
	}
	if out := s.expect(Offered{h.id, h.forge(expelling())}, Newer, nil); !out.Expelled || s.book.Standing() != Expelled {
		t.Fatal("the list was no danger before it was broken")
	}
}
