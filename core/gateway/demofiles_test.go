//go:build !js

package gateway

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

// demoStatic is exampleStatic with a demo.
func demoStatic() fstest.MapFS {
	static := exampleStatic()
	static["demo.wasm"] = &fstest.MapFile{Data: []byte("\x00asm and a network")}
	return static
}

// withDemo stands for go-app as far as the demo depends on it.
func withDemo(links string) func(Shell) error {
	return func(s Shell) error {
		script := string(s.Page) + "load()"
		page := `<html><script src="/app.js" defer></script>` + strings.ReplaceAll(links, "CLIENT", s.Files.Resolve("/web/app.wasm")) + `</html>`
		return errors.Join(
			os.WriteFile(filepath.Join(s.Dir, "index.html"), []byte(page), 0o600),
			os.WriteFile(filepath.Join(s.Dir, "app.js"), []byte(script), 0o600),
			os.WriteFile(filepath.Join(s.Dir, "app-worker.js"), []byte(s.Worker+strings.Join(s.Keep(), " ")), 0o600),
			Demo(s),
		)
	}
}

// preloads is how the page names its script and its program.
const preloads = `<link rel="preload" href="/app.js" as="script"><link rel="preload" href="CLIENT" as="fetch" crossorigin="anonymous">`

// The demo is the app's page with another script and another program, its clock
// between what stands around it and its loader; the app's own files are as they
// were. It is served with and without the slash, and the worker knows its sums.
func TestTheDemoStandsBesideTheApp(t *testing.T) {
	dir := publish(t, demoStatic(), exampleNetwork, withDemo(preloads))
	client, demo := "/web/app.wasm?v="+Mark([]byte("\x00asm")), "/web/demo.wasm?v="+Mark([]byte("\x00asm and a network"))
	for name, want := range map[string]string{
		"app.js":          "the browser aroundload()",
		"demo/app.js":     "the browser arounda clockload()",
		"index.html":      `<html><script defer src="/app.js"></script><link as="script" href="/app.js" rel="preload"><link as="fetch" crossorigin="anonymous" href="` + client + `" rel="preload"></html>`,
		"demo/index.html": `<html><script defer src="/demo/app.js"></script><link as="script" href="/demo/app.js" rel="preload"><link as="fetch" crossorigin="anonymous" href="` + demo + `" rel="preload"></html>`,
	} {
		if got := read(t, dir, name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	worker := read(t, dir, "app-worker.js")
	for _, path := range []string{"/demo/", "/demo/app.js", "/web/demo.wasm"} {
		if !strings.Contains(worker, `"`+path+`":"sha256-`) {
			t.Errorf("the worker has no sum of %s: %s", path, worker)
		}
	}
	if !strings.HasSuffix(worker, " /web/demo.wasm /web/icon.svg /demo/ /demo/app.js") {
		t.Errorf("the worker keeps %s", worker)
	}
	site, err := Site(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/demo", "/demo/"} {
		answer := httptest.NewRecorder()
		site.ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
		if answer.Code != 200 || answer.Body.String() != read(t, dir, "demo/index.html") {
			t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
		}
	}
}

func TestADemoThatCannotBeMade(t *testing.T) {
	for _, c := range []struct {
		what   string
		static fstest.MapFS
		page   string
		want   error
	}{
		{"no program", exampleStatic(), preloads, ErrNoDemo},
		{"a page that loads something else", demoStatic(), strings.ReplaceAll(preloads, "CLIENT", "/web/other.wasm"), ErrDemo},
		{"a page that loads twice", demoStatic(), preloads + preloads, ErrDemo},
	} {
		err := Publish(filepath.Join(t.TempDir(), "new"), c.static, []byte(exampleNetwork), nil, Quick, withDemo(c.page))
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
	}
}
