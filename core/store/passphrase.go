package store

import (
	"context"
	"crypto/rand"
	"errors"
)

// Unlock opens a store that has a passphrase. Errors: ErrPassphrase,
// ErrNotFound where there is no store, *DamagedError, those of kv and keeper.
func Unlock(ctx context.Context, kv KV, keeper Keeper, passphrase string) (*Store, error) {
	secret, err := unlockKey(ctx, kv, keeper, passphrase)
	if err != nil {
		return nil, err
	}
	return open(ctx, kv, keeper, secret, true)
}

func unlockKey(ctx context.Context, kv KV, keeper Keeper, passphrase string) ([]byte, error) {
	inner, format, err := readKey(ctx, kv, keeper)
	if err != nil {
		return nil, err
	}
	l, err := parseLock(inner)
	if format != keyLocked || err != nil {
		return nil, damaged(dataKeyAt())
	}
	return l.open(passphrase)
}

// HasPassphrase reports whether the next Open will ask for one.
func (s *Store) HasPassphrase() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.locked
}

// CheckPassphrase is nil if this is the store's passphrase. Errors: those of
// Unlock.
func (s *Store) CheckPassphrase(ctx context.Context, passphrase string) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ErrClosed
	}
	secret, err := unlockKey(ctx, s.kv, s.keeper, passphrase)
	clear(secret)
	return err
}

// SetPassphrase sets or changes the passphrase, or takes it away (""). In one
// transaction the record of the data key is replaced, and from now on values are
// sealed under a fresh key: who finds the old record in what a browser has not
// yet cleaned up opens nothing that is written from now on. What lies here
// already is sealed anew by Reseal.
//
// Errors: those of kv and keeper; nothing has changed then.
func (s *Store) SetPassphrase(ctx context.Context, next string) error {
	if err := s.resealAll(ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	keys := secrets{values: make([]byte, keySize), names: s.seal.keys.names}
	rand.Read(keys.values)
	inner, format := keys.marshal(), keyOpen
	if next != "" {
		inner, format = newLock(next, inner), keyLocked
	}
	record, err := wrapKey(ctx, s.keeper, inner, format)
	if err != nil {
		return err
	}
	seal := sealerOf(keys)
	var b Batch
	b.Put(dataKeyAt(), record)
	b.Put(oldKeyAt(), seal.seal(oldKeyAt(), s.seal.keys.values))
	if err := s.kv.Apply(ctx, b); err != nil {
		return err
	}
	seal.old = sealerOf(secrets{values: s.seal.keys.values})
	s.seal, s.locked, s.resealed = seal, next != "", nil
	return nil
}

// oldKeyAt is the key of the record that holds the key for values before the
// last SetPassphrase, sealed like any other, until nothing lies under it.
func oldKeyAt() []byte { return recordKey(kindOldKey) }

// readOldKey gives a sealer its older half, if there is one.
func (s *Store) readOldKey(ctx context.Context) error {
	sealed, err := s.kv.Get(ctx, oldKeyAt())
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	old, err := s.seal.open(oldKeyAt(), sealed)
	if err != nil || len(old) != keySize {
		return damaged(oldKeyAt())
	}
	s.seal.old = sealerOf(secrets{values: old})
	return nil
}
