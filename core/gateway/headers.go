//go:build !js

package gateway

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// headersFile tells the static hosts that read it (Netlify's and Cloudflare's
// form) which headers to send. It is no file of the site.
const headersFile = "_headers"

// staticHeaders are for all files alike: such a host does not see the mark in an
// address, so it lets nothing be kept unasked. The worker keeps the site anyway. What
// a page asks for ahead comes with that page alone.
func staticHeaders(policy string, pages map[string][]byte) []byte {
	h := http.Header{}
	pageHeaders(h, policy)
	h.Set("Cache-Control", "no-cache")
	var text strings.Builder
	text.WriteString("/*\n")
	for _, name := range slices.Sorted(maps.Keys(h)) {
		text.WriteString("  " + name + ": " + h.Get(name) + "\n")
	}
	for _, address := range slices.Sorted(maps.Keys(pages)) {
		text.WriteString("\n" + address + "\n  Link: " + ahead(pages[address]) + "\n")
	}
	return []byte(text.String())
}
