//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"
)

// parts are the sections of a module by their numbers.
func parts(t *testing.T, module []byte) map[byte][]byte {
	t.Helper()
	all, err := readSections(module)
	if err != nil {
		t.Fatal(err)
	}
	out := map[byte][]byte{}
	for _, s := range all {
		out[s.id] = s.body
	}
	return out
}

// filled is the memory of a module before any of its functions runs.
func filled(t *testing.T, module []byte) []byte {
	t.Helper()
	all, err := readSegments(parts(t, module)[dataSection])
	if err != nil {
		t.Fatal(err)
	}
	return memory(all)
}

// last is the last function of a module: its type and its code.
func last(t *testing.T, module []byte) (kind byte, code []byte) {
	t.Helper()
	kinds := parts(t, module)[functionSection]
	in := &reader{rest: parts(t, module)[codeSection]}
	for range in.number() {
		code = in.bytes()
	}
	if in.failed || len(in.rest) > 0 {
		t.Fatal("the code is not what is counted")
	}
	return kinds[len(kinds)-1], code
}

// runs is a machine with one local number, for code that loops once.
func runs(t *testing.T, code, memory []byte) {
	t.Helper()
	in := &reader{rest: code}
	var local uint32
	var stack []uint32
	pop := func() uint32 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		return v
	}
	if locals := in.take(3); !bytes.Equal(locals, []byte{1, 1, typeI32}) {
		t.Fatalf("locals %x", locals)
	}
	var again []byte
	for {
		switch op := in.byte(); op {
		case opLoop:
			in.byte()
			again = in.rest
		case opGet:
			in.byte()
			stack = append(stack, local)
		case opTee:
			in.byte()
			local = stack[len(stack)-1]
		case opConst:
			stack = append(stack, uint32(in.signed()))
		case opMul, opAdd, opShift, opLess:
			b, a := pop(), pop()
			less := uint32(0)
			if a < b {
				less = 1
			}
			stack = append(stack, map[byte]uint32{opMul: a * b, opAdd: a + b, opShift: a >> (b % 32), opLess: less}[op])
		case opStore:
			in.byte()
			v, at := pop(), pop()
			binary.LittleEndian.PutUint32(memory[int(at)+in.number():], v)
		case opBranchIf:
			if in.byte(); pop() != 0 {
				in.rest = again
			}
		case opEnd:
			if len(in.rest) == 0 && len(stack) == 0 && !in.failed {
				return
			}
		default:
			t.Fatalf("instruction %x", op)
		}
	}
}

// The module is shorter by its index, and after its start the memory is what it was.
func TestMakeIndex(t *testing.T) {
	before := linked(t)
	after, err := makeIndex(before)
	if err != nil {
		t.Fatal(err)
	}
	functions := len(functions(t, before))
	if short := len(before) - len(after); short < (functions-1)*perFunction*bucketSize-200 {
		t.Errorf("of %d functions, %d bytes less", functions, short)
	}
	want, got := filled(t, before), filled(t, after)
	if bytes.Equal(want, got) {
		t.Error("it is in the data still")
	}
	kind, code := last(t, after)
	runs(t, code, got)
	if !bytes.Equal(want, got) {
		t.Error("another memory")
	}
	was, is := parts(t, before), parts(t, after)
	types := &reader{rest: is[typeSection]}
	if int(kind) != types.plainFunction() || !bytes.Equal(was[typeSection], is[typeSection]) {
		t.Errorf("the function is of type %d", kind)
	}
	imports, own, starts := &reader{rest: is[importSection]}, &reader{rest: is[functionSection]}, &reader{rest: is[startSection]}
	if n := imports.number() + own.number() - 1; starts.number() != n {
		t.Errorf("it does not start with function %d", n)
	}
	all, err := readSections(after)
	all = slices.DeleteFunc(all, func(s section) bool { return s.id == 0 }) // may stand anywhere
	if err != nil || !slices.IsSortedFunc(all, func(a, b section) int { return int(a.id) - int(b.id) }) {
		t.Error("the sections are out of order")
	}

	if _, err := makeIndex(after); !errors.Is(err, errModule) {
		t.Errorf("again: %v, want errModule", err)
	}
}

func TestMakeIndexRefuses(t *testing.T) {
	whole := linked(t)
	bent := bytes.Clone(whole)
	head := bytes.Index(bent, []byte(tableMagic)) + len(tableMagic)
	for name, functions := range map[string]uint32{"none": 0, "one": 1, "one more": uint32(len(functions(t, whole)) + 2), "very many": 1 << 31} {
		binary.LittleEndian.PutUint32(bent[head:], functions)
		if _, err := makeIndex(bent); !errors.Is(err, errModule) {
			t.Errorf("%s in the table: %v, want errModule", name, err)
		}
	}
	for name, in := range map[string][]byte{"no data": module(), "no table": module(part(11, 1, 0, opConst, 0, opEnd, 2, 'h', 'i'))} {
		if _, err := makeIndex(in); !errors.Is(err, errModule) {
			t.Errorf("%s: %v, want errModule", name, err)
		}
	}
	plain, imports, own := part(1, 1, typeFunction, 0, 0), part(2, 1, 1, 'a', 1, 'b', 0, 0), part(3, 1, 0)
	code := part(10, 1, 2, 0, opEnd)
	for name, in := range map[string][]byte{
		"no function":              module(plain, imports),
		"no fitting type":          module(part(1, 1, typeFunction, 1, typeI32, 0), imports, own, code),
		"a type of something else": module(part(1, 1, 0x50, 0, 0), imports, own, code),
		"an imported memory":       module(plain, part(2, 1, 1, 'a', 1, 'b', 2, 0, 1), own, code),
		"a start":                  module(plain, imports, own, part(8, 0), code),
		"more code than functions": module(plain, imports, own, part(10, 2, 2, 0, opEnd, 2, 0, opEnd)),
		"cut imports":              module(plain, part(2, 1, 1, 'a'), own, code),
	} {
		sections, err := readSections(in)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := startWith(sections, []byte{0, opEnd}); !errors.Is(err, errModule) {
			t.Errorf("%s: %v, want errModule", name, err)
		}
	}
	sections, err := readSections(module(plain, imports, own, code))
	if err == nil {
		sections, err = startWith(sections, []byte{0, opEnd})
	}
	if want := module(plain, imports, part(3, 2, 0, 0), part(8, 2), part(10, 2, 2, 0, opEnd, 2, 0, opEnd)); err != nil || !bytes.Equal(marshalSections(sections), want) {
		t.Errorf("%x, %v, want %x", marshalSections(sections), err, want)
	}
}
