//go:build js && wasm

package tabs_test

import (
	"context"
	"errors"
	"syscall/js"
	"testing"
	"time"

	"tandem/wasm/promise"
	"tandem/wasm/tabs"
)

// taken takes the lock if it is free.
func taken(t *testing.T, name string) (release func()) {
	t.Helper()
	release, err := tabs.TryAcquire(t.Context(), name)
	if err != nil {
		t.Fatalf("TryAcquire: %v", err)
	}
	return release
}

func TestOneWriter(t *testing.T) {
	first := taken(t, t.Name())
	if first == nil {
		t.Fatal("a free lock was not given")
	}
	if second := taken(t, t.Name()); second != nil {
		t.Fatal("two hold the lock")
	}
	if other := taken(t, t.Name()+" other"); other == nil {
		t.Error("another lock is not free")
	} else {
		other()
	}
	first()
	first()
	if again, err := tabs.Acquire(t.Context(), t.Name()); err != nil {
		t.Errorf("a lock that was given back: %v", err)
	} else {
		again()
	}
}

// TestHandOver: those who wait get the lock in their order, one at a time.
func TestHandOver(t *testing.T) {
	release := taken(t, t.Name())
	got := make(chan func())
	for range 2 {
		go func() {
			r, err := tabs.Acquire(t.Context(), t.Name())
			if err != nil {
				t.Error(err)
			}
			got <- r
		}()
	}
	waiting(t, t.Name(), 2)
	for range 2 {
		select {
		case <-got:
			t.Fatal("two hold the lock")
		default:
		}
		release()
		release = <-got
	}
	release()
}

// TestTakeOver: the tab that holds the lock closes without a word.
func TestTakeOver(t *testing.T) {
	document := js.Global().Get("document")
	frame := document.Call("createElement", "iframe")
	document.Get("body").Call("append", frame)
	hold := js.Global().Get("Function").New("frame", "name", `
		return new Promise(held => frame.contentWindow.navigator.locks.request(name, () => {
			held();
			return new Promise(() => {});
		}))`)
	if _, err := promise.Await(t.Context(), hold.Invoke(frame, t.Name())); err != nil {
		t.Fatal(err)
	}
	if taken(t, t.Name()) != nil {
		t.Fatal("the other tab's lock was given")
	}
	got := make(chan func())
	go func() {
		r, err := tabs.Acquire(t.Context(), t.Name())
		if err != nil {
			t.Error(err)
		}
		got <- r
	}()
	waiting(t, t.Name(), 1)
	frame.Call("remove")
	(<-got)()
}

// waiting returns when n requests wait for a lock.
func waiting(t *testing.T, name string, n int) {
	t.Helper()
	count := js.Global().Get("Function").New("name", "then", `
		const look = () => navigator.locks.query().then(s => {
			const n = s.pending.filter(l => l.name === name).length;
			if (!then(n)) setTimeout(look, 1);
		});
		look()`)
	done := make(chan struct{})
	reached := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if args[0].Int() != n {
			return false
		}
		close(done)
		return true
	})
	defer reached.Release()
	count.Invoke(name, reached)
	<-done
}

// TestWaitingEnds: who gives up neither gets the lock nor stands in the way.
func TestWaitingEnds(t *testing.T) {
	release := taken(t, t.Name())
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if r, err := tabs.Acquire(ctx, t.Name()); r != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Acquire: %v", err)
	}
	if r, err := tabs.Acquire(ctx, t.Name()); r != nil || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Acquire with an ended context: %v", err)
	}
	waiting(t, t.Name(), 0)
	release()
	if again, err := tabs.Acquire(t.Context(), t.Name()); err != nil {
		t.Error(err)
	} else {
		again()
	}
}

// without hides a property of an object for a test.
func without(t *testing.T, object js.Value, property string) (restore func()) {
	t.Helper()
	js.Global().Get("Object").Call("defineProperty", object, property, map[string]any{"value": js.Undefined(), "configurable": true})
	return func() { js.Global().Get("Reflect").Call("deleteProperty", object, property) }
}

func TestNoLocks(t *testing.T) {
	defer without(t, js.Global().Get("navigator"), "locks")()
	if _, err := tabs.Acquire(t.Context(), t.Name()); !errors.Is(err, tabs.ErrUnsupported) {
		t.Errorf("Acquire: %v, want ErrUnsupported", err)
	}
	if _, err := tabs.TryAcquire(t.Context(), t.Name()); !errors.Is(err, tabs.ErrUnsupported) {
		t.Errorf("TryAcquire: %v, want ErrUnsupported", err)
	}
}

func TestChannel(t *testing.T) {
	join := func(name string) (*tabs.Channel, chan string) {
		heard := make(chan string, 10)
		c, err := tabs.NewChannel(name, func(text string) { heard <- text })
		if err != nil {
			t.Fatal(err)
		}
		return c, heard
	}
	a, aHeard := join(t.Name())
	b, bHeard := join(t.Name())
	other, otherHeard := join(t.Name() + " other")
	defer b.Close()
	defer other.Close()

	a.Post("one")
	a.Post("ü\x00")
	for _, want := range []string{"one", "ü\x00"} {
		if got := <-bHeard; got != want {
			t.Errorf("heard %q, want %q", got, want)
		}
	}
	raw := js.Global().Get("BroadcastChannel").New(t.Name())
	raw.Call("postMessage", 7) // not a text: dropped
	raw.Call("close")
	b.Post("answer")
	if got := <-aHeard; got != "answer" {
		t.Errorf("heard %q, want the answer", got)
	}
	a.Close()
	a.Close()
	a.Post("late")
	raw = js.Global().Get("BroadcastChannel").New(t.Name())
	raw.Call("postMessage", "last")
	if got := <-bHeard; got != "last" {
		t.Errorf("heard %q, want the last", got)
	}
	raw.Call("close")
	if n := len(aHeard) + len(bHeard) + len(otherHeard); n != 0 {
		t.Errorf("%d texts too many", n)
	}
}

func TestVisibility(t *testing.T) {
	document := js.Global().Get("document")
	show := func(hidden bool) {
		js.Global().Get("Object").Call("defineProperty", document, "hidden", map[string]any{"value": hidden, "configurable": true})
		document.Call("dispatchEvent", js.Global().Get("Event").New("visibilitychange"))
	}
	defer js.Global().Get("Reflect").Call("deleteProperty", document, "hidden")
	var heard []bool
	stop := tabs.OnVisibility(func(hidden bool) { heard = append(heard, hidden) })
	show(true)
	if !tabs.Hidden() {
		t.Error("a hidden tab is not Hidden")
	}
	show(false)
	if tabs.Hidden() {
		t.Error("a visible tab is Hidden")
	}
	stop()
	stop()
	show(true)
	if len(heard) != 2 || !heard[0] || heard[1] {
		t.Errorf("heard %v, want true and false", heard)
	}
}

func TestActivity(t *testing.T) {
	window := js.Global()
	fire := func(event string) {
		window.Call("dispatchEvent", window.Get("Event").New(event))
	}
	used := make(chan struct{}, 100)
	stop := tabs.OnActivity(20*time.Millisecond, func() { used <- struct{}{} })
	for i, event := range []string{"pointermove", "pointerdown", "keydown", "wheel", "touchstart", "focus"} {
		for range 5 { // however many there are, they count once
			fire(event)
		}
		if n := len(used); n != i+1 {
			t.Errorf("%s: %d calls, want %d", event, n, i+1)
		}
		<-time.After(40 * time.Millisecond)
	}
	fire("scroll") // by the page itself
	stop()
	stop()
	fire("keydown")
	if n := len(used); n != 6 {
		t.Errorf("%d calls, want 6", n)
	}
}

func TestWipe(t *testing.T) {
	storages := []string{"localStorage", "sessionStorage"}
	for _, name := range storages {
		js.Global().Get(name).Call("setItem", "key", "canary")
	}
	if err := tabs.Wipe(); err != nil {
		t.Fatal(err)
	}
	for _, name := range storages {
		if n := js.Global().Get(name).Get("length").Int(); n != 0 {
			t.Errorf("%s holds %d items", name, n)
		}
	}
	js.Global().Get("sessionStorage").Call("setItem", "key", "canary")
	prototype := js.Global().Get("Storage").Get("prototype")
	clear := prototype.Get("clear")
	prototype.Set("clear", js.Global().Get("Function").New("clear", `
		return function() { if (this === localStorage) throw new DOMException("", "SecurityError"); clear.call(this) }`).Invoke(clear))
	defer prototype.Set("clear", clear)
	if err := tabs.Wipe(); !errors.Is(err, tabs.ErrUnsupported) {
		t.Errorf("Wipe: %v, want ErrUnsupported", err)
	}
	if n := js.Global().Get("sessionStorage").Get("length").Int(); n != 0 {
		t.Error("one refusal kept the other storage")
	}
}

func TestFactsOfThisBrowser(t *testing.T) {
	if got := tabs.Facts().Name; got != "Chrome on Linux" {
		t.Errorf("%q", got)
	}
}
