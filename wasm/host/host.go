//go:build js && wasm

// Package host is the browser around the pages, as static/host.js asks it: how
// much it stores and whether it keeps it, files that people choose and get,
// notifications, and marks apart from the database, by which a browser that has
// thrown an account away is told from a new one, and a new one is known at once. It
// holds nothing of an account.
package host

import (
	"context"
	"syscall/js"

	"tandem/wasm/octets"
	"tandem/wasm/promise"
	"tandem/web"
	"tandem/web/view"
)

// Host is this tab's browser.
type Host struct {
	// Unseen reports whether nobody looks at any tab.
	Unseen func() bool
}

var _ web.Host = Host{}

// call calls a function of the script; undefined, where that was not loaded.
func call(name string, args ...any) js.Value {
	script := js.Global().Get("tandemHost")
	if !script.Truthy() {
		return js.Undefined()
	}
	return script.Call(name, args...)
}

// ask is call for a function that gives a promise.
func ask(ctx context.Context, name string, args ...any) js.Value {
	p := call(name, args...)
	if !p.Truthy() {
		return p
	}
	v, err := promise.Await(ctx, p)
	if err != nil {
		return js.Undefined()
	}
	return v
}

// Room asks how much is stored, and whether it is kept.
func (Host) Room(ctx context.Context, persist bool) (r view.Room) {
	v := ask(ctx, "room", persist)
	if v.Truthy() {
		number := func(i int) int64 { return int64(v.Index(i).Float()) }
		r = view.Room{Known: number(0) == 1, Kept: number(1) == 1, Used: number(2), Quota: number(3)}
	}
	return r
}

// Marked reports whether this browser held an account.
func (Host) Marked() bool { return call("marked").Truthy() }

// Mark makes it remember, or forget.
func (Host) Mark(on bool) { call("mark", on) }

// Fresh reports whether this browser surely keeps nothing yet. Kept ends that, and
// comes before anything is kept.
func (Host) Fresh() bool { return call("fresh").Truthy() }

// Kept says that something will be kept.
func (Host) Kept() { call("keep") }

// Ringing is how things stand.
func (Host) Ringing() view.Ringing { return ringing(call("ringing")) }

// SetRinging changes it; the browser may ask the person.
func (Host) SetRinging(ctx context.Context, on bool) view.Ringing {
	return ringing(ask(ctx, "setRinging", on))
}

func ringing(v js.Value) view.Ringing {
	if v.Type() != js.TypeNumber {
		return view.NoRinging
	}
	return view.Ringing(v.Int())
}

// Ring shows a notification, if nobody looks.
func (h Host) Ring(r view.Ring, pressed func()) {
	if h.Ringing() != view.On || !h.Unseen() {
		return
	}
	// Never released: nobody knows how long a notification can be pressed, and
	// there are few.
	press := js.FuncOf(func(js.Value, []js.Value) any {
		pressed()
		return nil
	})
	call("ring", r.Title, r.Text, r.Place, press)
}

// Badge shows a number at the icon of the app.
func (Host) Badge(n int) { call("badge", n) }

// sink collects the pieces of a file.
type sink struct{ pieces js.Value }

// Sink is a new file.
func (Host) Sink() web.Sink { return sink{js.Global().Get("Array").New()} }

func (s sink) Write(piece []byte) { s.pieces.Call("push", call("blob", octets.ToJS(piece))) }
func (s sink) Save(name string)   { call("save", name, s.pieces) }

type source struct{ file js.Value }

// Source is the file that was chosen in the file box with this id.
func (Host) Source(box string) (web.Source, error) {
	file := call("chosen", box)
	if !file.Truthy() {
		return nil, view.ErrNoFile
	}
	return source{file}, nil
}

func (s source) Size() int64 { return int64(s.file.Get("size").Float()) }

func (s source) Read(ctx context.Context, at int64, n int) ([]byte, error) {
	b, ok := octets.FromJS(ask(ctx, "read", s.file, float64(at), float64(at+int64(n))))
	if !ok || len(b) == 0 {
		return nil, view.ErrNoFile
	}
	return b, nil
}
