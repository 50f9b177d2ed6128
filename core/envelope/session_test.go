package envelope

import (
	"bytes"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"filippo.io/edwards25519"
	"golang.org/x/crypto/blake2b"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

//go:embed testdata/session_protocol.json
var sessionVectors []byte

type sessionFile struct {
	Sender, Recipient struct {
		Seed string `json:"ed25519_seed_hex"`
		Ed   string `json:"ed25519_public_hex"`
		ID   string `json:"session_id"`
	}
	Case struct {
		Body      string
		At        core.Millis `json:"sig_timestamp"`
		Padded    string      `json:"padded_hex"`
		Signature string      `json:"signature_hex"`
		Sealed    string      `json:"sealed_hex"`
		Envelope  string      `json:"envelope_hex"`
		WebSocket string      `json:"websocket_message_hex"`
		Stored    string      `json:"store_data_base64"`
		Hash      string      `json:"storage_hash_for_recipient_namespace0"`
	}
	Hello struct {
		Published string `json:"published_hex"`
	} `json:"deterministic_hello"`
}

func loadSession(t testing.TB) (file sessionFile, sender, recipient *identity.Device) {
	t.Helper()
	if err := json.Unmarshal(sessionVectors, &file); err != nil {
		t.Fatal(err)
	}
	return file, deviceOf(t, unhex(t, file.Sender.Seed)), deviceOf(t, unhex(t, file.Recipient.Seed))
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// deviceOf makes a key from a seed: an account's as well, whose seed is its
// entropy and zeros.
func deviceOf(t testing.TB, seed []byte) *identity.Device {
	t.Helper()
	d, err := identity.ParseDevice(seed)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func number(t testing.TB, n byte) *identity.Device {
	t.Helper()
	return deviceOf(t, bytes.Repeat([]byte{n}, 32))
}

// Every link of the chain that libsodium made (network.md §8): signature, box,
// envelope, wrapper, base64 and hash.
func TestSessionVectors(t *testing.T) {
	file, sender, recipient := loadSession(t)
	c := file.Case
	senderID, recipientID := sender.ID(), recipient.ID()
	if senderID.Hex() != file.Sender.ID || recipientID.Hex() != file.Recipient.ID {
		t.Fatal("other keys than in the file")
	}

	signature := sender.Sign(signedBySession(unhex(t, c.Padded), sender.Ed(), recipient.ID()))
	if hex.EncodeToString(signature) != c.Signature {
		t.Errorf("signature = %x", signature)
	}
	plain, err := recipient.OpenBox(unhex(t, c.Sealed))
	if err != nil || hex.EncodeToString(plain) != c.Padded+file.Sender.Ed+c.Signature {
		t.Errorf("the box holds %x, %v", plain, err)
	}

	data, err := base64.StdEncoding.DecodeString(c.Stored)
	if err != nil || hex.EncodeToString(data) != c.WebSocket {
		t.Errorf("the stored data is not the wrapper: %v", err)
	}
	if hash := blake2b.Sum256(append(recipientID[:], data...)); base64.RawStdEncoding.EncodeToString(hash[:]) != c.Hash {
		t.Error("another message hash")
	}
	o, err := parseOuter(data)
	want := outer{kind: typeSession, timestamp: c.At, content: unhex(t, c.Sealed)}
	if err != nil || !reflect.DeepEqual(o, want) {
		t.Errorf("parseOuter: kind %d at %d, %v", o.kind, o.timestamp, err)
	}
	// The file's envelope has two fields more, sourceDevice and proSig, which
	// today's clients do not need.
	without := strings.TrimSuffix(strings.Replace(c.Envelope, "3801", "", 1), "5a40"+strings.Repeat("aa", 64))
	if got := hex.EncodeToString(want.marshal()); got != "0801"+"12c5020a0012001abc02"+without+"2000" {
		t.Errorf("our wrapper = %s", got)
	}

	got, err := OpenSession(recipient, data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Sender != sender.ID() || got.Ed != sender.Ed() || got.Sent != c.At || got.Content.SigTimestamp != c.At ||
		got.Content.Data == nil || got.Content.Data.Body != c.Body {
		t.Errorf("OpenSession = %+v", got)
	}
}

// libsession's published box, whose bytes do not come from us or from libsodium.
func TestPublishedHello(t *testing.T) {
	file, sender, recipient := loadSession(t)
	plain, err := recipient.OpenBox(unhex(t, file.Hello.Published))
	if err != nil {
		t.Fatal(err)
	}
	ed := sender.Ed()
	want := append([]byte("hello"), ed[:]...)
	want = append(want, sender.Sign(signedBySession([]byte("hello"), ed, recipient.ID()))...)
	if !bytes.Equal(plain, want) {
		t.Errorf("the box holds %x, want %x", plain, want)
	}
}

func text(s string) *wire.Content { return &wire.Content{Data: &wire.DataMessage{Body: s}} }

func TestSessionRoundTrip(t *testing.T) {
	root := identity.NewRoot()
	account, recipient := root.Account(), number(t, 2)
	content := text("hi")
	data := SealSession(account, recipient.ID(), 1234, content)
	if content.SigTimestamp != 0 {
		t.Error("the caller's content was changed")
	}
	got, err := OpenSession(recipient, data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Sender != account.ID() || got.Ed != account.Ed() || got.Sent != 1234 || got.Content.SigTimestamp != 1234 || got.Content.Data.Body != "hi" {
		t.Errorf("OpenSession = %+v", got)
	}
	// To oneself, as Note to self goes.
	if got, err := OpenSession(account, SealSession(account, account.ID(), 1, text("note"))); err != nil || got.Sender != account.ID() {
		t.Errorf("to oneself: %v", err)
	}
	if bytes.Equal(data, SealSession(account, recipient.ID(), 1234, content)) {
		t.Error("two boxes are equal")
	}
}

// Nothing about the sender or the text is outside the box.
func TestSessionHidesTheSender(t *testing.T) {
	sender, recipient := number(t, 1), number(t, 2)
	data := SealSession(sender, recipient.ID(), 1234, text("a text to look for"))
	ed, id, to := sender.Ed(), sender.ID(), recipient.ID()
	for name, secret := range map[string][]byte{
		"sender's Ed25519 key": ed[:], "sender's ID": id[1:], "recipient's ID": to[1:],
		"sender's ID in hex": []byte(id.Hex()), "text": []byte("look for"),
	} {
		if bytes.Contains(data, secret) {
			t.Errorf("the %s can be read by a node", name)
		}
	}
}

// sealedBy builds a message in Session's format by hand.
func sealedBy(to core.ID, envelopeTime core.Millis, padded []byte, ed core.EdKey, signature []byte) []byte {
	plain := append(append(bytes.Clone(padded), ed[:]...), signature...)
	return outer{kind: typeSession, timestamp: envelopeTime, content: identity.SealBox(to, plain)}.marshal()
}

func ofType(t *testing.T, kind uint64, data []byte) []byte {
	t.Helper()
	o := mustOuter(t, data)
	o.kind = kind
	return o.marshal()
}

func TestOpenSessionRefuses(t *testing.T) {
	a, b, eve := number(t, 1), number(t, 2), number(t, 3)
	stamped := func(at core.Millis) []byte {
		c := text("hi")
		c.SigTimestamp = at
		return wire.Pad(c.Marshal())
	}
	padded := stamped(1000)
	sign := func(by *identity.Device, padded []byte, ed core.EdKey, to core.ID) []byte {
		return by.Sign(signedBySession(padded, ed, to))
	}
	good := sign(a, padded, a.Ed(), b.ID())
	if _, err := OpenSession(b, sealedBy(b.ID(), 1000, padded, a.Ed(), good)); err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(padded)
	changed[5] ^= 1
	longer := append(bytes.Clone(padded), make([]byte, 160)...)
	other := stamped(999)
	neutral := core.EdKey{1}
	mixed := mixedOrder(t, eve)
	for name, data := range map[string][]byte{
		"signed by another":            sealedBy(b.ID(), 1000, padded, a.Ed(), sign(eve, padded, a.Ed(), b.ID())),
		"signed by another as himself": sealedBy(b.ID(), 1000, padded, a.Ed(), sign(eve, padded, eve.Ed(), b.ID())),
		"the key exchanged":            sealedBy(b.ID(), 1000, padded, eve.Ed(), good),
		"passed on to another":         sealedBy(b.ID(), 1000, padded, a.Ed(), sign(a, padded, a.Ed(), eve.ID())),
		"for another":                  sealedBy(eve.ID(), 1000, padded, a.Ed(), good),
		"content changed":              sealedBy(b.ID(), 1000, changed, a.Ed(), good),
		"padding changed":              sealedBy(b.ID(), 1000, longer, a.Ed(), good),
		"envelope's time is later":     sealedBy(b.ID(), 1001, padded, a.Ed(), good),
		"envelope's time is zero":      sealedBy(b.ID(), 0, padded, a.Ed(), good),
		"signed time is earlier":       sealedBy(b.ID(), 1000, other, a.Ed(), sign(a, other, a.Ed(), b.ID())),
		"key of small order":           sealedBy(b.ID(), 1000, padded, neutral, forgedUnderNeutral(eve)),
		"key of mixed order":           sealedBy(b.ID(), 1000, padded, mixed, sign(eve, padded, mixed, b.ID())),
		"no key at all":                sealedBy(b.ID(), 1000, padded, core.EdKey{2}, good),
		"no content":                   sealedBy(b.ID(), 1000, wire.Pad([]byte{0xff}), a.Ed(), sign(a, wire.Pad([]byte{0xff}), a.Ed(), b.ID())),
		"shorter than key and signature": outer{
			kind: typeSession, timestamp: 1, content: identity.SealBox(b.ID(), make([]byte, sessionTail-1)),
		}.marshal(),
		"empty box":       outer{kind: typeSession, timestamp: 1, content: identity.SealBox(b.ID(), nil)}.marshal(),
		"type of devices": ofType(t, typeDevice, sealedBy(b.ID(), 1000, padded, a.Ed(), good)),
		"closed group":    ofType(t, 7, sealedBy(b.ID(), 1000, padded, a.Ed(), good)),
	} {
		if got, err := OpenSession(b, data); err != ErrEnvelope || got.Content != nil || !got.Sender.IsZero() {
			t.Errorf("%s: %+v, %v, want ErrEnvelope and nothing", name, got, err)
		}
	}
}

// Old clients send no sigTimestamp and no padding (network.md §8).
func TestOpenSessionTakesOldClients(t *testing.T) {
	a, b := number(t, 1), number(t, 2)
	plain := text("old").Marshal()
	data := sealedBy(b.ID(), 1000, plain, a.Ed(), a.Sign(signedBySession(plain, a.Ed(), b.ID())))
	if got, err := OpenSession(b, data); err != nil || got.Content.Data.Body != "old" || got.Sent != 1000 {
		t.Errorf("OpenSession = %+v, %v", got, err)
	}
}

// A stored message opens whole and unchanged, or not at all.
func TestOpenSessionDamage(t *testing.T) {
	a, b := number(t, 1), number(t, 2)
	data := SealSession(a, b.ID(), 1_700_000_000_123, text("hi"))
	for n := range data {
		if _, err := OpenSession(b, data[:n]); err != ErrEnvelope {
			t.Errorf("first %d of %d bytes: %v", n, len(data), err)
		}
	}
	box := bytes.Index(data, mustOuter(t, data).content)
	for i := box; i < len(data)-2; i += 5 {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if _, err := OpenSession(b, changed); err != ErrEnvelope {
			t.Errorf("byte %d of the box may change", i-box)
		}
	}
}

// mixedOrder is the key of d plus the point of order two: a valid point with
// the same private key, and another ID.
func mixedOrder(t *testing.T, d *identity.Device) core.EdKey {
	t.Helper()
	ed := d.Ed()
	p, err := new(edwards25519.Point).SetBytes(ed[:])
	if err != nil {
		t.Fatal(err)
	}
	two, err := new(edwards25519.Point).SetBytes(unhex(t, "ec"+strings.Repeat("ff", 30)+"7f"))
	if err != nil {
		t.Fatal(err)
	}
	return core.EdKey(p.Add(p, two).Bytes())
}

// forgedUnderNeutral is R = s·B, which the standard library verifies for every
// message under the neutral element.
func forgedUnderNeutral(d *identity.Device) []byte {
	ed := d.Ed()
	h := sha512.Sum512(d.MarshalSecret())
	s, err := edwards25519.NewScalar().SetBytesWithClamping(h[:32])
	if err != nil {
		panic(err)
	}
	return append(ed[:], s.Bytes()...)
}

func TestParseOuter(t *testing.T) {
	good := outer{kind: 6, timestamp: 1, content: []byte("box")}
	env := wire.AppendBytes(wire.AppendUint(wire.AppendUint(nil, 1, 6), 5, 1), 8, []byte("box"))
	around := func(env []byte) []byte { return wire.AppendBytes(nil, 2, wire.AppendBytes(nil, 3, env)) }
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, b := range map[string][]byte{
		"ours":               good.marshal(),
		"the least":          around(env),
		"unknown fields":     join(around(join(env, wire.AppendText(nil, 2, "source"), wire.AppendUint(nil, 7, 1), wire.AppendUint(nil, 10, 9), wire.AppendBytes(nil, 11, make([]byte, 64)))), wire.AppendUint(nil, 9, 1)),
		"an unusual order":   join(around(env), wire.AppendUint(nil, 1, 1)),
		"headers and a path": wire.AppendBytes(nil, 2, join(wire.AppendText(nil, 1, "PUT"), wire.AppendText(nil, 2, "/x"), wire.AppendText(nil, 5, "a"), wire.AppendText(nil, 5, "b"), wire.AppendBytes(nil, 3, env))),
	} {
		if o, err := parseOuter(b); err != nil || !reflect.DeepEqual(o, good) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
	for name, b := range map[string][]byte{
		"nothing":                 {},
		"no request":              wire.AppendUint(nil, 1, 1),
		"no envelope":             wire.AppendBytes(nil, 2, wire.AppendText(nil, 1, "")),
		"empty envelope":          around(nil),
		"no type":                 around(env[2:]),
		"no time":                 around(wire.AppendBytes(wire.AppendUint(nil, 1, 6), 8, []byte("box"))),
		"no content":              around(env[:4]),
		"empty content":           around(wire.AppendBytes(bytes.Clone(env[:4]), 8, nil)),
		"two types":               around(join(env, wire.AppendUint(nil, 1, 6))),
		"two times":               around(join(env, wire.AppendUint(nil, 5, 1))),
		"two contents":            around(join(env, wire.AppendBytes(nil, 8, []byte("x")))),
		"two envelopes":           wire.AppendBytes(nil, 2, join(wire.AppendBytes(nil, 3, env), wire.AppendBytes(nil, 3, env))),
		"two requests":            join(around(env), around(env)),
		"time beyond int64":       around(join(wire.AppendUint(nil, 1, 6), wire.AppendUint(nil, 5, 1<<63), wire.AppendBytes(nil, 8, []byte("x")))),
		"type as bytes":           around(join(wire.AppendBytes(nil, 1, []byte{6}), env[2:])),
		"request as number":       wire.AppendUint(nil, 2, 1),
		"larger than nodes store": join(around(env), wire.AppendBytes(nil, 9, make([]byte, maxData))),
		"JSON":                    []byte(`{"type":1}`),
	} {
		if o, err := parseOuter(b); err != ErrEnvelope || o.content != nil {
			t.Errorf("%s: %+v, %v, want ErrEnvelope and nothing", name, o, err)
		}
	}
}

func FuzzParseOuter(f *testing.F) {
	file, _, _ := loadSession(f)
	f.Add(unhex(f, file.Case.WebSocket))
	f.Add(outer{kind: 1, timestamp: 1, content: []byte("box")}.marshal())
	f.Add([]byte{0x12, 0x02, 0x1a, 0x00})
	f.Fuzz(func(t *testing.T, b []byte) {
		o, err := parseOuter(b)
		if err != nil {
			if err != ErrEnvelope || o.content != nil {
				t.Fatalf("%+v with %v", o, err)
			}
			return
		}
		if again, err := parseOuter(o.marshal()); err != nil || !reflect.DeepEqual(again, o) {
			// Our wrapper may push a message over the limit of a node.
			if len(o.marshal()) <= maxData {
				t.Fatalf("read again it is different: %v", err)
			}
		}
	})
}

// What is inside the box is a stranger's as well.
func FuzzOpenSession(f *testing.F) {
	a, b := number(f, 1), number(f, 2)
	good, err := b.OpenBox(mustOuter(f, SealSession(a, b.ID(), 5, text("hi"))).content)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(make([]byte, sessionTail))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, plain []byte) {
		o := outer{kind: typeSession, timestamp: 5, content: identity.SealBox(b.ID(), plain)}
		got, err := OpenSession(b, o.marshal())
		if err != nil {
			if err != ErrEnvelope || got.Content != nil {
				t.Fatalf("%+v with %v", got, err)
			}
			return
		}
		if got.Content == nil || !identity.Matches(got.Sender, got.Ed) {
			t.Fatalf("accepted without content or with a foreign key: %+v", got)
		}
	})
}

func mustOuter(t testing.TB, data []byte) outer {
	t.Helper()
	o, err := parseOuter(data)
	if err != nil {
		t.Fatal(err)
	}
	return o
}
