//go:build !js

package story

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// runs is how often each thing is measured; the median is told.
const runs = 5

// ready notes when the first button is on the page, in ms since navigation.
const ready = `new MutationObserver((_, watch) => {
	if (document.querySelector('button')) { window.ready = performance.now(); watch.disconnect(); }
}).observe(document, {subtree: true, childList: true});`

// BenchmarkColdStart is the time from navigation to the first interactive
// render, in fresh profiles, against a bare go-app program on the same server:
// at most 1.25 times.
func BenchmarkColdStart(b *testing.B) {
	chromium := launch(b)
	place := settle(b)
	bare := fmt.Sprintf("http://localhost:%d", place.serve(b, helloSite(b)))
	for b.Loop() {
		var ours, theirs []float64
		for range runs {
			theirs = append(theirs, coldStart(b, chromium, bare))
			ours = append(ours, coldStart(b, chromium, place.origin))
		}
		b.ReportMetric(median(ours), "ms/client")
		b.ReportMetric(median(theirs), "ms/hello")
		b.ReportMetric(median(ours)/median(theirs), "client/hello")
	}
}

func coldStart(b *testing.B, chromium *browser, url string) float64 {
	b.Helper()
	p := chromium.open(b, "cold")
	defer p.close()
	p.before(ready)
	p.visit(url)
	p.until(`window.ready`)
	var at float64
	p.eval(`window.ready`, &at)
	return at
}

// BenchmarkAuthoriseToGrant is the time from Authorise on the primary to Finish
// on the other screen, on the local network.
func BenchmarkAuthoriseToGrant(b *testing.B) {
	chromium := launch(b)
	place := settle(b)
	for b.Loop() {
		var times []float64
		for range runs {
			times = append(times, authoriseToGrant(b, chromium, place))
		}
		b.ReportMetric(median(times), "ms/grant")
	}
}

func authoriseToGrant(b *testing.B, chromium *browser, place *place) float64 {
	b.Helper()
	phone, laptop := chromium.open(b, "phone"), chromium.open(b, "laptop")
	defer phone.close()
	defer laptop.close()
	phone.visit(place.origin)
	laptop.visit(place.twin)
	join(laptop, register(phone, "Ada").id)
	openDialog(phone)
	compare(phone, laptop)
	start := time.Now()
	phone.press("Authorise")
	laptop.until(`[...document.querySelectorAll('button')].some(e => e.textContent.trim() === 'Finish')`)
	return float64(time.Since(start).Milliseconds())
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}
