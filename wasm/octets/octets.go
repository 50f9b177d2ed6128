//go:build js && wasm

// Package octets copies bytes between Go's memory and JavaScript's.
package octets

import "syscall/js"

// ToJS is a new Uint8Array with the bytes of b.
func ToJS(b []byte) js.Value {
	a := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(a, b)
	return a
}

// FromJS copies a Uint8Array or an ArrayBuffer; false for anything else.
func FromJS(v js.Value) ([]byte, bool) {
	array := js.Global().Get("Uint8Array")
	if v.InstanceOf(js.Global().Get("ArrayBuffer")) {
		v = array.New(v)
	}
	if !v.InstanceOf(array) {
		return nil, false
	}
	b := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(b, v)
	return b, true
}
