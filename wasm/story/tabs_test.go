//go:build !js

package story

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	cdpage "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// view is said on a page whose tab is not the writer.
const view = `says('Tandem is also open in another tab.')`

// haltAt lets a test stop a page for ever at one of the next times that it writes
// to its storage: before the browser is asked, or when it has done it. A request
// that nobody answers holds the page's only thread.
const haltAt = `
{
	let left = -1, after;
	globalThis.haltAt = (n, late) => { left = n; after = late; return true; };
	const stop = () => {
		const request = new XMLHttpRequest();
		request.open('GET', '` + halt + `?' + (after ? 'after' : 'before'), false);
		request.send();
	};
	const begin = IDBDatabase.prototype.transaction;
	IDBDatabase.prototype.transaction = function(names, mode, ...more) {
		const here = mode === 'readwrite' && left-- === 0;
		if (here && !after) stop();
		const transaction = begin.call(this, names, mode, ...more);
		if (here) transaction.addEventListener('complete', stop);
		return transaction;
	};
}`

// beside opens one more tab of the same browser and device.
func (b *browser) beside(p *page, name, url string) *page {
	p.t.Helper()
	other := b.tab(p.t, name, p.profile)
	other.before(haltAt)
	other.visit(url)
	return other
}

// crash destroys what runs in a tab, at once, whatever it is doing.
func (p *page) crash() {
	go chromedp.Run(p.ctx, chromedp.ActionFunc(func(ctx context.Context) error {
		return cdpage.Crash().Do(ctx) // who is dead does not answer
	}))
}

// ears hears what tabs of an origin say to each other, as any page there can.
func (b *browser) ears(p *page, origin string) *page {
	p.t.Helper()
	ears := b.tab(p.t, "ears", p.profile)
	ears.visit(origin + "/web/icon.svg")
	var channel string
	p.eval(`'tandem ' + goappGetenv('GOAPP_VERSION')`, &channel)
	ears.eval(`(globalThis.heard = 0, new BroadcastChannel(`+quote(channel)+`).onmessage = () => heard++, true)`, new(bool))
	return ears
}

// programHash is what About is to say.
func programHash(t *testing.T) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(site(t), "web", "app.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Several tabs of one device: each shows it and writes to it; what they tell each
// other stays in their origin; a tab that hears nobody waits for its turn; and the
// turn comes when the program of the one before dies, even if its tab stays.
func TestTabs(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	first := chromium.open(t, "first")
	first.visit(place.origin)
	ada := register(first, "Ada")
	within, outside := chromium.ears(first, place.origin), chromium.ears(first, place.twin)
	write(first, "by the first")
	second := chromium.beside(first, "second", place.origin)
	shows(second, "by the first")
	second.until(view)
	second.looks("view")
	write(second, "by the second")
	shows(first, "by the first", "by the second")
	shows(second, "by the first", "by the second")
	second.fill("Message", "half a sentence")
	first.until(`document.querySelector('textarea').value === 'half a sentence'`)
	toAccount(second)
	if id := second.read("account-id"); id != ada.id {
		t.Errorf("the second tab is another account: %s", id)
	}
	second.press("About")
	if hash, want := second.read("program-hash"), programHash(t); hash != want {
		t.Errorf("About says %s, the tab runs %s", hash, want)
	}
	second.named("about")
	second.fits("about")
	second.shot("about")
	within.until(`heard > 0`)
	var heard int
	if outside.eval(`heard`, &heard); heard > 0 {
		t.Errorf("another origin heard %d messages", heard)
	}

	deaf := chromium.tab(t, "deaf", first.profile)
	deaf.before(`delete globalThis.BroadcastChannel`)
	deaf.visit(place.origin)
	deaf.until(`says('Tandem is open in another tab')`)
	deaf.fits("elsewhere")
	deaf.shot("elsewhere")
	if deaf.has("Send") {
		t.Error("a tab that reaches nobody offers to send")
	}
	// The program of the writer dies, and its tab does not: the other takes over.
	first.eval(`(goappNav(), true)`, new(bool))
	first.until(`says('Tandem has stopped')`)
	second.until(`!` + view)
	toNote(second)
	write(second, "after the crash")
	first.press("Reload")
	shows(first, "by the first", "by the second", "after the crash")
	first.until(view)

	second.close()
	first.close()
	shows(deaf, "by the first", "by the second", "after the crash")
	write(deaf, "by the heir")
	shows(deaf, "by the first", "by the second", "after the crash", "by the heir")
	first.mu.Lock() // who is dead throws at each event
	first.faults = slices.DeleteFunc(first.faults, func(f string) bool { return strings.Contains(f, "Go program has already exited") })
	first.mu.Unlock()
	place.checkRequests(t, first, second, deaf)
}

// The tab that writes is destroyed while it does, again and again: another one
// takes over (how fast is BenchmarkTakeOver's), and what any of them sent is there
// once.
func TestCrashes(t *testing.T) {
	t.Parallel()
	crashes(t, 4)
}

// crashes kills the writer before and after each of its next n writes, counted
// from when a text is on its way through it.
func crashes(t *testing.T, n int) {
	place, chromium := settle(t), launch(t)
	laptop := chromium.open(t, "laptop")
	laptop.visit(place.twin)
	writer := chromium.open(t, "tab 0")
	writer.before(haltAt)
	writer.visit(place.origin)
	ada := register(writer, "Ada")
	link(writer, laptop, ada.id)
	toNote(laptop)

	var written []string
	all := []*page{writer, laptop}
	for round := range 2 * n {
		reader := chromium.beside(writer, fmt.Sprintf("tab %d", round+1), place.origin)
		all = append(all, reader)
		reader.until(view)
		toNote(reader)
		writer.eval(fmt.Sprintf(`haltAt(%d, %t)`, round/2, round%2 == 1), new(bool))
		for halted := false; !halted; {
			for _, p := range []*page{reader, laptop} {
				text := fmt.Sprintf("%d by %s", len(written), p.name)
				written = append(written, text)
				write(p, text)
			}
			select {
			case <-place.halted:
				halted = true
			case <-time.After(3 * time.Second):
			}
		}
		died := time.Now()
		writer.crash()
		reader.until(`one('chat-log') && !` + view)
		t.Logf("%d, late %t: taken over after %v", round/2, round%2 == 1, time.Since(died))
		history(reader, len(written))
		writer = reader
	}
	writer.reload()
	toNote(writer)
	agree(t, written, writer, laptop)
	place.checkRequests(t, all...)
}
