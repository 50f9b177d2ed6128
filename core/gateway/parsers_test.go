//go:build !js

package gateway

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// FuzzParseOrigins: whatever stands in the list of pages that may use a public
// gateway, each that is taken is one origin as a browser writes it, lets in just
// itself, and stands for nothing else.
func FuzzParseOrigins(f *testing.F) {
	for _, list := range []string{"", "https://tandem.example", "https://a.example\nhttp://[::1]:8080", "*", "https://*.example", "https://a.example/", "https://A.example", "https://u@a.example", "null"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var list []string
		if text != "" {
			list = strings.Split(text, "\n")
		}
		all, err := parseOrigins(list)
		if err != nil {
			if err != ErrOrigin && (err != ErrNoOrigin || len(list) > 0) || all != nil {
				t.Fatalf("%q: %v with %v", text, err, all)
			}
			return
		}
		if !slices.Equal(all, list) {
			t.Fatalf("%q became %q", list, all)
		}
		for _, one := range all {
			host, ok := strings.CutPrefix(one, "http")
			host, ok2 := strings.CutPrefix(strings.TrimPrefix(host, "s"), "://")
			if !ok || !ok2 || host == "" || strings.ContainsAny(host, "*/@?# \t,;'\"\r") || host != strings.ToLower(host) {
				t.Fatalf("%q is taken for an origin", one)
			}
			for origin, want := range map[string]bool{one: true, one + "x": slices.Contains(all, one+"x"), "null": false, "*": false} {
				r := httptest.NewRequest(http.MethodPost, "/", nil)
				r.Header.Set("Origin", origin)
				if all.allow(r) != want {
					t.Fatalf("%q lets %q in: %t", all, origin, !want)
				}
			}
		}
	})
}

// FuzzParseSeed: a seed that is taken is an address by https, and written again
// it is the same.
func FuzzParseSeed(f *testing.F) {
	for _, s := range SessionSeeds() {
		f.Add(s.URL + "#" + hex.EncodeToString(s.Pin[:]))
	}
	f.Add("https://seed.example:22023" + seedPath)
	f.Add("https://seed.example#")
	f.Add("http://seed.example")
	f.Fuzz(func(t *testing.T, text string) {
		seed, err := ParseSeed(text)
		if err != nil {
			if err != ErrSeed || seed != (Seed{}) {
				t.Fatalf("%q: %v with %+v", text, err, seed)
			}
			return
		}
		written := seed.URL
		if strings.Contains(text, "#") {
			written += "#" + hex.EncodeToString(seed.Pin[:])
		} else if seed.Pin != [len(seed.Pin)]byte{} {
			t.Fatalf("%q has a pin", text)
		}
		if again, err := ParseSeed(written); err != nil || again != seed || !strings.HasPrefix(seed.URL, "https://") {
			t.Fatalf("%q became %q, then %+v, %v", text, written, again, err)
		}
	})
}
