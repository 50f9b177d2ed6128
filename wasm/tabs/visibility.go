//go:build js && wasm

package tabs

import (
	"sync"
	"syscall/js"
)

// Hidden reports whether nobody can see this tab: polling then slows down
// (multi-device.md §3).
func Hidden() bool {
	document := js.Global().Get("document")
	return document.Truthy() && document.Get("hidden").Truthy()
}

// OnVisibility calls f when Hidden changes, within the event loop: f must not
// wait for anything. stop ends it and may be called more than once.
func OnVisibility(f func(hidden bool)) (stop func()) {
	document := js.Global().Get("document")
	listener := js.FuncOf(func(js.Value, []js.Value) any {
		f(Hidden())
		return nil
	})
	document.Call("addEventListener", "visibilitychange", listener)
	return sync.OnceFunc(func() {
		document.Call("removeEventListener", "visibilitychange", listener)
		listener.Release()
	})
}
