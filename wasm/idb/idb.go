//go:build js && wasm

// Package idb keeps the store's records in the browser's IndexedDB, and the key
// that wraps their data key as a WebCrypto key that cannot be exported. It knows
// nothing of what the records are; core/store/storetest says what it must do.
//
// # What is done here and what by go-indexeddb
//
// go-indexeddb opens, upgrades and deletes the database and walks cursors.
// Transactions that write, and scans by getAll, are driven by hand: its
// Transaction.Await takes an abort that carries no error for success, and its
// Request.Await takes the end of the context for the answer "undefined", which
// is how a missing key looks.
//
// # Rules that keep transactions alive
//
// A transaction ends when the event loop turns, so all requests of one are made in
// one burst without waiting for anything, with the bytes copied before. Nothing
// waits inside a cursor's callback or the upgrader: that would stop the program.
// Every wait has an end (patience).
package idb

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	indexeddb "github.com/hack-pad/go-indexeddb/idb"

	"tandem/core/store"
)

const (
	version = 1         // of the database's layout
	records = "records" // object store: Uint8Array → Uint8Array
	keys    = "keys"    // object store: wrapKey → CryptoKey

	// patience is how long a transaction may take. A disk that is slower than
	// this is as good as gone, and the person must be told.
	patience = 30 * time.Second
)

// DB is an open database: a store.KV and, by Keeper, where its key lies.
type DB struct {
	name     string
	patience time.Duration
	cursors  bool // walk a cursor even where getAll could go backwards

	mu     sync.Mutex // guards link and closed
	link   *link
	closed bool

	gone atomic.Bool   // another tab took the database away, or it vanished
	lost chan struct{} // closed when gone becomes true
}

var _ store.KV = (*DB)(nil)

// Open opens the database of that name and makes it if it is not there. Errors:
// store.ErrRefused, store.ErrFull, ctx's own.
func Open(ctx context.Context, name string) (*DB, error) {
	ctx, cancel := hurry(ctx, patience)
	defer cancel()
	l, _, err := connect(ctx, name)
	if err != nil {
		return nil, err
	}
	db := &DB{name: name, patience: patience, lost: make(chan struct{})}
	db.adopt(l)
	return db, nil
}

// Destroy deletes the database with all its records and keys. Other tabs that
// have it open are disconnected. If ctx ends first the database may still be
// deleted later.
func Destroy(ctx context.Context, name string) error {
	factory, err := global()
	if err != nil {
		return err
	}
	req, err := factory.DeleteDatabase(name)
	if err != nil {
		return failure(err)
	}
	ctx, cancel := hurry(ctx, patience)
	defer cancel()
	err = req.Await(ctx)
	if ctx.Err() != nil { // which is no error to Await
		return context.Cause(ctx)
	}
	return failure(err)
}

// Lost is closed when the database was taken away: another tab cleared the data
// or runs a newer version, or the browser deleted it. Everything then gives
// store.ErrRefused; only a reload helps.
func (db *DB) Lost() <-chan struct{} { return db.lost }

// Close is store.KV's.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	db.link.close()
	return nil
}

// connected starts a transaction by f. A connection that the browser has dropped
// (Safari does that to sleeping tabs) is opened once again; nothing is lost by
// that, since every batch is either done or not.
func (db *DB) connected(ctx context.Context, f func(*link) error) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if err := db.usable(ctx); err != nil {
		return err
	}
	if !db.link.down.Load() {
		if err := f(db.link); !isNamed(err, "InvalidStateError") {
			return failure(err)
		}
	}
	if err := db.reconnect(ctx); err != nil {
		return err
	}
	return failure(f(db.link))
}

// usable is asked with mu held.
func (db *DB) usable(ctx context.Context) error {
	switch {
	case db.closed:
		return store.ErrClosed
	case db.gone.Load():
		return fmt.Errorf("idb: the database was taken away: %w", store.ErrRefused)
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// reconnect is called with mu held. A database that is not there any more must
// not come back empty: the records of a running program would get a second data
// key.
func (db *DB) reconnect(ctx context.Context) error {
	l, made, err := connect(ctx, db.name)
	if err != nil {
		return err
	}
	db.link.close()
	db.adopt(l)
	if made {
		db.lose()
		l.close()
		if err := Destroy(ctx, db.name); err != nil {
			return err
		}
	}
	return db.usable(ctx) // another tab may have taken it away while we waited
}

// adopt makes l the connection in use. Its callbacks run inside the event loop
// and so must not wait, not even for mu.
func (db *DB) adopt(l *link) {
	db.link = l
	l.listen("close", func() { l.down.Store(true) })
	l.listen("versionchange", db.lose)
}

func (db *DB) lose() {
	if db.gone.CompareAndSwap(false, true) {
		close(db.lost)
	}
}

// global is the browser's IndexedDB; some browsers and settings have none.
func global() (factory *indexeddb.Factory, err error) {
	defer func() {
		if recover() != nil {
			factory, err = nil, fmt.Errorf("idb: this browser offers no IndexedDB: %w", store.ErrRefused)
		}
	}()
	return indexeddb.Global(), nil
}
