package view

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Segment is a piece of a message: words, or a link that is shown in full.
type Segment struct {
	Text string
	Link bool // Text is the address too
}

// schemes are what a link may begin with. All others are words.
var schemes = [...]string{"https://", "http://", "mailto:"}

// Segments cuts a text into words and links; joined, it is the same text. A
// link is only what shows all of where it leads: its host is plain ASCII, because
// letters of other scripts can look the same, and nothing in it turns the text
// around.
func Segments(text string) []Segment {
	var out []Segment
	words := 0 // where the words before i begin
	for i := 0; i < len(text); {
		n := linkAt(text, i)
		if n == 0 {
			_, size := utf8.DecodeRuneInString(text[i:])
			i += size
			continue
		}
		if words < i {
			out = append(out, Segment{Text: text[words:i]})
		}
		out = append(out, Segment{Text: text[i : i+n], Link: true})
		i += n
		words = i
	}
	if words < len(text) {
		out = append(out, Segment{Text: text[words:]})
	}
	return out
}

// linkAt is the length of the link that begins at i; 0 = none.
func linkAt(text string, i int) int {
	if c := text[i] | 0x20; c != 'h' && c != 'm' { // cheap: most places begin no link
		return 0
	}
	if before, _ := utf8.DecodeLastRuneInString(text[:i]); i > 0 && (unicode.IsLetter(before) || unicode.IsDigit(before)) {
		return 0
	}
	for _, scheme := range schemes {
		if len(text)-i <= len(scheme) || !strings.EqualFold(text[i:i+len(scheme)], scheme) {
			continue
		}
		link := trimmed(text[i : i+len(scheme)+addressLen(text[i+len(scheme):])])
		if len(link) > len(scheme) && plainHost(link[len(scheme):], scheme == "mailto:") {
			return len(link)
		}
	}
	return 0
}

// addressLen is how far an address reaches.
func addressLen(text string) int {
	for i, r := range text {
		if r <= ' ' || r == utf8.RuneError || strings.ContainsRune("<>\"`{}|\\^", r) || unicode.IsSpace(r) ||
			unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Cc, r) {
			return i
		}
	}
	return len(text)
}

// trimmed leaves out what ends the sentence and not the address.
func trimmed(link string) string {
	for {
		r, size := utf8.DecodeLastRuneInString(link)
		switch {
		case strings.ContainsRune(".,;:!?'’”»…*_~", r):
		case r == ')' && strings.Count(link, ")") > strings.Count(link, "("):
		case r == ']' && strings.Count(link, "]") > strings.Count(link, "["):
		default:
			return link
		}
		link = link[:len(link)-size]
	}
}

// plainHost reports whether an address says where it leads. One with a name or
// a password before its host does not.
func plainHost(address string, mail bool) bool {
	end := strings.IndexAny(address, "/?#")
	if end < 0 || mail {
		end = len(address)
	}
	host := address[:end]
	if mail {
		who, rest, found := strings.Cut(address, "@")
		if host, _, _ = strings.Cut(rest, "?"); !found || who == "" {
			return false
		}
	} else if i := strings.LastIndexByte(host, ':'); i >= 0 {
		if strings.Trim(host[i+1:], "0123456789") != "" {
			return false
		}
		host = host[:i]
	}
	for _, c := range []byte(host) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.') {
			return false
		}
	}
	return strings.Trim(host, ".-") != "" && !strings.Contains(strings.ToLower(host), "xn--")
}
