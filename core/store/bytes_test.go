package store

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"math"
	"sync"
	"testing"

	"tandem/core"
)

// The parsers see only what the seal let through; they are strict all the same.

func FuzzParseMessage(f *testing.F) {
	f.Add([]byte{})
	f.Add(marshalMessage(core.Message{}))
	f.Add(marshalMessage(core.Message{Sent: -5, Body: "body", Cause: "cause", Status: core.Failed}))
	f.Add(marshalMessage(core.Message{Body: "cut"})[:messageFixed+messageMore+5])
	f.Add(marshalMessage(core.Message{Unable: "attachment", Unverified: true, Ends: 5, Cause: "cause"}))
	f.Add(firstMessage("body"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMessage([]byte{byte(kindMessage)}, b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v", err)
			}
			return
		}
		if again := marshalMessage(m); b[0] != firstFormat && !bytes.Equal(again, b) {
			t.Errorf("%x became %x", b, again)
		}
	})
}

// firstMessage is a message as the first version of Tandem stored it.
func firstMessage(body string) []byte {
	b := marshalMessage(core.Message{Sent: 7, Direction: core.Out, Status: core.Failed})[:messageFixed]
	b[0] = firstFormat
	return append(append(b, 0, 0, 0, byte(len(body))), body+"cause"...)
}

func TestMessagesOfTheFirstFormatAreRead(t *testing.T) {
	want := core.Message{Sent: 7, Direction: core.Out, Status: core.Failed, Body: "body", Cause: "cause"}
	if m, err := parseMessage(nil, firstMessage("body")); err != nil || m != want {
		t.Errorf("%+v, %v", m, err)
	}
}

func FuzzParseBlob(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 0, 0, 0})
	f.Add([]byte("\x00\x00\x00\x04namevalue"))
	f.Add([]byte("\xff\xff\xff\xffname"))
	f.Fuzz(func(t *testing.T, b []byte) {
		blob, err := parseBlob([]byte{byte(Profile)}, b)
		if err == nil && len(blob.Name)+len(blob.Value)+4 != len(b) {
			t.Errorf("%x lost bytes", b)
		}
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("error %v", err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	seal := newSealer(make([]byte, keySize))
	key := recordKey(Profile)
	f.Add([]byte{})
	f.Add(seal.seal(recordKey(Keyring), []byte("another key")))
	f.Add(seal.seal(key, []byte("value"))[:30])
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := seal.open(key, b); !errors.Is(err, ErrDamaged) {
			t.Errorf("error %v", err)
		}
	})
}

func TestAfter(t *testing.T) {
	for _, c := range []struct{ prefix, want []byte }{
		{[]byte{1}, []byte{2}},
		{[]byte{1, 0xff}, []byte{2}},
		{[]byte{1, 2, 0xff, 0xff}, []byte{1, 3}},
		{[]byte{0xff, 0xff}, nil},
	} {
		given := bytes.Clone(c.prefix)
		if got := after(given); !bytes.Equal(got, c.want) || !bytes.Equal(given, c.prefix) {
			t.Errorf("after %x: %x, want %x", c.prefix, got, c.want)
		}
	}
}

// TestTagsOfDifferentNamesDiffer: the kind and the borders between the parts of a
// name are part of the name.
func TestTagsOfDifferentNamesDiffer(t *testing.T) {
	tag := newSealer(make([]byte, keySize)).tag
	part := func(s string) []byte { return []byte(s) }
	seen := map[string]int{}
	for i, got := range [][]byte{
		tag(Profile, part("ab"), part("c")),
		tag(Profile, part("a"), part("bc")),
		tag(Profile, part("abc")),
		tag(Profile, part("abc"), nil),
		tag(Keyring, part("abc")),
	} {
		if other, again := seen[string(got)]; again {
			t.Errorf("names %d and %d share a tag", other, i)
		}
		seen[string(got)] = i
		if len(got) != tagSize {
			t.Errorf("tag %d has %d bytes", i, len(got))
		}
	}
}

// Tags are what PROTOCOL.md says, HMAC-SHA256 cut to 16 bytes, of however many
// names, asked for by many at once, again and again.
func TestTagsOfManyNames(t *testing.T) {
	seal := newSealer(make([]byte, keySize))
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 3 * maxNames {
				name := number(uint64(i % (2 * maxNames)))
				mac := hmac.New(sha256.New, seal.keys.names)
				mac.Write(append([]byte{byte(Profile), 0, 0, 0, 8}, name...))
				if got := seal.tag(Profile, name); !bytes.Equal(got, mac.Sum(nil)[:tagSize]) {
					t.Errorf("name %d has the tag %x", i, got)
				}
			}
		})
	}
	all.Wait()
	if n := len(seal.names.known); n > maxNames {
		t.Errorf("%d names are remembered", n)
	}
	if seal.wipe(); len(seal.names.known) > 0 {
		t.Error("names outlive the keys")
	}
}

// TestMomentsSortByTime, those before 1970 too.
func TestMomentsSortByTime(t *testing.T) {
	sorted := []core.Millis{math.MinInt64, -256, -1, 0, 1, 255, 256, math.MaxInt64}
	for i, at := range sorted {
		if got := parseMoment(moment(at)); got != at {
			t.Errorf("%d became %d", at, got)
		}
		if i > 0 && bytes.Compare(moment(sorted[i-1]), moment(at)) >= 0 {
			t.Errorf("%d sorts behind %d", sorted[i-1], at)
		}
	}
}

// FuzzParseLock: what is not a lock is refused before Argon2id is asked to do
// anything, and what is one is the same again.
func FuzzParseLock(f *testing.F) {
	whole := newLock("passphrase", make([]byte, 2*keySize))
	f.Add([]byte{})
	f.Add(whole)
	f.Add(whole[:lockHeader])
	f.Add(append(bytes.Clone(whole[:1]), bytes.Repeat([]byte{0xff}, lockSize-1)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := parseLock(b)
		if err != nil {
			if err != ErrDamaged {
				t.Errorf("error %v", err)
			}
			return
		}
		if again := append(l.header(), l.sealed...); !bytes.Equal(again, b) {
			t.Errorf("%x became %x", b, again)
		}
		if l.cost.memory > 64*1024 || l.cost.passes > 8 || l.cost.lanes > 4 || l.cost.memory < 19*1024 || l.cost.passes < 2 || l.cost.lanes < 1 {
			t.Errorf("a guess costs %v", l.cost)
		}
	})
}

// FuzzParseSecrets: one key makes two, two are themselves, anything else is none;
// and what was read shares no memory with what it was read from.
func FuzzParseSecrets(f *testing.F) {
	f.Add([]byte{})
	f.Add(make([]byte, keySize))
	f.Add(secrets{bytes.Repeat([]byte{1}, keySize), bytes.Repeat([]byte{2}, keySize)}.marshal())
	f.Add(make([]byte, 2*keySize+1))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, ok := parseSecrets(b)
		if ok != (len(b) == keySize || len(b) == 2*keySize) {
			t.Fatalf("%d bytes: %t", len(b), ok)
		}
		if !ok {
			return
		}
		both := k.marshal()
		if len(k.values) != keySize || len(k.names) != keySize || bytes.Equal(k.values, k.names) && len(b) == keySize {
			t.Fatalf("keys of %d and %d bytes", len(k.values), len(k.names))
		}
		if len(b) == 2*keySize && !bytes.Equal(both, b) {
			t.Fatal("two keys became others")
		}
		for i := range b {
			b[i] ^= 0xff
		}
		if !bytes.Equal(k.marshal(), both) {
			t.Fatal("they lie in the memory that they were read from")
		}
		if again, ok := parseSecrets(both); !ok || !bytes.Equal(again.marshal(), both) {
			t.Fatal("read again they are others")
		}
	})
}

// FuzzParseTries: the one record that is not sealed can be anything. What is none
// counts as the most tries.
func FuzzParseTries(f *testing.F) {
	f.Add(Tries{Wrong: 3, Until: 1_700_000_000_000}.marshal())
	f.Add([]byte{})
	f.Add(make([]byte, triesSize+1))
	f.Fuzz(func(t *testing.T, b []byte) {
		tries := parseTries(b)
		if len(b) != triesSize && tries != (Tries{Wrong: 255}) {
			t.Errorf("%x are %+v", b, tries)
		}
		if len(b) == triesSize && !bytes.Equal(tries.marshal(), b) {
			t.Errorf("%x became %x", b, tries.marshal())
		}
	})
}

// TestLockHoldsItsSecret, and no two locks are equal.
func TestLockHoldsItsSecret(t *testing.T) {
	secret := bytes.Repeat([]byte{7}, 2*keySize)
	a, b := newLock("passphrase", secret), newLock("passphrase", secret)
	if bytes.Equal(a[7:lockHeader], b[7:lockHeader]) || bytes.Equal(a[lockHeader:lockHeader+24], b[lockHeader:lockHeader+24]) {
		t.Error("salt or nonce is used twice")
	}
	if bytes.Contains(a, secret[:8]) {
		t.Error("the secret is readable")
	}
	l, err := parseLock(a)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.open("passphrase"); err != nil || !bytes.Equal(got, secret) {
		t.Errorf("open: %v", err)
	}
	for i := range l.sealed[:30] {
		l.sealed[i] ^= 1
		if i%8 == 0 {
			if _, err := l.open("passphrase"); err != ErrPassphrase {
				t.Errorf("byte %d changed: %v", i, err)
			}
		}
		l.sealed[i] ^= 1
	}
}
