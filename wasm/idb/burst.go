//go:build js && wasm

package idb

import (
	"context"
	"syscall/js"
	"time"
)

// burst makes all requests of f in one transaction on an object store, and waits
// until it is complete; the results can then be read from the requests. If f
// fails or throws, nothing of it is done. f must not wait for anything.
func (db *DB) burst(ctx context.Context, name, mode string, f func(objects js.Value) error) error {
	ctx, cancel := hurry(ctx, db.patience)
	defer cancel()
	var txn js.Value
	err := db.connected(ctx, func(l *link) (err error) {
		txn, err = l.transaction(name, mode)
		return err
	})
	if err != nil {
		return err
	}
	end := watch(txn)
	var refused error
	if err := try(func() { refused = f(txn.Call("objectStore", name)) }); err != nil {
		refused = failure(err)
	}
	if refused != nil {
		try(func() { txn.Call("abort") }) // throws if the browser did it already
		return refused
	}
	select {
	case err := <-end:
		return err
	case <-ctx.Done():
		return db.giveUp(ctx, txn, mode, end)
	}
}

// watch gives the end of a transaction: nil when it is complete, otherwise why it
// was aborted.
func watch(txn js.Value) <-chan error {
	end := make(chan error, 1)
	var complete, abort js.Func
	over := func(err error) {
		complete.Release()
		abort.Release()
		end <- err
	}
	complete = js.FuncOf(func(js.Value, []js.Value) any {
		over(nil)
		return nil
	})
	abort = js.FuncOf(func(js.Value, []js.Value) any {
		over(failure(&thrown{nameOf(txn.Get("error"))}))
		return nil
	})
	txn.Set("oncomplete", complete)
	txn.Set("onabort", abort)
	return end
}

// giveUp ends a transaction that took too long. If a write cannot be taken back
// any more, nobody knows what is on the disk: the database is then lost to this
// tab, and a reload reads what is true.
func (db *DB) giveUp(ctx context.Context, txn js.Value, mode string, end <-chan error) error {
	select {
	case err := <-end: // it did end, at the same moment
		return err
	default:
	}
	if try(func() { txn.Call("abort") }) != nil && mode == "readwrite" {
		db.lose()
	}
	return context.Cause(ctx)
}

// hurry limits ctx to patience; context.Cause then says which of the two was
// over.
func hurry(ctx context.Context, patience time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, patience, errSlow)
}
