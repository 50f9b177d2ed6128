//go:build !js

package main

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
)

// part is a section of a short module: id, length, body.
func part(id byte, body ...byte) []byte {
	return append([]byte{id, byte(len(body))}, body...)
}

func module(sections ...[]byte) []byte {
	return append([]byte(header), bytes.Join(sections, nil)...)
}

func TestJoinSegments(t *testing.T) {
	code, custom := part(10, 1, 2, 0, opEnd), part(0, 4, 'n', 'a', 'm', 'e', 7)
	for name, c := range map[string]struct{ in, want []byte }{
		"a small gap becomes zeros": {
			part(11, 2, 0, 0x41, 16, 0x0b, 1, 'a', 0, 0x41, 20, 0x0b, 2, 'b', 'c'),
			part(11, 1, 0, 0x41, 16, 0x0b, 6, 'a', 0, 0, 0, 'b', 'c'),
		},
		"neighbours need none": {
			part(11, 2, 0, 0x41, 16, 0x0b, 1, 'a', 0, 0x41, 17, 0x0b, 1, 'b'),
			part(11, 1, 0, 0x41, 16, 0x0b, 2, 'a', 'b'),
		},
		"a large gap stays; 0x41 and 0x2040 have a sign to keep away": {
			part(11, 2, 0, 0x41, 0xc1, 0, 0x0b, 1, 'a', 0, 0x41, 0xc0, 0xc0, 0, 0x0b, 1, 'b'),
			part(11, 2, 0, 0x41, 0xc1, 0, 0x0b, 1, 'a', 0, 0x41, 0xc0, 0xc0, 0, 0x0b, 1, 'b'),
		},
		"the order of the linker does not matter": {
			part(11, 2, 0, 0x41, 18, 0x0b, 1, 'b', 0, 0x41, 16, 0x0b, 1, 'a'),
			part(11, 1, 0, 0x41, 16, 0x0b, 3, 'a', 0, 'b'),
		},
		"no segments": {part(11, 0), part(11, 0)},
		"no data":     {nil, nil},
	} {
		got, err := joinSegments(module(code, c.in, custom))
		if want := module(code, c.want, custom); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %x, %v, want %x", name, got, err, want)
		}
	}
}

func TestJoinSegmentsRefuses(t *testing.T) {
	for name, in := range map[string][]byte{
		"empty":                  {},
		"text":                   []byte("not a module"),
		"cut in a section":       module([]byte{10, 5, 1}),
		"passive segment":        module(part(11, 1, 1, 1, 'a')),
		"segment of memory 1":    module(part(11, 1, 2, 1, 0x41, 16, 0x0b, 1, 'a')),
		"offset from a global":   module(part(11, 1, 0, 0x23, 16, 0x0b, 1, 'a')),
		"offset with more to it": module(part(11, 1, 0, 0x41, 16, 0x41, 1, 'a')),
		"offset below zero":      module(part(11, 1, 0, 0x41, 0x7f, 0x0b, 1, 'a')),
		"overlap":                module(part(11, 2, 0, 0x41, 16, 0x0b, 2, 'a', 'b', 0, 0x41, 17, 0x0b, 1, 'c')),
		"fewer than counted":     module(part(11, 2, 0, 0x41, 16, 0x0b, 1, 'a')),
		"more than counted":      module(part(11, 0, 0, 0x41, 16, 0x0b, 1, 'a')),
		"counted elsewhere":      module(part(12, 1)),
	} {
		if got, err := joinSegments(in); !errors.Is(err, errModule) || got != nil {
			t.Errorf("%s: %x, %v, want errModule", name, got, err)
		}
	}
}

// Whatever segments there are, the memory after them is the same.
func TestJoinSegmentsKeepsTheMemory(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var all []segment
		for at := random.IntN(1 << 20); len(all) < 50; {
			data := bytes.Repeat([]byte{byte(1 + random.IntN(255))}, 1+random.IntN(300))
			all = append(all, segment{at, data})
			at += len(data) + random.IntN(2*maxGap)
		}
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		body := appendSegments(all)
		joined, err := join(slices.Clone(all))
		if err != nil {
			t.Fatal(err)
		}
		again, err := readSegments(appendSegments(joined))
		if err != nil {
			t.Fatal(err)
		}
		read, err := readSegments(body)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(memory(again), memory(read)) || !bytes.Equal(memory(read), memory(all)) {
			t.Fatal("another memory")
		}
		if len(again) >= len(all) {
			t.Fatalf("%d segments became %d", len(all), len(again))
		}
	}
}

func memory(all []segment) []byte {
	out := make([]byte, 1<<21)
	for _, s := range all {
		copy(out[s.offset:], s.data)
	}
	return out
}

func TestAddresses(t *testing.T) {
	for v, want := range map[int]string{
		0: "\x00", 63: "\x3f", 64: "\xc0\x00", 8191: "\xff\x3f", 8192: "\x80\xc0\x00", 4597080: "\xd8\xca\x98\x02",
	} {
		if got := string(appendSigned(nil, v)); got != want {
			t.Errorf("%d is %x, want %x", v, got, want)
		}
		if r := (&reader{rest: []byte(want)}); r.signed() != v || r.failed || len(r.rest) > 0 {
			t.Errorf("%x is not read as %d", want, v)
		}
	}
}
