package store

import (
	"bytes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"sync"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	keySize = 32 // the first data key, and both keys made from it
	tagSize = 16 // of a name: 2^64 names before two may share a tag
)

// secrets are the two keys of a store: one for values and one for names. The
// first ones are derived from one data key; SetPassphrase replaces that for
// values, and that for names stays as long as the store does, because many names
// are known by their tags only.
type secrets struct{ values, names []byte }

// parseSecrets reads what was wrapped: a first data key, or both keys. It shares
// no memory with b.
func parseSecrets(b []byte) (secrets, bool) {
	switch len(b) {
	case keySize:
		return secrets{derive(b, "tandem store values v1"), derive(b, "tandem store names v1")}, true
	case 2 * keySize:
		return secrets{bytes.Clone(b[:keySize]), bytes.Clone(b[keySize:])}, true
	}
	return secrets{}, false
}

func (k secrets) marshal() []byte { return slices.Concat(k.values, k.names) }

// sealer is the cryptography of the store under one pair of keys.
type sealer struct {
	keys  secrets
	aead  cipher.AEAD
	names *names
	old   *sealer // until all is sealed anew: that of what was written before; its names are not used
}

// newSealer is the sealer of a data key.
func newSealer(secret []byte) *sealer {
	keys, ok := parseSecrets(secret)
	if !ok {
		panic("store: secret size") // callers have checked it
	}
	return sealerOf(keys)
}

func sealerOf(keys secrets) *sealer {
	aead, err := chacha20poly1305.NewX(keys.values)
	if err != nil {
		panic("store: key size") // parseSecrets gives keySize bytes
	}
	return &sealer{keys: keys, aead: aead, names: newNames(keys.names)}
}

func derive(secret []byte, info string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, info, keySize)
	if err != nil {
		panic("store: hkdf: " + err.Error()) // only for lengths beyond 8,160 bytes
	}
	return key
}

// wipe overwrites the keys. What the ciphers hold is left to the collector.
func (s *sealer) wipe() {
	clear(s.keys.values)
	clear(s.keys.names)
	s.names.forget()
	if s.old != nil {
		s.old.wipe()
	}
}

// seal returns nonce ‖ ciphertext of plain for the record at key.
func (s *sealer) seal(key, plain []byte) []byte {
	out := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	rand.Read(out)
	return s.aead.Seal(out, out, plain, key)
}

// open is the opposite of seal. Error: *DamagedError.
func (s *sealer) open(key, sealed []byte) ([]byte, error) {
	plain, err := s.openFresh(key, sealed)
	if err != nil && s.old != nil {
		return s.old.open(key, sealed)
	}
	return plain, err
}

// openFresh is open for what was sealed under the present key.
func (s *sealer) openFresh(key, sealed []byte) ([]byte, error) {
	n := s.aead.NonceSize()
	if len(sealed) < n {
		return nil, damaged(key)
	}
	plain, err := s.aead.Open(nil, sealed[:n], sealed[n:], key)
	if err != nil {
		return nil, damaged(key)
	}
	return plain, nil
}

// tag hides a name, given in parts, as tagSize bytes. Equal names have equal
// tags within one kind, and only there.
func (s *sealer) tag(kind Kind, name ...[]byte) []byte { return s.names.tag(kind, name) }

// maxNames bounds names.known: a message is looked for and written by a handful of
// names, several times each.
const maxNames = 512

// names makes the tags of names, and remembers those of late. It is safe for
// concurrent use.
type names struct {
	mu    sync.Mutex // guards the fields below
	mac   hash.Hash
	text  []byte // of the name at hand
	known map[string][tagSize]byte
}

func newNames(key []byte) *names {
	return &names{mac: hmac.New(sha256.New, key), known: map[string][tagSize]byte{}}
}

// forget drops all names.
func (n *names) forget() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.text[:cap(n.text)])
	clear(n.known)
}

func (n *names) tag(kind Kind, name [][]byte) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.text = append(n.text[:0], byte(kind))
	for _, part := range name {
		n.text = append(binary.BigEndian.AppendUint32(n.text, uint32(len(part))), part...)
	}
	tag, ok := n.known[string(n.text)]
	if !ok {
		n.mac.Reset()
		n.mac.Write(n.text)
		tag = [tagSize]byte(n.mac.Sum(nil))
		if len(n.known) >= maxNames {
			clear(n.known)
		}
		n.known[string(n.text)] = tag
	}
	return tag[:]
}
