//go:build !js

package story

import (
	"slices"
	"strings"
	"testing"
)

// gated keeps the writer's lock from a tab until that calls letIn, and notes
// whether the page of a new browser was ever shown.
const gated = `
{
	const locks = navigator.locks, request = locks.request.bind(locks);
	const opened = new Promise(ok => { globalThis.letIn = () => (ok(), true); });
	locks.request = (...given) => opened.then(() => request(...given));
	globalThis.welcomed = false;
	new MutationObserver(() => { welcomed ||= document.body?.innerText.includes('Register a new account') ?? false; })
		.observe(document, {childList: true, subtree: true});
}`

// A browser that keeps nothing shows its first page before its storage has
// answered, and what is asked there waits. One that keeps anything never shows
// that page again, not for a moment: neither an account nor a linking under way.
func TestFirstPageWaitsForNothing(t *testing.T) {
	t.Parallel()
	place, chromium := settle(t), launch(t)
	phone, laptop := chromium.open(t, "phone"), chromium.open(t, "laptop")
	for _, p := range []*page{phone, laptop} {
		p.before(gated)
	}
	phone.visit(place.origin)
	phone.press("Register a new account")
	phone.fill("Display name", "Ada")
	phone.press("Continue")
	if kept := phone.databases(); kept != "" {
		t.Errorf("kept before the lock was given: %s", kept)
	}
	phone.until(`letIn()`)
	words := phone.words("seed-words", 13)

	laptop.visit(place.twin)
	laptop.until(`letIn()`)
	join(laptop, "05"+strings.Repeat("ab", 32))
	laptop.stage("Key made", "done")

	for _, p := range []*page{phone, laptop} {
		p.reload()
		p.until(`says('Opening what is stored here')`)
		p.until(`letIn()`)
	}
	if again := phone.words("seed-words", 13); !slices.Equal(again, words) {
		t.Error("other words")
	}
	laptop.stage("Key made", "done")
	for _, p := range []*page{phone, laptop} {
		var welcomed bool
		if p.eval(`welcomed`, &welcomed); welcomed {
			t.Error("the first page of a new browser was shown")
		}
	}
}
