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
type keyFormat byte

const (
	keyOpen   keyFormat = 1 // the Keeper alone opens it
	keyLocked keyFormat = 2 // within the Keeper's wrapping lies a lock: a passphrase is needed too
)

// dataKeyAt is the key of the record that holds the wrapped data key.
func dataKeyAt() []byte { return recordKey(kindDataKey) }

// readKey is what the Keeper gives for the stored data key. Errors: ErrNotFound,
// *DamagedError, those of kv and keeper.
func readKey(ctx context.Context, kv KV, keeper Keeper) ([]byte, keyFormat, error) {
	stored, err := kv.Get(ctx, dataKeyAt())
	if err != nil {
		return nil, 0, err
	}
	if len(stored) == 0 || keyFormat(stored[0]) != keyOpen && keyFormat(stored[0]) != keyLocked {
		return nil, 0, damaged(dataKeyAt())
	}
	inner, err := keeper.Unwrap(ctx, stored[1:])
	if errors.Is(err, ErrDamaged) {
		return nil, 0, damaged(dataKeyAt())
	}
	if err != nil {
		return nil, 0, fmt.Errorf("store: data key: %w", err)
	}
	return inner, keyFormat(stored[0]), nil
}

// wrapKey is the record of the data key.
func wrapKey(ctx context.Context, keeper Keeper, inner []byte, format keyFormat) ([]byte, error) {
	wrapped, err := keeper.Wrap(ctx, inner)
	if err != nil {
		return nil, fmt.Errorf("store: data key: %w", err)
	}
	return append([]byte{byte(format)}, wrapped...), nil
}

// dataKey reads the data key of kv, or makes one if kv is empty. Error:
// ErrLocked where a passphrase is needed.
func dataKey(ctx context.Context, kv KV, keeper Keeper) ([]byte, error) {
	inner, format, err := readKey(ctx, kv, keeper)
	switch {
	case errors.Is(err, ErrNotFound):
		return newDataKey(ctx, kv, keeper)
	case err != nil:
		return nil, err
	case format == keyLocked:
		if _, err := parseLock(inner); err != nil {
			return nil, damaged(dataKeyAt())
		}
		return nil, ErrLocked
	}
	if _, ok := parseSecrets(inner); !ok {
		return nil, damaged(dataKeyAt())
	}
	return inner, nil
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
	record, err := wrapKey(ctx, keeper, secret, keyOpen)
	if err != nil {
		return nil, err
	}
	var b Batch
	b.Put(dataKeyAt(), record)
	if err := kv.Apply(ctx, b); err != nil {
		return nil, err
	}
	return secret, nil
}
