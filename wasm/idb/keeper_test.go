//go:build js && wasm

package idb

import (
	"bytes"
	"context"
	"errors"
	"syscall/js"
	"testing"

	"tandem/core/store"
	"tandem/wasm/promise"
)

func keeper(t *testing.T, db *DB) *Keeper {
	t.Helper()
	k, err := db.Keeper(t.Context())
	if err != nil {
		t.Fatalf("Keeper: %v", err)
	}
	return k
}

// TestKeeperOpensWhatItWrapped, after a reload too, and nothing else.
func TestKeeperOpensWhatItWrapped(t *testing.T) {
	secret := []byte("0123456789abcdef0123456789abcdef")
	db := open(t)
	wrapped, err := keeper(t, db).Wrap(t.Context(), secret)
	if err != nil || bytes.Contains(wrapped, secret[:8]) {
		t.Fatalf("Wrap: %x, %v", wrapped, err)
	}
	again, err := keeper(t, db).Wrap(t.Context(), secret)
	if err != nil || bytes.Equal(again, wrapped) {
		t.Errorf("wrapped twice to the same bytes, %v", err)
	}
	db.Close()
	db = open(t)
	k := keeper(t, db)
	if got, err := k.Unwrap(t.Context(), wrapped); err != nil || !bytes.Equal(got, secret) {
		t.Fatalf("Unwrap: %v", err)
	}
	for i := range wrapped {
		wrapped[i] ^= 1
		if _, err := k.Unwrap(t.Context(), wrapped); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("byte %d changed: %v, want ErrDamaged", i, err)
		}
		wrapped[i] ^= 1
	}
	for _, n := range []int{0, 1, 11, 12, 13, 27, len(wrapped) - 1} {
		if _, err := k.Unwrap(t.Context(), wrapped[:n]); !errors.Is(err, store.ErrDamaged) {
			t.Errorf("cut to %d: %v, want ErrDamaged", n, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := k.Unwrap(ctx, wrapped); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// TestKeyCannotBeExported, in any format, nor used for anything else.
func TestKeyCannotBeExported(t *testing.T) {
	k := keeper(t, open(t))
	if k.key.Get("extractable").Bool() {
		t.Error("the key is extractable")
	}
	subtle := js.Global().Get("crypto").Get("subtle")
	for _, format := range []string{"raw", "jwk"} {
		_, err := promise.Await(t.Context(), subtle.Call("exportKey", format, k.key))
		if !isNamed(err, "InvalidAccessError") {
			t.Errorf("exportKey %s: %v, want InvalidAccessError", format, err)
		}
	}
	_, err := promise.Await(t.Context(), subtle.Call("wrapKey", "raw", k.key, k.key,
		map[string]any{"name": "AES-GCM", "iv": js.Global().Get("Uint8Array").New(12)}))
	if err == nil {
		t.Error("the key wrapped itself")
	}
}

// TestOneKeyForTwo: two that ask at once get the same key; the loser of the race
// must not wrap with one that is gone.
func TestOneKeyForTwo(t *testing.T) {
	db := open(t)
	found := make(chan *Keeper, 2)
	for range 2 {
		go func() {
			k, err := db.Keeper(t.Context())
			if err != nil {
				t.Error(err)
			}
			found <- k
		}()
	}
	a, b := <-found, <-found
	wrapped, err := a.Wrap(t.Context(), []byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*Keeper{a, b, keeper(t, db)} {
		if got, err := k.Unwrap(t.Context(), wrapped); err != nil || string(got) != "secret" {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestNoWebCrypto(t *testing.T) {
	db := open(t)
	k := keeper(t, db)
	object := js.Global().Get("Object")
	object.Call("defineProperty", js.Global().Get("crypto"), "subtle", map[string]any{"value": nil, "configurable": true})
	defer js.Global().Get("Reflect").Call("deleteProperty", js.Global().Get("crypto"), "subtle")
	if _, err := db.Keeper(t.Context()); !errors.Is(err, store.ErrRefused) {
		t.Errorf("Keeper: %v, want ErrRefused", err)
	}
	if _, err := k.Wrap(t.Context(), nil); !errors.Is(err, store.ErrRefused) {
		t.Errorf("Wrap: %v, want ErrRefused", err)
	}
}
