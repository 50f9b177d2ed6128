//go:build !js

package gateway

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"tandem/core"
	"tandem/core/snode"
)

func exampleStatic() fstest.MapFS {
	return fstest.MapFS{
		"app.wasm":       {Data: []byte("\x00asm")},
		"app.css":        {Data: []byte("body{}")},
		"shell.css":      {Data: []byte("p{}")},
		"tokens.css":     {Data: []byte(":root{}")},
		"app-worker.js":  {Data: []byte("{{.Version}}|{{.Sums}}|")},
		"host.js":        {Data: []byte("the browser ")},
		"page.js":        {Data: []byte("around")},
		"demo.js":        {Data: []byte("a clock")},
		"icon.svg":       {Data: []byte("<svg/>")},
		"shots/one.png":  {Data: []byte("a picture for the README")},
		"shots/note.txt": {Data: []byte("how it was made")},
	}
}

const exampleNetwork = `{"gateways":["https://g.example/gateway"]}`

// generator stands for go-app: it writes a page that names everything it was
// given, with attributes in another order each time.
func generator() func(Shell) error {
	calls := 0
	return func(s Shell) error {
		calls++
		attributes := []string{`href="` + s.Files.Resolve("/web/app.css") + `"`, `rel="stylesheet"`}
		page := fmt.Sprintf("<html>%s<link %s %s><p data-version=%q data-size=\"%d\" hidden>a < b</p></html>",
			s.Policy, attributes[calls%2], attributes[1-calls%2], s.Version, s.Client)
		worker := strings.ReplaceAll(s.Worker, "{{.Version}}", s.Version) + strings.Join(s.Files.Paths(), " ")
		return errors.Join(
			os.WriteFile(filepath.Join(s.Dir, "index.html"), []byte(page), 0o600),
			os.WriteFile(filepath.Join(s.Dir, "app-worker.js"), []byte(worker), 0o600),
		)
	}
}

func publish(t *testing.T, static fs.FS, network string, write func(Shell) error) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	if err := Publish(dir, static, []byte(network), nil, Quick, write); err != nil {
		t.Fatal(err)
	}
	return dir
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func version(t *testing.T, dir string) string {
	t.Helper()
	v, _, _ := strings.Cut(read(t, dir, "app-worker.js"), "|")
	return v
}

func TestPublish(t *testing.T) {
	dir := publish(t, exampleStatic(), exampleNetwork, generator())
	var files []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			files = append(files, name)
		}
		return err
	})
	if got, want := strings.Join(files, " "), "_headers app-worker.js index.html network.json web/app.css web/app.wasm web/icon.svg"; got != want || err != nil {
		t.Errorf("files %q %v, want %q", got, err, want)
	}
	if got := read(t, dir, "network.json"); got != exampleNetwork {
		t.Errorf("network.json: %q", got)
	}
	v := version(t, dir)
	if len(v) != 32 {
		t.Errorf("version %q", v)
	}
	page := read(t, dir, "index.html")
	for _, want := range []string{
		`<link href="/web/app.css?v=` + Mark([]byte(":root{}body{}p{}")) + `" rel="stylesheet">`,
		`<p data-size="4" data-version="` + v + `" hidden>a < b</p>`,
		`connect-src 'self' https://g.example; base-uri 'none'`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page without %q: %s", want, page)
		}
	}
	if strings.Contains(page, "frame-ancestors") {
		t.Error("the page has a directive that browsers refuse in a page")
	}
	if worker := read(t, dir, "app-worker.js"); !strings.HasSuffix(worker, "/network.json /web/app.css /web/app.wasm /web/icon.svg") {
		t.Errorf("worker %q", worker)
	}
	// What was published can be served.
	if _, err := Site(os.DirFS(dir)); err != nil {
		t.Error(err)
	}
}

// The same source is the same version, whatever order the generator chooses;
// any other byte is another one.
func TestVersionIsTheContent(t *testing.T) {
	write := generator()
	first := version(t, publish(t, exampleStatic(), exampleNetwork, write))
	again := func(s Shell) error { // three calls in all: the other order
		if s.Version == "0" {
			if err := write(s); err != nil {
				return err
			}
		}
		return write(s)
	}
	if v := version(t, publish(t, exampleStatic(), exampleNetwork, again)); v != first {
		t.Errorf("the same site is %s and %s", first, v)
	}
	for name, change := range map[string]func(s fstest.MapFS) string{
		"client": func(s fstest.MapFS) string { s["app.wasm"].Data = []byte("\x00asn"); return exampleNetwork },
		"a file": func(s fstest.MapFS) string { s["new.css"] = &fstest.MapFile{}; return exampleNetwork },
		"a name": func(s fstest.MapFS) string {
			s["mark.svg"] = s["icon.svg"]
			delete(s, "icon.svg")
			return exampleNetwork
		},
		"worker": func(s fstest.MapFS) string {
			s["app-worker.js"].Data = []byte("{{.Version}}|{{.Sums}}|/")
			return exampleNetwork
		},
		"network": func(s fstest.MapFS) string { return `{}` },
	} {
		static := exampleStatic()
		network := change(static)
		if v := version(t, publish(t, static, network, generator())); v == first {
			t.Errorf("another %s is the same version", name)
		}
	}
}

func TestPublishRefuses(t *testing.T) {
	errWrite := errors.New("generator")
	noClient := exampleStatic()
	delete(noClient, "app.wasm")
	noWorker := exampleStatic()
	delete(noWorker, "app-worker.js")
	noPage := exampleStatic()
	delete(noPage, "page.js")
	noHost := exampleStatic()
	delete(noHost, "host.js")
	noStyle := exampleStatic()
	delete(noStyle, "tokens.css")
	careless := exampleStatic()
	careless["app-worker.js"] = &fstest.MapFile{Data: []byte("{{.Version}}")}
	for _, c := range []struct {
		name    string
		static  fs.FS
		network string
		write   func(Shell) error
		want    error
	}{
		{"no client", noClient, exampleNetwork, generator(), ErrNoClient},
		{"no worker", noWorker, exampleNetwork, generator(), fs.ErrNotExist},
		{"no script for the page", noPage, exampleNetwork, generator(), fs.ErrNotExist},
		{"no script for the browser", noHost, exampleNetwork, generator(), fs.ErrNotExist},
		{"half a style", noStyle, exampleNetwork, generator(), fs.ErrNotExist},
		{"a worker that checks no file", careless, exampleNetwork, generator(), ErrWorker},
		{"a broken network.json", exampleStatic(), "{", generator(), ErrNetworkFile},
		{"a generator that fails", exampleStatic(), exampleNetwork, func(Shell) error { return errWrite }, errWrite},
		{"a generator without page", exampleStatic(), exampleNetwork, func(Shell) error { return nil }, fs.ErrNotExist},
	} {
		if err := Publish(t.TempDir(), c.static, []byte(c.network), nil, Quick, c.write); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestSortAttributes(t *testing.T) {
	for in, want := range map[string]string{
		`<a href="/x" class="b a">t</a>`:      `<a class="b a" href="/x">t</a>`,
		`<script src="/a.js" defer></script>`: `<script defer src="/a.js"></script>`,
		`<p b="x > y" a="c d=e">`:             `<p a="c d=e" b="x > y">`,
		`<h1>a b c</h1><br>`:                  `<h1>a b c</h1><br>`,
		`x < y b="1" a="2" > z`:               `x < y b="1" a="2" > z`,
	} {
		if got := string(sortAttributes([]byte(in))); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// The worker knows what each file must be, but for those that a host may write
// anew, and for itself.
func TestSumsAreOfTheFiles(t *testing.T) {
	list := FormatNodes([]snode.Node{{Ed: core.EdKey{1}, IP: "203.0.113.9", Port: 22021}})
	dir := filepath.Join(t.TempDir(), "new")
	network := `{"profile":"session","gateways":["/gateway"],"bundled":"nodes.json"}`
	err := Publish(dir, exampleStatic(), []byte(network), fstest.MapFS{"nodes.json": {Data: list}}, Quick, generator())
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(read(t, dir, "app-worker.js"), "|")
	table, _, _ := strings.Cut(rest, "|")
	sums := map[string]string{}
	if err := json.Unmarshal([]byte(table), &sums); err != nil {
		t.Fatalf("%v: %q", err, table)
	}
	want := map[string]string{}
	for path, file := range map[string]string{"/": "index.html", "/web/app.css": "web/app.css", "/web/app.wasm": "web/app.wasm", "/web/icon.svg": "web/icon.svg"} {
		sum := sha256.Sum256([]byte(read(t, dir, file)))
		want[path] = "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
	}
	if !maps.Equal(sums, want) {
		t.Errorf("sums %v, want %v", sums, want)
	}
}

// A static host that reads _headers sends what this server sends, and nobody gets
// the file itself.
func TestHeadersForStaticHosts(t *testing.T) {
	dir := publish(t, exampleStatic(), exampleNetwork, generator())
	lines := strings.Split(strings.TrimSuffix(read(t, dir, "_headers"), "\n"), "\n")
	if lines[0] != "/*" {
		t.Fatalf("it begins with %q", lines[0])
	}
	h, err := Site(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	ours := get(h, "/").Header()
	for _, name := range []string{"Content-Type", "Content-Length", "ETag", "Vary"} { // any host sends these
		ours.Del(name)
	}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(strings.TrimPrefix(line, "  "), ": ")
		if !ok || ours.Get(name) != value || len(line) > 2000 {
			t.Errorf("%q, the server sends %q", line, ours.Get(name))
		}
		ours.Del(name)
	}
	if len(ours) > 0 {
		t.Errorf("it leaves out %v", ours)
	}
	if w := get(h, "/_headers"); w.Code != 404 {
		t.Errorf("the file itself: %d", w.Code)
	}
}
