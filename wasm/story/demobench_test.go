//go:build !js

package story

import "testing"

// linkedWithin is how long the demo may take from a cold load to two devices that
// are linked, unthrottled, ms: the median.
const linkedWithin = 8000

// demoScript plays the demo as fast as it can, and notes when the first button is
// there and when the step after linking begins.
const demoScript = `new MutationObserver((_, watch) => {
	const say = document.querySelector('[data-testid=demo-say]');
	const fast = [...document.querySelectorAll('[data-testid=demo-speed] button')].pop();
	if (!say || !fast) { return; }
	if (!window.began) {
		window.began = performance.now();
		fast.click();
		document.querySelector('[data-testid=demo-play]').click();
	}
	if (Number(say.dataset.step) >= 8) { window.linked = performance.now(); watch.disconnect(); }
}).observe(document, {subtree: true, childList: true, attributes: true});`

// BenchmarkDemo is the time from navigation to two linked devices in the demo, in
// fresh profiles, unthrottled.
func BenchmarkDemo(b *testing.B) {
	chromium := launch(b)
	place := settle(b)
	for b.Loop() {
		var ready, linked []float64
		for range runs {
			r, l := demoLinking(b, chromium, place)
			ready, linked = append(ready, r), append(linked, l)
		}
		b.ReportMetric(median(ready), "ms/ready")
		b.ReportMetric(median(linked), "ms/linked")
		if median(linked) > linkedWithin {
			b.Errorf("two devices linked after %.0f ms, want %d", median(linked), linkedWithin)
		}
	}
}

func demoLinking(b *testing.B, chromium *browser, place *place) (ready, linked float64) {
	b.Helper()
	p := chromium.open(b, "demo")
	defer p.close()
	p.before(demoScript)
	p.visit(place.origin + "/demo/")
	p.until(`window.linked`)
	p.eval(`window.began`, &ready)
	p.eval(`window.linked`, &linked)
	return ready, linked
}
