//go:build js && wasm

package idb

import (
	"context"
	"crypto/rand"
	"fmt"
	"syscall/js"

	"tandem/core/store"
	"tandem/wasm/octets"
	"tandem/wasm/promise"
)

const (
	wrapKey = "wrap" // name of the CryptoKey in its object store
	ivSize  = 12     // of AES-GCM
)

// Keeper wraps the data key by an AES-256-GCM key that WebCrypto holds and that
// no script can read. It guards against reading the records through the browser's
// interfaces, not against a copied browser profile, where the key's bytes lie too
// (platform.md §3).
type Keeper struct{ key js.Value }

var _ store.Keeper = (*Keeper)(nil)

// Keeper is the keeper of this database; its key is made the first time. Errors:
// store.ErrRefused, also where there is no WebCrypto (a page without https).
func (db *DB) Keeper(ctx context.Context) (*Keeper, error) {
	subtle, err := webCrypto()
	if err != nil {
		return nil, err
	}
	if key, err := db.storedKey(ctx); err != nil || key.Truthy() {
		return &Keeper{key}, err
	}
	// WebCrypto answers after a turn of the event loop, so the key is made before
	// the transaction that stores it.
	key, err := promise.Await(ctx, subtle.Call("generateKey",
		map[string]any{"name": "AES-GCM", "length": 256}, false, []any{"encrypt", "decrypt"}))
	if err != nil {
		return nil, cryptoFailure(ctx, err)
	}
	err = db.burst(ctx, keys, "readwrite", func(objects js.Value) error {
		objects.Call("add", key, wrapKey) // and never over another one
		return nil
	})
	if err == nil {
		return &Keeper{key}, nil
	}
	if key, _ := db.storedKey(ctx); key.Truthy() {
		return &Keeper{key}, nil
	}
	return nil, err
}

// storedKey is undefined if there is none yet.
func (db *DB) storedKey(ctx context.Context) (js.Value, error) {
	var req js.Value
	err := db.burst(ctx, keys, "readonly", func(objects js.Value) error {
		req = objects.Call("get", wrapKey)
		return nil
	})
	if err != nil {
		return js.Undefined(), err
	}
	return req.Get("result"), nil
}

// Wrap is store.Keeper's: iv ‖ ciphertext.
func (k *Keeper) Wrap(ctx context.Context, secret []byte) ([]byte, error) {
	iv := make([]byte, ivSize)
	rand.Read(iv)
	sealed, err := k.run(ctx, "encrypt", iv, secret)
	if err != nil {
		return nil, cryptoFailure(ctx, err)
	}
	return append(iv, sealed...), nil
}

// Unwrap is store.Keeper's.
func (k *Keeper) Unwrap(ctx context.Context, wrapped []byte) ([]byte, error) {
	if len(wrapped) < ivSize {
		return nil, store.ErrDamaged
	}
	secret, err := k.run(ctx, "decrypt", wrapped[:ivSize], wrapped[ivSize:])
	if isNamed(err, "OperationError") {
		return nil, store.ErrDamaged
	}
	if err != nil {
		return nil, cryptoFailure(ctx, err)
	}
	return secret, nil
}

// run calls a method of SubtleCrypto with the key. The copies in JavaScript's
// memory are overwritten.
func (k *Keeper) run(ctx context.Context, method string, iv, data []byte) ([]byte, error) {
	subtle, err := webCrypto()
	if err != nil {
		return nil, err
	}
	in := octets.ToJS(data)
	out, err := promise.Await(ctx, subtle.Call(method, map[string]any{
		"name": "AES-GCM", "iv": octets.ToJS(iv), "additionalData": octets.ToJS([]byte("tandem data key v1")),
	}, k.key, in))
	in.Call("fill", 0)
	if err != nil {
		return nil, err
	}
	view := js.Global().Get("Uint8Array").New(out)
	b := content(view)
	view.Call("fill", 0)
	return b, nil
}

func webCrypto() (js.Value, error) {
	if c := js.Global().Get("crypto"); c.Truthy() && c.Get("subtle").Truthy() {
		return c.Get("subtle"), nil
	}
	return js.Undefined(), fmt.Errorf("idb: this page has no WebCrypto: %w", store.ErrRefused)
}

// cryptoFailure is failure for a promise, which may also have been left by ctx.
func cryptoFailure(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return failure(err)
}
