//go:build js && wasm

package tabs

import (
	"context"
	"sync"
	"syscall/js"

	"tandem/wasm/promise"
)

// The writer's lock: of all tabs of this origin one holds the lock of a name, and
// the browser hands it on when that tab lets go, closes or crashes.

// Acquire waits for the lock. release gives it back and may be called more than
// once. Errors: ctx's own, after which the lock is not held and not waited for;
// ErrUnsupported.
func Acquire(ctx context.Context, name string) (release func(), err error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	abort := js.Global().Get("AbortController").New()
	l, err := request(name, map[string]any{"signal": abort.Get("signal")})
	if err != nil {
		return nil, err
	}
	select {
	case held := <-l.answer:
		if held {
			return l.release, nil
		}
		return nil, ErrUnsupported
	case <-ctx.Done():
		l.release() // should it be granted at this moment
		abort.Call("abort")
		return nil, ctx.Err()
	}
}

// TryAcquire takes the lock if nobody holds it; otherwise release is nil and
// there is no error. Errors: ErrUnsupported, ctx's own.
func TryAcquire(ctx context.Context, name string) (release func(), err error) {
	l, err := request(name, map[string]any{"ifAvailable": true})
	if err != nil {
		return nil, err
	}
	select {
	case held := <-l.answer:
		if held {
			return l.release, nil
		}
		return nil, nil
	case <-ctx.Done():
		l.release()
		return nil, ctx.Err()
	}
}

// lock is one request for a lock.
type lock struct {
	answer  chan bool // whether it is held now
	release func()
}

// letGo is a function of the page that gives back the lock taken last. Should this
// program die, the page calls it (static/page.js): a tab that is open and dead
// would hold the lock for ever.
const letGo = "tandemLetGo"

// request asks for a lock. The browser holds it for as long as the promise that
// the callback returns is pending.
func request(name string, options map[string]any) (*lock, error) {
	var resolve js.Value
	executor := js.FuncOf(func(_ js.Value, args []js.Value) any {
		resolve = args[0]
		return nil
	})
	defer executor.Release() // it is called within New
	pending := js.Global().Get("Promise").New(executor)

	l := &lock{
		answer:  make(chan bool, 2), // from granted and from its end; nobody may wait in a callback
		release: sync.OnceFunc(func() { resolve.Invoke() }),
	}
	granted := js.FuncOf(func(_ js.Value, args []js.Value) any {
		if args[0].Truthy() { // null if it is not available
			js.Global().Set(letGo, resolve)
			l.answer <- true
		} else {
			l.answer <- false
		}
		return pending
	})
	var over js.Value
	err := try(func() {
		over = js.Global().Get("navigator").Get("locks").Call("request", name, options, granted)
	})
	if err != nil {
		granted.Release()
		return nil, err
	}
	go func() { // ends when the lock is given back, refused or no longer wanted
		defer granted.Release()
		if _, err := promise.Await(context.Background(), over); err != nil {
			l.answer <- false
		}
	}()
	return l, nil
}
