package snapshot

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/mnemonic"
	"tandem/core/wire"
)

// account is the account of the vectors in PROTOCOL.md.
func account(t testing.TB) *identity.Root {
	t.Helper()
	entropy, _ := hex.DecodeString("00112233445566778899aabbccddeeff")
	words := ""
	for _, w := range mnemonic.Encode([16]byte(entropy)) {
		words += w + " "
	}
	root, err := identity.RootFromWords(words)
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func everyone(core.ID) bool { return true }

func part() Part {
	return Part{Written: now, Registers: []Register{
		{Kind: Profile, Value: []byte("Ada"), Time: now, Device: a.ID()},
		{Kind: Device, Name: "x", Value: MarshalFacts(core.Facts{Name: "phone"}), Time: now, Device: a.ID()},
	}}
}

func TestPartOpensForDevicesOfTheAccount(t *testing.T) {
	root := account(t)
	id := root.Account().ID()
	for _, e := range []uint64{0, 7, uint64(now)} {
		sealed := part().Seal(root.SnapshotKey(e), id, a)
		if len(sealed)%padStep != 8+24+16 || bytes.Contains(sealed, []byte("phone")) {
			t.Errorf("%d bytes", len(sealed))
		}
		if got, ok := EpochOf(sealed); !ok || got != e {
			t.Errorf("e = %d, want %d", got, e)
		}
		p, err := Open(now, root.SnapshotKey(e), id, everyone, sealed)
		if err != nil || !p.same(part()) || p.Device != a.ID() || p.Epoch != e || p.Written != now {
			t.Errorf("e = %d: %v %v", e, p, err)
		}
	}
}

// Claim 10, the part that is about the snapshot: what a removed device writes is
// ignored, and so is everything else that is not by a device of the newest list
// under its e.
func TestClaim10_ForgedPartsAreIgnored(t *testing.T) {
	root := account(t)
	id, key := root.Account().ID(), root.SnapshotKey(7)
	good := part().Seal(key, id, a)
	signed := func(body []byte, by Signer) []byte {
		return key.Seal(pad(wire.SignBody(by, domainPart, body).Marshal()))
	}
	with := func(edit func(*Part)) []byte {
		p := part()
		p.Device, p.Epoch = a.ID(), 7
		edit(&p)
		return signed(p.marshal(id, a.Ed()), a)
	}
	if _, err := Open(now, key, id, everyone, with(func(*Part) {})); err != nil {
		t.Fatal("the plain case", err)
	}
	swapped := bytes.Clone(good)
	swapped[7] = 8
	for name, c := range map[string]struct {
		sealed []byte
		key    identity.SnapshotKey
		listed func(core.ID) bool
		want   error
	}{
		"by a removed device":           {good, key, func(d core.ID) bool { return d != a.ID() }, ErrDevice},
		"under an older e":              {part().Seal(root.SnapshotKey(6), id, a), key, everyone, ErrPart},
		"e is swapped":                  {swapped, root.SnapshotKey(8), everyone, ErrPart},
		"another e inside":              {with(func(p *Part) { p.Epoch = 6 }), key, everyone, ErrPart},
		"another account's":             {part().Seal(key, b.ID(), a), key, everyone, ErrPart},
		"written too far ahead":         {with(func(p *Part) { p.Written = now + MaxAhead + 1 }), key, everyone, ErrAhead},
		"a register too far ahead":      {with(func(p *Part) { p.Registers[1].Time = now + MaxAhead + 1 }), key, everyone, ErrAhead},
		"in another device's name":      {with(func(p *Part) { p.Device = b.ID() }), key, everyone, ErrPart},
		"signed by another device":      {signed(func() []byte { p := part(); p.Device, p.Epoch = a.ID(), 7; return p.marshal(id, a.Ed()) }(), b), key, everyone, ErrPart},
		"a register twice":              {with(func(p *Part) { p.Registers = append(p.Registers, p.Registers[0]) }), key, everyone, ErrPart},
		"a bucket that does not exist":  {with(func(p *Part) { p.Bucket = 1 }), key, everyone, ErrPart},
		"signed for something else":     {key.Seal(pad(wire.SignBody(a, "tandem consent v1", []byte("x")).Marshal())), key, everyone, ErrPart},
		"without padding":               {key.Seal([]byte("x")), key, everyone, ErrPart},
		"too long":                      {make([]byte, MaxSealed+1), key, everyone, ErrPart},
		"nothing":                       {nil, key, everyone, ErrPart},
		"another type":                  {with(func(p *Part) { p.Registers = nil })[:60], key, everyone, ErrPart},
		"a key of the account, no list": {part().Seal(key, id, root.Account()), key, func(d core.ID) bool { return d == a.ID() }, ErrDevice},
	} {
		if p, err := Open(now, c.key, id, c.listed, c.sealed); !errors.Is(err, c.want) || len(p.Registers) > 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := 0; i < len(good); i += 31 {
		bent := bytes.Clone(good)
		bent[i] ^= 1
		if _, err := Open(now, key, id, everyone, bent); err == nil {
			t.Fatalf("byte %d is not authenticated", i)
		}
	}
}

// full is a state of so many registers of 500 bytes.
func full(n int) *State {
	s := New()
	for i := range n {
		_, _, _ = s.Set(now, a.ID(), Contact, fmt.Sprintf("%033d", i), make([]byte, 500))
	}
	return s
}

// However much there is, each part keeps its bounds, each register is in one of
// them, and every device cuts alike.
func TestPartsHoldTheState(t *testing.T) {
	root := account(t)
	for _, n := range []int{0, 1, 90, 130, 2000} {
		s, merged := full(n), New()
		parts, err := s.Parts()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			sealed := p.Seal(root.SnapshotKey(0), a.ID(), a)
			if len(sealed) > MaxSealed {
				t.Errorf("%d registers: a part of %d bytes", n, len(sealed))
			}
			got, err := Open(now, root.SnapshotKey(0), a.ID(), nil, sealed)
			if err != nil {
				t.Fatal(err)
			}
			if news := merged.Merge(now, got.Registers); len(news) != len(got.Registers) {
				t.Error("a register lies in two parts")
			}
		}
		if fmt.Sprint(merged.All()) != fmt.Sprint(s.All()) {
			t.Errorf("%d registers: they do not come back", n)
		}
	}
	too := New()
	for i := range 3000 {
		_, _, _ = too.Set(now, a.ID(), Contact, fmt.Sprint(i), make([]byte, MaxValue))
	}
	if _, err := too.Parts(); !errors.Is(err, ErrFull) {
		t.Errorf("more than fits: %v", err)
	}
}

// lie puts parts where a device will find them.
func lie(hash string, p Part, e uint64) Found {
	p.Epoch = e
	if p.Written == 0 {
		p.Written = now
	}
	return Found{Hash: hash, Part: p}
}

// Changed parts are stored, and deleted is exactly what they replace.
func TestPlanStoresWhatChanged(t *testing.T) {
	s := full(1)
	parts, _ := s.Parts()
	whole := parts[0]
	older := lie("older", whole, 7)
	older.Part.Written = now - Refresh - 1
	news := Part{Registers: []Register{said(b, now, "by another device, unknown here")}}
	for name, c := range map[string]struct {
		found []Found
		store int
		drop  string
	}{
		"nothing there":           {nil, 1, "[]"},
		"all is well":             {[]Found{lie("x", whole, 7)}, 0, "[]"},
		"twice: one goes":         {[]Found{lie("x", whole, 7), lie("w", whole, 7)}, 0, "[x]"},
		"too old":                 {[]Found{older}, 1, "[older]"},
		"too old beside a new":    {[]Found{older, lie("x", whole, 7)}, 0, "[older]"},
		"under an older e":        {[]Found{lie("x", whole, 6)}, 1, "[x]"},
		"says less":               {[]Found{lie("x", Part{}, 7)}, 1, "[x]"},
		"what is not known stays": {[]Found{lie("x", news, 7), lie("y", whole, 7)}, 0, "[]"},
		"another cut":             {[]Found{lie("x", Part{Depth: 1, Registers: whole.Registers}, 7)}, 1, "[x]"},
	} {
		store, drop, err := s.Plan(now, 7, c.found)
		if err != nil || len(store) != c.store || fmt.Sprint(drop) != c.drop {
			t.Errorf("%s: %d to store, %v to delete, %v", name, len(store), drop, err)
		}
		for _, p := range store {
			if p.Written != now {
				t.Errorf("%s: written at %d", name, p.Written)
			}
		}
	}
}

func FuzzParsePart(f *testing.F) {
	p := part()
	p.Device = a.ID()
	f.Add(p.marshal(a.ID(), a.Ed()))
	f.Add([]byte{8, 9})
	f.Fuzz(func(t *testing.T, body []byte) {
		p, h, err := parsePart(body)
		if err != nil {
			return
		}
		again, h2, err := parsePart(p.marshal(h.account, h.ed))
		if err != nil || !again.same(p) || h2 != h {
			t.Errorf("%v became %v: %v", p, again, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	root := account(f)
	key, id := root.SnapshotKey(7), root.Account().ID()
	f.Add(part().Seal(key, id, a))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 7})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		_, _ = Open(now, key, id, everyone, sealed)
		// As if the account key's holder had sealed it.
		if p, err := Open(now, key, id, everyone, key.Seal(pad(sealed))); err == nil && p.Epoch != 7 {
			t.Error("a part of another e")
		}
	})
}
