//go:build !js

package story

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
)

// runs is how often each thing is measured; the median is told.
const runs = 5

// starts is the same for what takes a tenth of a second: other work of the machine
// shows in that much more.
const starts = 15

// ready notes when the first button is on the page, in ms since navigation: of the
// program, not of a line that says why it does not run.
const ready = `new MutationObserver((_, watch) => {
	if (document.querySelector('button:not(.site-line *)')) { window.ready = performance.now(); watch.disconnect(); }
}).observe(document, {subtree: true, childList: true});`

// startWithin is how much longer than a bare go-app program the client may take to
// start, times.
const startWithin = 1.25

// BenchmarkColdStart is the time from navigation to the first interactive
// render, in fresh profiles, against a bare go-app program on the same server.
func BenchmarkColdStart(b *testing.B) {
	chromium := launch(b)
	againstHello(b, func(url string) float64 {
		p := chromium.open(b, "cold")
		defer p.close()
		return p.start(url)
	})
}

// BenchmarkWarmStart is the same where each was opened once before, and its worker
// has what it keeps.
func BenchmarkWarmStart(b *testing.B) {
	chromium := launch(b)
	againstHello(b, func(url string) float64 {
		first := chromium.open(b, "first")
		first.start(url)
		first.do(awaited(`new Promise(done => {
			const look = () => { if (navigator.serviceWorker.controller?.state === 'activated') done(true); else setTimeout(look, 50); };
			look();
		})`, new(bool)))
		first.close()
		p := chromium.tab(b, "warm", first.profile)
		defer p.close()
		return p.start(url)
	})
}

// againstHello measures a start of the client and of the bare program, in ms.
func againstHello(b *testing.B, start func(url string) float64) {
	b.Helper()
	place := settle(b)
	bare := fmt.Sprintf("http://localhost:%d", place.serve(b, helloSite(b)))
	for b.Loop() {
		var ours, theirs []float64
		for range starts {
			theirs = append(theirs, start(bare))
			ours = append(ours, start(place.origin))
		}
		b.ReportMetric(median(ours), "ms/client")
		b.ReportMetric(median(theirs), "ms/hello")
		times := median(ours) / median(theirs)
		b.ReportMetric(times, "client/hello")
		if times > startWithin {
			b.Errorf("the client takes %.2f times as long as the bare program, want %v: %.0f against %.0f ms", times, startWithin, median(ours), median(theirs))
		}
	}
}

// start opens an address and gives the time until its first button, in ms. Nobody
// looks at its requests meanwhile: a browser whose tools do keeps all that comes a
// second time, and makes text of it, which takes it longer than to run the program.
func (p *page) start(url string) float64 {
	p.t.Helper()
	p.do(network.Disable())
	p.before(ready)
	p.visit(url)
	p.until(`window.ready`)
	var at float64
	p.eval(`window.ready`, &at)
	return at
}

// linkings is how often two devices are linked for the figures.
const linkings = 10

// Limits of linking on the local network, ms.
const (
	wordsWithin  = 5000 // the worst of all
	grantWithin  = 1000 // the median
	finishWithin = 2000 // the median
)

// BenchmarkLinking links two fresh devices again and again. A request waits when
// the primary's dialog opens.
//
//	words    from Link Device to the words on both screens
//	grant    from Authorise to Finish on the other screen
//	set-up   from Finish to "set up" on both screens
func BenchmarkLinking(b *testing.B) {
	chromium := launch(b)
	place := settle(b)
	for b.Loop() {
		var words, grant, finish []float64
		for range linkings {
			w, g, f := linking(b, chromium, place)
			words, grant, finish = append(words, w), append(grant, g), append(finish, f)
		}
		b.ReportMetric(median(words), "ms/words")
		b.ReportMetric(slices.Max(words), "ms/words-worst")
		b.ReportMetric(median(grant), "ms/grant")
		b.ReportMetric(median(finish), "ms/set-up")
		if slices.Max(words) > wordsWithin || median(grant) > grantWithin || median(finish) > finishWithin {
			b.Errorf("words %.0f, grant %.0f, set up %.0f: more than the worst %d, and medians %d and %d",
				words, grant, finish, wordsWithin, grantWithin, finishWithin)
		}
	}
}

// linking measures one linking, in ms.
func linking(b *testing.B, chromium *browser, place *place) (words, grant, finish float64) {
	b.Helper()
	phone, laptop := chromium.open(b, "phone"), chromium.open(b, "laptop")
	defer phone.close()
	defer laptop.close()
	phone.visit(place.origin)
	laptop.visit(place.twin)
	join(laptop, register(phone, "Ada").id)
	laptop.stage("Request stored", "done")
	toDevices(phone)
	since := func(start time.Time) float64 { return float64(time.Since(start).Milliseconds()) }

	start := time.Now()
	phone.press("Link Device")
	for _, p := range []*page{phone, laptop} {
		p.until(`words('link-words').length === 3`)
	}
	words = since(start)

	start = time.Now()
	phone.press("Authorise")
	laptop.until(`[...document.querySelectorAll('button')].some(e => e.textContent.trim() === 'Finish')`)
	grant = since(start)

	start = time.Now()
	laptop.press("Finish")
	for _, p := range []*page{phone, laptop} {
		p.until(`news().includes(` + quote(success) + `)`)
	}
	return words, grant, since(start)
}

// takeOverWithin is how long it may take until another tab is the writer, ms: the
// median.
const takeOverWithin = 1000

// BenchmarkTakeOver is the time from a writer's death to another tab of the device
// being the writer. The first is not counted: a browser's first crash takes it
// seconds.
func BenchmarkTakeOver(b *testing.B) {
	chromium := launch(b)
	place := settle(b)
	for b.Loop() {
		writer := chromium.open(b, "tab 0")
		writer.visit(place.origin)
		register(writer, "Ada")
		var all []float64
		for i := range runs + 1 {
			reader := chromium.beside(writer, fmt.Sprintf("tab %d", i+1), place.origin)
			reader.until(view)
			toNote(reader)
			died := time.Now()
			writer.crash()
			reader.until(`one('chat-log') && !` + view)
			if i > 0 {
				all = append(all, float64(time.Since(died).Milliseconds()))
			}
			writer = reader
		}
		b.ReportMetric(median(all), "ms/taken-over")
		if median(all) > takeOverWithin {
			b.Errorf("another tab took over after %.0f ms, want %d", median(all), takeOverWithin)
		}
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
