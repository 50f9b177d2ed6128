//go:build !js

package story

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What a browser keeps in LevelDB (IndexedDB, localStorage, sessionStorage) lies
// in tables of blocks that Snappy packed, and in logs cut into fragments. Who
// only looks at the files would miss what is in them, so this reads both
// (github.com/google/leveldb, doc/table_format.md and doc/log_format.md;
// github.com/google/snappy, format_description.txt).

var errTable = errors.New("story: not a LevelDB table")

// file is one file of a profile: as it lies there, and what is inside.
type file struct {
	name   string
	raw    []byte
	inside []byte // of tables and logs
	packed int    // blocks that Snappy had packed
}

// files are all regular files below a folder.
func files(t *testing.T, dir string) []file {
	t.Helper()
	var out []file
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f := file{name: path[len(dir):]}
		if f.raw, err = os.ReadFile(path); err != nil {
			return err
		}
		switch {
		case strings.HasSuffix(path, ".ldb"):
			f.inside, f.packed, err = table(f.raw)
		case strings.HasSuffix(path, ".log") && bytes.Contains([]byte(filepath.Dir(path)), []byte("eveldb")):
			f.inside = fragments(f.raw)
		}
		if err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
		out = append(out, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

const (
	footerSize = 48
	blockEnd   = 5 // compression and checksum
)

// table unpacks all data blocks of a table.
func table(b []byte) (inside []byte, packed int, err error) {
	if len(b) < footerSize || binary.LittleEndian.Uint64(b[len(b)-8:]) != 0xdb4775248b80fb57 {
		return nil, 0, errTable
	}
	footer := b[len(b)-footerSize:]
	for range 2 { // past the handle of the meta index
		_, n := binary.Uvarint(footer)
		if n <= 0 {
			return nil, 0, errTable
		}
		footer = footer[n:]
	}
	index, _, err := block(b, footer)
	if err != nil {
		return nil, 0, err
	}
	err = entries(index, func(_, handle []byte) error {
		data, snappy, err := block(b, handle)
		if err != nil {
			return err
		}
		if snappy {
			packed++
		}
		// Keys share beginnings, so each entry is written out whole.
		return entries(data, func(key, value []byte) error {
			inside = append(append(inside, key...), value...)
			return nil
		})
	})
	return inside, packed, err
}

// block reads the block that a handle names.
func block(b, handle []byte) (data []byte, packed bool, err error) {
	offset, n := binary.Uvarint(handle)
	if n <= 0 {
		return nil, false, errTable
	}
	size, m := binary.Uvarint(handle[n:])
	if m <= 0 || offset > uint64(len(b)) || size > uint64(len(b)) || offset+size+blockEnd > uint64(len(b)) {
		return nil, false, errTable
	}
	data = b[offset : offset+size]
	switch b[offset+size] {
	case 0:
		return data, false, nil
	case 1:
		data, err = unsnappy(data)
		return data, true, err
	}
	return nil, false, errTable
}

// entries walks the keys and values of a block.
func entries(b []byte, each func(key, value []byte) error) error {
	if len(b) < 4 {
		return errTable
	}
	restarts := int(binary.LittleEndian.Uint32(b[len(b)-4:]))
	end := len(b) - 4 - 4*restarts
	if restarts < 0 || end < 0 {
		return errTable
	}
	var key []byte
	for b = b[:end]; len(b) > 0; {
		var sizes [3]int // shared, not shared, value
		for i := range sizes {
			v, n := binary.Uvarint(b)
			if n <= 0 || v > uint64(end) {
				return errTable
			}
			sizes[i], b = int(v), b[n:]
		}
		if sizes[0] > len(key) || sizes[1]+sizes[2] > len(b) {
			return errTable
		}
		key = append(key[:sizes[0]:sizes[0]], b[:sizes[1]]...)
		if err := each(key, b[sizes[1]:sizes[1]+sizes[2]]); err != nil {
			return err
		}
		b = b[sizes[1]+sizes[2]:]
	}
	return nil
}

// fragments joins what a log is cut into: blocks of 32 KiB, each fragment with a
// checksum (4), a length (2) and a type (1) in front.
func fragments(b []byte) []byte {
	const page, head = 32 << 10, 7
	var out []byte
	for len(b) > 0 {
		p := b[:min(page, len(b))]
		b = b[len(p):]
		for len(p) > head {
			size := int(binary.LittleEndian.Uint16(p[4:]))
			if p[6] == 0 || size > len(p)-head {
				break
			}
			out = append(out, p[head:head+size]...)
			p = p[head+size:]
		}
	}
	return out
}

// unsnappy unpacks the block format of Snappy.
func unsnappy(b []byte) ([]byte, error) {
	size, n := binary.Uvarint(b)
	if n <= 0 || size > 64<<20 {
		return nil, errTable
	}
	out := make([]byte, 0, size)
	for b = b[n:]; len(b) > 0; {
		tag := b[0]
		b = b[1:]
		length, offset, extra := 0, 0, 0
		switch tag & 3 {
		case 0: // literal
			length = int(tag>>2) + 1
			if length > 60 {
				extra = length - 60
				length = 1 + little(b, extra)
			}
		case 1: // copy, eleven bits of offset
			extra, length = 1, int(tag>>2&7)+4
			offset = int(tag>>5)<<8 | little(b, 1)
		case 2:
			extra, length, offset = 2, int(tag>>2)+1, little(b, 2)
		case 3:
			extra, length, offset = 4, int(tag>>2)+1, little(b, 4)
		}
		if len(b) < extra {
			return nil, errTable
		}
		b = b[extra:]
		if tag&3 == 0 {
			if length > len(b) {
				return nil, errTable
			}
			out, b = append(out, b[:length]...), b[length:]
			continue
		}
		if offset <= 0 || offset > len(out) {
			return nil, errTable
		}
		for range length {
			out = append(out, out[len(out)-offset])
		}
	}
	if uint64(len(out)) != size {
		return nil, errTable
	}
	return out, nil
}

// little is a little-endian number of n bytes, 0 if they are not there.
func little(b []byte, n int) (v int) {
	if len(b) < n {
		return 0
	}
	for i := range n {
		v |= int(b[i]) << (8 * i)
	}
	return v
}

// The format, by hand: a literal, a copy of it with each kind of offset, a long
// literal, and what is damaged.
func TestUnsnappy(t *testing.T) {
	long := bytes.Repeat([]byte("0123456789"), 7)
	for _, c := range []struct {
		packed string
		want   string
	}{
		{"\x00", ""},
		{"\x05\x10hello", "hello"},
		{"\x0a\x10hello\x05\x05", "hellohello"},
		{"\x0a\x10hello\x12\x05\x00", "hellohello"},
		{"\x0a\x10hello\x13\x05\x00\x00\x00", "hellohello"},
		{"\x0b\x08abc\x11\x03", "abcabcabcab"},
		{"\x46\xf0\x45" + string(long), string(long)},
	} {
		if got, err := unsnappy([]byte(c.packed)); err != nil || string(got) != c.want {
			t.Errorf("%q gives %q, %v", c.packed, got, err)
		}
	}
	for _, bad := range []string{"", "\x05\x10hell", "\x06\x10hello", "\x0a\x10hello\x05\x06", "\x0a\x10hello\x12\x05", "\x04\xf0"} {
		if got, err := unsnappy([]byte(bad)); err == nil {
			t.Errorf("%q gives %q", bad, got)
		}
	}
}
