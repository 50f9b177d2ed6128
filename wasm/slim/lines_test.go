//go:build !js

package main

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

// linked is a small program as Go links it for the tab, its segments joined.
func linked(t *testing.T) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { println(0) }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "build", "-o", "linked", "main.go")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GO111MODULE=off"), os.Stderr
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	module, err := os.ReadFile(filepath.Join(dir, "linked"))
	if err != nil {
		t.Fatal(err)
	}
	if module, err = joinSegments(module); err != nil {
		t.Fatal(err)
	}
	return module
}

// known is what the runtime reads of a function: where it begins, its name, and
// the steps that tell how much is on the stack and what of it is a pointer.
type known struct {
	start, name uint32
	steps       []string
	line        bool
}

// functions reads a module with its own eyes.
func functions(t *testing.T, module []byte) (all []known) {
	t.Helper()
	table := module[bytes.Index(module, []byte(tableMagic)):]
	word := func(b []byte, i int) uint32 { return binary.LittleEndian.Uint32(b[4*i:]) }
	long := func(i int) uint64 { return binary.LittleEndian.Uint64(table[8+8*i:]) }
	steps, entries := table[long(6):], table[long(7):]
	read := func(offset uint32) string {
		if offset == 0 {
			return ""
		}
		at := steps[offset:]
		for i := 0; ; {
			if at[i] == 0 && i > 0 {
				return string(at[:i])
			}
			for range 2 {
				_, n := binary.Uvarint(at[i:])
				i += n
			}
		}
	}
	for i := range int(long(0)) {
		f := entries[word(entries, 2*i+1):]
		k := known{start: word(f, 0), name: word(f, 1), line: word(f, 5) != 0 || word(f, 6) != 0, steps: []string{read(word(f, 4))}}
		for p := range int(word(f, 7)) {
			k.steps = append(k.steps, read(word(f, 11+p)))
		}
		all = append(all, k)
	}
	return all
}

// packed is what a module weighs in gzip, bytes.
func packed(t *testing.T, module []byte) int {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(module); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

// Without lines the runtime still knows all that it needs to grow a stack, to
// collect garbage and to name a function; and there is much less to pack.
func TestDropLines(t *testing.T) {
	before := linked(t)
	after, err := dropLines(before)
	if err != nil {
		t.Fatal(err)
	}
	if was, is := packed(t, before), packed(t, after); len(after) != len(before) || is > was*95/100 {
		t.Errorf("%d bytes became %d, and packed %d became %d", len(before), len(after), was, is)
	}
	was, is := functions(t, before), functions(t, after)
	if len(was) < 1000 || len(is) != len(was) {
		t.Fatalf("%d functions became %d", len(was), len(is))
	}
	lines := 0
	for i := range was {
		if was[i].line {
			lines++
		}
		if is[i].line || is[i].start != was[i].start || is[i].name != was[i].name || !slices.Equal(is[i].steps, was[i].steps) {
			t.Fatalf("function %d: %+v became %+v", i, was[i], is[i])
		}
	}
	if lines < 1000 {
		t.Errorf("only %d functions had lines", lines)
	}
}

func TestDropLinesRefuses(t *testing.T) {
	whole := linked(t)
	start := bytes.Index(whole, []byte(tableMagic))
	table := whole[start:]
	for name, in := range map[string][]byte{
		"no table":             []byte("data"),
		"nothing but its head": table[:8],
		"cut in the head":      table[:40],
		"cut in its functions": table[:binary.LittleEndian.Uint64(table[64:])+100],
	} {
		segments := []segment{{0, bytes.Clone(in)}}
		if _, err := withoutLines(segments); !errors.Is(err, errModule) {
			t.Errorf("%s: %v, want errModule", name, err)
		}
	}
	bent := bytes.Clone(table)
	binary.LittleEndian.PutUint64(bent[56:], 1<<60)
	if _, err := withoutLines([]segment{{0, bent}}); !errors.Is(err, errModule) {
		t.Errorf("offsets out of order: %v, want errModule", err)
	}
}
