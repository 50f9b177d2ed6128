package identity

import (
	"crypto/rand"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/nacl/box"

	"tandem/core"
)

// SealBox is crypto_box_seal: only the holder of the ID's private key opens it
// (network.md §8.4), and nothing in it names the sender. For an ID of small
// order, which everybody could open, the result opens for nobody.
func SealBox(to core.ID, plain []byte) []byte {
	ephemeral := NewEphemeral()
	public, peer := ephemeral.Public(), to.X25519()
	key, ok := boxKey([32]byte(ephemeral.MarshalSecret()), peer)
	if !ok {
		rand.Read(key[:])
	}
	nonce := boxNonce(public, peer)
	return box.SealAfterPrecomputation(public[:], plain, &nonce, &key)
}

// OpenBox opens what crypto_box_seal made for this key. Error: ErrOpen, also
// for an ephemeral of small order: x/crypto's own OpenAnonymous takes that,
// libsodium does not.
func (p *pair) OpenBox(sealed []byte) ([]byte, error) {
	if len(sealed) < box.AnonymousOverhead {
		return nil, ErrOpen
	}
	ephemeral, expanded := [32]byte(sealed[:32]), p.expanded()
	key, ok := boxKey([32]byte(expanded[:32]), ephemeral)
	if !ok {
		return nil, ErrOpen
	}
	nonce := boxNonce(ephemeral, p.PublicKey())
	plain, ok := box.OpenAfterPrecomputation(nil, sealed[32:], &nonce, &key)
	if !ok {
		return nil, ErrOpen
	}
	return plain, nil
}

// keyOfZero is crypto_box's key for the all-zero secret: what every private key
// agrees on with a point of small order.
const keyOfZero = "\x35\x1f\x86\xfa\xa3\xb9\x88\x46\x8a\x85\x01\x22\xb6\x5b\x0a\xce" +
	"\xce\x9c\x48\x26\x80\x6a\xee\xe6\x3d\xe9\xc0\xda\x2b\xd7\xf9\x1e"

// boxKey is crypto_box's key, HSalsa20 of the X25519 secret. ok = false for a
// peer of small order: anybody has that key.
func boxKey(private, peer [32]byte) (key [32]byte, ok bool) {
	box.Precompute(&key, &peer, &private)
	return key, string(key[:]) != keyOfZero
}

// boxNonce is BLAKE2b-24(ephemeral ‖ recipient).
func boxNonce(ephemeral, recipient [32]byte) (nonce [24]byte) {
	h, err := blake2b.New(len(nonce), nil)
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	h.Write(ephemeral[:])
	h.Write(recipient[:])
	h.Sum(nonce[:0])
	return nonce
}
