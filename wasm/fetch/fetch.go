//go:build js && wasm

// Package fetch carries bytes to a URL and back by the browser's fetch: it is
// core.Transport in a tab. net/http would do the same and cost the reader of the
// page 0.85 MB (platform.md §5).
//
// Nothing is sent beside the body: no cookies, no referrer, no content type (with
// which browsers would ask the other side for permission first). Nothing is
// cached and no redirect is followed.
//
// # What a browser does not allow
//
// A certificate that it does not trust, http from an https page, and an answer
// without the right CORS header all look the same here: ErrNoAnswer. The browser
// says why in its console only.
package fetch

import (
	"context"
	"errors"
	"syscall/js"

	"tandem/core"
	"tandem/wasm/octets"
	"tandem/wasm/promise"
)

// MaxAnswer is how many bytes of an answer are read: the largest that a service
// node may give (network.md §6), so that nobody can fill a tab's memory.
const MaxAnswer = 10 << 20

// Why there is no answer, beside the end of the context. Neither says where to,
// for logs must not.
var (
	ErrNoAnswer = errors.New("fetch: no answer")
	ErrTooLarge = errors.New("fetch: the answer is larger than 10 MiB")
)

// Transport is core.Transport. Its zero value is ready.
type Transport struct{}

var _ core.Transport = Transport{}

// Post is core.Transport's. Errors: ErrNoAnswer, ErrTooLarge, ctx's own. It must
// not be called from within a JavaScript callback.
func (Transport) Post(ctx context.Context, url string, body []byte) (status int, answer []byte, err error) {
	return send(ctx, url, map[string]any{"method": "POST", "body": octets.ToJS(body)})
}

// Get brings a file of this site, such as network.json, fresh from the server. It
// answers as Post does.
func Get(ctx context.Context, url string) (status int, answer []byte, err error) {
	return send(ctx, url, map[string]any{"method": "GET"})
}

// send adds what all requests have in common, and aborts the request on every way
// out: after the last byte that has no effect.
func send(ctx context.Context, url string, options map[string]any) (int, []byte, error) {
	if ctx.Err() != nil {
		return 0, nil, ctx.Err()
	}
	abort := js.Global().Get("AbortController").New()
	defer abort.Call("abort")
	options["signal"] = abort.Get("signal")
	options["credentials"] = "omit"
	options["cache"] = "no-store"
	options["referrerPolicy"] = "no-referrer"
	options["redirect"] = "error"

	response, err := promise.Await(ctx, js.Global().Call("fetch", url, options))
	if err != nil {
		return 0, nil, reason(ctx)
	}
	answer, err := read(ctx, response.Get("body"))
	if err != nil {
		return 0, nil, err
	}
	return response.Get("status").Int(), answer, nil
}

// read takes a body to its end, or to MaxAnswer. A body may be null.
func read(ctx context.Context, body js.Value) ([]byte, error) {
	answer := []byte{}
	if !body.Truthy() {
		return answer, nil
	}
	reader := body.Call("getReader")
	for {
		chunk, err := promise.Await(ctx, reader.Call("read"))
		if err != nil {
			return nil, reason(ctx)
		}
		if chunk.Get("done").Bool() {
			return answer, nil
		}
		b, ok := octets.FromJS(chunk.Get("value"))
		if !ok {
			return nil, ErrNoAnswer
		}
		if len(answer)+len(b) > MaxAnswer {
			return nil, ErrTooLarge
		}
		answer = append(answer, b...)
	}
}

// reason is why a promise of fetch was not kept.
func reason(ctx context.Context) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return ErrNoAnswer
}
