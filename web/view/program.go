package view

import "strings"

// VersionLine says which version this is. A site's version is its number and a
// hash of its content, of which 8 digits tell two of the same number apart.
func VersionLine(version string) string {
	number, content, _ := strings.Cut(version, "-")
	if number == "" {
		return License
	}
	if len(content) > 8 {
		content = content[:8]
	}
	return "Version " + number + "-" + content + " · " + License
}

// What the page About says.
const (
	License     = "MIT licence"
	HashMeans   = "SHA-256 of the program, computed in this tab from the bytes that it runs."
	HashComing  = "Being computed…"
	HashUnknown = "This browser has not kept the bytes that it runs, so this tab cannot tell. It can after a reload."
	Recipe      = "make repro"
	RecipeMeans = "In the source of this version, this builds all of it twice, in two folders and with empty caches, and compares. " +
		"It prints the hash above."
)
