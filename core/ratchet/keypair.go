package ratchet

import (
	"crypto/rand"

	"tandem/core/identity"
	"tandem/core/wire"
)

// keyPair is an X25519 key of the ratchet: a prekey, a base key, a ratchet key.
// Immutable.
type keyPair struct {
	public  [32]byte
	private [32]byte
}

// source draws key pairs. Tests that reproduce a transcript have their own.
type source func() keyPair

// drawPair is the source outside such tests.
func drawPair() keyPair {
	var private [32]byte
	rand.Read(private[:])
	return pairOf(private)
}

func pairOf(private [32]byte) keyPair {
	return keyPair{public: identity.X25519Public(private), private: private}
}

// agree is X25519. Error: ErrKey where the result is all zeros.
func (k keyPair) agree(peer [32]byte) ([32]byte, error) {
	shared, err := identity.X25519(k.private, peer)
	if err != nil {
		return [32]byte{}, ErrKey
	}
	return shared, nil
}

// String keeps the key out of logs.
func (k keyPair) String() string { return "[secret]" }

// GoString keeps the key out of %#v.
func (k keyPair) GoString() string { return "[secret]" }

// appendPair writes the fields number and number+1: public and private key.
func appendPair(b []byte, number int, k keyPair) []byte {
	b = wire.AppendBytes(b, number, k.public[:])
	return wire.AppendBytes(b, number+1, k.private[:])
}

// keyType marks X25519 in every encoded public key.
const keyType = 0x05

// encodeKey is the form of a public key on the wire, 33 bytes.
func encodeKey(public [32]byte) []byte { return append([]byte{keyType}, public[:]...) }

// decodeKey reads what encodeKey wrote. Only the canonical encoding of a number
// below 2^255-19 is a key: of two encodings of one key, the second would pass
// for a base key that was never seen. Error: ErrForm.
func decodeKey(b []byte) ([32]byte, error) {
	if len(b) != 33 || b[0] != keyType || !canonical([32]byte(b[1:])) {
		return [32]byte{}, ErrForm
	}
	return [32]byte(b[1:]), nil
}

func canonical(u [32]byte) bool {
	if u[31] != 0x7f {
		return u[31] < 0x7f
	}
	for _, b := range u[1:31] {
		if b != 0xff {
			return true
		}
	}
	return u[0] < 0xed
}
