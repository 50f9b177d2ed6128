package store

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
)

// Keeper wraps the data key with a key that never leaves it: in a browser a
// non-extractable WebCrypto key.
type Keeper interface {
	Wrap(ctx context.Context, secret []byte) ([]byte, error)
	// Unwrap gives ErrDamaged for bytes that this keeper has not wrapped.
	Unwrap(ctx context.Context, wrapped []byte) ([]byte, error)
}

// keyFormat is the first byte of the stored data key; another number means a
// newer program wrote it.
const keyFormat = 1

// dataKeyAt is the key of the record that holds the wrapped data key.
func dataKeyAt() []byte { return recordKey(kindDataKey) }

// dataKey reads the data key of kv, or makes one if kv is empty.
func dataKey(ctx context.Context, kv KV, keeper Keeper) ([]byte, error) {
	stored, err := kv.Get(ctx, dataKeyAt())
	if errors.Is(err, ErrNotFound) {
		return newDataKey(ctx, kv, keeper)
	}
	if err != nil {
		return nil, err
	}
	if len(stored) == 0 || stored[0] != keyFormat {
		return nil, damaged(dataKeyAt())
	}
	secret, err := keeper.Unwrap(ctx, stored[1:])
	if errors.Is(err, ErrDamaged) || err == nil && len(secret) != keySize {
		return nil, damaged(dataKeyAt())
	}
	if err != nil {
		return nil, fmt.Errorf("store: data key: %w", err)
	}
	return secret, nil
}

// newDataKey makes and saves a data key. Records without a key are damage: a
// new key would hide them for ever.
func newDataKey(ctx context.Context, kv KV, keeper Keeper) ([]byte, error) {
	old, err := kv.Scan(ctx, Range{Limit: 1})
	if err != nil {
		return nil, err
	}
	if len(old) > 0 {
		return nil, damaged(dataKeyAt())
	}
	secret := make([]byte, keySize)
	rand.Read(secret)
	wrapped, err := keeper.Wrap(ctx, secret)
	if err != nil {
		return nil, fmt.Errorf("store: data key: %w", err)
	}
	var b Batch
	b.Put(dataKeyAt(), append([]byte{keyFormat}, wrapped...))
	if err := kv.Apply(ctx, b); err != nil {
		return nil, err
	}
	return secret, nil
}
