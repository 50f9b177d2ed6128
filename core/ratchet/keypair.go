package ratchet

import (
	"crypto/ecdh"
	"crypto/rand"

	"tandem/core/wire"
)

// keyPair is an X25519 key of the ratchet: a prekey, a base key, a ratchet key.
// Immutable.
type keyPair struct {
	public  [32]byte
	private [32]byte
	// live saves a scalar multiplication; nil in a pair that was read from the
	// store, since most of those are never used again.
	live *ecdh.PrivateKey
}

// source draws key pairs. Tests that reproduce a transcript have their own.
type source func() keyPair

// drawPair is the source outside such tests.
func drawPair() keyPair {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		panic("ratchet: internal error: " + err.Error())
	}
	return livePair(key)
}

func livePair(key *ecdh.PrivateKey) keyPair {
	return keyPair{
		public:  [32]byte(key.PublicKey().Bytes()),
		private: [32]byte(key.Bytes()),
		live:    key,
	}
}

// agree is X25519. Error: ErrKey where the result is all zeros.
func (k keyPair) agree(peer [32]byte) ([32]byte, error) {
	key := k.live
	if key == nil {
		var err error
		if key, err = ecdh.X25519().NewPrivateKey(k.private[:]); err != nil {
			panic("ratchet: internal error: " + err.Error())
		}
	}
	public, err := ecdh.X25519().NewPublicKey(peer[:])
	if err != nil {
		return [32]byte{}, ErrKey
	}
	shared, err := key.ECDH(public)
	if err != nil {
		return [32]byte{}, ErrKey
	}
	return [32]byte(shared), nil
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
