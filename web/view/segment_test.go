package view

import (
	"strings"
	"testing"
)

// bracketed writes the links of a text as [link].
func bracketed(text string) string {
	var b strings.Builder
	for _, s := range Segments(text) {
		if s.Link {
			b.WriteString("[" + s.Text + "]")
		} else {
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

func TestLinks(t *testing.T) {
	for text, want := range map[string]string{
		"":                            "",
		"no link":                     "no link",
		"https://example.org":         "[https://example.org]",
		"see https://example.org.":    "see [https://example.org].",
		"(http://example.org/a_(b))":  "([http://example.org/a_(b)])",
		"HTTP://EXAMPLE.org/A?b=1#c,": "[HTTP://EXAMPLE.org/A?b=1#c],",
		"https://a.example:8443/x and https://b.example": "[https://a.example:8443/x] and [https://b.example]",
		"mailto:ines@example.org?subject=hi":             "[mailto:ines@example.org?subject=hi]",
		"“https://example.org/ä”":                        "“[https://example.org/ä]”",
		"line\nhttps://example.org\nline":                "line\n[https://example.org]\nline",

		// What is no link, or does not show where it leads.
		"javascript:alert(1)":             "javascript:alert(1)",
		"data:text/html,<b>":              "data:text/html,<b>",
		"example.org":                     "example.org",
		"https://":                        "https://",
		"https://.":                       "https://.",
		"xhttps://example.org":            "xhttps://example.org",
		"https://bank.example@evil.org":   "https://bank.example@evil.org",
		"https://u:p@evil.org/":           "https://u:p@evil.org/",
		"https://аpple.com":               "https://аpple.com", // the first letter is Cyrillic
		"https://xn--pple-43d.com":        "https://xn--pple-43d.com",
		"https://example.org:x/":          "https://example.org:x/",
		"mailto:nobody":                   "mailto:nobody",
		"https://a.example/\u202egpj.exe": "[https://a.example/]\u202egpj.exe",
		"https://a.example\\@evil.org":    "[https://a.example]\\@evil.org",
		"https://a.example/\x00x":         "[https://a.example/]\x00x",
	} {
		if got := bracketed(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzSegments(f *testing.F) {
	for _, seed := range []string{"a https://b.example c", "mailto:a@b.example", "((http://x.y)", "h\xffttps://", "https://a\u200b.example", "hhttp://http://a.b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		joined := ""
		for _, s := range Segments(text) {
			joined += s.Text
			if s.Text == "" {
				t.Errorf("an empty piece of %q", text)
			}
			if !s.Link {
				continue
			}
			lower := strings.ToLower(s.Text)
			if !strings.HasPrefix(lower, "http://") && !strings.HasPrefix(lower, "https://") && !strings.HasPrefix(lower, "mailto:") {
				t.Errorf("a link of another scheme: %q", s.Text)
			}
			if strings.ContainsAny(s.Text, " \t\n\r<>\"\\\u202e\u2066\u200b") || strings.TrimSpace(s.Text) != s.Text {
				t.Errorf("a link that does not show itself: %q", s.Text)
			}
		}
		if joined != text {
			t.Errorf("%q became %q", text, joined)
		}
	})
}
