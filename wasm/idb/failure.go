//go:build js && wasm

package idb

import (
	"errors"
	"fmt"
	"syscall/js"

	indexeddb "github.com/hack-pad/go-indexeddb/idb"

	"tandem/core/store"
	"tandem/wasm/promise"
)

// errSlow is for a disk that does not answer.
var errSlow = fmt.Errorf("idb: no answer in time: %w", store.ErrRefused)

// thrown is a JavaScript error by its name. Messages are left where they are:
// they differ by browser and may say more than a log should.
type thrown struct{ name string }

func (t *thrown) Error() string { return t.name }

// try turns an exception that f throws into *thrown.
func try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error:
			err = &thrown{nameOf(r.Value)}
		default:
			panic(r)
		}
	}()
	f()
	return nil
}

// failure maps an error of the browser to what a caller of the store can act on:
// ErrFull, ErrRange, and ErrRefused for all else. nil stays nil.
func failure(err error) error {
	switch {
	case err == nil:
		return nil
	case isNamed(err, "QuotaExceededError"):
		return store.ErrFull
	case isNamed(err, "DataError"): // keys are bytes, so only a range can be wrong
		return store.ErrRange
	}
	return fmt.Errorf("idb: %s: %w", describe(err), store.ErrRefused)
}

// isNamed reports whether err is a JavaScript error of that name, in any of the
// forms in which one arrives here.
func isNamed(err error, name string) bool {
	return err != nil && (describe(err) == name || errors.Is(err, indexeddb.NewDOMException(name)))
}

// describe is the name of a JavaScript error, or "failed".
func describe(err error) string {
	var own *thrown
	var sync js.Error
	var rejected *promise.Rejection
	switch {
	case errors.As(err, &own):
		return own.name
	case errors.As(err, &sync):
		return nameOf(sync.Value)
	case errors.As(err, &rejected):
		return rejected.Name
	}
	return "failed"
}

// nameOf an error object; a transaction that was aborted without an error has
// none.
func nameOf(v js.Value) string {
	if v.Type() == js.TypeObject {
		if n := v.Get("name"); n.Type() == js.TypeString {
			return n.String()
		}
	}
	return "AbortError"
}
