package client_test

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"

	"tandem/core/store"
	"tandem/core/wire"
)

// record is one record of a disk as its owner can read it.
type record struct {
	kind  store.Kind
	name  string // of a blob
	value []byte
}

// reveal decrypts what lies on the disk now.
func (d *disk) reveal(t *testing.T) []record {
	t.Helper()
	var pairs []store.Pair
	for k, v := range d.Snapshot() {
		pairs = append(pairs, store.Pair{Key: []byte(k), Value: v})
	}
	return d.decrypt(t, pairs)
}

// history decrypts all that was ever put on the disk while it was told to keep.
func (d *disk) history(t *testing.T) []record {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.decrypt(t, d.puts)
}

// remember keeps all that is put on the disk from now on.
func (d *disk) remember() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keep = true
}

// decrypt does what core/store does, from its package comment.
func (d *disk) decrypt(t *testing.T, pairs []store.Pair) []record {
	t.Helper()
	wrapped := d.Snapshot()["\x00"]
	if len(wrapped) == 0 {
		return nil
	}
	secret, err := d.keeper.Unwrap(context.Background(), wrapped[1:])
	if err != nil {
		t.Fatal(err)
	}
	key, err := hkdf.Key(sha256.New, secret, nil, "tandem store values v1", 32)
	if err != nil {
		t.Fatal(err)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		t.Fatal(err)
	}
	var out []record
	for _, p := range pairs {
		if p.Key[0] == 0 || len(p.Value) == 0 {
			continue // the data key, and rows whose key says it all
		}
		plain, err := aead.Open(nil, p.Value[:24], p.Value[24:], p.Key)
		if err != nil {
			t.Fatalf("a record of kind %v does not open", store.Kind(p.Key[0]))
		}
		r := record{kind: store.Kind(p.Key[0]), value: plain}
		if r.kind < 64 { // a blob
			n := binary.BigEndian.Uint32(plain)
			r.name, r.value = string(plain[4:4+n]), plain[4+n:]
		}
		out = append(out, r)
	}
	return out
}

// fields are the values of some fields of a message, in all depths below them:
// whole, and each leaf. None named: of all.
func fields(message []byte, numbers ...int) [][]byte {
	var out [][]byte
	if len(message) == 0 {
		return nil
	}
	err := wire.Fields(message, func(f wire.Field) error {
		wanted := len(numbers) == 0
		for _, n := range numbers {
			wanted = wanted || int(f.Number) == n
		}
		if wanted && len(f.Bytes) >= 16 {
			out = append(out, f.Bytes)
			out = append(out, fields(f.Bytes)...)
		}
		return nil
	})
	if err != nil {
		return nil
	}
	return out
}

// needles are bytes that must not be found somewhere, in any of the forms in
// which they could stand there.
type needles map[string]string // bytes to what they are

func (n needles) add(what string, all ...[]byte) {
	for _, b := range all {
		if !dense(b) {
			continue
		}
		n[string(b)] = what
		n[hex.EncodeToString(b)] = what + " in hex"
		// The middle of base64 is the same at one of three offsets.
		for at := range 3 {
			text := base64.RawStdEncoding.EncodeToString(append(make([]byte, at), b...))
			n[text[4:len(text)-2]] = what + " in base64"
		}
	}
}

// dense reports whether bytes are too many and too different to be found
// somewhere by chance.
func dense(b []byte) bool {
	seen := map[byte]bool{}
	for _, c := range b {
		seen[c] = true
	}
	return len(seen) >= 8
}

// except takes out what is found in public bytes: identities stand beside
// secrets in many records.
func (n needles) except(public ...[]byte) {
	for b := range n {
		for _, p := range public {
			if bytes.Contains(p, []byte(b)) {
				delete(n, b)
				break
			}
		}
	}
}

// in says which needles are found.
func (n needles) in(hay []byte) []string {
	var found []string
	for b, what := range n {
		if bytes.Contains(hay, []byte(b)) {
			found = append(found, what)
		}
	}
	return found
}
