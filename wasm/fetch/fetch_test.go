//go:build js && wasm

package fetch_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"tandem/wasm/fetch"
	"tandem/wasm/octets"
)

// blob is a URL of n bytes in this tab.
func blob(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 7 >> 3)
	}
	object := js.Global().Get("Blob").New([]any{octets.ToJS(b)})
	url := js.Global().Get("URL").Call("createObjectURL", object).String()
	t.Cleanup(func() { js.Global().Get("URL").Call("revokeObjectURL", url) })
	return url
}

// fake replaces fetch by a JavaScript function body with the arguments url and
// options; what it writes to the returned object can be read there as "seen".
func fake(t *testing.T, body string) (seen js.Value) {
	t.Helper()
	original := js.Global().Get("fetch")
	seen = js.Global().Get("Object").New()
	make := js.Global().Get("Function").New("seen", "return function(url, options) {"+body+"}")
	js.Global().Set("fetch", make.Invoke(seen))
	t.Cleanup(func() { js.Global().Set("fetch", original) })
	return seen
}

func TestAnswersFromTheServer(t *testing.T) {
	page := js.Global().Get("location").Get("origin").String()
	status, body, err := fetch.Get(t.Context(), page+"/wasm_exec.js")
	if err != nil || status != 200 || !bytes.Contains(body, []byte("globalThis.Go")) {
		t.Errorf("GET: %d, %d bytes, %v", status, len(body), err)
	}
	_, relative, err := fetch.Get(t.Context(), "/wasm_exec.js")
	if err != nil || !bytes.Equal(relative, body) {
		t.Errorf("GET of a relative URL: %d bytes, %v", len(relative), err)
	}
	status, body, err = fetch.Transport{}.Post(t.Context(), page+"/wasm_exec.js", []byte("request"))
	if err != nil || status != 200 || !bytes.Equal(relative, body) {
		t.Errorf("POST: %d, %d bytes, %v", status, len(body), err)
	}
}

// TestBounds: 10 MiB are an answer, a byte more is not.
func TestBounds(t *testing.T) {
	for _, n := range []int{0, 1, 1 << 16, fetch.MaxAnswer} {
		status, body, err := fetch.Get(t.Context(), blob(t, n))
		if err != nil || status != 200 || len(body) != n {
			t.Errorf("%d bytes: %d, %d bytes, %v", n, status, len(body), err)
		}
		for i := range body {
			if body[i] != byte(i*7>>3) {
				t.Fatalf("%d bytes: byte %d is %d", n, i, body[i])
			}
		}
	}
	if _, body, err := fetch.Get(t.Context(), blob(t, fetch.MaxAnswer+1)); !errors.Is(err, fetch.ErrTooLarge) || body != nil {
		t.Errorf("a byte too many: %d bytes, %v", len(body), err)
	}
}

// TestEndlessAnswer: an answer without an end is cut off at the bound, and the
// connection with it.
func TestEndlessAnswer(t *testing.T) {
	seen := fake(t, `
		seen.chunks = 0;
		options.signal.onabort = () => { seen.aborted = true };
		return Promise.resolve(new Response(new ReadableStream({
			pull(c) { seen.chunks++; c.enqueue(new Uint8Array(1 << 20)) },
		})));`)
	if _, _, err := (fetch.Transport{}).Post(t.Context(), "/", nil); !errors.Is(err, fetch.ErrTooLarge) {
		t.Errorf("error %v, want ErrTooLarge", err)
	}
	if n := seen.Get("chunks").Int(); n > 13 {
		t.Errorf("%d MiB were taken", n)
	}
	if !seen.Get("aborted").Truthy() {
		t.Error("the request goes on")
	}
}

// TestAbort: the end of the context ends the request, before the answer and in
// the middle of it.
func TestAbort(t *testing.T) {
	silent := `
		seen.began = true;
		return new Promise((_, reject) => {
			options.signal.onabort = () => { seen.aborted = true; reject(new DOMException("", "AbortError")) };
		});`
	stuck := `
		seen.began = true;
		options.signal.onabort = () => { seen.aborted = true };
		return Promise.resolve(new Response(new ReadableStream({start(c) { c.enqueue(new Uint8Array(10)) }})));`
	for name, server := range map[string]string{"silent": silent, "stuck": stuck} {
		seen := fake(t, server)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		_, body, err := fetch.Transport{}.Post(ctx, "/", []byte("request"))
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) || body != nil {
			t.Errorf("%s: %v, %d bytes", name, err, len(body))
		}
		if !seen.Get("began").Truthy() || !seen.Get("aborted").Truthy() {
			t.Errorf("%s: the request goes on", name)
		}

		seen = fake(t, server)
		if _, _, err := (fetch.Transport{}).Post(ctx, "/", nil); !errors.Is(err, context.DeadlineExceeded) || seen.Get("began").Truthy() {
			t.Errorf("%s: with an ended context: %v", name, err)
		}
	}
}

// TestErrorsCarryNoURL, whatever went wrong.
func TestErrorsCarryNoURL(t *testing.T) {
	const secret = "secret.example"
	gone := blob(t, 1)
	js.Global().Get("URL").Call("revokeObjectURL", gone)
	for name, url := range map[string]string{
		"not a URL":       "http://[" + secret,
		"no such scheme":  "secret-example:" + secret,
		"a password":      "http://user:password@" + secret + "/",
		"nobody listens":  "http://localhost:1/" + secret,
		"a blob, revoked": gone + "#" + secret,
	} {
		_, _, err := fetch.Transport{}.Post(t.Context(), url, []byte("request"))
		if !errors.Is(err, fetch.ErrNoAnswer) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want ErrNoAnswer", name, err)
		}
	}
	for name, body := range map[string]string{
		"a broken stream": `return Promise.resolve(new Response(new ReadableStream({start(c) { c.error(new Error(url)) }})))`,
		"not bytes":       `return Promise.resolve(new Response(new ReadableStream({start(c) { c.enqueue("text") }})))`,
		"a thrown text":   `return Promise.reject(url)`,
		"nothing thrown":  `return Promise.reject()`,
	} {
		fake(t, body)
		_, _, err := fetch.Transport{}.Post(t.Context(), "http://"+secret, nil)
		if !errors.Is(err, fetch.ErrNoAnswer) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want ErrNoAnswer", name, err)
		}
	}
}

// TestNothingElseIsSent: what a request says beside its body, as the browser
// itself builds it.
func TestNothingElseIsSent(t *testing.T) {
	record := `
		const r = new Request(url, options);
		seen.sent = [r.method, r.credentials, r.cache, r.redirect, JSON.stringify(r.referrer + r.referrerPolicy)].join(" ");
		seen.headers = [...r.headers].join();
		return r.arrayBuffer().then(b => { seen.body = new Uint8Array(b); return new Response(null, {status: 204}) });`
	seen := fake(t, record)
	status, answer, err := fetch.Transport{}.Post(t.Context(), "/x", []byte{0, 1, 255})
	if err != nil || status != 204 || answer == nil || len(answer) != 0 {
		t.Errorf("an answer without a body: %d, %v, %v", status, answer, err)
	}
	if got, want := seen.Get("sent").String(), `POST omit no-store error "about:clientno-referrer"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := seen.Get("headers").String(); got != "" {
		t.Errorf("headers %s", got)
	}
	if got, _ := octets.FromJS(seen.Get("body")); !bytes.Equal(got, []byte{0, 1, 255}) {
		t.Errorf("body %x", got)
	}

	seen = fake(t, record)
	if _, _, err := fetch.Get(t.Context(), "/x"); err != nil {
		t.Error(err)
	}
	if got, want := seen.Get("sent").String(), `GET omit no-store error "about:clientno-referrer"`; got != want || seen.Get("headers").String() != "" {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestManyAtOnce: requests in flight do not mix.
func TestManyAtOnce(t *testing.T) {
	type result struct{ want, got int }
	results := make(chan result)
	for i := range 20 {
		url := blob(t, 1000+i)
		go func() {
			_, body, err := fetch.Get(t.Context(), url)
			if err != nil {
				t.Error(err)
			}
			results <- result{1000 + i, len(body)}
		}()
	}
	for range 20 {
		if r := <-results; r.got != r.want {
			t.Errorf("%d bytes, want %d", r.got, r.want)
		}
	}
}
