//go:build !js

package gateway

import (
	"os"
	"strings"
	"testing"
)

func TestAhead(t *testing.T) {
	for _, c := range []struct{ page, want string }{
		{"<!doctype html>the shell", ""},
		{`<link rel="stylesheet" href="/a.css"><script src="/b.js"></script>`, ""},
		{`<link as="style" href="/a.css?v=1&amp;w" rel="preload">`, "</a.css?v=1&w>; rel=preload; as=style"},
		{
			`<link rel="preload" href="/b.js" as="script"><link as="fetch" crossorigin="anonymous" href="/c.wasm" rel="preload">`,
			"</b.js>; rel=preload; as=script, </c.wasm>; rel=preload; as=fetch; crossorigin",
		},
	} {
		if got := ahead([]byte(c.page)); got != c.want {
			t.Errorf("%s: %q, want %q", c.page, got, c.want)
		}
	}
}

// The elements and the header say the same, with the marks of the files.
func TestPreloads(t *testing.T) {
	files := Marks{"/web/early.js": "1", "/web/app.css": "2", "/web/app.wasm": "3"}
	const want = "</web/early.js?v=1>; rel=preload; as=script, </app.css>; rel=preload; as=style, </web/app.css?v=2>; rel=preload; as=style, " +
		"</wasm_exec.js>; rel=preload; as=script, </app.js>; rel=preload; as=script, </web/app.wasm?v=3>; rel=preload; as=fetch; crossorigin"
	if got := ahead([]byte(Preloads(files))); got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := EarlyScript(files); got != `<script src="/web/early.js?v=1"></script>` {
		t.Error(got)
	}
}

// What a page asks for ahead comes with that page alone, from this server and from a
// host that reads _headers.
func TestPagesSayWhatTheyAskForAhead(t *testing.T) {
	dir := publish(t, demoStatic(), exampleNetwork, withDemo(preloads))
	site, err := Site(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	hosts := read(t, dir, "_headers")
	for address, name := range map[string]string{"/": "index.html", "/demo/": "demo/index.html"} {
		want := ahead([]byte(read(t, dir, name)))
		if !strings.Contains(want, ".wasm?v=") || !strings.Contains(want, "app.js>") {
			t.Fatalf("%s asks for %q", name, want)
		}
		if got := get(site, address).Header().Get("Link"); got != want {
			t.Errorf("%s: %q, want %q", address, got, want)
		}
		if rule := "\n" + address + "\n  Link: " + want + "\n"; !strings.Contains(hosts, rule) {
			t.Errorf("_headers has no %q: %s", rule, hosts)
		}
	}
	for _, path := range []string{"/app.js", "/web/app.wasm", "/nothing.js"} {
		if got := get(site, path).Header().Get("Link"); got != "" {
			t.Errorf("%s: %q", path, got)
		}
	}
}
