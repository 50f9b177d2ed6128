//go:build js && wasm

// Package scan brings link codes from the browser to the page: out of the
// clipboard, a picture, or the camera. It reads QR codes by the browser's own
// BarcodeDetector and no other way: where that is missing (Firefox, most desktops),
// people copy the code.
//
// What it reads goes to the page and nowhere else, and the camera is on only as
// long as Camera runs.
package scan

import (
	"context"
	"syscall/js"
	"time"

	"tandem/wasm/promise"
	"tandem/web/view"
)

const (
	// format is the only kind of code that is asked for.
	format = "qr_code"
	// frameEvery is how often the camera's picture is looked at: often enough for
	// a hand that moves, seldom enough for a phone's battery.
	frameEvery = 150 * time.Millisecond
	// askPatience bounds a question to the browser that no person answers.
	askPatience = 5 * time.Second
)

// Reader is what this tab's browser can read; it has no state.
type Reader struct{}

// Ways says what this browser has. It is false as long as it is not certain.
func (Reader) Ways() view.Ways {
	ctx, cancel := context.WithTimeout(context.Background(), askPatience)
	defer cancel()
	codes := detects(ctx)
	return view.Ways{
		Clipboard: has("navigator", "clipboard", "readText"),
		Camera:    codes && has("navigator", "mediaDevices", "getUserMedia"),
		Picture:   codes && has("createImageBitmap"),
	}
}

// detects reports whether there is a detector for QR codes. Some browsers have
// one that knows no format.
func detects(ctx context.Context) bool {
	if !has("BarcodeDetector", "getSupportedFormats") {
		return false
	}
	formats, err := call(ctx, js.Global().Get("BarcodeDetector"), "getSupportedFormats")
	if err != nil || !formats.InstanceOf(js.Global().Get("Array")) {
		return false
	}
	return formats.Call("includes", format).Truthy()
}

// Clipboard is the text that was copied. Error: view.ErrNoClipboard.
func (Reader) Clipboard(ctx context.Context) (string, error) {
	text, err := call(ctx, js.Global().Get("navigator").Get("clipboard"), "readText")
	if err != nil || text.Type() != js.TypeString {
		return "", view.ErrNoClipboard
	}
	return text.String(), nil
}

// Picture reads the QR code in the file chosen in the file box with this id.
// Error: view.ErrNoCode.
func (Reader) Picture(ctx context.Context, box string) (string, error) {
	input := byID(box)
	if !input.Truthy() {
		return "", view.ErrNoCode
	}
	file := input.Get("files").Index(0)
	// The same file can be chosen once more.
	defer input.Set("value", "")
	if !file.Truthy() {
		return "", view.ErrNoCode
	}
	bitmap, err := call(ctx, js.Global(), "createImageBitmap", file)
	if err != nil {
		return "", view.ErrNoCode
	}
	defer bitmap.Call("close")
	text, err := detect(ctx, newDetector(), bitmap)
	if err != nil || text == "" {
		return "", view.ErrNoCode
	}
	return text, nil
}

// Camera shows the camera in the video with this id until it sees a QR code.
// Errors: view.ErrNoCamera, ctx's own.
func (Reader) Camera(ctx context.Context, video string) (string, error) {
	constraints := map[string]any{"audio": false, "video": map[string]any{"facingMode": "environment"}}
	// The person may take as long as they like, and must not leave the camera on
	// by answering after ctx has ended.
	stream, err := call(context.Background(), js.Global().Get("navigator").Get("mediaDevices"), "getUserMedia", constraints)
	if err != nil {
		return "", view.ErrNoCamera
	}
	defer stop(stream)
	screen := byID(video)
	if ctx.Err() != nil || !screen.Truthy() {
		return "", context.Canceled
	}
	screen.Set("srcObject", stream)
	defer screen.Set("srcObject", js.Null())
	if _, err := call(ctx, screen, "play"); ctx.Err() == nil && err != nil {
		return "", view.ErrNoCamera
	}
	return watch(ctx, screen)
}

// watch looks at one picture after the other.
func watch(ctx context.Context, screen js.Value) (string, error) {
	detector := newDetector()
	tick := time.NewTicker(frameEvery)
	defer tick.Stop()
	for {
		// A picture that cannot be read is followed by the next one.
		if text, err := detect(ctx, detector, screen); err == nil && text != "" {
			return text, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return "", context.Canceled
		}
	}
}

func newDetector() js.Value {
	return js.Global().Get("BarcodeDetector").New(map[string]any{"formats": []any{format}})
}

// detect is the text of the first code in a picture; empty without any.
func detect(ctx context.Context, detector, picture js.Value) (string, error) {
	found, err := call(ctx, detector, "detect", picture)
	if err != nil {
		return "", err
	}
	if found.Length() == 0 {
		return "", nil
	}
	return found.Index(0).Get("rawValue").String(), nil
}

func stop(stream js.Value) {
	tracks := stream.Call("getTracks")
	for i := range tracks.Length() {
		tracks.Index(i).Call("stop")
	}
}

func byID(id string) js.Value { return js.Global().Get("document").Call("getElementById", id) }

// has reports whether there is something under this path of names.
func has(path ...string) bool {
	v := js.Global()
	for _, name := range path {
		if v = v.Get(name); !v.Truthy() {
			return false
		}
	}
	return true
}

// call calls a method that gives a promise, and waits. What the method throws
// is an error as well.
func call(ctx context.Context, on js.Value, method string, args ...any) (v js.Value, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case js.Error:
			err = r
		case *js.ValueError: // a method of something that is not there
			err = r
		default:
			panic(r)
		}
	}()
	return promise.Await(ctx, on.Call(method, args...))
}
