//go:build js && wasm

// Package tabs is what a tab knows of itself and of other tabs of its origin:
// which of them may write, what they tell each other, whether anybody looks, on
// which browser it runs, and what it left in the page's own storage.
package tabs

import (
	"errors"
	"syscall/js"

	"tandem/core"
	"tandem/wasm/tabs/agent"
)

// ErrUnsupported says that this browser, or a page without https, lacks what is
// needed.
var ErrUnsupported = errors.New("tabs: this browser does not support it")

// Facts is what this device says about itself until the person changes it.
func Facts() core.Facts {
	navigator := js.Global().Get("navigator")
	if !navigator.Truthy() {
		return agent.Facts("")
	}
	return agent.Facts(navigator.Get("userAgent").String())
}

// Wipe empties localStorage and sessionStorage: the part of Clear Data that is
// not in the database. It returns ErrUnsupported if the browser refuses, in which
// case nothing could be written there either.
func Wipe() error {
	var refused error
	for _, name := range []string{"localStorage", "sessionStorage"} {
		if try(func() { js.Global().Get(name).Call("clear") }) != nil {
			refused = ErrUnsupported
		}
	}
	return refused
}

// try turns an exception of the browser into ErrUnsupported.
func try(f func()) (err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error, *js.ValueError: // thrown, or a method of something that is not there
			err = ErrUnsupported
		default:
			panic(r)
		}
	}()
	f()
	return nil
}
