package ratchet

import (
	"bytes"
	_ "embed"
	"encoding/hex"
	"strings"
	"testing"

	"tandem/core"
)

//go:embed testdata/a5.txt
var transcript string

// TestClaim13_WireFormat plays both sides of a conversation of the real
// library, with the keys that it drew, and compares every byte.
func TestClaim13_WireFormat(t *testing.T) {
	a5 := readTranscript(t)
	alice, bob := rawIdentity{a5.pair("alice identity private")}, rawIdentity{a5.pair("bob identity private")}
	bobKeys := a5.bobPreKeys(bob)

	// The bundle of Bob crosses the wire, so its signature is verified.
	bundle, err := ParseBundle(Bundle{
		Identity:  bob.PublicKey(),
		SignedID:  1,
		Signed:    bobKeys.signed[0].pair.public,
		Signature: bobKeys.signed[0].signature,
		OneTimeID: 1,
		OneTime:   bobKeys.oneTime[0].pair.public,
	}.Marshal())
	if err != nil {
		t.Fatal(err)
	}

	aliceDraws := a5.draws("alice base key private", "alice first ratchet private", "alice second ratchet private")
	bobDraws := a5.draws("bob first ratchet private", "bob second ratchet private")
	const registration = 1111
	begun, err := initiate(alice, bundle, registration, 0, aliceDraws)
	if err != nil {
		t.Fatal(err)
	}
	a := &Session{own: alice.PublicKey(), peer: bob.PublicKey(), states: []*state{begun}}

	wantSealed(t, a, "hello from A1", KindPreKey, a5.bytes("message 1"))
	opened := wantOpened(t, bob, bobKeys, nil, KindPreKey, a5.bytes("message 1"), bobDraws, "hello from A1")
	if opened.Keys == nil || len(opened.Keys.oneTime) != 0 {
		t.Error("the one-time prekey is still there after message 1")
	}
	b := opened.Session

	wantSealed(t, b, "reply from B1", KindMessage, a5.bytes("message 2"))
	a = wantOpened(t, alice, nil, a, KindMessage, a5.bytes("message 2"), aliceDraws, "reply from B1").Session

	wantSealed(t, a, "third, from A", KindMessage, a5.bytes("message 3"))
	b = wantOpened(t, bob, bobKeys, b, KindMessage, a5.bytes("message 3"), bobDraws, "third, from A").Session

	if got := encodeKey(b.states[0].sending.public); !bytes.Equal(got, a5.bytes("bob second ratchet public")) {
		t.Errorf("bob's last ratchet key is %x", got)
	}
}

// TestWireFormatPublicKeys checks the halves of A5 that the conversation does
// not show.
func TestWireFormatPublicKeys(t *testing.T) {
	a5 := readTranscript(t)
	for _, name := range []string{"bob signed prekey", "bob one-time prekey"} {
		if got := encodeKey(a5.pair(name + " private").public); !bytes.Equal(got, a5.bytes(name+" public")) {
			t.Errorf("%s: %x", name, got)
		}
	}
}

func wantSealed(t *testing.T, s *Session, text string, kind Kind, want []byte) {
	t.Helper()
	got, body, err := s.Encrypt(padded(text))
	if err != nil {
		t.Fatal(err)
	}
	if got != kind || !bytes.Equal(body, want) {
		t.Fatalf("%q: kind %d, bytes\n%x\nwant\n%x", text, got, body, want)
	}
}

func wantOpened(t *testing.T, id Identity, keys *PreKeys, s *Session, kind Kind, body []byte, draw source, want string) Opened {
	t.Helper()
	opened, err := open(id, keys, s, kind, body, 0, draw)
	if err != nil {
		t.Fatalf("%q: %v", want, err)
	}
	if !bytes.Equal(opened.Plain, padded(want)) {
		t.Fatalf("opened %q, want %q", opened.Plain, want)
	}
	return opened
}

// padded is the padding of 2020: to one less than a multiple of 160.
func padded(text string) []byte {
	out := append([]byte(text), 0x80)
	return append(out, make([]byte, 159-len(out))...)
}

// rawIdentity is an X25519 key without an Ed25519 one, as devices had then.
type rawIdentity struct{ pair keyPair }

func (r rawIdentity) PublicKey() [32]byte                   { return r.pair.public }
func (r rawIdentity) Agree(peer [32]byte) ([32]byte, error) { return r.pair.agree(peer) }
func (r rawIdentity) XEdSign([]byte) [64]byte               { panic("the transcript has its signature") }

type transcriptA5 struct {
	t      *testing.T
	values map[string]string
}

func readTranscript(t *testing.T) transcriptA5 {
	t.Helper()
	a5 := transcriptA5{t, map[string]string{}}
	for line := range strings.Lines(transcript) {
		if name, value, ok := strings.Cut(line, ": "); ok && line[0] != '#' {
			a5.values[name] = strings.TrimSpace(value)
		}
	}
	return a5
}

func (a transcriptA5) bytes(name string) []byte {
	a.t.Helper()
	b, err := hex.DecodeString(a.values[name])
	if err != nil || len(b) == 0 {
		a.t.Fatalf("transcript: %q: %v", name, err)
	}
	return b
}

func (a transcriptA5) pair(name string) keyPair {
	a.t.Helper()
	return pairOf([32]byte(a.bytes(name)))
}

// draws gives the named keys, in order and not one more.
func (a transcriptA5) draws(names ...string) source {
	return func() keyPair {
		if len(names) == 0 {
			a.t.Fatal("one key too many was drawn")
		}
		pair := a.pair(names[0])
		names = names[1:]
		return pair
	}
}

func (a transcriptA5) bobPreKeys(bob Identity) *PreKeys {
	return &PreKeys{
		identity: bob.PublicKey(),
		signed: []signedPreKey{{
			id:        1,
			pair:      a.pair("bob signed prekey private"),
			signature: [64]byte(a.bytes("bob signed prekey signature")),
			created:   core.Millis(0),
		}},
		oneTime: []oneTimePreKey{{id: 1, pair: a.pair("bob one-time prekey private")}},
	}
}
