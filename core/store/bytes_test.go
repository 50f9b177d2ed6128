package store

import (
	"bytes"
	"errors"
	"math"
	"testing"

	"tandem/core"
)

// The parsers see only what the seal let through; they are strict all the same.

func FuzzParseMessage(f *testing.F) {
	f.Add([]byte{})
	f.Add(marshalMessage(core.Message{}))
	f.Add(marshalMessage(core.Message{Sent: -5, Body: "body", Cause: "cause", Status: core.Failed}))
	f.Add(marshalMessage(core.Message{Body: "cut"})[:messageFixed+5])
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := parseMessage([]byte{byte(kindMessage)}, b)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				t.Errorf("error %v", err)
			}
			return
		}
		if again := marshalMessage(m); !bytes.Equal(again, b) {
			t.Errorf("%x became %x", b, again)
		}
	})
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
