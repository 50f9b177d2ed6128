package identity

import (
	"crypto/ecdh"
	"crypto/rand"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/nacl/box"
	"golang.org/x/crypto/salsa20/salsa"

	"tandem/core"
)

// SealBox is crypto_box_seal: only the holder of the ID's private key opens it
// (network.md §8.4), and nothing in it names the sender. For an ID of small
// order, which everybody could open, the result opens for nobody.
func SealBox(to core.ID, plain []byte) []byte {
	ephemeral := NewEphemeral()
	public, peer := ephemeral.Public(), to.X25519()
	key, err := boxKey(ephemeral.key(), peer)
	if err != nil {
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
	ephemeral := [32]byte(sealed[:32])
	key, err := boxKey(p.agree(), ephemeral)
	if err != nil {
		return nil, ErrOpen
	}
	nonce := boxNonce(ephemeral, p.PublicKey())
	plain, ok := box.OpenAfterPrecomputation(nil, sealed[32:], &nonce, &key)
	if !ok {
		return nil, ErrOpen
	}
	return plain, nil
}

// boxKey is crypto_box's key, HSalsa20 of the X25519 secret. Error: ErrKey.
func boxKey(private *ecdh.PrivateKey, peer [32]byte) ([32]byte, error) {
	shared, err := agree(private, peer)
	if err != nil {
		return [32]byte{}, err
	}
	var key [32]byte
	salsa.HSalsa20(&key, new([16]byte), &shared, &salsa.Sigma)
	return key, nil
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
