//go:build js && wasm

package tabs

import (
	"context"
	"syscall/js"
)

// idleAtLatest bounds how long Idle waits for a busy page, in ms.
const idleAtLatest = 1000

// Idle returns once the browser has nothing more urgent to do, or ctx ends: the
// program has one thread, and what can wait must not keep the first page from
// being drawn. A browser that cannot tell gets one turn of its event loop.
func Idle(ctx context.Context) {
	idle := make(chan struct{})
	var f js.Func
	f = js.FuncOf(func(js.Value, []js.Value) any {
		f.Release()
		close(idle)
		return nil
	})
	if global := js.Global(); global.Get("requestIdleCallback").Truthy() {
		global.Call("requestIdleCallback", f, map[string]any{"timeout": idleAtLatest})
	} else {
		global.Call("setTimeout", f)
	}
	select {
	case <-idle:
	case <-ctx.Done():
	}
}
