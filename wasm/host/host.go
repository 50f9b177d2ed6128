//go:build js && wasm

// Package host is the browser around the pages: how much it stores and whether it
// keeps it, files that people choose and get, notifications, and a mark apart from
// the database, by which a browser that has thrown an account away is told from a
// new one. It holds nothing of an account.
package host

import (
	"context"
	"syscall/js"

	"tandem/wasm/octets"
	"tandem/wasm/promise"
	"tandem/web"
	"tandem/web/view"
)

// Names in localStorage. Clear Data empties it.
const (
	markName  = "tandem"       // an account is kept here
	quietName = "tandem quiet" // no notifications, although the browser allows them
)

// Host is this tab's browser.
type Host struct {
	// Unseen reports whether nobody looks at any tab.
	Unseen func() bool
}

var _ web.Host = Host{}

// try turns an exception of the browser into false.
func try(f func()) (ok bool) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error, *js.ValueError: // thrown, or a method of something that is not there
			ok = false
		default:
			panic(r)
		}
	}()
	f()
	return true
}

// ask calls a method that gives a promise, and waits.
func ask(ctx context.Context, on js.Value, method string, args ...any) (v js.Value, ok bool) {
	var p js.Value
	if !try(func() { p = on.Call(method, args...) }) {
		return v, false
	}
	v, err := promise.Await(ctx, p)
	return v, err == nil
}

// Room asks how much is stored, and whether it is kept.
func (Host) Room(ctx context.Context, persist bool) (r view.Room) {
	storage := js.Global().Get("navigator").Get("storage")
	method := "persisted"
	if persist {
		method = "persist"
	}
	kept, ok := ask(ctx, storage, method)
	if !ok {
		return r
	}
	r.Known, r.Kept = true, kept.Truthy()
	if e, ok := ask(ctx, storage, "estimate"); ok {
		r.Used, r.Quota = number(e.Get("usage")), number(e.Get("quota"))
	}
	return r
}

func number(v js.Value) int64 {
	if v.Type() != js.TypeNumber {
		return 0
	}
	return int64(v.Float())
}

// Marked reports whether this browser held an account.
func (Host) Marked() bool { return remembered(markName) }

// Mark makes it remember, or forget.
func (Host) Mark(on bool) { remember(markName, on) }

func remembered(name string) (is bool) {
	try(func() { is = js.Global().Get("localStorage").Call("getItem", name).Truthy() })
	return is
}

func remember(name string, on bool) {
	try(func() {
		if on {
			js.Global().Get("localStorage").Call("setItem", name, "1")
		} else {
			js.Global().Get("localStorage").Call("removeItem", name)
		}
	})
}

// Ringing is how things stand.
func (Host) Ringing() view.Ringing {
	n := js.Global().Get("Notification")
	if !n.Truthy() {
		return view.NoRinging
	}
	switch n.Get("permission").String() {
	case "granted":
		if remembered(quietName) {
			return view.Silenced
		}
		return view.On
	case "denied":
		return view.Refused
	}
	return view.MayAsk
}

// SetRinging changes it; the browser may ask the person.
func (h Host) SetRinging(ctx context.Context, on bool) view.Ringing {
	if on && h.Ringing() == view.MayAsk {
		ask(ctx, js.Global().Get("Notification"), "requestPermission") // its answer is the permission
	}
	remember(quietName, !on)
	return h.Ringing()
}

// Ring shows a notification, if nobody looks.
func (h Host) Ring(r view.Ring, pressed func()) {
	if h.Ringing() != view.On || !h.Unseen() {
		return
	}
	options := map[string]any{"body": r.Text, "tag": r.Place, "icon": "/web/icon-192.png"}
	var n js.Value
	if !try(func() { n = js.Global().Get("Notification").New(r.Title, options) }) {
		go showByWorker(r.Title, options) // phones have no other way
		return
	}
	var press, close js.Func
	press = js.FuncOf(func(js.Value, []js.Value) any {
		try(func() { js.Global().Call("focus") })
		n.Call("close")
		pressed()
		return nil
	})
	close = js.FuncOf(func(js.Value, []js.Value) any {
		press.Release()
		close.Release()
		return nil
	})
	n.Set("onclick", press)
	n.Set("onclose", close)
}

// showByWorker leaves a notification to the service worker, which brings a tab to
// the front when it is pressed.
func showByWorker(title string, options map[string]any) {
	worker := js.Global().Get("navigator").Get("serviceWorker")
	if !worker.Truthy() {
		return
	}
	if registration, err := promise.Await(context.Background(), worker.Get("ready")); err == nil {
		ask(context.Background(), registration, "showNotification", title, options)
	}
}

// Badge shows a number at the icon of the app.
func (Host) Badge(n int) {
	navigator := js.Global().Get("navigator")
	if n > 0 {
		try(func() { navigator.Call("setAppBadge", n) })
	} else {
		try(func() { navigator.Call("clearAppBadge") })
	}
}

// sink collects the pieces of a file where the browser keeps them: in Blobs, which
// it may put on the disk.
type sink struct{ parts js.Value }

// Sink is a new file.
func (Host) Sink() web.Sink { return sink{js.Global().Get("Array").New()} }

func (s sink) Write(piece []byte) {
	s.parts.Call("push", js.Global().Get("Blob").New([]any{octets.ToJS(piece)}))
}

// freeAfter is when a browser has certainly begun to save a file, ms.
const freeAfter = 60_000

func (s sink) Save(name string) {
	document, url := js.Global().Get("document"), js.Global().Get("URL")
	address := url.Call("createObjectURL", js.Global().Get("Blob").New(s.parts, map[string]any{"type": "application/octet-stream"}))
	link := document.Call("createElement", "a")
	link.Set("href", address)
	link.Set("download", name)
	link.Set("target", "_blank") // or go-app takes the click for a step in the app
	link.Call("click")
	var free js.Func
	free = js.FuncOf(func(js.Value, []js.Value) any {
		free.Release()
		url.Call("revokeObjectURL", address)
		return nil
	})
	js.Global().Call("setTimeout", free, freeAfter)
}

type source struct {
	file js.Value
	size int64
}

// Source is the file that was chosen in the file box with this id.
func (Host) Source(box string) (web.Source, error) {
	var file js.Value
	input := js.Global().Get("document").Call("getElementById", box)
	if !input.Truthy() {
		return nil, view.ErrNoFile
	}
	if file = input.Get("files").Index(0); !file.Truthy() {
		return nil, view.ErrNoFile
	}
	return source{file, number(file.Get("size"))}, nil
}

func (s source) Size() int64 { return s.size }

func (s source) Read(ctx context.Context, at int64, n int) ([]byte, error) {
	part := s.file.Call("slice", float64(at), float64(min(at+int64(n), s.size)))
	buffer, ok := ask(ctx, part, "arrayBuffer")
	if !ok {
		return nil, view.ErrNoFile
	}
	b, ok := octets.FromJS(buffer)
	if !ok || len(b) == 0 {
		return nil, view.ErrNoFile
	}
	return b, nil
}
