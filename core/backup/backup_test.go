package backup_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/backup"
	"tandem/core/identity"
	"tandem/core/wire"
)

const passphrase = "correct horse battery"

// sample is a whole file: its parts as they were sealed, and the account.
func sample(t testing.TB) (file []byte, parts [][]byte, root *identity.Root) {
	t.Helper()
	root = identity.NewRoot()
	account := root.Account()
	head := backup.Head{Account: account.ID(), Ed: account.Ed(), Created: 1_700_000_000_000, Name: "Ada", Words: strings.Join(root.Words(), " ")}
	body := backup.AddRegister(backup.NewBody(), []byte("register"))
	body = backup.AddItem(body, &wire.Item{Author: account.ID(), Counter: 7, Conversation: account.ID(), Sent: 5, Body: "text"})
	w := backup.NewWriter(passphrase)
	file = w.Header()
	for _, part := range [][]byte{head.Marshal(), body} {
		file, parts = append(file, w.Seal(part)...), append(parts, part)
	}
	end := backup.MarshalEnd(account, w.Sum(), 1)
	return append(file, w.Seal(end)...), append(parts, end), root
}

// read reads a file in pieces of a size, to its end.
func read(r *backup.Reader, file []byte, size int) (parts [][]byte, sums [][sha256.Size]byte, err error) {
	for piece := range slices.Chunk(file, size) {
		r.Feed(piece)
		for {
			plain, sum, err := r.Next()
			if err != nil {
				return parts, sums, err
			}
			if plain == nil {
				break
			}
			parts, sums = append(parts, plain), append(sums, sum)
		}
	}
	return parts, sums, nil
}

func TestAFileIsReadInPieces(t *testing.T) {
	file, want, root := sample(t)
	if bytes.Contains(file, []byte("text")) || bytes.Contains(file, []byte(root.Words()[0])) {
		t.Fatal("the file can be read")
	}
	r := backup.NewReader(passphrase)
	for _, size := range []int{1, 37, 100, len(file)} {
		parts, sums, err := read(r, file, size)
		if err != nil || !slices.EqualFunc(parts, want, bytes.Equal) || r.Rest() {
			t.Fatalf("in pieces of %d: %d parts, %v", size, len(parts), err)
		}
		end, err := backup.ParsePart(parts[2])
		head, _ := backup.ParsePart(parts[0])
		if err != nil || end.End.Sum != sums[2] || end.End.Items != 1 || !end.End.By(head.Head) {
			t.Errorf("the end: %+v, %v", end.End, err)
		}
		other := identity.NewRoot().Account()
		if end.End.By(&backup.Head{Account: other.ID(), Ed: other.Ed()}) {
			t.Error("another account has signed it")
		}
		body, err := backup.ParsePart(parts[1])
		if err != nil || string(body.Body.Registers[0]) != "register" || body.Body.Items[0].Body != "text" {
			t.Errorf("%+v, %v", body.Body, err)
		}
		if head.Head.Words != strings.Join(root.Words(), " ") || head.Head.Name != "Ada" || head.Head.Created != 1_700_000_000_000 {
			t.Errorf("the head: %+v", *head.Head)
		}
		r.Rewind()
	}
}

// Whatever is changed, moved or missing is noticed, and never opens as something
// else.
func TestAFileIsWholeOrRefused(t *testing.T) {
	file, want, _ := sample(t)
	if _, _, err := read(backup.NewReader("another passphrase"), file, 99); !errors.Is(err, backup.ErrPassphrase) {
		t.Errorf("another passphrase: %v", err)
	}
	r := backup.NewReader(passphrase)
	if _, _, err := read(r, file, len(file)); err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(file); at += 1 + at/40 {
		bad := bytes.Clone(file)
		bad[at] ^= 1
		r.Rewind() // with the key of the first reading, which costs the most
		parts, _, err := read(r, bad, len(bad))
		if err == nil && !r.Rest() || len(parts) >= len(want) {
			t.Fatalf("byte %d is changed: %d parts, %v", at, len(parts), err)
		}
	}
	for cut := range len(file) {
		r.Rewind()
		if parts, _, _ := read(r, file[:cut], len(file)); len(parts) == len(want) {
			t.Fatalf("%d bytes are the whole file", cut)
		}
	}
	for _, b := range [][]byte{[]byte("PK\x03\x04"), []byte("tandem backup\n\x02" + strings.Repeat("\x00", 40)), append([]byte("tandem backup\n\x01\xff\xff\xff\xff"), make([]byte, 40)...)} {
		if _, _, err := read(backup.NewReader(passphrase), b, 8); !errors.Is(err, backup.ErrForeign) {
			t.Errorf("%q: %v", b[:4], err)
		}
	}
}

func TestPartsAreStrict(t *testing.T) {
	_, parts, root := sample(t)
	account, other := root.Account(), identity.NewRoot()
	head := func(change func(*backup.Head)) []byte {
		h := backup.Head{Account: account.ID(), Ed: account.Ed(), Name: "Ada"}
		change(&h)
		return h.Marshal()
	}
	for name, b := range map[string][]byte{
		"nothing":          nil,
		"no kind":          {0},
		"another kind":     append([]byte{9}, parts[1][1:]...),
		"head, empty":      {1},
		"another key":      head(func(h *backup.Head) { h.Ed = other.Account().Ed() }),
		"another's words":  head(func(h *backup.Head) { h.Words = strings.Join(other.Words(), " ") }),
		"no words":         head(func(h *backup.Head) { h.Words = "one two" }),
		"a long name":      head(func(h *backup.Head) { h.Name = strings.Repeat("x", wire.MaxName+1) }),
		"nobody's message": backup.AddItem(backup.NewBody(), &wire.Item{Counter: 1, Conversation: account.ID()}),
		"no number":        backup.AddItem(backup.NewBody(), &wire.Item{Author: account.ID(), Conversation: account.ID()}),
		"no message":       append(backup.NewBody(), wire.AppendBytes(nil, 2, nil)...),
		"end, unsigned":    {3},
		"too long":         append(backup.NewBody(), make([]byte, backup.MaxPart)...),
	} {
		if p, err := backup.ParsePart(b); !errors.Is(err, backup.ErrDamaged) || p != (backup.Part{}) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParsePart(f *testing.F) {
	_, parts, _ := sample(f)
	for _, p := range parts {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := backup.ParsePart(b)
		if err != nil {
			return
		}
		switch {
		case p.Head != nil:
			if again, err := backup.ParsePart(p.Head.Marshal()); err != nil || *again.Head != *p.Head {
				t.Errorf("a head says something else when it is written again: %v", err)
			}
		case p.Body != nil:
			out := backup.NewBody()
			for _, r := range p.Body.Registers {
				out = backup.AddRegister(out, r)
			}
			for i := range p.Body.Items {
				out = backup.AddItem(out, &p.Body.Items[i])
			}
			if len(out) > backup.MaxPart {
				return // what was left out of it was shorter
			}
			again, err := backup.ParsePart(out)
			if err != nil || len(again.Body.Registers) != len(p.Body.Registers) || !slices.Equal(again.Body.Items, p.Body.Items) {
				t.Errorf("a body says something else when it is written again: %v", err)
			}
		case p.End != nil:
			p.End.By(&backup.Head{Account: core.ID{5}})
		}
	})
}

// The key costs too much for a fuzzer: it reads under one that is made once.
func FuzzReader(f *testing.F) {
	file, want, _ := sample(f)
	r := backup.NewReader(passphrase)
	if _, _, err := read(r, file, len(file)); err != nil {
		f.Fatal(err)
	}
	f.Add(file, uint16(100))
	f.Add(file[:90], uint16(1))
	f.Add([]byte("tandem backup\n"), uint16(3))
	f.Fuzz(func(t *testing.T, b []byte, size uint16) {
		r.Rewind()
		parts, _, err := read(r, b, int(size)+1)
		for i, p := range parts {
			if i >= len(want) || !bytes.Equal(p, want[i]) {
				t.Fatalf("part %d is none of the file", i)
			}
		}
		if err == nil && len(parts) == len(want) && !bytes.Equal(b, file) && !r.Rest() {
			t.Error("another file is whole")
		}
	})
}
