//go:build !js

package main

import (
	"bytes"
	"encoding/binary"
)

// The head of the table that Go's runtime knows its functions by, and what is
// read of one function in it (runtime/symtab.go and runtime2.go, Go 1.26).
const (
	tableMagic = "\xf1\xff\xff\xff\x00\x00\x01\x08" // pcHeader: magic, pads, minLC, ptrSize
	headWords  = 8                                  // after the magic: nfunc, nfiles, unused, and five offsets

	funcSP        = 16 // _func.pcsp
	funcFile      = 20 // pcfile
	funcLine      = 24 // pcln
	funcTables    = 28 // npcdata
	funcUnit      = 32 // cuOffset
	funcStartLine = 36
	funcSize      = 44 // pcdata follows
)

// dropLines makes all functions of a module ones of which no file and no line is
// known, as the runtime itself has them: in the trace of a panic each still has
// its name. Who looks for a line builds with go build. What nobody refers to any
// more becomes zeros: 0.1 MB less, packed.
func dropLines(module []byte) ([]byte, error) { return rewrite(module, withoutLines) }

func withoutLines(all []segment) ([]segment, error) {
	n, i := findTable(all)
	if n < 0 {
		return nil, errModule
	}
	all[n].data = bytes.Clone(all[n].data)
	t := table{data: all[n].data[i:]}
	return all, t.dropLines()
}

// findTable is the segment in which the runtime's table of functions begins, and
// where; -1 if none does.
func findTable(all []segment) (n, i int) {
	for n, s := range all {
		if i := bytes.Index(s.data, []byte(tableMagic)); i >= 0 {
			return n, i
		}
	}
	return -1, 0
}

// table is the runtime's table of functions. failed says that something was not
// where it should be.
type table struct {
	data   []byte
	failed bool
}

func (t *table) dropLines() error {
	var head [headWords]int
	for i := range head {
		head[i] = int(binary.LittleEndian.Uint64(t.at(len(tableMagic)+8*i, 8)))
	}
	functions, units, steps, entries := head[0], head[4], head[6], head[7]
	if t.failed || functions <= 0 || units <= 0 || steps < units || entries < steps || entries > len(t.data) {
		return errModule
	}
	used := make([]bool, entries-steps)
	for i := range functions {
		f := entries + t.number(entries+8*i+4)
		t.use(used, steps, t.number(f+funcSP))
		for k := range t.number(f + funcTables) {
			t.use(used, steps, t.number(f+funcSize+4*k))
		}
		for _, field := range [...]int{funcFile, funcLine, funcUnit, funcStartLine} {
			clear(t.at(f+field, 4))
		}
		if t.failed {
			return errModule
		}
	}
	clear(t.data[units:steps])
	for i, u := range used {
		if !u {
			t.data[steps+i] = 0
		}
	}
	return nil
}

// use marks what belongs to the steps that begin at an offset: pairs of a
// change of value and one of address, up to a change of zero, which only the
// first may be.
func (t *table) use(used []bool, steps, offset int) {
	if offset == 0 {
		return // there are none
	}
	for at, first := offset, true; ; first = false {
		if at < 0 || at >= len(used) {
			t.failed = true
			return
		}
		end := t.data[steps+at] == 0 && !first
		for varints := 2; varints > 0; at++ {
			if at >= len(used) {
				t.failed = true
				return
			}
			used[at] = true
			if end {
				return
			}
			if t.data[steps+at] < 0x80 {
				varints--
			}
		}
	}
}

// at is a part of the table.
func (t *table) at(offset, size int) []byte {
	if offset < 0 || offset > len(t.data)-size {
		t.failed = true
		return make([]byte, size)
	}
	return t.data[offset : offset+size]
}

func (t *table) number(offset int) int { return int(binary.LittleEndian.Uint32(t.at(offset, 4))) }
