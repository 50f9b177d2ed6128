//go:build js && wasm

package tabs

import (
	"sync"
	"syscall/js"
	"time"
)

// OnActivity calls used when somebody uses this page: a pointer, a key, the wheel,
// or the page coming to the front. After each call nothing is listened to for a
// while, so that a moving mouse costs next to nothing. used is called within the
// event loop: it must not wait for anything. stop ends it and may be called more
// than once.
func OnActivity(pause time.Duration, used func()) (stop func()) {
	var (
		mu        sync.Mutex // guards the fields below
		over      bool
		listening bool
		listener  js.Func
		again     *time.Timer
	)
	// An event that the page itself stops is still seen, and no scrolling waits.
	options := map[string]any{"capture": true, "passive": true}
	each := func(method string) {
		for _, event := range []string{"pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"} {
			js.Global().Call(method, event, listener, options)
		}
	}
	// turn is asked with mu held.
	turn := func(on bool) {
		if listening == on {
			return
		}
		listening = on
		if on {
			each("addEventListener")
		} else {
			each("removeEventListener")
		}
	}
	listener = js.FuncOf(func(js.Value, []js.Value) any {
		mu.Lock()
		defer mu.Unlock()
		if over || !listening {
			return nil
		}
		turn(false)
		again = time.AfterFunc(pause, func() {
			mu.Lock()
			defer mu.Unlock()
			if !over {
				turn(true)
			}
		})
		used()
		return nil
	})
	turn(true)
	return func() {
		mu.Lock()
		defer mu.Unlock()
		if over {
			return
		}
		over = true
		turn(false)
		if again != nil {
			again.Stop()
		}
		listener.Release()
	}
}
