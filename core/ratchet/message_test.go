package ratchet

import (
	"bytes"
	"errors"
	"testing"

	"tandem/core/wire"
)

// TestMalformedMessages changes one thing of a message at a time. The reader
// must see it before it looks at any key.
func TestMalformedMessages(t *testing.T) {
	key := encodeKey([32]byte{9})
	fields := func(skip int) []byte {
		out := []byte{version}
		if skip != 1 {
			out = wire.AppendBytes(out, 1, key)
		}
		if skip != 2 {
			out = wire.AppendUint(out, 2, 7)
		}
		if skip != 3 {
			out = wire.AppendUint(out, 3, 6)
		}
		if skip != 4 {
			out = wire.AppendBytes(out, 4, make([]byte, 32))
		}
		return out
	}
	end := func(b []byte) []byte { return append(b, make([]byte, macSize)...) }

	m, err := parseMessage(end(wire.AppendUint(fields(0), 99, 1)))
	if err != nil || m.counter != 7 || m.previous != 6 || m.ratchet != [32]byte{9} || len(m.body) != 32 {
		t.Fatalf("%+v, %v", m, err)
	}
	if _, err := parseMessage(end(fields(3))); err != nil {
		t.Errorf("without a previous counter: %v", err)
	}
	old := fields(0)
	old[0] = 0x22
	for name, raw := range map[string][]byte{
		"nothing":         nil,
		"only a version":  {version},
		"only a MAC":      end([]byte{version})[:1+macSize],
		"version 2":       end(old),
		"no ratchet key":  end(fields(1)),
		"no counter":      end(fields(2)),
		"no body":         end(fields(4)),
		"empty body":      end(wire.AppendBytes(fields(4), 4, nil)),
		"half a block":    end(wire.AppendBytes(fields(4), 4, make([]byte, 24))),
		"counter twice":   end(wire.AppendUint(fields(0), 2, 7)),
		"counter too big": end(wire.AppendUint(fields(2), 2, 1<<32)),
		"last counter":    end(wire.AppendUint(fields(2), 2, lastCounter+1)),
		"too long":        end(wire.AppendBytes(fields(4), 4, make([]byte, MaxMessage))),
	} {
		if _, err := parseMessage(raw); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMalformedPreKeyMessages(t *testing.T) {
	good := preKeyMessage{registration: 1, oneTime: 2, signed: 3, base: [32]byte{4}, identity: [32]byte{5}, message: []byte{6}}
	got, err := parsePreKeyMessage(good.marshal())
	if err != nil || got.registration != 1 || got.oneTime != 2 || got.signed != 3 ||
		got.base != good.base || got.identity != good.identity || !bytes.Equal(got.message, good.message) {
		t.Fatalf("%+v, %v", got, err)
	}
	key := encodeKey([32]byte{9})
	fields := func(skip int) []byte {
		out := []byte{version}
		for _, number := range []int{2, 3, 4} {
			if number != skip {
				out = wire.AppendBytes(out, number, key)
			}
		}
		if skip != 6 {
			out = wire.AppendUint(out, 6, 1)
		}
		return out
	}
	if _, err := parsePreKeyMessage(fields(0)); err != nil {
		t.Errorf("without what is optional: %v", err)
	}
	for name, raw := range map[string][]byte{
		"nothing":            nil,
		"version 4":          append([]byte{0x44}, fields(0)[1:]...),
		"no base key":        fields(2),
		"no identity":        fields(3),
		"no message":         fields(4),
		"no signed prekey":   fields(6),
		"base key twice":     wire.AppendBytes(fields(0), 2, key),
		"too long":           wire.AppendBytes(fields(0), 99, make([]byte, MaxMessage)),
		"identity cut":       wire.AppendBytes(fields(3), 3, key[:32]),
		"id of another type": wire.AppendBytes(fields(6), 6, key),
	} {
		if _, err := parsePreKeyMessage(raw); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestPadding: PKCS7 that does not fit is refused, although its MAC was right.
func TestPadding(t *testing.T) {
	keys := keysOf([32]byte{1})
	for n := range 33 {
		plain := bytes.Repeat([]byte{7}, n)
		got, err := keys.open(keys.seal(plain))
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	for name, block := range map[string][]byte{
		"zero":       make([]byte, 16),
		"seventeen":  bytes.Repeat([]byte{17}, 16),
		"not filled": append(make([]byte, 14), 1, 2),
	} {
		// One whole block of fill follows; without it the block is the end.
		if _, err := keys.open(keys.seal(block)[:16]); !errors.Is(err, ErrForm) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
