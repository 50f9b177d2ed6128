//go:build !js

package gateway

import (
	"html"
	"regexp"
	"strings"
)

// Preloads are the elements by which a page asks for what it needs before the browser
// has read it, the client last: it would hold up what draws. A browser that meets a
// policy looks no further for what it could fetch, so they come before ours, which
// allows all of it. A request must be of the kind that the page's is, or it is made
// twice.
func Preloads(files Marks) string {
	var links strings.Builder
	for _, file := range []struct{ path, kind string }{
		{"/web/early.js", `as="script"`},
		{"/app.css", `as="style"`},
		{"/web/app.css", `as="style"`},
		{"/wasm_exec.js", `as="script"`},
		{"/app.js", `as="script"`},
		{"/web/app.wasm", `as="fetch" crossorigin="anonymous"`},
	} {
		links.WriteString(`<link rel="preload" href="` + html.EscapeString(files.Resolve(file.path)) + `" ` + file.kind + ">\n")
	}
	return links.String()
}

// EarlyScript is the element of the script that compiles the client while the browser
// still reads the page, not only when the loader asks for it.
func EarlyScript(files Marks) string {
	return `<script src="` + html.EscapeString(files.Resolve("/web/early.js")) + `"></script>`
}

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
