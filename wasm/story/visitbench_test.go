//go:build !js

package story

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// Limits of a first visit.
const (
	visitWithin = 1_750_000 // bytes of bodies, packed by brotli 11: the app and all that its worker keeps
	paintWithin = 200       // ms from navigation to the first contentful paint, the median
)

// packed is the site as make build packs it, which make bench does before.
const packed = "../../.out/site"

// paint notes when the page shows something, in ms since navigation.
const paint = `new PerformanceObserver(list => { window.painted ??= list.getEntries().find(e => e.name === 'first-contentful-paint')?.startTime; })
	.observe({type: 'paint', buffered: true});`

// BenchmarkFirstVisit is what somebody downloads who comes for the first time,
// until the app would open offline, and how soon the page shows something.
func BenchmarkFirstVisit(b *testing.B) {
	if _, err := os.Stat(filepath.Join(packed, "web", "app.wasm.br")); err != nil {
		b.Fatal("make build comes first: ", err)
	}
	chromium := launch(b)
	place := &place{halted: make(chan string, 8)}
	place.listen(b)
	meter := place.metered(b, packed)
	for b.Loop() {
		var paints []float64
		var most int64
		for range runs {
			meter.sent.Store(0)
			p := chromium.open(b, "visitor")
			p.before(paint)
			p.visit(place.origin)
			p.until(`window.painted && document.querySelector('button')`)
			p.do(awaited(`navigator.serviceWorker.ready.then(() => true)`, new(bool)))
			var at float64
			p.eval(`window.painted`, &at)
			p.close()
			paints, most = append(paints, at), max(most, meter.sent.Load())
		}
		meter.tell(b)
		b.ReportMetric(float64(most), "bytes/visit")
		b.ReportMetric(median(paints), "ms/first-paint")
		if most > visitWithin || median(paints) > paintWithin {
			b.Errorf("%d bytes, first paint after %.0f ms: more than %d and %d", most, median(paints), visitWithin, paintWithin)
		}
	}
}

// meter counts the bytes of bodies that a site sends.
type meter struct {
	sent atomic.Int64

	mu    sync.Mutex // guards paths
	paths map[string]int64
}

// metered publishes a site, and counts what it sends but for the bridge's part.
func (p *place) metered(b *testing.B, dir string) *meter {
	b.Helper()
	m := &meter{paths: map[string]int64{}}
	p.wrap = func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !strings.HasPrefix(r.URL.Path, "/gateway/") {
				w = &metered{ResponseWriter: w, meter: m, path: r.URL.Path}
			}
			h.ServeHTTP(w, r)
		})
	}
	p.publish(b, dir)
	return m
}

// tell says what weighed most, of all visits.
func (m *meter) tell(b *testing.B) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for path, n := range m.paths {
		if n >= 10_000*runs {
			b.Logf("%8d bytes a visit  %s", n/runs, path)
		}
	}
}

// metered is one answer.
type metered struct {
	http.ResponseWriter
	meter *meter
	path  string
}

// Write is http.ResponseWriter's.
func (w *metered) Write(body []byte) (int, error) {
	w.meter.sent.Add(int64(len(body)))
	w.meter.mu.Lock()
	w.meter.paths[w.path] += int64(len(body))
	w.meter.mu.Unlock()
	return w.ResponseWriter.Write(body)
}
