//go:build !js

package gateway

import (
	"html"
	"regexp"
	"strings"
)

// preload is an element by which a page asks for a file ahead; field, what it says.
var (
	preload = regexp.MustCompile(`<link [^>]*rel="preload"[^>]*>`)
	field   = regexp.MustCompile(` (href|as|crossorigin)="([^"]*)"`)
)

// ahead is what a page asks for ahead, as the header Link says it (RFC 8288): a browser
// follows that before it has read the first line of the page, and so does it where a
// worker answers, which keeps the header with the page. "" if it asks for nothing.
func ahead(page []byte) string {
	var links []string
	for _, element := range preload.FindAllString(string(page), -1) {
		said := map[string]string{}
		for _, f := range field.FindAllStringSubmatch(element, -1) {
			said[f[1]] = f[2]
		}
		link := "<" + html.UnescapeString(said["href"]) + ">; rel=preload; as=" + said["as"]
		if _, ok := said["crossorigin"]; ok {
			link += "; crossorigin"
		}
		links = append(links, link)
	}
	return strings.Join(links, ", ")
}
