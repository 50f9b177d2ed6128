package memkv

import (
	"context"
	"crypto/cipher"
	"crypto/rand"

	"golang.org/x/crypto/chacha20poly1305"

	"tandem/core/store"
)

// Keeper is the in-memory twin of the browser's non-extractable key: it opens
// what it wrapped for as long as it lives.
type Keeper struct{ aead cipher.AEAD }

var _ store.Keeper = (*Keeper)(nil)

// NewKeeper makes a keeper with a key of its own.
func NewKeeper() *Keeper {
	key := make([]byte, chacha20poly1305.KeySize)
	rand.Read(key)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic("memkv: key size") // it is right above
	}
	return &Keeper{aead}
}

// String hides the key.
func (k *Keeper) String() string { return "[secret]" }

// GoString hides the key.
func (k *Keeper) GoString() string { return "[secret]" }

// Wrap is store.Keeper's.
func (k *Keeper) Wrap(_ context.Context, secret []byte) ([]byte, error) {
	nonce := make([]byte, k.aead.NonceSize())
	rand.Read(nonce)
	return k.aead.Seal(nonce, nonce, secret, nil), nil
}

// Unwrap is store.Keeper's.
func (k *Keeper) Unwrap(_ context.Context, wrapped []byte) ([]byte, error) {
	n := k.aead.NonceSize()
	if len(wrapped) < n {
		return nil, store.ErrDamaged
	}
	secret, err := k.aead.Open(nil, wrapped[:n], wrapped[n:], nil)
	if err != nil {
		return nil, store.ErrDamaged
	}
	return secret, nil
}
