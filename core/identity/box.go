package identity

import (
	"crypto/rand"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/nacl/secretbox"
	//lint:ignore SA1019 no new design: crypto_box is made of HSalsa20, and only here is it to be had.
	"golang.org/x/crypto/salsa20/salsa"

	"tandem/core"
)

// boxOverhead is what a box adds: the ephemeral key and the tag.
const boxOverhead = 32 + secretbox.Overhead

// SealBox is crypto_box_seal: only the holder of the ID's private key opens it
// (network.md §8.4), and nothing in it names the sender. For an ID of small
// order, which everybody could open, the result opens for nobody.
func SealBox(to core.ID, plain []byte) []byte {
	ephemeral := NewEphemeral()
	public, peer := ephemeral.Public(), to.X25519()
	key, err := boxKey(ephemeral.private(), peer)
	if err != nil {
		rand.Read(key[:])
	}
	nonce := boxNonce(public, peer)
	return secretbox.Seal(public[:], plain, &nonce, &key)
}

// OpenBox opens what crypto_box_seal made for this key. Error: ErrOpen, also
// for an ephemeral of small order, as in libsodium.
func (p *pair) OpenBox(sealed []byte) ([]byte, error) {
	if len(sealed) < boxOverhead {
		return nil, ErrOpen
	}
	ephemeral := [32]byte(sealed[:32])
	key, err := boxKey(p.private(), ephemeral)
	if err != nil {
		return nil, ErrOpen
	}
	nonce := boxNonce(ephemeral, p.PublicKey())
	plain, ok := secretbox.Open(nil, sealed[32:], &nonce, &key)
	if !ok {
		return nil, ErrOpen
	}
	return plain, nil
}

// boxKey is crypto_box's key, HSalsa20 of the X25519 secret. Error: ErrKey for a
// peer of small order, with whom anybody agrees on the same key.
func boxKey(private, peer [32]byte) (key [32]byte, err error) {
	shared, err := X25519(private, peer)
	if err != nil {
		return key, err
	}
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
