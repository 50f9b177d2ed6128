package store

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/crypto/chacha20poly1305"
)

const (
	keySize = 32 // the data key, and both keys made from it
	tagSize = 16 // of a name: 2^64 names before two may share a tag
)

// sealer is the cryptography of the store under one data key.
type sealer struct {
	aead   cipher.AEAD
	tagKey []byte
}

// newSealer derives one key for values and one for names.
func newSealer(secret []byte) *sealer {
	aead, err := chacha20poly1305.NewX(derive(secret, "tandem store values v1"))
	if err != nil {
		panic("store: key size") // derive gives keySize bytes
	}
	return &sealer{aead: aead, tagKey: derive(secret, "tandem store names v1")}
}

func derive(secret []byte, info string) []byte {
	key, err := hkdf.Key(sha256.New, secret, nil, info, keySize)
	if err != nil {
		panic("store: hkdf: " + err.Error()) // only for lengths beyond 8,160 bytes
	}
	return key
}

// seal returns nonce ‖ ciphertext of plain for the record at key.
func (s *sealer) seal(key, plain []byte) []byte {
	out := make([]byte, s.aead.NonceSize(), s.aead.NonceSize()+len(plain)+s.aead.Overhead())
	rand.Read(out)
	return s.aead.Seal(out, out, plain, key)
}

// open is the opposite of seal. Error: *DamagedError.
func (s *sealer) open(key, sealed []byte) ([]byte, error) {
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
func (s *sealer) tag(kind Kind, name ...[]byte) []byte {
	mac := hmac.New(sha256.New, s.tagKey)
	mac.Write([]byte{byte(kind)})
	for _, part := range name {
		mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		mac.Write(part)
	}
	return mac.Sum(nil)[:tagSize]
}
