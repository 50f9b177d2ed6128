//go:build js && wasm

// Package promise waits for JavaScript promises. It is one of the few doors
// between Go and the browser: fetch, WebCrypto and the locks all answer with a
// promise.
package promise

import (
	"context"
	"syscall/js"
)

// Rejection is a promise that was not kept. It carries the name of the
// JavaScript error ("AbortError") and never its message, which may quote a URL.
type Rejection struct{ Name string }

// Error is the name with a prefix.
func (r *Rejection) Error() string { return "promise: rejected: " + r.Name }

// Await waits until p is settled or ctx ends. Errors: *Rejection, ctx's own. When
// ctx ends p goes on; its outcome is then dropped. Await parks the goroutine: it
// must not be called from within a JavaScript callback.
func Await(ctx context.Context, p js.Value) (js.Value, error) {
	type outcome struct {
		value js.Value
		err   error
	}
	settled := make(chan outcome, 1)
	var kept, broken js.Func
	settle := func(o outcome) {
		kept.Release()
		broken.Release()
		settled <- o
	}
	kept = js.FuncOf(func(_ js.Value, args []js.Value) any {
		settle(outcome{value: args[0]})
		return nil
	})
	broken = js.FuncOf(func(_ js.Value, args []js.Value) any {
		settle(outcome{err: &Rejection{name(args[0])}})
		return nil
	})
	p.Call("then", kept, broken)
	select {
	case o := <-settled:
		return o.value, o.err
	case <-ctx.Done():
		return js.Undefined(), ctx.Err()
	}
}

// name of a thrown value; anything can be thrown.
func name(thrown js.Value) string {
	if thrown.Type() != js.TypeObject {
		return "unknown"
	}
	if n := thrown.Get("name"); n.Type() == js.TypeString {
		return n.String()
	}
	return "unknown"
}
