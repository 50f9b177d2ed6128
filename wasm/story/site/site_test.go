//go:build !js

// Package site shows in a real Chromium what the site promises before any
// account exists: the app starts under its policy, opens offline, and is always
// of one version.
package site

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"tandem/core/gateway"
)

// patience is how long the browser may take for one thing; machines are shared, and
// nothing here measures speed.
const patience = 180 * time.Second

// otherNetwork is the network.json of the newer version.
const otherNetwork = `{"profile":"local","gateways":["/gateway"],"nodes":[]}`

// scratch is a folder for the sites of this run.
var scratch = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "tandem-site-") })

// built is the site as make build writes it, once for all tests; builtNewer is a
// newer version of it, with another network and another program.
var (
	built = sync.OnceValues(func() (string, error) { return build("site") })

	builtNewer = sync.OnceValues(func() (string, error) {
		dir, err := scratch()
		if err != nil {
			return "", err
		}
		network := filepath.Join(dir, "network.json")
		if err := os.WriteFile(network, []byte(otherNetwork), 0o600); err != nil {
			return "", err
		}
		newer, err := build("newer", "-network", network)
		if err != nil {
			return "", err
		}
		return newer, alter(newer)
	})
)

func build(name string, more ...string) (string, error) {
	dir, err := scratch()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(dir, name)
	cmd := exec.Command("go", append([]string{"run", ".", "build", "-quick", "-o", dir}, more...)...)
	cmd.Dir = filepath.Join("..", "..", "..")
	if said, err := cmd.CombinedOutput(); err != nil {
		return dir, fmt.Errorf("%w: %s", err, said)
	}
	return dir, nil
}

// remark is a section of a module that says nothing: 3 bytes long, with an empty
// name of no bytes and 2 bytes of text.
const remark = "\x00\x03\x00hi"

const program = "web/app.wasm"

// alter gives a site another program, which does the same, and its worker the sum
// of that.
func alter(dir string) error {
	name := filepath.Join(dir, program)
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	worker, err := os.ReadFile(filepath.Join(dir, "app-worker.js"))
	if err != nil {
		return err
	}
	altered := append(bytes.Clone(old), remark...)
	if bytes.Count(worker, []byte(integrity(old))) != 1 {
		return errors.New("the worker does not know the sum of the program")
	}
	worker = bytes.Replace(worker, []byte(integrity(old)), []byte(integrity(altered)), 1)
	return errors.Join(
		os.WriteFile(name, altered, 0o600),
		os.Remove(name+".br"), os.Remove(name+".gz"),
		os.WriteFile(filepath.Join(dir, "app-worker.js"), worker, 0o600),
		os.Remove(filepath.Join(dir, "app-worker.js.br")), os.Remove(filepath.Join(dir, "app-worker.js.gz")),
	)
}

func integrity(content []byte) string {
	sum := sha256.Sum256(content)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := scratch(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// site serves the built site; network replaces its network.json unless nil.
func site(t *testing.T, network []byte) http.Handler {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, dir, network)
}

func serve(t *testing.T, dir string, network []byte) http.Handler {
	t.Helper()
	h, err := gateway.Compose(os.DirFS(dir), network, gateway.Options{Nodes: func() []gateway.Upstream { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// newer is the site in a newer version.
func newer(t *testing.T) http.Handler {
	t.Helper()
	dir, err := builtNewer()
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, dir, nil)
}

// host is an origin whose site can change and vanish.
type host struct {
	url  string
	site atomic.Pointer[http.Handler]
	stop func()
}

func newHost(t *testing.T, site http.Handler) *host {
	t.Helper()
	server, err := gateway.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{url: fmt.Sprintf("http://localhost:%d", server.Port())}
	h.show(site)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- server.Run(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			(*h.site.Load()).ServeHTTP(w, r)
		}))
	}()
	h.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(h.stop)
	return h
}

func (h *host) show(site http.Handler) { h.site.Store(&site) }

// launch starts Chromium with a profile of its own.
func launch(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		// As chromedp has it, and what an address bar suggests: two pages of their own in each window.
		chromedp.Flag("disable-features", "site-per-process,Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"),
		// No page here lives so long that compiling it a second time would pay.
		chromedp.Flag("js-flags", "--liftoff-only"),
	)
	options = append(options, more...)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // waits until it is gone, and its profile with it
		end()
		stop()
	})
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("Chromium does not start (make story installs it, or says how): %v", err)
	}
	return ctx
}

// tab is one tab, and what the browser reported against it.
type tab struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex // guards reports
	reports []string
}

// open opens a tab; close closes it.
func open(t *testing.T, browser context.Context) (_ *tab, close func()) {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser)
	p := &tab{t: t, ctx: ctx}
	chromedp.ListenTarget(ctx, func(event any) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch e := event.(type) {
		case *log.EventEntryAdded:
			// The bridge of these sites knows no nodes, and answers that with 404.
			if e.Entry.Level == log.LevelError && !strings.Contains(e.Entry.URL, "/gateway/") {
				p.reports = append(p.reports, e.Entry.Text)
			}
		case *runtime.EventExceptionThrown:
			p.reports = append(p.reports, e.ExceptionDetails.Error())
		}
	})
	// Without a deadline: the tab lives as long as the context of its first Run.
	if err := chromedp.Run(ctx, log.Enable(), runtime.Enable()); err != nil {
		t.Fatal(err)
	}
	return p, cancel
}

func (p *tab) run(actions ...chromedp.Action) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.t.Fatalf("%v; %s", err, p.state())
	}
}

// state is what the page is like, for who reads why a test failed.
func (p *tab) state() (state string) {
	ctx, cancel := context.WithTimeout(p.ctx, patience/10)
	defer cancel()
	err := chromedp.Run(ctx, chromedp.Evaluate(`JSON.stringify({
		at: location.href, is: document.readyState, seen: document.visibilityState,
		worker: navigator.serviceWorker?.controller?.state, shows: document.body?.innerText.slice(0, 200),
		asked: performance.getEntries().filter(e => e.responseEnd !== undefined).map(e => [e.name, e.responseStatus, e.responseEnd | 0]),
	})`, &state))
	return fmt.Sprint(state, " (", err, "), reported ", p.take())
}

// visit opens an address and waits until the client has drawn. It does not wait for
// the page's load event, as chromedp's own way does: once in a hundred times a tab
// behind another one has all its files and never gets that.
func (p *tab) visit(url string) {
	p.t.Helper()
	p.marked()
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, refused, _, err := page.Navigate(url).Do(ctx)
		if err == nil && refused != "" {
			err = errors.New(refused)
		}
		return err
	}))
	p.reloaded()
}

// until waits for something to be so on the page.
func (p *tab) until(condition string) {
	p.t.Helper()
	ask[bool](p, `return new Promise(done => {
		const look = () => { if (`+condition+`) done(true); };
		new MutationObserver(look).observe(document, {subtree: true, childList: true});
		look();
	})`)
}

// marked marks the page, so that reloaded knows another one.
func (p *tab) marked() {
	p.t.Helper()
	ask[bool](p, `return window.marked = true`)
}

// reloaded waits until the marked page makes way for another one, and that one runs.
func (p *tab) reloaded() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	const another = `!window.marked && !!document.querySelector("body > .app")`
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		var yes bool
		// Between two pages there is nobody who answers.
		if err := chromedp.Run(ctx, chromedp.Evaluate(another, &yes)); err == nil && yes {
			return
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			p.t.Fatalf("the page is not loaded anew; %s", p.state())
		}
	}
}

// line is what stands above the app, once there is something.
func (p *tab) line() string {
	p.t.Helper()
	p.until(`document.querySelector("body > .site-line button")`)
	return ask[string](p, `return document.querySelector("body > .site-line").textContent`)
}

// press clicks a button of the page with the mouse, where it is seen.
func (p *tab) press(selector string) {
	p.t.Helper()
	p.run(chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible))
}

// ask runs the body of an async function in the page and reads its result.
func ask[T any](p *tab, body string) T {
	p.t.Helper()
	var answer T
	p.run(chromedp.ActionFunc(func(ctx context.Context) error {
		v, fault, err := runtime.Evaluate("(async () => {" + body + "})()").WithAwaitPromise(true).WithReturnByValue(true).Do(ctx)
		if err != nil {
			return err
		}
		if fault != nil {
			return fault
		}
		return json.Unmarshal(v.Value, &answer)
	}))
	return answer
}

// take returns the reports so far and forgets them.
func (p *tab) take() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	reports := p.reports
	p.reports = nil
	return reports
}

// settled registers the worker, once the page has, and waits until its newest
// version is ready to work or has failed.
const settled = `
	await tandem.calm;
	const r = await navigator.serviceWorker.register("/app-worker.js");
	const worker = r.installing || r.waiting || r.active;
	if (!worker) return "redundant";
	return new Promise(done => {
		const look = () => { if (["activated", "redundant"].includes(worker.state)) done(worker.state); };
		worker.addEventListener("statechange", look);
		look();
	});`

// cached counts the files in caches.
const cached = `
	let n = 0;
	for (const name of await caches.keys()) n += (await (await caches.open(name)).keys()).length;
	return n;`

const readNetwork = `return (await fetch("/network.json")).text();`

func TestStartsUnderItsPolicy(t *testing.T) {
	t.Parallel()
	h := newHost(t, site(t, nil))
	out := new(outside)
	p, _ := open(t, launch(t, out.proxy(t)))
	p.visit(h.url)
	if state := ask[string](p, settled); state != "activated" {
		t.Errorf("the worker is %s", state)
	}
	const share = `
		const program = performance.getEntriesByType("resource").find(e => e.name.includes("/web/app.wasm"));
		return program.encodedBodySize / program.decodedBodySize;`
	if share := ask[float64](p, share); share <= 0 || share > 0.25 {
		t.Errorf("on its way the program was packed to %.2f of its size", share)
	}
	for _, path := range []string{"/", "/demo/"} {
		p.visit(h.url + path)
		const amiss = `
			const read = performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd;
			const files = [...document.querySelectorAll("link[rel=preload]")].map(link => link.href);
			if (files.length < 6) return files;
			return files.filter(file => performance.getEntriesByName(file).filter(e => e.startTime < read).length !== 1);`
		if files := ask[[]string](p, amiss); len(files) > 0 {
			t.Errorf("%s does not ask ahead for these, and once: %q", path, files)
		}
	}
	if reports := p.take(); len(reports) > 0 {
		t.Errorf("the browser complains: %q", reports)
	}
	if hosts := out.hosts(); len(hosts) > 0 {
		t.Errorf("besides the origin, the browser contacted %q", hosts)
	}

	// The same eyes see each thing that the policy forbids.
	for _, c := range []struct{ name, script string }{
		{"an inline script", `const s = document.createElement("script"); s.textContent = "window.broken = 1"; document.body.append(s);`},
		{"a foreign script", `const s = document.createElement("script"); s.src = "https://evil.example/x.js"; document.body.append(s);`},
		{"a foreign picture", `const i = new Image(); i.src = "https://evil.example/x.png"; document.body.append(i);`},
		{"an inline style", `const s = document.createElement("style"); s.textContent = "body { color: red }"; document.body.append(s);`},
		{"a foreign request", `try { await fetch("https://evil.example/"); window.broken = 1 } catch {}`},
		{"a frame", `const f = document.createElement("iframe"); f.src = "https://evil.example/"; document.body.append(f);`},
	} {
		broken := ask[bool](p, `
			const seen = new Promise(done => document.addEventListener("securitypolicyviolation", done, {once: true}));
			`+c.script+`
			await seen;
			return window.broken === 1;`)
		if broken {
			t.Errorf("%s works", c.name)
		}
	}
	if reports := p.take(); len(reports) < 6 {
		t.Errorf("6 violations, and the browser reported %d: %q", len(reports), reports)
	}
	// And the same ears hear a page elsewhere.
	p.run(chromedp.Navigate("http://elsewhere.example/"))
	if hosts := out.hosts(); !slices.Contains(hosts, "elsewhere.example") {
		t.Errorf("of a page elsewhere they heard %q", hosts)
	}
}

// browsersOwn are hosts that Chromium asks about itself, whatever page is open.
// What pages like to fetch from the same firm is not among them.
var browsersOwn = regexp.MustCompile(`^(?:update|clients\d*|accounts|www|safebrowsing|[a-z-]+-pa|redirector)\.(?:google|googleapis|gvt1)\.com(?::443)?$`)

// outside hears whatever the whole browser, its workers too, asks of hosts other
// than this machine: it is the proxy for all of them, and refuses.
type outside struct {
	mu    sync.Mutex // guards heard
	heard []string
}

func (o *outside) proxy(t *testing.T) chromedp.ExecAllocatorOption {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !browsersOwn.MatchString(r.Host) {
			o.mu.Lock()
			o.heard = append(o.heard, r.Host)
			o.mu.Unlock()
		}
		http.Error(w, "there is nobody", http.StatusBadGateway)
	}))
	t.Cleanup(s.Close)
	return chromedp.ProxyServer(s.URL)
}

func (o *outside) hosts() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Clone(o.heard)
}

func TestOpensOffline(t *testing.T) {
	t.Parallel()
	h := newHost(t, site(t, nil))
	p, _ := open(t, launch(t))
	p.visit(h.url)
	if state := ask[string](p, settled); state != "activated" {
		t.Fatalf("the worker is %s", state)
	}
	h.stop()
	for _, path := range []string{"/", "/?from=home", "/#settings", "/a/page/of/the/app"} {
		p.visit(h.url + path)
		p.until(`document.body.innerText.includes("Register a new account")`)
	}
	// With the mark of its content or without, from this version.
	if got := ask[int](p, `return (await fetch("/web/app.css")).status`); got != 200 {
		t.Errorf("a file by its name: %d", got)
	}
	// What is sent is never answered from a cache.
	if got := ask[string](p, `try { return "" + (await fetch("/", {method: "POST"})).status } catch (e) { return e.name }`); got != "TypeError" {
		t.Errorf("a POST while offline: %s", got)
	}
	if got := ask[string](p, `try { return "" + (await fetch("/unknown.js")).status } catch (e) { return e.name }`); got != "TypeError" {
		t.Errorf("an unknown file while offline: %s", got)
	}
}

// One file that fails to come, or is not the one that was built, leaves no half of
// a version behind.
func TestAllOrNothing(t *testing.T) {
	t.Parallel()
	whole := site(t, nil)
	without := func(path string, instead http.HandlerFunc) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == path {
				instead(w, r)
				return
			}
			whole.ServeHTTP(w, r)
		})
	}
	h := newHost(t, without("/web/icon-512.png", http.NotFound))
	p, _ := open(t, launch(t))
	p.visit(h.url)
	if state := ask[string](p, settled); state != "redundant" {
		t.Errorf("with a file missing the worker is %s", state)
	}
	h.show(without("/web/icons.svg", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		_, _ = w.Write([]byte("<svg xmlns='http://www.w3.org/2000/svg'/>"))
	}))
	if state := ask[string](p, settled); state != "redundant" {
		t.Errorf("with a file of another version the worker is %s", state)
	}
	if n := ask[int](p, cached); n != 0 {
		t.Errorf("%d files are cached", n)
	}
	h.show(whole)
	if state := ask[string](p, settled); state != "activated" {
		t.Errorf("when it is there again the worker is %s", state)
	}
	if n := ask[int](p, cached); n < 10 {
		t.Errorf("%d files are cached", n)
	}
}

// A new version waits until the last tab is closed, comes whole, and touches no
// cache but its own.
func TestNewVersionWaits(t *testing.T) {
	t.Parallel()
	h := newHost(t, site(t, nil))
	browser := launch(t)

	first, closeFirst := open(t, browser)
	first.visit(h.url)
	if state := ask[string](first, settled); state != "activated" {
		t.Fatalf("the worker is %s", state)
	}
	first.visit(h.url) // by the worker now
	caches := ask[[]string](first, `
		await (await caches.open("attachments")).put("/attachment", new Response("kept"));
		return caches.keys();`)
	old := ask[string](first, readNetwork)

	h.show(newer(t))
	ask[bool](first, newerWaits+`return true;`)
	const waits = `return !!(await navigator.serviceWorker.getRegistration()).waiting;`
	first.visit(h.url)
	if !ask[bool](first, waits) {
		t.Error("the new version does not wait")
	}
	if got := ask[string](first, readNetwork); got != old {
		t.Error("a tab of the old version got a file of the new one")
	}
	if got := ask[int](first, `return (await fetch("/web/app.css")).status`); got != 200 {
		t.Errorf("a file of the old version: %d", got)
	}

	closeFirst()
	second, _ := open(t, browser)
	second.visit(h.url)
	// The browser takes a moment to notice that the first tab is gone; a tab that
	// opens before that is one more tab of the old version.
	for try := 0; ask[bool](second, waits) && try < 10; try++ {
		second.run(chromedp.Navigate("about:blank"))
		second.visit(h.url)
	}
	if state := ask[string](second, settled); state != "activated" {
		t.Fatalf("after the last tab has closed the newer worker is %s", state)
	}
	second.visit(h.url)
	if got := ask[string](second, readNetwork); got != otherNetwork {
		t.Errorf("after the last tab has closed the network is %s", got)
	}
	after := strings.Join(ask[[]string](second, `return caches.keys();`), " ")
	for _, name := range caches {
		if kept := strings.Contains(after, name); kept != (name == "attachments") {
			t.Errorf("of the caches %v there are %q", caches, after)
		}
	}
	if got := ask[string](second, `return (await (await caches.match("/attachment")).text())`); got != "kept" {
		t.Errorf("the app's own cache holds %q", got)
	}
}
