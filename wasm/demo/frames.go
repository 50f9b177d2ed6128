//go:build js && wasm

package main

import (
	"sync"
	"syscall/js"
)

// unseen is how long a page that nobody sees waits for a picture that the browser
// does not draw, real ms.
const unseen = 250

// frames call what is due once for each picture that the browser draws, which is
// the only real time in this program.
type frames struct {
	mu    sync.Mutex // guards the fields below
	due   []func()
	asked bool
	draw  js.Func
}

func newFrames() *frames {
	f := &frames{}
	f.draw = js.FuncOf(func(js.Value, []js.Value) any {
		go f.run() // the event loop waits for nobody
		return nil
	})
	return f
}

// next calls then in the next frame.
func (f *frames) next(then func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.due = append(f.due, then)
	if !f.asked {
		f.asked = true
		js.Global().Call("requestAnimationFrame", f.draw)
		js.Global().Call("setTimeout", f.draw, unseen)
	}
}

// run may be called twice for one next: then there is nothing left the second
// time, or what is due comes early.
func (f *frames) run() {
	f.mu.Lock()
	due := f.due
	f.due, f.asked = nil, false
	f.mu.Unlock()
	for _, then := range due {
		then()
	}
}
