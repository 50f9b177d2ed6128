//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
)

// What is read of a module (WebAssembly core specification 2.0, §5.5).
const (
	header = "\x00asm\x01\x00\x00\x00"

	typeSection     = 1
	importSection   = 2
	functionSection = 3
	startSection    = 8
	elementSection  = 9
	codeSection     = 10
	dataSection     = 11
	countSection    = 12 // only for instructions that Go does not use
)

var errModule = errors.New("not a module as Go's linker writes them")

// section is a part of a module.
type section struct {
	id   byte
	body []byte
}

// readSections reads all of a module; the bodies share its memory. Error: errModule.
func readSections(module []byte) (all []section, err error) {
	if !bytes.HasPrefix(module, []byte(header)) {
		return nil, errModule
	}
	in := &reader{rest: module[len(header):]}
	for len(in.rest) > 0 {
		s := section{in.byte(), in.bytes()}
		if in.failed || s.id == countSection {
			return nil, errModule
		}
		all = append(all, s)
	}
	return all, nil
}

func marshalSections(all []section) []byte {
	out := []byte(header)
	for _, s := range all {
		out = append(out, s.id)
		out = binary.AppendUvarint(out, uint64(len(s.body)))
		out = append(out, s.body...)
	}
	return out
}

// reader reads what a module is made of; failed says that it was not there.
type reader struct {
	rest   []byte
	failed bool
}

func (r *reader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.failed, r.rest = true, nil
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

// number is an unsigned LEB128, which Go knows as Uvarint.
func (r *reader) number() int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > math.MaxUint32 {
		n = -1
	}
	r.take(n)
	return int(v)
}

// bytes is what a number counts.
func (r *reader) bytes() []byte { return r.take(r.number()) }

// signed is a signed LEB128 that is not negative: an address.
func (r *reader) signed() int {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || n > 5 || r.rest[n-1]&0x40 != 0 {
		n = -1
	}
	r.take(n)
	return int(v)
}

// appendSigned appends the address in the shortest form: the highest bit of the
// last byte's seven is the sign.
func appendSigned(b []byte, v int) []byte {
	for ; v >= 0x40; v >>= 7 {
		b = append(b, byte(v)|0x80)
	}
	return append(b, byte(v))
}
