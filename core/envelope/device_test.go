package envelope

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"reflect"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

const noon core.Millis = 1_700_000_000_000

// pair of devices, each with the account that it speaks for.
type party struct {
	*identity.Device
	account core.ID
}

func parties(t testing.TB) (a, b party) {
	t.Helper()
	return party{number(t, 1), number(t, 11).ID()}, party{number(t, 2), number(t, 12).ID()}
}

func (p party) message(kind Kind) Sealed {
	return Sealed{Account: p.account, Kind: kind, Body: []byte("body"), Created: noon}
}

// inside is the plaintext of a stored message, as its receiver sees it.
func inside(t testing.TB, to *identity.Device, data []byte) []byte {
	t.Helper()
	plain, err := to.OpenBox(mustOuter(t, data).content)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

func around(to core.ID, plain []byte) []byte {
	return outer{kind: typeDevice, timestamp: noon, content: identity.SealBox(to, plain)}.marshal()
}

// encode writes a SealedDevice by hand; tag may be nil.
func (s Sealed) encode(tag []byte) []byte {
	out := wire.AppendBytes(nil, 1, s.Sender[:])
	out = wire.AppendUint(out, 2, uint64(s.Kind))
	out = wire.AppendBytes(out, 3, s.Body)
	out = wire.AppendUint(out, 4, uint64(s.Created))
	if tag != nil {
		out = wire.AppendBytes(out, 5, tag)
	}
	return wire.AppendBytes(out, 6, s.Account[:])
}

func TestDeviceRoundTrip(t *testing.T) {
	a, b := parties(t)
	for _, kind := range []Kind{Ratchet, PreKey, SessionRequest, Linking, 77} {
		m := a.message(kind)
		data, err := SealDevice(a, b.ID(), m)
		if err != nil {
			t.Fatal(err)
		}
		want := m
		want.Sender = a.ID()
		got, err := OpenDevice(b.Device, data, noon)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("kind %d: OpenDevice = %+v, %v", kind, got, err)
		}
		if _, err := OpenDevice(a.Device, data, noon); err != ErrEnvelope {
			t.Errorf("kind %d: its sender opens it: %v", kind, err)
		}
		if _, err := OpenSession(b, data); err != ErrEnvelope {
			t.Errorf("kind %d: taken for Session's format: %v", kind, err)
		}
		_, tag, err := parseSealed(inside(t, b.Device, data))
		if err != nil || (tag == nil) != (kind == Linking) {
			t.Errorf("kind %d: a tag of %d bytes, %v", kind, len(tag), err)
		}
	}
	lie := a.message(Ratchet)
	lie.Sender = b.account
	data, err := SealDevice(a, b.ID(), lie)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := OpenDevice(b.Device, data, noon); err != nil || got.Sender != a.ID() {
		t.Errorf("the sender is %v, %v", got.Sender, err)
	}
}

// The layout of the tag, byte for byte from multi-device.md §4, not from
// Sealed.tag.
func TestTagLayout(t *testing.T) {
	a, b := parties(t)
	m := a.message(PreKey)
	m.Created = 0x0102030405060708
	data, err := SealDevice(a, b.ID(), m)
	if err != nil {
		t.Fatal(err)
	}
	_, got, err := parseSealed(inside(t, b.Device, data))
	if err != nil {
		t.Fatal(err)
	}
	shared, err := b.Agree(a.PublicKey())
	if err != nil {
		t.Fatal(err)
	}
	sender, account, receiver := a.ID(), a.account, b.ID()
	var input []byte
	for _, id := range []core.ID{sender, account, receiver} {
		input = append(append(input, 0, 0, 0, 33), id[:]...)
	}
	input = append(input, 2, 1, 2, 3, 4, 5, 6, 7, 8)
	input = append(append(input, 0, 0, 0, 4), "body"...)
	mac := hmac.New(sha256.New, wire.HKDF(shared[:], nil, "tandem sealed sender v1", 32))
	mac.Write(input)
	if !hmac.Equal(got, mac.Sum(nil)) {
		t.Errorf("tag = %x", got)
	}
}

// Numbers for a second client: device seeds 01… and 02…, accounts of seeds 0b…
// and 0c…. Remade with python-cryptography 48; core/PROTOCOL.md prints them.
func TestTagVector(t *testing.T) {
	a, b := parties(t)
	s := a.message(Ratchet)
	s.Sender = a.ID()
	const want = "0280a21e1bd32a62de23dfa59cc6f33171f0f944cadcc8f487fe59b1e8bf2bbd"
	tag, err := s.tag(a, b.ID(), b.ID())
	if err != nil || !bytes.Equal(tag, unhex(t, want)) {
		t.Errorf("tag = %x, %v", tag, err)
	}
}

func TestEachTaggedFieldMatters(t *testing.T) {
	a, b := parties(t)
	c := number(t, 3)
	s := a.message(Ratchet)
	s.Sender = a.ID()
	tag, err := s.tag(a, b.ID(), b.ID())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenDevice(b.Device, around(b.ID(), s.encode(tag)), noon); err != nil {
		t.Fatal(err)
	}
	with := func(change func(*Sealed)) []byte {
		other := s
		other.Body = bytes.Clone(s.Body)
		change(&other)
		return around(b.ID(), other.encode(tag))
	}
	cases := map[string][]byte{
		"sender is the receiver": with(func(s *Sealed) { s.Sender = b.ID() }),
		"sender is another":      with(func(s *Sealed) { s.Sender = c.ID() }),
		"sender is the account":  with(func(s *Sealed) { s.Sender = a.account }),
		"sender's other name":    with(func(s *Sealed) { s.Sender[32] ^= 0x80 }),
		"sender is no key":       with(func(s *Sealed) { s.Sender = core.ID{5, 1} }),
		"another account":        with(func(s *Sealed) { s.Account = b.account }),
		"kind":                   with(func(s *Sealed) { s.Kind = PreKey }),
		"kind of linking":        with(func(s *Sealed) { s.Kind = Linking }),
		"created later":          with(func(s *Sealed) { s.Created++ }),
		"created earlier":        with(func(s *Sealed) { s.Created-- }),
		"body":                   with(func(s *Sealed) { s.Body[0] ^= 1 }),
		"longer body":            with(func(s *Sealed) { s.Body = append(s.Body, 0) }),
		"no tag":                 around(b.ID(), s.encode(nil)),
		"short tag":              around(b.ID(), s.encode(tag[:31])),
		"empty tag":              around(b.ID(), s.encode([]byte{})),
		"tag of the other way":   around(b.ID(), s.encode(tagBy(t, s, b, a.ID()))),
	}
	for i := 0; i < len(tag); i += 3 {
		changed := bytes.Clone(tag)
		changed[i] ^= 1
		cases["tag byte "+string(rune('a'+i))] = around(b.ID(), s.encode(changed))
	}
	for name, data := range cases {
		if got, err := OpenDevice(b.Device, data, noon); err != ErrEnvelope || !got.Sender.IsZero() || got.Body != nil {
			t.Errorf("%s: %+v, %v, want ErrEnvelope and nothing", name, got, err)
		}
	}
	// Passed on by its receiver, to a third and back to the sender.
	for name, to := range map[string]*identity.Device{"a third": c, "the sender": a.Device} {
		if _, err := OpenDevice(to, around(to.ID(), s.encode(tag)), noon); err != ErrEnvelope {
			t.Errorf("passed on to %s: %v, want ErrEnvelope", name, err)
		}
	}
}

func tagBy(t *testing.T, s Sealed, by Agreer, to core.ID) []byte {
	t.Helper()
	tag, err := s.tag(by, to, to)
	if err != nil {
		t.Fatal(err)
	}
	return tag
}

// A stranger knows every public key and can write to every mailbox, but makes
// no tag that is not his own.
func TestStrangersTagsAreRefused(t *testing.T) {
	a, b := parties(t)
	eve := number(t, 66)
	s := a.message(Ratchet)
	s.Sender = a.ID()
	for name, tag := range map[string][]byte{
		"with his key and the receiver's": tagBy(t, s, eve, b.ID()),
		"with his key and the sender's":   tagBy(t, s, eve, a.ID()),
		"zeros":                           make([]byte, tagSize),
	} {
		if _, err := OpenDevice(b.Device, around(b.ID(), s.encode(tag)), noon); err != ErrEnvelope {
			t.Errorf("%s: %v, want ErrEnvelope", name, err)
		}
	}
	// A sender of small order would have a secret that everybody knows.
	for _, u := range [][32]byte{{}, {1}} {
		s.Sender = core.IDFromX25519(u)
		mac := hmac.New(sha256.New, wire.HKDF(make([]byte, 32), nil, infoTag, 32))
		id := b.ID()
		mac.Write(wire.LP(s.Sender[:], s.Account[:], id[:]))
		mac.Write([]byte{byte(s.Kind), 0, 0, 0x01, 0x8b, 0xcf, 0xe5, 0x68, 0x00})
		mac.Write(wire.LP(s.Body))
		if _, err := OpenDevice(b.Device, around(b.ID(), s.encode(mac.Sum(nil))), noon); err != ErrEnvelope {
			t.Errorf("sender %x: %v, want ErrEnvelope", u[0], err)
		}
	}
}

// Linking is signed inside: a device that nobody knows yet can say something,
// and what it says of itself is only a claim.
func TestLinkingNeedsNoTag(t *testing.T) {
	a, b := parties(t)
	s := a.message(Linking)
	s.Sender = number(t, 66).ID()
	got, err := OpenDevice(b.Device, around(b.ID(), s.encode(nil)), noon)
	if err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("OpenDevice = %+v, %v", got, err)
	}
	if _, err := OpenDevice(b.Device, around(b.ID(), s.encode(make([]byte, tagSize))), noon); err != ErrEnvelope {
		t.Errorf("with a wrong tag: %v, want ErrEnvelope", err)
	}
	s.Created = noon - maxAge - 1
	if _, err := OpenDevice(b.Device, around(b.ID(), s.encode(nil)), noon); err != ErrEnvelope {
		t.Errorf("too old: %v, want ErrEnvelope", err)
	}
}

func TestTooOld(t *testing.T) {
	a, b := parties(t)
	data, err := SealDevice(a, b.ID(), a.message(Ratchet))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		now  core.Millis
		want error
	}{
		{noon, nil}, {noon - core.Hour, nil}, {noon + 15*core.Day, nil}, {noon + 15*core.Day + 1, ErrEnvelope}, {0, nil},
	} {
		if _, err := OpenDevice(b.Device, data, c.now); err != c.want {
			t.Errorf("at noon %+d ms: %v, want %v", c.now-noon, err, c.want)
		}
	}
}

func TestSealDeviceRefusesNoKey(t *testing.T) {
	a, _ := parties(t)
	for _, kind := range []Kind{Ratchet, Linking} {
		for _, u := range [][32]byte{{}, {1}} {
			if data, err := SealDevice(a, core.IDFromX25519(u), a.message(kind)); err != identity.ErrKey || data != nil {
				t.Errorf("kind %d to %x: %v, want identity.ErrKey", kind, u[0], err)
			}
		}
	}
}

// A node can change what is outside the box; it changes nothing.
func TestOutsideOfTheBoxIsNotBelieved(t *testing.T) {
	a, b := parties(t)
	data, err := SealDevice(a, b.ID(), a.message(Ratchet))
	if err != nil {
		t.Fatal(err)
	}
	o := mustOuter(t, data)
	o.timestamp += core.Day
	if got, err := OpenDevice(b.Device, o.marshal(), noon); err != nil || got.Created != noon {
		t.Errorf("created %d, %v", got.Created, err)
	}
	ids := [][]byte{idBytes(a.ID()), idBytes(b.ID()), idBytes(a.account), []byte("body")}
	for i, secret := range ids {
		if bytes.Contains(data, secret) {
			t.Errorf("a node can read secret %d", i)
		}
	}
}

func idBytes(id core.ID) []byte { return id[1:] }

func TestOpenDeviceGarbage(t *testing.T) {
	a, b := parties(t)
	data, err := SealDevice(a, b.ID(), a.message(Ratchet))
	if err != nil {
		t.Fatal(err)
	}
	for n := range data {
		if _, err := OpenDevice(b.Device, data[:n], noon); err != ErrEnvelope {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
	asSession := mustOuter(t, data)
	asSession.kind = typeSession
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("garbage"), "type 6": asSession.marshal(),
		"an empty box": around(b.ID(), nil), "garbage in the box": around(b.ID(), []byte{0xff, 0xff}),
		"larger than a node stores": make([]byte, maxData+1),
		"Session's format":          SealSession(a, b.ID(), noon, text("hi")),
	} {
		if _, err := OpenDevice(b.Device, data, noon); err != ErrEnvelope {
			t.Errorf("%s: %v, want ErrEnvelope", name, err)
		}
	}
}

func TestParseSealed(t *testing.T) {
	a, _ := parties(t)
	s := a.message(Ratchet)
	s.Sender = a.ID()
	tag := make([]byte, tagSize)
	good := s.encode(tag)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	if got, _, err := parseSealed(join(wire.AppendText(nil, 99, "later"), good, wire.AppendUint(nil, 7, 1))); err != nil || !reflect.DeepEqual(got, s) {
		t.Errorf("with unknown fields: %+v, %v", got, err)
	}
	fields := map[int][]byte{
		1: wire.AppendBytes(nil, 1, s.Sender[:]), 2: wire.AppendUint(nil, 2, 1), 3: wire.AppendText(nil, 3, "body"),
		4: wire.AppendUint(nil, 4, uint64(noon)), 5: wire.AppendBytes(nil, 5, tag), 6: wire.AppendBytes(nil, 6, s.Account[:]),
	}
	replaced := func(number int, by []byte) []byte {
		var out []byte
		for n := 1; n <= len(fields); n++ {
			if n == number {
				out = append(out, by...)
			} else {
				out = append(out, fields[n]...)
			}
		}
		return out
	}
	if !bytes.Equal(replaced(0, nil), good) {
		t.Fatal("the fields are not those of encode")
	}
	group := bytes.Clone(s.Sender[:])
	group[0] = 3
	for name, b := range map[string][]byte{
		"nothing": {}, "no sender": replaced(1, nil), "no kind": replaced(2, nil), "no body": replaced(3, nil),
		"no time": replaced(4, nil), "no account": replaced(6, nil),
		"two senders": join(good, fields[1]), "two kinds": join(good, fields[2]), "two bodies": join(good, fields[3]),
		"two times": join(good, fields[4]), "two tags": join(good, fields[5]), "two accounts": join(good, fields[6]),
		"short sender":      replaced(1, wire.AppendBytes(nil, 1, s.Sender[:32])),
		"sender is a group": replaced(1, wire.AppendBytes(nil, 1, group)),
		"account is zero":   replaced(6, wire.AppendBytes(nil, 6, make([]byte, 33))),
		"kind of two bytes": replaced(2, wire.AppendUint(nil, 2, 257)),
		"kind as bytes":     replaced(2, wire.AppendBytes(nil, 2, []byte{1})),
		"empty body":        replaced(3, wire.AppendBytes(nil, 3, nil)),
		"time beyond int64": replaced(4, wire.AppendUint(nil, 4, 1<<63)),
		"long tag":          replaced(5, wire.AppendBytes(nil, 5, make([]byte, tagSize+1))),
	} {
		if got, tag, err := parseSealed(b); err != ErrEnvelope || !got.Sender.IsZero() || tag != nil {
			t.Errorf("%s: %+v, %v, want ErrEnvelope and nothing", name, got, err)
		}
	}
}

func FuzzParseSealed(f *testing.F) {
	a, _ := parties(f)
	s := a.message(Ratchet)
	s.Sender = a.ID()
	f.Add(s.encode(make([]byte, tagSize)))
	f.Add(s.encode(nil))
	f.Add([]byte{0x0a, 0x21})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, tag, err := parseSealed(b)
		if err != nil {
			if err != ErrEnvelope || s.Body != nil || tag != nil {
				t.Fatalf("%+v with %v", s, err)
			}
			return
		}
		again, tagAgain, err := parseSealed(s.encode(tag))
		if err != nil || !reflect.DeepEqual(again, s) || !bytes.Equal(tagAgain, tag) {
			t.Fatalf("read again it is different: %v", err)
		}
	})
}
