//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// What is read of the data section (WebAssembly core specification 2.0, §5.5.14).
const (
	active  = 0 // a segment of memory 0 that is written at the start
	opConst = 0x41
	opEnd   = 0x0b
)

// maxGap is how many zeros between two segments are written out, bytes. What
// the linker leaves in one piece beyond it are whole areas.
const maxGap = 1024

// segment is what the module writes into its memory at the start.
type segment struct {
	offset int
	data   []byte
}

func (s segment) end() int { return s.offset + len(s.data) }

// joinSegments writes the data of a module in few segments. Go's linker leaves
// out every eight zeros, up to its limit of 100,000 segments. That is short as
// it is, but each segment begins with its own offset, which says nothing to a
// compressor (0.1 MB of what is packed), and what belongs together comes in pieces:
// the index of functions is found whole or not at all (index.go). The memory is the
// same, and there is less to set up.
func joinSegments(module []byte) ([]byte, error) { return rewrite(module, join) }

// rewrite changes the data of a module. Error: errModule, and those of change.
func rewrite(module []byte, change func([]segment) ([]segment, error)) ([]byte, error) {
	sections, err := readSections(module)
	if err != nil {
		return nil, err
	}
	for i, s := range sections {
		if s.id != dataSection {
			continue
		}
		segments, err := readSegments(s.body)
		if err != nil {
			return nil, err
		}
		if segments, err = change(segments); err != nil {
			return nil, err
		}
		sections[i].body = appendSegments(segments)
	}
	return marshalSections(sections), nil
}

// join sorts segments and fills the small gaps between them. Error: errModule
// where they overlap, since then their order matters.
func join(all []segment) ([]segment, error) {
	slices.SortStableFunc(all, func(a, b segment) int { return a.offset - b.offset })
	var joined []segment
	for _, s := range all {
		last := len(joined) - 1
		if last < 0 || s.offset-joined[last].end() > maxGap {
			joined = append(joined, segment{s.offset, bytes.Clone(s.data)})
			continue
		}
		gap := s.offset - joined[last].end()
		if gap < 0 {
			return nil, errModule
		}
		joined[last].data = append(append(joined[last].data, make([]byte, gap)...), s.data...)
	}
	return joined, nil
}

func readSegments(body []byte) ([]segment, error) {
	in := &reader{rest: body}
	var all []segment
	for n := in.number(); n > 0 && !in.failed; n-- {
		if in.number() != active || in.byte() != opConst {
			return nil, errModule
		}
		s := segment{offset: in.signed()}
		if in.byte() != opEnd {
			return nil, errModule
		}
		s.data = in.bytes()
		all = append(all, s)
	}
	if in.failed || len(in.rest) > 0 {
		return nil, errModule
	}
	return all, nil
}

func appendSegments(all []segment) []byte {
	b := binary.AppendUvarint(nil, uint64(len(all)))
	for _, s := range all {
		b = append(b, active, opConst)
		b = appendSigned(b, s.offset)
		b = append(b, opEnd)
		b = binary.AppendUvarint(b, uint64(len(s.data)))
		b = append(b, s.data...)
	}
	return b
}
