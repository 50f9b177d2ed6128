//go:build !js

package site

import "testing"

// keptDemo reports whether the worker keeps the demo.
const keptDemo = `
	const files = [];
	for (const name of await caches.keys()) for (const f of await (await caches.open(name)).keys()) files.push(new URL(f.url).pathname);
	return ["/demo/", "/demo/app.js", "/web/demo.wasm"].filter(f => files.includes(f)).length;`

// The demo is kept once it was opened, and not before: whoever never opens it does
// not load it.
func TestTheDemoOpensOffline(t *testing.T) {
	t.Parallel()
	h := newHost(t, site(t, nil))
	p, _ := open(t, launch(t))
	p.visit(h.url)
	if state := ask[string](p, settled); state != "activated" {
		t.Fatalf("the worker is %s", state)
	}
	if n := ask[int](p, keptDemo); n != 0 {
		t.Errorf("the app's first visit keeps %d files of the demo", n)
	}
	// From the first page on, as it is offered there.
	const offer = `[...document.querySelectorAll("button")].find(b => b.textContent.trim() === "Try the demo (nothing leaves this tab)")`
	p.until(offer)
	p.marked()
	ask[bool](p, `setTimeout(() => `+offer+`.click()); return true;`) // when it has answered: its page ends with it
	p.reloaded()
	p.until(`document.querySelector("[data-testid=demo-play]")`)
	ask[bool](p, `
		const kept = async () => {`+keptDemo+`};
		while (await kept() < 3) await new Promise(done => setTimeout(done, 50));
		return true;`)
	if reports := p.take(); len(reports) > 0 {
		t.Errorf("the browser complains: %q", reports)
	}
	// A newer version brings its own demo along, for whoever has opened the older.
	h.show(newer(t))
	if n := ask[int](p, newerWaits+`
		let n = 0;
		for (const name of await caches.keys()) if (await (await caches.open(name)).match("/demo/")) n++;
		return n;`); n != 2 {
		t.Errorf("%d versions of the demo are kept, want both", n)
	}
	h.stop()
	for _, path := range []string{"/demo/", "/demo"} {
		p.visit(h.url + path)
		p.until(`document.querySelector("[data-testid=demo-play]")`)
		// Not with the mouse: chromedp looks for the place of a button as long as the
		// page moves, and this one draws every hop.
		ask[bool](p, `document.querySelector("[data-testid=demo-play]").click(); return true;`)
		p.until(`Number(document.querySelector("[data-testid=demo-say]").dataset.step) >= 1`)
	}
}
