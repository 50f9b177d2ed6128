//go:build !js

package story

import (
	"testing"
	"time"
)

// view is said on a page whose tab is not the writer.
const view = `says('Tandem is also open in another tab.')`

// beside opens one more tab of the same browser and device.
func (b *browser) beside(p *page, name, url string) *page {
	p.t.Helper()
	other := b.tab(p.t, name, p.profile)
	other.visit(url)
	return other
}

// Several tabs of one device: each shows it and writes to it, whoever is the
// writer, and when that one dies, another takes over within a second.
func TestTabs(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	first := chromium.open(t, "first")
	first.visit(place.origin)
	register(first, "Ada")
	write(first, "by the first")
	second := chromium.beside(first, "second", place.origin)
	shows(second, "by the first")
	second.until(view)
	second.looks("view")
	write(second, "by the second")
	shows(first, "by the first", "by the second")
	shows(second, "by the first", "by the second")

	start := time.Now()
	first.close()
	second.until(`one('chat-log') && !` + view)
	t.Logf("taken over after %v", time.Since(start))
	write(second, "by the heir")
	shows(second, "by the first", "by the second", "by the heir")
	place.checkRequests(t, first, second)
}
