//go:build js && wasm

package idb

import (
	"context"
	"fmt"
	"sync/atomic"
	"syscall/js"

	indexeddb "github.com/hack-pad/go-indexeddb/idb"

	"tandem/core/store"
)

// link is one connection to the database.
type link struct {
	db   *indexeddb.Database // for cursors
	raw  js.Value            // the same, for what go-indexeddb has not
	down atomic.Bool         // the browser closed it

	listeners []js.Func
}

// connect opens the database; made says that it was not there before.
func connect(ctx context.Context, name string) (l *link, made bool, err error) {
	if ctx.Err() != nil {
		return nil, false, context.Cause(ctx)
	}
	factory, err := global()
	if err != nil {
		return nil, false, err
	}
	// The upgrade listens until the request is over and not until ctx ends: an
	// upgrade that nobody answers leaves a database without object stores.
	upgrade, done := context.WithCancel(context.WithoutCancel(ctx))
	var upgradeErr error
	req, err := factory.Open(upgrade, name, version, func(db *indexeddb.Database, _, _ uint) error {
		made = true
		upgradeErr = layOut(db)
		return nil // an error here would end the program
	})
	if err != nil {
		done()
		return nil, false, failure(err)
	}
	opened := make(chan error, 1)
	go func() { // ends with the request, which the browser always answers
		defer done()
		_, err := req.Await(upgrade)
		opened <- err
	}()
	select {
	case err = <-opened:
	case <-ctx.Done():
		go closeLate(req, opened)
		return nil, false, context.Cause(ctx)
	}
	if err != nil {
		return nil, false, failure(err)
	}
	l, err = linkOf(req)
	if err != nil {
		return nil, false, err
	}
	if upgradeErr != nil {
		l.close()
		return nil, false, failure(upgradeErr)
	}
	return l, made, nil
}

// layOut makes the object stores of version 1.
func layOut(db *indexeddb.Database) error {
	for _, name := range []string{records, keys} {
		if _, err := db.CreateObjectStore(name, indexeddb.ObjectStoreOptions{}); err != nil {
			return err
		}
	}
	return nil
}

// closeLate closes a connection that nobody waits for any more: left open, it
// would stand in the way of Destroy.
func closeLate(req *indexeddb.OpenDBRequest, opened <-chan error) {
	if <-opened != nil {
		return
	}
	if l, err := linkOf(req); err == nil {
		l.close()
	}
}

// linkOf is the connection of a request that has succeeded.
func linkOf(req *indexeddb.OpenDBRequest) (*link, error) {
	db, err := req.Result()
	if err != nil {
		return nil, failure(err)
	}
	raw, err := req.Request.Result()
	if err != nil {
		return nil, failure(err)
	}
	if !raw.Truthy() {
		return nil, fmt.Errorf("idb: opened to nothing: %w", store.ErrRefused)
	}
	return &link{db: db, raw: raw}, nil
}

// transaction starts one; the error is the browser's.
func (l *link) transaction(name, mode string) (txn js.Value, err error) {
	err = try(func() {
		// Strict: what the store calls durable must survive a power cut, or a
		// ratchet could use a key twice.
		txn = l.raw.Call("transaction", name, mode, map[string]any{"durability": "strict"})
	})
	return txn, err
}

// listen calls f on an event until the link is closed.
func (l *link) listen(event string, f func()) {
	listener := js.FuncOf(func(js.Value, []js.Value) any {
		f()
		return nil
	})
	l.raw.Call("addEventListener", event, listener)
	l.listeners = append(l.listeners, listener)
}

// close ends the connection when its transactions are over.
func (l *link) close() {
	l.raw.Call("close") // never throws
	for _, f := range l.listeners {
		f.Release()
	}
	l.listeners = nil
}
