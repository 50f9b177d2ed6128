//go:build js && wasm

package idb

import (
	"context"
	"slices"
	"syscall/js"

	indexeddb "github.com/hack-pad/go-indexeddb/idb"

	"tandem/core/store"
	"tandem/wasm/octets"
)

// Scan is store.KV's. It is one getAll and one getAllKeys where that is possible:
// three times faster than a cursor (platform.md §3), which is left for browsers
// whose getAll cannot start at the end.
func (db *DB) Scan(ctx context.Context, r store.Range) ([]store.Pair, error) {
	if err := db.check(ctx); err != nil {
		return nil, err
	}
	if err := r.Check(); err != nil || isEmpty(r) {
		return nil, err
	}
	if r.Reverse && r.Limit > 0 && (db.cursors || !goesBackwards()) {
		return db.walk(ctx, r)
	}
	return db.getAll(ctx, r)
}

// goesBackwards reports whether getAll takes a direction. Browsers got this
// together with getAllRecords.
func goesBackwards() bool {
	return js.Global().Get("IDBObjectStore").Get("prototype").Get("getAllRecords").Truthy()
}

func (db *DB) getAll(ctx context.Context, r store.Range) ([]store.Pair, error) {
	var names, values js.Value
	err := db.burst(ctx, records, "readonly", func(objects js.Value) error {
		args := []any{keyRange(r)}
		switch {
		case r.Reverse && r.Limit > 0:
			args = []any{map[string]any{"query": keyRange(r), "count": r.Limit, "direction": "prev"}}
		case r.Limit > 0:
			args = append(args, r.Limit)
		}
		names, values = objects.Call("getAllKeys", args...), objects.Call("getAll", args...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	names, values = names.Get("result"), values.Get("result")
	pairs := make([]store.Pair, names.Length())
	for i := range pairs {
		pairs[i] = store.Pair{Key: content(names.Index(i)), Value: content(values.Index(i))}
	}
	if r.Reverse && r.Limit == 0 {
		slices.Reverse(pairs)
	}
	return pairs, nil
}

// walk lists a range from its end by a cursor.
func (db *DB) walk(ctx context.Context, r store.Range) ([]store.Pair, error) {
	ctx, cancel := hurry(ctx, db.patience)
	defer cancel()
	cursor, err := db.cursor(ctx, r)
	if err != nil {
		return nil, err
	}
	var pairs []store.Pair
	err = cursor.Iter(ctx, func(c *indexeddb.CursorWithValue) error { // must not wait
		key, err := c.Key()
		if err != nil {
			return err
		}
		value, err := c.Value()
		if err != nil {
			return err
		}
		pairs = append(pairs, store.Pair{Key: content(key), Value: content(value)})
		if len(pairs) == r.Limit {
			return indexeddb.ErrCursorStopIter
		}
		return nil
	})
	if ctx.Err() != nil { // which is no error to Iter
		return nil, context.Cause(ctx)
	}
	return pairs, failure(err)
}

// cursor opens a cursor at the end of a range.
func (db *DB) cursor(ctx context.Context, r store.Range) (*indexeddb.CursorWithValueRequest, error) {
	var txn *indexeddb.Transaction
	err := db.connected(ctx, func(l *link) (err error) {
		txn, err = l.db.Transaction(indexeddb.TransactionReadOnly, records)
		return err
	})
	if err != nil {
		return nil, err
	}
	objects, err := txn.ObjectStore(records)
	if err != nil {
		return nil, failure(err)
	}
	bounds, err := cursorRange(r)
	if err != nil {
		return nil, failure(err)
	}
	if bounds == nil {
		req, err := objects.OpenCursor(indexeddb.CursorPrevious)
		return req, failure(err)
	}
	req, err := objects.OpenCursorRange(bounds, indexeddb.CursorPrevious)
	return req, failure(err)
}

// cursorRange is keyRange in go-indexeddb's words; nil for all keys.
func cursorRange(r store.Range) (*indexeddb.KeyRange, error) {
	switch {
	case isWhole(r):
		return nil, nil
	case len(r.To) == 0:
		return indexeddb.NewKeyRangeLowerBound(octets.ToJS(r.From), false)
	case len(r.From) == 0:
		return indexeddb.NewKeyRangeUpperBound(octets.ToJS(r.To), true)
	}
	return indexeddb.NewKeyRangeBound(octets.ToJS(r.From), octets.ToJS(r.To), false, true)
}
