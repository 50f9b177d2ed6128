package agent_test

import (
	"strings"
	"testing"
	"unicode"

	"tandem/wasm/tabs/agent"
)

// introductions are what browsers really say.
var introductions = []struct{ agent, name, platform string }{
	{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux", "Firefox 140 on Linux"},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36", "Chrome on Windows", "Chrome 138 on Windows"},
	{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/138.0.0.0 Safari/537.36", "Chrome on Linux", "Chrome 138 on Linux"},
	{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0", "Edge on Windows", "Edge 138 on Windows"},
	{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", "Safari on macOS", "Safari 18 on macOS"},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1", "Safari on iPhone", "Safari 18 on iPhone"},
	{"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/138.0.7204.33 Mobile/15E148 Safari/604.1", "Chrome on iPad", "Chrome 138 on iPad"},
	{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/140.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone", "Firefox 140 on iPhone"},
	{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Mobile Safari/537.36", "Chrome on Android", "Chrome 138 on Android"},
	{"Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0", "Firefox on Android", "Firefox 140 on Android"},
	{"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet on Android", "Samsung Internet 28 on Android"},
	{"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36", "Chrome on ChromeOS", "Chrome 138 on ChromeOS"},
	{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/137.0.0.0 Safari/537.36 OPR/121.0.0.0", "Opera on Linux", "Opera 121 on Linux"},
	{"something new on Linux", "Browser on Linux", "Browser on Linux"},
	{"Firefox/", "Firefox", "Firefox"},
	{"", "Browser", "Browser"},
}

func TestFacts(t *testing.T) {
	for _, c := range introductions {
		if got := agent.Facts(c.agent); got.Name != c.name || got.Platform != c.platform {
			t.Errorf("%q: %q, %q; want %q, %q", c.agent, got.Name, got.Platform, c.name, c.platform)
		}
	}
}

// FuzzFacts: whatever a browser says, the facts are short and printable.
func FuzzFacts(f *testing.F) {
	for _, c := range introductions {
		f.Add(c.agent)
	}
	f.Add("Firefox/" + strings.Repeat("9", 1000))
	f.Fuzz(func(t *testing.T, userAgent string) {
		got := agent.Facts(userAgent)
		if got.Name == "" || len(got.Name) > 64 || len(got.Platform) > 128 {
			t.Errorf("%q, %q", got.Name, got.Platform)
		}
		for _, r := range got.Name + got.Platform {
			if r > unicode.MaxASCII || !unicode.IsPrint(r) {
				t.Errorf("%q, %q", got.Name, got.Platform)
			}
		}
	})
}
