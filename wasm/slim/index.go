//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// The index by which Go's runtime finds a function (runtime/symtab.go, findfuncbucket,
// Go 1.26) has a bucket for each 4,096 addresses: the number of the function that
// stands there, and sixteen bytes that count on from it. In the tab an address is the
// number of a function and 16 bits for a place in it: so each function has sixteen
// buckets, and nothing is ever counted on.
const (
	bucketSize  = 4 + 16
	perFunction = 1 << 16 / 4096
	// maxFunctions is some fifty times ours: it bounds what is allocated for them.
	maxFunctions = 1 << 20
)

// What is written of the function that makes the index (§5.4).
const (
	typeFunction = 0x60
	typeI32      = 0x7f
	typeVoid     = 0x40

	opLoop     = 0x03
	opBranchIf = 0x0d
	opGet      = 0x20
	opTee      = 0x22
	opStore    = 0x36
	opLess     = 0x49
	opAdd      = 0x6a
	opMul      = 0x6c
	opShift    = 0x76
)

// makeIndex takes the index out of the data of a module, which then makes it itself
// before anything else: a browser reads all that comes at the speed of some 80 MB a
// second, and these are 3 of 13. What is packed gets shorter by little.
func makeIndex(module []byte) ([]byte, error) {
	at, buckets := 0, 0
	module, err := rewrite(module, func(all []segment) (rest []segment, err error) {
		rest, at, buckets, err = withoutIndex(all)
		return rest, err
	})
	if err == nil && buckets == 0 {
		err = errModule // without any data
	}
	if err != nil {
		return nil, err
	}
	sections, err := readSections(module)
	if err != nil {
		return nil, err
	}
	if sections, err = startWith(sections, indexMaker(at, buckets)); err != nil {
		return nil, err
	}
	return marshalSections(sections), nil
}

// withoutIndex cuts the index out, but for the last function, which may have fewer
// buckets. Error: errModule where there is none of as many functions as the
// runtime's table says.
func withoutIndex(all []segment) (rest []segment, at, buckets int, err error) {
	n, i := findTable(all)
	if n < 0 {
		return nil, 0, 0, errModule
	}
	t := table{data: all[n].data[i:]}
	functions := t.number(len(tableMagic)) - 1
	if functions < 2 || functions > maxFunctions {
		return nil, 0, 0, errModule
	}
	index := make([]byte, functions*perFunction*bucketSize)
	for i := range functions * perFunction {
		binary.LittleEndian.PutUint32(index[i*bucketSize:], uint32(i/perFunction))
	}
	for n, s := range all {
		if i := bytes.Index(s.data, index); i >= 0 {
			behind := segment{s.offset + i + len(index), s.data[i+len(index):]}
			all[n].data = s.data[:i]
			return slices.Insert(all, n+1, behind), s.offset + i, functions * perFunction, nil
		}
	}
	return nil, 0, 0, errModule
}

// indexMaker is a function that writes so many buckets at an address:
//
//	k := 0
//	for { store(at + 20*k, k>>4); k++; if k >= buckets { return } }
func indexMaker(at, buckets int) []byte {
	f := []byte{1, 1, typeI32, opLoop, typeVoid, opGet, 0, opConst, bucketSize, opMul, opGet, 0, opConst, 4, opShift, opStore, 2}
	f = binary.AppendUvarint(f, uint64(at))
	f = append(f, opGet, 0, opConst, 1, opAdd, opTee, 0, opConst)
	f = appendSigned(f, buckets)
	return append(f, opLess, opBranchIf, 0, opEnd, opEnd)
}

// startWith adds a function without arguments and results that runs before any
// other. Error: errModule, also where one does so already.
func startWith(sections []section, function []byte) ([]section, error) {
	kind, imported, own := -1, 0, 0
	for i, s := range sections {
		in := &reader{rest: s.body}
		switch s.id {
		case typeSection:
			kind = in.plainFunction()
		case importSection:
			imported = in.number()
			for range imported {
				in.bytes()
				in.bytes()
				if in.failed || in.byte() != 0 { // a function: nothing else is imported
					return nil, errModule
				}
				in.number()
			}
		case functionSection:
			own = in.number()
			sections[i].body = binary.AppendUvarint(append(binary.AppendUvarint(nil, uint64(own+1)), in.rest...), uint64(max(kind, 0)))
		case codeSection:
			in.failed = in.failed || in.number() != own
			body := append(binary.AppendUvarint(nil, uint64(own+1)), in.rest...)
			sections[i].body = append(binary.AppendUvarint(body, uint64(len(function))), function...)
		case startSection:
			return nil, errModule
		}
		if in.failed {
			return nil, errModule
		}
	}
	before := slices.IndexFunc(sections, func(s section) bool { return s.id >= elementSection })
	if kind < 0 || own == 0 || before < 0 {
		return nil, errModule
	}
	return slices.Insert(sections, before, section{startSection, binary.AppendUvarint(nil, uint64(imported+own))}), nil
}

// plainFunction is the number of the type of functions that take nothing and return
// nothing; -1 if there is none.
func (r *reader) plainFunction() int {
	found := -1
	for i := range r.number() {
		if r.byte() != typeFunction {
			r.failed = true
			return -1
		}
		if takes, returns := r.bytes(), r.bytes(); found < 0 && len(takes)+len(returns) == 0 {
			found = i
		}
	}
	return found
}
