//go:build !js

package gateway

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/andybalholm/brotli"
)

const htmlAccept = "text/html,application/xhtml+xml,*/*;q=0.8"

func exampleSite() fstest.MapFS {
	return fstest.MapFS{
		"index.html":           {Data: []byte("<!doctype html>the shell")},
		"app-worker.js":        {Data: []byte("the worker")},
		"manifest.webmanifest": {Data: []byte("{}")},
		"network.json":         {Data: []byte(`{"gateways":["/gateway"],"nodes":[]}`)},
		"web/app.wasm":         {Data: []byte("\x00asm plain")},
		"web/app.wasm.br":      {Data: []byte("packed by brotli")},
		"web/app.wasm.gz":      {Data: []byte("packed by gzip")},
		"web/app.css":          {Data: []byte("body{}")},
		"web/icon.png":         {Data: []byte("\x89PNG")},
		"web/alone.gz":         {Data: []byte("no plain form beside it")},
	}
}

func get(h http.Handler, path string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", "/", nil)
	u, query, _ := strings.Cut(path, "?")
	r.URL.Path, r.URL.RawQuery = u, query
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func newExample(t *testing.T) http.Handler {
	t.Helper()
	h, err := Site(exampleSite())
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestFilesHaveTheirTypes(t *testing.T) {
	h := newExample(t)
	for path, want := range map[string]string{
		"/":                     "text/html; charset=utf-8",
		"/index.html":           "text/html; charset=utf-8",
		"/app-worker.js":        "text/javascript; charset=utf-8",
		"/manifest.webmanifest": "application/manifest+json",
		"/network.json":         "application/json",
		"/web/app.wasm":         "application/wasm",
		"/web/app.css":          "text/css; charset=utf-8",
		"/web/icon.png":         "image/png",
		"/web/alone.gz":         "application/octet-stream",
	} {
		w := get(h, path)
		if w.Code != 200 || w.Header().Get("Content-Type") != want {
			t.Errorf("%s: %d %q, want %q", path, w.Code, w.Header().Get("Content-Type"), want)
		}
	}
}

func TestTheSmallestFormThatTheClientTakes(t *testing.T) {
	h := newExample(t)
	for accept, want := range map[string]string{
		"gzip, deflate, br, zstd": "br",
		"br;q=0.1, gzip;q=1":      "br",
		"gzip, br;q=0":            "gzip",
		"gzip;q=0.5":              "gzip",
		"GZIP":                    "gzip",
		"br; q=0.0, gzip;q=0":     "",
		"br;q=x":                  "",
		"brotli, x-gzip":          "",
		"deflate":                 "",
		"":                        "",
	} {
		w := get(h, "/web/app.wasm", "Accept-Encoding", accept)
		body := map[string]string{"br": "packed by brotli", "gzip": "packed by gzip", "": "\x00asm plain"}[want]
		if w.Header().Get("Content-Encoding") != want || w.Body.String() != body {
			t.Errorf("%q: %q %q, want %q", accept, w.Header().Get("Content-Encoding"), w.Body, want)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" || w.Header().Get("Content-Type") != "application/wasm" {
			t.Errorf("%q: headers %v", accept, w.Header())
		}
	}
	if w := get(h, "/web/app.css", "Accept-Encoding", "br"); w.Header().Get("Content-Encoding") != "" {
		t.Error("a file without packed form came packed")
	}
}

// The shell, the worker and whatever is asked for by name are asked for again
// each time; what is asked for by its content is kept.
func TestWhatMayBeKept(t *testing.T) {
	h := newExample(t)
	wasm := Mark([]byte("\x00asm plain"))
	const again, keep = "no-cache", "public, max-age=31536000, immutable"
	for path, want := range map[string]string{
		"/": again, "/app-worker.js": again, "/network.json": again, "/web/app.wasm": again,
		"/web/app.wasm?v=" + wasm:   keep,
		"/web/app.wasm?v=0123":      again, // the shell of another version asks
		"/web/app.css?v=" + wasm:    again,
		"/web/app.wasm?x&v=" + wasm: again,
	} {
		if got := get(h, path).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestSameContentIsNotSentAgain(t *testing.T) {
	h := newExample(t)
	first := get(h, "/web/app.wasm", "Accept-Encoding", "br")
	tag := first.Header().Get("ETag")
	if w := get(h, "/web/app.wasm", "Accept-Encoding", "br", "If-None-Match", tag); w.Code != 304 || w.Body.Len() != 0 {
		t.Errorf("same form: %d, %d bytes", w.Code, w.Body.Len())
	}
	// A tag that fits another form must not make the client keep it for this one.
	if w := get(h, "/web/app.wasm", "Accept-Encoding", "gzip", "If-None-Match", tag); w.Code != 200 {
		t.Errorf("another form: %d", w.Code)
	}
	changed := exampleSite()
	changed["web/app.wasm"] = &fstest.MapFile{Data: []byte("\x00asm newer")}
	h, err := Site(changed)
	if err != nil {
		t.Fatal(err)
	}
	if w := get(h, "/web/app.wasm", "Accept-Encoding", "br", "If-None-Match", tag); w.Code != 200 {
		t.Errorf("another content: %d", w.Code)
	}
}

func TestPathsLeadNowhereElse(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.txt"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "site"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "site", "index.html"), []byte("shell"), 0o600); err != nil {
		t.Fatal(err)
	}
	h, err := Site(os.DirFS(filepath.Join(dir, "site")))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"/../secret.txt", "/web/../../secret.txt", "//secret.txt", "/..%2fsecret.txt", `/..\secret.txt`,
		"/./index.html", "/index.html/", "/index.html\x00", "", ".", "secret.txt", "/web/", "/web/app.wasm.br",
	} {
		if w := get(h, path); w.Code != 404 || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%q: %d %q", path, w.Code, w.Body)
		}
	}
	if w := get(newExample(t), "/web/app.wasm.br"); w.Code != 404 {
		t.Errorf("the packed form by its name: %d", w.Code)
	}
}

func TestNavigationToAnyPageGetsTheShell(t *testing.T) {
	h := newExample(t)
	if w := get(h, "/settings/devices", "Accept", htmlAccept); w.Code != 200 || !strings.Contains(w.Body.String(), "the shell") {
		t.Errorf("page: %d %q", w.Code, w.Body)
	}
	if w := get(h, "/settings/devices", "Accept", "*/*"); w.Code != 404 {
		t.Errorf("fetch: %d", w.Code)
	}
	if w := get(h, "/web/missing.css", "Accept", htmlAccept); w.Code != 404 {
		t.Errorf("file: %d", w.Code)
	}
}

func TestHeadAndOtherMethods(t *testing.T) {
	h := newExample(t)
	for method, want := range map[string]int{"HEAD": 200, "POST": 405, "PUT": 405, "DELETE": 405, "OPTIONS": 405} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(method, "/web/app.css", nil))
		if w.Code != want || method == "HEAD" && (w.Body.Len() != 0 || w.Header().Get("Content-Length") != "6") {
			t.Errorf("%s: %d %q %v", method, w.Code, w.Body, w.Header())
		}
	}
}

// Each answer carries the whole set, errors too.
func TestSecurityHeaders(t *testing.T) {
	h := newExample(t)
	for _, path := range []string{"/", "/web/app.wasm", "/nothing.js"} {
		have := get(h, path).Header()
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
				"img-src 'self' blob: data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":       "nosniff",
			"Referrer-Policy":              "no-referrer",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if have.Get(name) != want {
				t.Errorf("%s: %s is %q, want %q", path, name, have.Get(name), want)
			}
		}
	}
}

func TestNoSite(t *testing.T) {
	if _, err := Site(fstest.MapFS{}); !errors.Is(err, ErrNoShell) {
		t.Errorf("empty directory: %v", err)
	}
	broken := exampleSite()
	broken["network.json"] = &fstest.MapFile{Data: []byte("{")}
	if _, err := Site(broken); !errors.Is(err, ErrNetworkFile) {
		t.Errorf("broken network.json: %v", err)
	}
	if _, err := Site(os.DirFS(filepath.Join(t.TempDir(), "missing"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
}

func TestPack(t *testing.T) {
	dir := t.TempDir()
	long := []byte(strings.Repeat("the same words again and again; ", 1000))
	for name, content := range map[string][]byte{
		"index.html": []byte("short"), "web/app.wasm": long, "web/app.css": long, "web/icon.png": long, "web/old.br": long,
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, e := range []Effort{Quick, Best} {
		if err := Pack(dir, e); err != nil {
			t.Fatal(err)
		}
		h, err := Site(os.DirFS(dir))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"/web/app.wasm", "/web/app.css"} {
			br, gz := get(h, name, "Accept-Encoding", "br"), get(h, name, "Accept-Encoding", "gzip")
			unzip, err := gzip.NewReader(gz.Body)
			if err != nil {
				t.Fatal(err)
			}
			for coding, r := range map[string]io.Reader{"br": brotli.NewReader(br.Body), "gzip": unzip} {
				if plain, err := io.ReadAll(r); err != nil || !bytes.Equal(plain, long) {
					t.Errorf("%s by %s: %d bytes, %v", name, coding, len(plain), err)
				}
			}
		}
	}
	for _, name := range []string{"index.html.br", "web/icon.png.gz", "web/old.br.br", "web/app.css.br.gz"} {
		if _, err := os.Stat(filepath.Join(dir, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was written: %v", name, err)
		}
	}
	if err := Pack(filepath.Join(dir, "missing"), Quick); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing directory: %v", err)
	}
}
