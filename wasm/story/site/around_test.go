//go:build !js

package site

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
)

// What stands around the client (static/page.js): its hash, newer versions, and
// what is left when it dies.

// hashOf is the SHA-256 of a site's program, sumOf of any file.
func hashOf(t *testing.T, dir string) string {
	t.Helper()
	return sumOf(t, filepath.Join(dir, program))
}

func sumOf(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

const (
	readVersion = `return goappGetenv("GOAPP_VERSION");`
	readHash    = `return tandem.hash();`
	readCaches  = `return (await caches.keys()).join(" ");`
	controlled  = `return new Promise(done => {
		const look = () => { if (navigator.serviceWorker.controller) done(true); };
		navigator.serviceWorker.addEventListener("controllerchange", look);
		look();
	});`
	// newerWaits asks for a newer version until it waits: a look may be lost to one
	// that the browser takes by itself.
	newerWaits = `
		const look = async () => {
			const r = await navigator.serviceWorker.getRegistration();
			if (!r.waiting && !r.installing) r.update().catch(() => {});
			return r.waiting;
		};
		while (!(await look())) await new Promise(done => setTimeout(done, 500));`
)

// Two tabs, neither loaded since the first worker came. A newer version waits in
// both until Restart to update is pressed in one; then both run it.
func TestRestartToUpdate(t *testing.T) {
	t.Parallel()
	old, both := site(t, nil), make(chan struct{})
	dir, _ := built()
	h := newHost(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/app-worker.js" {
			select {
			case <-both:
			case <-r.Context().Done():
			}
		}
		old.ServeHTTP(w, r)
	}))
	browser := launch(t)
	one, _ := open(t, browser)
	two, _ := open(t, browser)
	tabs := []*tab{one, two}
	for _, p := range tabs {
		p.visit(h.url)
		ask[bool](p, `window.old = true; return true;`)
	}
	close(both)
	for _, p := range tabs {
		ask[bool](p, controlled)
	}
	first, mine := ask[string](one, readVersion), ask[string](one, readHash)
	if want := hashOf(t, dir); mine != want {
		t.Errorf("the program's hash is %s, want %s", mine, want)
	}
	ask[bool](one, `await (await caches.open("attachments")).put("/attachment", new Response("kept")); return true;`)

	h.show(newer(t))
	dir, _ = builtNewer()
	ask[bool](one, newerWaits+`return true;`)
	next := hashOf(t, dir)
	for _, p := range tabs {
		line := p.line()
		for _, want := range []string{
			"is ready (" + next[:4] + "…" + next[60:] + "). You run " + first[:len("0.9.0-")+8] + " (" + mine[:4] + "…" + mine[60:] + ").",
			"New: " + next, "Running: " + mine, "Restart to update",
		} {
			if !strings.Contains(line, want) {
				t.Errorf("the tab says %q, without %q", line, want)
			}
		}
		if !ask[bool](p, `return window.old && !!(await navigator.serviceWorker.getRegistration()).waiting`) {
			t.Error("the newer version does not wait")
		}
	}

	one.visit(h.url) // it is said to whoever opens the app, too
	one.line()
	one.press("details summary")
	for _, p := range tabs {
		p.marked()
	}
	one.press(".site-line button")
	for _, p := range tabs {
		p.reloaded()
		version := ask[string](p, readVersion)
		if hash := ask[string](p, readHash); version == first || hash != next {
			t.Errorf("after the restart a tab runs %s, %s", version, hash)
		}
		if got := ask[string](p, readNetwork); got != otherNetwork {
			t.Errorf("its network is %s", got)
		}
		if ask[bool](p, `return window.old || !!document.querySelector(".site-line")`) {
			t.Error("something of the old page is left")
		}
		if got := ask[string](p, readCaches); strings.Contains(got, first) || !strings.Contains(got, version) || !strings.Contains(got, "attachments") {
			t.Errorf("of %s and %s there are the caches %q", first, version, got)
		}
		if reports := p.take(); len(reports) > 0 {
			t.Errorf("the browser complains: %q", reports)
		}
	}
}

// In the demo both hashes are of the demo. Of a newer version that does not keep the
// demo it is not known.
func TestTheDemoSaysItsOwnHash(t *testing.T) {
	t.Parallel()
	const drop = `
		for (const name of await caches.keys()) {
			const cache = await caches.open(name);
			for (const request of await cache.keys()) {
				if (request.url.includes("/demo")) await cache.delete(request);
			}
		}`
	whole := site(t, nil)
	dir, _ := built()
	sum := sumOf(t, filepath.Join(dir, "web", "demo.wasm"))
	for before, want := range map[string]string{"": sum, drop: "unknown"} {
		h := newHost(t, whole)
		p, _ := open(t, launch(t))
		p.visit(h.url + "/demo/")
		ask[bool](p, controlled)
		ask[bool](p, `
			const kept = async () => {`+keptDemo+`};
			while (await kept() < 3) await new Promise(done => setTimeout(done, 50));`+before+`
			return true;`)
		h.show(newer(t))
		ask[bool](p, newerWaits+`return true;`)
		line := p.line()
		if !strings.Contains(line, "New: "+want+"Running: "+sum) || strings.Contains(line, "is ready (hash unknown).") != (want == "unknown") {
			t.Errorf("the demo is %s, and says %q, want %s of the newer one", sum, line, want)
		}
	}
}

// The hash is of the bytes that the tab runs, and not of what the site has now, nor
// of what a worker has kept since. Where the browser keeps nothing it is not known.
func TestHashIsOfWhatRuns(t *testing.T) {
	t.Parallel()
	whole := site(t, nil)
	dir, err := builtNewer()
	if err != nil {
		t.Fatal(err)
	}
	runs, err := os.ReadFile(filepath.Join(dir, program))
	if err != nil {
		t.Fatal(err)
	}
	browser := launch(t)
	for keeping, want := range map[string]string{"no-cache": hashOf(t, dir), "no-store": "unknown"} {
		var asked atomic.Int32
		h := newHost(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/"+program && asked.Add(1) == 1 {
				w.Header().Set("Content-Type", "application/wasm")
				w.Header().Set("Cache-Control", keeping)
				w.Write(runs)
				return
			}
			whole.ServeHTTP(w, r)
		}))
		p, _ := open(t, browser)
		p.visit(h.url)
		ask[bool](p, controlled)
		if got := ask[string](p, readHash); got != want {
			t.Errorf("%s: the hash is %s, the tab runs %s", keeping, got, want)
		}
	}
}

// A program that dies leaves a page that says so and a way out, whether a dialog
// is open or not; so does one that cannot be loaded.
func TestNeverADeadPage(t *testing.T) {
	t.Parallel()
	whole := site(t, nil)
	h := newHost(t, whole)
	p, _ := open(t, launch(t))
	for _, c := range []struct{ name, crash string }{
		{"a panic", `try { goappNav(); } catch {}`}, // a callback of the program, without what it expects
		{"a trap", `dispatchEvent(new ErrorEvent("error", {error: new WebAssembly.RuntimeError("unreachable")}));`},
		{"a trap in a promise", `Promise.reject(new WebAssembly.RuntimeError("unreachable"));`},
		{"too deep a call", `Promise.reject(new RangeError("Maximum call stack size exceeded"));`},
		{"a panic below a dialog", `
			const dialog = document.createElement("dialog");
			dialog.textContent = "Are you sure?";
			document.body.append(dialog);
			dialog.showModal();
			try { goappNav(); } catch {}`},
	} {
		p.visit(h.url)
		ask[bool](p, c.crash+`return true;`)
		if line := p.line(); !strings.Contains(line, "Tandem has stopped") || !strings.HasSuffix(line, "Reload") {
			t.Errorf("after %s the page says %q", c.name, line)
		}
		if !ask[bool](p, `try { goappNav(); } catch (e) { return e.message.includes("already exited"); } return false;`) {
			t.Errorf("after %s what is left of the program runs on", c.name)
		}
		p.marked()
		p.press(".site-line button")
		p.reloaded()
		if ask[bool](p, `return !!document.querySelector(".site-line")`) {
			t.Errorf("after %s and Reload it still says so", c.name)
		}
	}

	// A newer version that waits takes the place of one that has died, and the button
	// says so, whichever came first.
	const dies = `dispatchEvent(new ErrorEvent("error", {error: new WebAssembly.RuntimeError("unreachable")}));`
	const restarts = `document.querySelector("body > .site-line.warn button")?.textContent === "Restart to update"`
	p.visit(h.url)
	ask[bool](p, controlled)
	died := ask[string](p, readVersion)
	ask[bool](p, dies+`return true;`)
	h.show(newer(t))
	ask[bool](p, newerWaits+`return true;`)
	p.until(restarts)
	p.visit(h.url)
	p.line() // the newer version is there
	ask[bool](p, dies+`return true;`)
	p.until(restarts)
	p.marked()
	p.press(".site-line button")
	p.reloaded()
	if version := ask[string](p, readVersion); version == died {
		t.Errorf("it runs %s again", version)
	}

	none, _ := open(t, launch(t))
	h.show(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/"+program {
			http.NotFound(w, r)
			return
		}
		whole.ServeHTTP(w, r)
	}))
	none.run(chromedp.Navigate(h.url))
	if line := none.line(); !strings.Contains(line, "could not be loaded") {
		t.Errorf("without a program the page says %q", line)
	}
	h.show(whole)
	none.marked()
	none.press(".site-line button")
	none.reloaded()
}

// A browser that drops the caches and keeps the worker gets them filled again.
func TestDroppedCachesAreFilledAgain(t *testing.T) {
	t.Parallel()
	h := newHost(t, site(t, nil))
	p, _ := open(t, launch(t))
	p.visit(h.url)
	if state := ask[string](p, settled); state != "activated" {
		t.Fatalf("the worker is %s", state)
	}
	n := ask[int](p, cached)
	ask[bool](p, `for (const name of await caches.keys()) await caches.delete(name); return true;`)
	p.visit(h.url)
	if again := ask[int](p, `
		const count = async () => {`+cached+`};
		while (await count() < `+strconv.Itoa(n)+`) await new Promise(done => setTimeout(done, 20));
		return count();`); again != n {
		t.Errorf("%d files are cached again, were %d", again, n)
	}
	h.stop()
	p.visit(h.url)
}
