package wire

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"

	"golang.org/x/crypto/chacha20poly1305"
)

// ErrOpen says that sealed bytes do not open: another key, another purpose, or
// a changed byte. It never says which.
var ErrOpen = errors.New("wire: sealed bytes do not open")

// KeySize is the length of every symmetric key here, in bytes.
const KeySize = 32

// LP concatenates uint32_be(len x) ‖ x for each x (multi-device.md §2), so that
// no two lists of fields have the same bytes.
func LP(fields ...[]byte) []byte {
	var out []byte
	for _, f := range fields {
		out = binary.BigEndian.AppendUint32(out, uint32(len(f)))
		out = append(out, f...)
	}
	return out
}

// HKDF derives n bytes by HKDF-SHA256 (RFC 5869). info names the purpose and is
// printed in the specification.
func HKDF(ikm, salt []byte, info string, n int) []byte {
	out, err := hkdf.Key(sha256.New, ikm, salt, info, n)
	if err != nil {
		panic("wire: internal error: HKDF length " + err.Error())
	}
	return out
}

// SealAEAD seals plain by XChaCha20-Poly1305: nonce24 ‖ ciphertext ‖ tag16. The
// additional data is the purpose followed by extra (multi-device.md §2).
func SealAEAD(key []byte, info string, extra, plain []byte) []byte {
	aead := newAEAD(key)
	out := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+aead.Overhead())
	rand.Read(out)
	return aead.Seal(out, out, plain, append([]byte(info), extra...))
}

// OpenAEAD is the inverse of SealAEAD. Error: ErrOpen.
func OpenAEAD(key []byte, info string, extra, sealed []byte) ([]byte, error) {
	if len(sealed) < chacha20poly1305.NonceSizeX {
		return nil, ErrOpen
	}
	nonce, box := sealed[:chacha20poly1305.NonceSizeX], sealed[chacha20poly1305.NonceSizeX:]
	plain, err := newAEAD(key).Open(nil, nonce, box, append([]byte(info), extra...))
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}

func newAEAD(key []byte) cipher.AEAD {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("wire: internal error: " + err.Error())
	}
	return aead
}
