// Package agent guesses a browser's name and system from the text with which it
// introduces itself to servers, so that a new device has a name like "Firefox on
// Linux". Browsers lie there about each other, so the order of the tables is the
// knowledge. It is a guess for people: nothing may depend on it.
package agent

import (
	"strings"

	"tandem/core"
)

// maxVersion bounds the digits of a version that are shown: core.Facts has 128
// bytes for the platform, and the text is not ours.
const maxVersion = 8

// browser is known by a word in the text; its version follows the word.
type browser struct{ word, name string }

// browsers, those that also carry another's word first: all of them say Safari,
// most say Chrome.
func browsers() []browser {
	return []browser{
		{"EdgiOS/", "Edge"},
		{"EdgA/", "Edge"},
		{"Edg/", "Edge"},
		{"OPR/", "Opera"},
		{"OPT/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Vivaldi/", "Vivaldi"},
		{"YaBrowser/", "Yandex Browser"},
		{"FxiOS/", "Firefox"},
		{"Firefox/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"HeadlessChrome/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Version/", "Safari"},
	}
}

// system is known by a word in the text.
type system struct{ word, name string }

// systems, those that also carry another's word first: Android says Linux, an
// iPhone says "like Mac OS X".
func systems() []system {
	return []system{
		{"iPhone", "iPhone"},
		{"iPad", "iPad"},
		{"Android", "Android"},
		{"CrOS", "ChromeOS"},
		{"Windows", "Windows"},
		{"Macintosh", "macOS"},
		{"FreeBSD", "FreeBSD"},
		{"OpenBSD", "OpenBSD"},
		{"Linux", "Linux"},
	}
}

// Facts is the name of a device by its user agent, and the same with the
// browser's version as the platform.
func Facts(userAgent string) core.Facts {
	name, version := "Browser", ""
	for _, b := range browsers() {
		if _, rest, ok := strings.Cut(userAgent, b.word); ok {
			name, version = b.name, digits(rest)
			break
		}
	}
	full := name
	if version != "" {
		full += " " + version
	}
	for _, s := range systems() {
		if strings.Contains(userAgent, s.word) {
			return core.Facts{Name: name + " on " + s.name, Platform: full + " on " + s.name}
		}
	}
	return core.Facts{Name: name, Platform: full}
}

// digits is the first number of a version.
func digits(s string) string {
	n := 0
	for n < len(s) && n < maxVersion && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return s[:n]
}
