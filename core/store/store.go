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
// be exported. With a passphrase (SetPassphrase) the Keeper wraps it a second
// time, around what Argon2id of the passphrase wrapped: both are then needed.
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
	kv     KV
	keeper Keeper

	// mu guards the fields below. It is held over every read of a value and its
	// opening, and over every sealing and its write, so that neither is cut in
	// two by a change of keys or by Erase.
	mu       sync.RWMutex
	seal     *sealer // nil when closed
	locked   bool    // a passphrase is set
	resealed []byte  // where Reseal goes on
	closed   bool    // or erased
}

// Open opens the store in kv. The first Open makes the data key; later ones
// unwrap it. A kv that holds records but no data key is damaged, and is never
// taken for a new one. Errors: those of kv and keeper, *DamagedError, ErrLocked
// where Unlock is the way.
func Open(ctx context.Context, kv KV, keeper Keeper) (*Store, error) {
	secret, err := dataKey(ctx, kv, keeper)
	if err != nil {
		return nil, err
	}
	return open(ctx, kv, keeper, secret, false)
}

// open makes a Store of a secret that parseSecrets takes, which it clears.
func open(ctx context.Context, kv KV, keeper Keeper, secret []byte, locked bool) (*Store, error) {
	s := &Store{kv: kv, keeper: keeper, seal: newSealer(secret), locked: locked}
	clear(secret)
	s.Reader = Reader{from: s, tag: s.tag}
	if err := s.readOldKey(ctx); err != nil {
		s.seal.wipe()
		return nil, err
	}
	return s, nil
}

// Change starts an empty change.
func (s *Store) Change() *Change {
	c := &Change{store: s, pending: make(map[string]write)}
	c.Reader = Reader{from: c, tag: s.tag}
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
	s.shut()
	return nil
}

// shut lets go of the keys. It is called with mu held.
func (s *Store) shut() {
	if s.seal != nil {
		s.seal.wipe()
	}
	s.seal, s.closed = nil, true
}

// apply lets no commit in behind Erase: its records would lie there without a
// data key.
func (s *Store) apply(ctx context.Context, sealed func(*sealer) Batch) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return ErrClosed
	}
	return s.kv.Apply(ctx, sealed(s.seal))
}

// tag is the sealer's. Of a store that is closed nothing can be read anyway.
func (s *Store) tag(kind Kind, name ...[]byte) []byte {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return make([]byte, tagSize)
	}
	return s.seal.tag(kind, name...)
}

// String hides the keys.
func (s *Store) String() string { return "[store]" }

// GoString hides the keys.
func (s *Store) GoString() string { return "[store]" }

// Close closes the KV below and lets go of the keys. What is left of them in
// memory that nobody uses is the collector's.
func (s *Store) Close() error {
	err := s.kv.Close() // first: it ends reads that wait
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut()
	return err
}

// read opens the value of one key.
func (s *Store) read(ctx context.Context, key []byte) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.closed {
		return nil, ErrClosed
	}
	sealed, err := s.kv.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return s.seal.open(key, sealed)
}

// scan lists a range without opening the values.
func (s *Store) scan(ctx context.Context, r Range) ([]Pair, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.list(ctx, r)
}

// list is scan with mu held, for those who open the values.
func (s *Store) list(ctx context.Context, r Range) ([]Pair, error) {
	if s.closed {
		return nil, ErrClosed
	}
	return s.kv.Scan(ctx, r)
}
