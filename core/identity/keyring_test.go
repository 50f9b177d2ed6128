package identity

import (
	"bytes"
	"errors"
	"testing"

	"tandem/core/mnemonic"
	"tandem/core/wire"
)

const entropyA = "00112233445566778899aabbccddeeff"

// primary and secondary are the two shapes of a keyring.
func primary(t testing.TB) *Keyring { return NewKeyring(rootOf(t, entropyA), 7) }

func secondary(t testing.TB) *Keyring {
	return &Keyring{Shared: primary(t).Shared, Device: NewDevice()}
}

// same fails unless b does what a does.
func same(t *testing.T, a, b Shared) {
	t.Helper()
	message := []byte("message")
	if a.Account.ID() != b.Account.ID() || !bytes.Equal(a.Account.Sign(message), b.Account.Sign(message)) {
		t.Error("another account key")
	}
	peer := deviceOf(t, 77)
	want, _ := a.Account.Agree(peer.PublicKey())
	if got, err := b.Account.Agree(peer.PublicKey()); err != nil || got != want {
		t.Errorf("Agree: %v, or another secret", err)
	}
	if got, err := b.Account.OpenBox(SealBox(a.Account.ID(), message)); err != nil || !bytes.Equal(got, message) {
		t.Errorf("OpenBox: %v", err)
	}
	if got, err := b.Reading.Open(a.Reading.Seal(message)); err != nil || !bytes.Equal(got, message) {
		t.Errorf("reading key: %v", err)
	}
	if got, err := b.Snapshot.Open(a.Snapshot.Seal(message)); err != nil || !bytes.Equal(got, message) {
		t.Errorf("snapshot key: %v", err)
	}
	if a.Snapshot.Epoch != b.Snapshot.Epoch {
		t.Errorf("snapshot epoch %d, want %d", b.Snapshot.Epoch, a.Snapshot.Epoch)
	}
}

func TestKeyringRoundTrip(t *testing.T) {
	for name, k := range map[string]*Keyring{"primary": primary(t), "secondary": secondary(t)} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseKeyring(k.MarshalSecret())
			if err != nil {
				t.Fatal(err)
			}
			same(t, k.Shared, got.Shared)
			if got.Device.ID() != k.Device.ID() {
				t.Error("another device key")
			}
			if (got.Root == nil) != (k.Root == nil) {
				t.Fatal("the entropy came or went")
			}
			if k.Root != nil && got.Root.ListKey().Ed() != k.Root.ListKey().Ed() {
				t.Error("another list key")
			}
		})
	}
	if k := NewKeyring(NewRoot(), 0); k.Device.ID() == k.Shared.Account.ID() {
		t.Error("the device key is the account key")
	}
}

// A secondary's stored keys hold nothing that the phrase or the list key could
// be computed from (multi-device.md §2, claim 5).
func TestSecondaryHasNoEntropy(t *testing.T) {
	p, s := primary(t), secondary(t)
	listSeed := p.Root.derive(infoList)
	stored := s.MarshalSecret()
	for name, canary := range map[string][]byte{
		"entropy": p.Root.raw(), "list key": p.Root.ListKey().raw()[:32], "list seed": listSeed[:],
	} {
		if bytes.Contains(stored, canary) {
			t.Errorf("the %s is in a secondary's keyring", name)
		}
		if bytes.Contains(p.Shared.SealGrant([32]byte{}, [32]byte{}, nil), canary) {
			t.Errorf("the %s is in a grant", name)
		}
	}
	if !bytes.Contains(p.MarshalSecret(), p.Root.raw()) {
		t.Error("the test does not see the entropy where it is")
	}
}

func TestParseKeyringRefusesDamage(t *testing.T) {
	k := primary(t)
	whole := k.MarshalSecret()
	entropyAt := len(whole) - 18 // without it, this is a secondary's keyring
	for n := range whole {
		if n == entropyAt {
			continue
		}
		if _, err := ParseKeyring(whole[:n]); !errors.Is(err, ErrForm) {
			t.Errorf("first %d of %d bytes: %v, want ErrForm", n, len(whole), err)
		}
	}
	shared, seed, entropy := k.Shared.marshal(), k.Device.MarshalSecret(), k.Root.raw()
	flip := func(b []byte, at int) []byte {
		b = bytes.Clone(b)
		b[at] ^= 0x08
		return b
	}
	expandedAt := bytes.Index(shared, k.Shared.Account.raw())
	build := func(shared, seed, entropy []byte) []byte {
		out := wire.AppendBytes(nil, 1, shared)
		out = wire.AppendBytes(out, 2, seed)
		return wire.AppendBytes(out, 3, entropy)
	}
	if _, err := ParseKeyring(build(shared, seed, entropy)); err != nil {
		t.Fatal(err)
	}
	unclamped := bytes.Clone(shared)
	unclamped[expandedAt] |= 1
	high := bytes.Clone(shared)
	high[expandedAt+31] |= 0x80
	for name, b := range map[string][]byte{
		"short seed":           build(shared, seed[:31], entropy),
		"long seed":            build(shared, append(bytes.Clone(seed), 0), entropy),
		"short entropy":        build(shared, seed, entropy[:15]),
		"other entropy":        build(shared, seed, flip(entropy, 0)),
		"other scalar":         build(flip(shared, expandedAt+1), seed, entropy),
		"other prefix":         build(flip(shared, expandedAt+40), seed, entropy),
		"scalar not clamped":   build(unclamped, seed, entropy),
		"scalar too high":      build(high, seed, entropy),
		"other reading key":    build(flip(shared, bytes.Index(shared, k.Shared.Reading.raw())), seed, entropy),
		"other snapshot key":   build(flip(shared, bytes.Index(shared, k.Shared.Snapshot.raw())), seed, entropy),
		"other snapshot epoch": build(flip(shared, len(shared)-1), seed, entropy),
		"no shared keys":       wire.AppendBytes(wire.AppendBytes(nil, 2, seed), 3, entropy),
		"no device":            wire.AppendBytes(nil, 1, shared),
		"two devices":          wire.AppendBytes(build(shared, seed, entropy), 2, seed),
		"two entropies":        wire.AppendBytes(build(shared, seed, entropy), 3, entropy),
		"shared too long":      build(wire.AppendBytes(bytes.Clone(shared), 9, make([]byte, 1024)), seed, entropy),
		"shared as a number":   wire.AppendBytes(wire.AppendUint(nil, 1, 1), 2, seed),
		"nothing":              nil,
		"text":                 []byte("not a keyring"),
	} {
		if got, err := ParseKeyring(b); !errors.Is(err, ErrForm) || got != nil {
			t.Errorf("%s: %v, want ErrForm", name, err)
		}
	}
}

func TestParseDeviceAndEphemeral(t *testing.T) {
	d, e := NewDevice(), NewEphemeral()
	if again, err := ParseDevice(d.MarshalSecret()); err != nil || again.ID() != d.ID() {
		t.Errorf("ParseDevice: %v", err)
	}
	if again, err := ParseEphemeral(e.MarshalSecret()); err != nil || again.Public() != e.Public() {
		t.Errorf("ParseEphemeral: %v", err)
	}
	for _, n := range []int{0, 31, 33, 64} {
		if _, err := ParseDevice(make([]byte, n)); err != ErrForm {
			t.Errorf("ParseDevice of %d bytes: %v", n, err)
		}
		if _, err := ParseEphemeral(make([]byte, n)); err != ErrForm {
			t.Errorf("ParseEphemeral of %d bytes: %v", n, err)
		}
	}
	d.MarshalSecret()[0] ^= 1
	if again, err := ParseDevice(d.MarshalSecret()); err != nil || again.ID() != d.ID() {
		t.Error("MarshalSecret hands out the key itself, not a copy")
	}
}

func TestRootFromWordsRefuses(t *testing.T) {
	if _, err := RootFromWords("abbey abbey"); !errors.Is(err, mnemonic.ErrCount) {
		t.Errorf("two words: %v", err)
	}
}

func TestGrant(t *testing.T) {
	shared := primary(t).Shared
	a, b := NewEphemeral(), NewEphemeral()
	z, err := a.Agree(b.Public())
	if err != nil {
		t.Fatal(err)
	}
	transcript := [32]byte{1, 2, 3}
	k := GrantKey(z, transcript)
	sealed := shared.SealGrant(k, transcript, []byte("the list, a profile, a name"))

	other, err := b.Agree(a.Public())
	if err != nil {
		t.Fatal(err)
	}
	got, rest, err := OpenGrant(GrantKey(other, transcript), transcript, sealed)
	if err != nil || string(rest) != "the list, a profile, a name" {
		t.Fatalf("OpenGrant: %q, %v", rest, err)
	}
	same(t, shared, got)

	wrongT, wrongZ := transcript, z
	wrongT[31] ^= 1
	wrongZ[0] ^= 1
	for name, c := range map[string]struct{ k, transcript [32]byte }{
		"wrong K":                   {GrantKey(wrongZ, transcript), transcript},
		"K of another transcript":   {GrantKey(z, wrongT), transcript},
		"AAD of another transcript": {k, wrongT},
		"both of another":           {GrantKey(z, wrongT), wrongT},
		"zero":                      {},
	} {
		if got, rest, err := OpenGrant(c.k, c.transcript, sealed); err != ErrOpen || got.Account != nil || rest != nil {
			t.Errorf("%s: %v, want ErrOpen and nothing", name, err)
		}
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, _, err := OpenGrant(k, transcript, changed); err != ErrOpen {
			t.Errorf("byte %d may change", i)
		}
	}
	for _, n := range []int{0, 23, 24, 39, 40, len(sealed) - 1} {
		if _, _, err := OpenGrant(k, transcript, sealed[:n]); err != ErrOpen {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
}

// A grant that is sealed well but holds no keys is refused like a wrong one.
func TestGrantOfWrongForm(t *testing.T) {
	k, transcript := [32]byte{1}, [32]byte{2}
	good := primary(t).Shared.marshal()
	scalar := func(at int, and, or byte) []byte {
		b := bytes.Clone(good)
		b[2+at] = b[2+at]&and | or
		return b
	}
	for name, plain := range map[string][]byte{
		"empty":              {},
		"scalar not clamped": scalar(0, 0xff, 1),
		"scalar too high":    scalar(31, 0xff, 0x80),
		"scalar too low":     scalar(31, 0xbf, 0),
		"cut":                good[:len(good)-3],
		"doubled":            append(bytes.Clone(good), good...),
		"rest too long":      wire.AppendBytes(bytes.Clone(good), 5, make([]byte, wire.MaxSigned+1)),
	} {
		sealed := wire.SealAEAD(k[:], infoGrant, transcript[:], plain)
		if got, _, err := OpenGrant(k, transcript, sealed); err != ErrOpen || got.Account != nil {
			t.Errorf("%s: %v, want ErrOpen", name, err)
		}
	}
	sealed := wire.SealAEAD(k[:], infoGrant, transcript[:], wire.AppendUint(good, 99, 1))
	if _, _, err := OpenGrant(k, transcript, sealed); err != nil {
		t.Errorf("an unknown field is refused: %v", err)
	}
}

// K by hand from multi-device.md §5: HKDF-SHA256(Z, salt SHA-256(T),
// "tandem link grant v1"). Remade with python-cryptography 48.
func TestGrantKeyVector(t *testing.T) {
	const want = "e71e6f6365816287801bf86491bf202468aeb06d3ea4067e84305af691810b79"
	z, transcript := [32]byte(bytes.Repeat([]byte{0x11}, 32)), [32]byte(bytes.Repeat([]byte{0x22}, 32))
	if got := GrantKey(z, transcript); !bytes.Equal(got[:], unhex(t, want)) {
		t.Errorf("K = %x, want %s", got, want)
	}
}

func TestReadingAndSnapshotKeys(t *testing.T) {
	root, plain := rootOf(t, entropyA), []byte("plain")
	if _, err := rootOf(t, "ffffffffffffffffffffffffffffffff").ReadingKey().Open(root.ReadingKey().Seal(plain)); err != wire.ErrOpen {
		t.Errorf("another account's reading key: %v", err)
	}
	part := root.SnapshotKey(5).Seal(plain)
	if !bytes.Equal(part[:8], []byte{0, 0, 0, 0, 0, 0, 0, 5}) {
		t.Errorf("a part begins with %x, want its epoch", part[:8])
	}
	if got, err := root.SnapshotKey(5).Open(part); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("Open: %q, %v", got, err)
	}
	relabelled := bytes.Clone(part)
	relabelled[7] = 6
	five := root.SnapshotKey(5)
	for name, c := range map[string]struct {
		key  SnapshotKey
		part []byte
	}{
		"part of another epoch":         {root.SnapshotKey(6), part},
		"epoch changed":                 {root.SnapshotKey(6), relabelled},
		"epoch changed, right key":      {five, relabelled},
		"the right key, another epoch":  {SnapshotKey{Epoch: 6, key: five.key}, relabelled},
		"shorter than an epoch":         {five, part[:7]},
		"the epoch and nothing":         {five, part[:8]},
		"sealed with the reading key":   {five, append(bytes.Clone(part[:8]), root.ReadingKey().Seal(plain)...)},
		"last byte changed":             {five, append(bytes.Clone(part[:len(part)-1]), part[len(part)-1]^1)},
		"nothing":                       {five, nil},
		"the same epoch, other account": {rootOf(t, "ffffffffffffffffffffffffffffffff").SnapshotKey(5), part},
	} {
		if _, err := c.key.Open(c.part); err != wire.ErrOpen {
			t.Errorf("%s: %v, want wire.ErrOpen", name, err)
		}
	}
}

func FuzzParseKeyring(f *testing.F) {
	k := primary(f)
	f.Add(k.MarshalSecret())
	k.Root = nil
	f.Add(k.MarshalSecret())
	f.Add([]byte{})
	f.Add(k.Shared.marshal())
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := ParseKeyring(b)
		if err != nil {
			if k != nil || err != ErrForm {
				t.Fatalf("%v with %v", k, err)
			}
			return
		}
		stored := k.MarshalSecret()
		again, err := ParseKeyring(stored)
		if err != nil || !bytes.Equal(again.MarshalSecret(), stored) {
			t.Fatalf("what was read is not read again: %v", err)
		}
	})
}

// The key of a new snapshot epoch goes from device to device, and nothing that
// is not one is taken for it.
func TestHandover(t *testing.T) {
	k := NewRoot().SnapshotKey(7)
	got, err := OpenHandover(k.Handover())
	if err != nil || got.Epoch != 7 || !bytes.Equal(got.raw(), k.raw()) {
		t.Fatalf("handed over: e %d, %v", got.Epoch, err)
	}
	if part, err := got.Open(k.Seal([]byte("part"))); err != nil || string(part) != "part" {
		t.Errorf("it does not open: %v", err)
	}
	epoch, key := wire.AppendUint(nil, 1, 7), wire.AppendBytes(nil, 2, make([]byte, 32))
	for name, b := range map[string][]byte{
		"nothing":       nil,
		"no key":        epoch,
		"no epoch":      key,
		"a short key":   append(bytes.Clone(epoch), wire.AppendBytes(nil, 2, make([]byte, 31))...),
		"two epochs":    append(append(bytes.Clone(epoch), epoch...), key...),
		"far too high":  append(wire.AppendUint(nil, 1, 1<<62+1), key...),
		"not a message": {0xff},
	} {
		if _, err := OpenHandover(b); err != ErrForm {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The key of the published list goes to friends, and nothing else is taken for it.
func TestReadingKeyIsHandedOver(t *testing.T) {
	k := NewRoot().ReadingKey()
	got, err := OpenReading(k.Handover())
	if err != nil {
		t.Fatal(err)
	}
	if list, err := got.Open(k.Seal([]byte("list"))); err != nil || string(list) != "list" {
		t.Errorf("it does not open: %v", err)
	}
	for _, b := range [][]byte{nil, {0xff}, wire.AppendBytes(nil, 1, make([]byte, 31)), append(k.Handover(), k.Handover()...)} {
		if _, err := OpenReading(b); err != ErrForm {
			t.Errorf("%d bytes: %v", len(b), err)
		}
	}
}

func FuzzOpenReading(f *testing.F) {
	f.Add(NewRoot().ReadingKey().Handover())
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := OpenReading(b); err == nil {
			if again, err := OpenReading(k.Handover()); err != nil || again.key() != k.key() {
				t.Fatal("read again it is different")
			}
		}
	})
}

func FuzzOpenHandover(f *testing.F) {
	f.Add(NewRoot().SnapshotKey(7).Handover())
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := OpenHandover(b); err == nil {
			if again, err := OpenHandover(k.Handover()); err != nil || again.Epoch != k.Epoch || !bytes.Equal(again.raw(), k.raw()) {
				t.Fatal("read again it is different")
			}
		}
	})
}

// FuzzOpenGrant is what a grant holds, and the two keys that are stored bare.
func FuzzOpenGrant(f *testing.F) {
	k := primary(f)
	f.Add(k.Shared.marshal())
	f.Add(wire.AppendBytes(k.Shared.marshal(), 5, []byte("rest")))
	f.Add(make([]byte, 32))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		var key, transcript [32]byte
		shared, rest, err := OpenGrant(key, transcript, wire.SealAEAD(key[:], infoGrant, transcript[:], b))
		switch {
		case err != nil && (err != ErrOpen || shared.Account != nil || rest != nil):
			t.Fatalf("%v with something", err)
		case err == nil:
			again, more, err := OpenGrant(key, transcript, shared.SealGrant(key, transcript, rest))
			if err != nil || !bytes.Equal(again.marshal(), shared.marshal()) || !bytes.Equal(more, rest) {
				t.Fatalf("what was read is not read again: %v", err)
			}
		}
		if e, err := ParseEphemeral(b); err == nil != (len(b) == 32) || err == nil && !bytes.Equal(e.MarshalSecret(), b) {
			t.Fatalf("an ephemeral of %d bytes: %v", len(b), err)
		}
		if d, err := ParseDevice(b); err == nil != (len(b) == 32) || err == nil && !bytes.Equal(d.MarshalSecret(), b) {
			t.Fatalf("a device key of %d bytes: %v", len(b), err)
		}
	})
}
