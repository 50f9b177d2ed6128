// Package store keeps what a device must not forget: typed records over a small
// key-value contract (KV), which a browser fills with IndexedDB and a test with
// memory.
//
// # What lies on the disk
//
// Every value is sealed by XChaCha20-Poly1305 with the record's key as
// additional data, so a value can be neither changed nor moved. A record's key is
// a byte for its Kind and then only big-endian numbers and HMAC tags: no name,
// id or hash in clear. Index rows whose key says it all have no value. What a
// reader of the disk learns is how many records of each kind there are, their
// sizes, and the times of messages and retries.
//
// The data key is random, made at the first Open, and lies beside the records as
// a Keeper wrapped it; in a browser the Keeper holds a WebCrypto key that cannot
// be exported.
//
// # How it is used
//
// Reads go to the Store. Writes are collected in a Change and happen at once in
// Commit: everything is encrypted before the one Apply, because an IndexedDB
// transaction ends when the event loop turns. There is one writer (the tab that
// holds the lock); between a read and the Commit that rests on it the store does
// not look for others.
//
// The store does not understand protocol states. The machines give it bytes and
// never import it (architecture.md, "Key-value below, typed store above").
package store

import (
	"context"
	"sync"
)

// Store is the typed store. It is safe for concurrent use.
type Store struct {
	Reader
	kv   KV
	seal *sealer

	mu     sync.RWMutex // guards erased; Erase waits for commits on their way
	erased bool
}

// Open opens the store in kv. The first Open makes the data key; later ones
// unwrap it. A kv that holds records but no data key is damaged, and is never
// taken for a new one. Errors: those of kv and keeper, *DamagedError.
func Open(ctx context.Context, kv KV, keeper Keeper) (*Store, error) {
	secret, err := dataKey(ctx, kv, keeper)
	if err != nil {
		return nil, err
	}
	s := &Store{kv: kv, seal: newSealer(secret)}
	s.Reader = Reader{from: s, tag: s.seal.tag}
	return s, nil
}

// Change starts an empty change.
func (s *Store) Change() *Change {
	c := &Change{store: s, pending: make(map[string]write)}
	c.Reader = Reader{from: c, tag: s.seal.tag}
	return c
}

// Erase removes every record and the data key in one transaction. The store is
// then closed to further use; the KV stays open, and Open makes a new store in
// it.
func (s *Store) Erase(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b Batch
	b.Clear(nil, nil)
	if err := s.kv.Apply(ctx, b); err != nil {
		return err
	}
	s.erased = true
	return nil
}

// apply lets no commit in behind Erase: its records would lie there without a
// data key.
func (s *Store) apply(ctx context.Context, b Batch) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.erased {
		return ErrClosed
	}
	return s.kv.Apply(ctx, b)
}

func (s *Store) usable() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.erased {
		return ErrClosed
	}
	return nil
}

// String hides the keys.
func (s *Store) String() string { return "[store]" }

// GoString hides the keys.
func (s *Store) GoString() string { return "[store]" }

// Close closes the store and the KV below it.
func (s *Store) Close() error { return s.kv.Close() }

// read opens the value of one key.
func (s *Store) read(ctx context.Context, key []byte) ([]byte, error) {
	if err := s.usable(); err != nil {
		return nil, err
	}
	sealed, err := s.kv.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.seal.open(key, sealed)
}

// scan lists a range without opening the values.
func (s *Store) scan(ctx context.Context, r Range) ([]Pair, error) {
	if err := s.usable(); err != nil {
		return nil, err
	}
	return s.kv.Scan(ctx, r)
}
