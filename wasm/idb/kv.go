//go:build js && wasm

package idb

import (
	"bytes"
	"context"
	"syscall/js"

	"tandem/core/store"
	"tandem/wasm/octets"
)

// Get is store.KV's.
func (db *DB) Get(ctx context.Context, key []byte) ([]byte, error) {
	var req js.Value
	err := db.burst(ctx, records, "readonly", func(objects js.Value) error {
		req = objects.Call("get", octets.ToJS(key))
		return nil
	})
	if err != nil {
		return nil, err
	}
	if req.Get("result").IsUndefined() {
		return nil, store.ErrNotFound
	}
	return content(req.Get("result")), nil
}

// Apply is store.KV's.
func (db *DB) Apply(ctx context.Context, b store.Batch) error {
	if err := db.check(ctx); err != nil || len(b) == 0 {
		return err
	}
	return db.burst(context.WithoutCancel(ctx), records, "readwrite", func(objects js.Value) error {
		for _, op := range b {
			if err := request(objects, op); err != nil {
				return err
			}
		}
		return nil
	})
}

// request makes the request for one op. It throws where the browser refuses.
func request(objects js.Value, op store.Op) error {
	switch op.Verb {
	case store.Put:
		objects.Call("put", octets.ToJS(op.Value), octets.ToJS(op.Key))
	case store.Delete:
		objects.Call("delete", octets.ToJS(op.Key))
	case store.Clear:
		if r := (store.Range{From: op.Key, To: op.To}); isWhole(r) {
			objects.Call("clear")
		} else if !isEmpty(r) {
			objects.Call("delete", keyRange(r))
		}
	default:
		return op.Check()
	}
	return nil
}

// check gives the reasons for which nothing is even tried.
func (db *DB) check(ctx context.Context) error {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.usable(ctx)
}

// isWhole and isEmpty are the ranges that IDBKeyRange cannot express.
func isWhole(r store.Range) bool { return len(r.From) == 0 && len(r.To) == 0 }
func isEmpty(r store.Range) bool { return len(r.To) > 0 && bytes.Equal(r.From, r.To) }

// keyRange is the IDBKeyRange of r, undefined for all keys. It throws DataError
// for a range that ends before it starts.
func keyRange(r store.Range) js.Value {
	ranges := js.Global().Get("IDBKeyRange")
	switch {
	case isWhole(r):
		return js.Undefined()
	case len(r.To) == 0:
		return ranges.Call("lowerBound", octets.ToJS(r.From))
	case len(r.From) == 0:
		return ranges.Call("upperBound", octets.ToJS(r.To), true)
	}
	return ranges.Call("bound", octets.ToJS(r.From), octets.ToJS(r.To), false, true)
}

// content copies stored bytes. Anything else was not put there by this package;
// the store finds an empty value damaged.
func content(v js.Value) []byte {
	b, _ := octets.FromJS(v)
	return b
}
