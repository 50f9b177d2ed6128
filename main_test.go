//go:build !js

package main

import (
	"testing"
	"testing/fstest"
)

// A clone that has an older client and no demo builds both.
func TestBothProgramsAreBuiltWhereOneIsMissing(t *testing.T) {
	for _, tt := range []struct {
		names []string
		whole bool
	}{
		{nil, false},
		{[]string{"app.wasm"}, false},
		{[]string{"demo.wasm"}, false},
		{[]string{"app.wasm", "demo.wasm"}, true},
	} {
		static := fstest.MapFS{"page.js": {}}
		for _, name := range tt.names {
			static[name] = &fstest.MapFile{}
		}
		if got := whole(static); got != tt.whole {
			t.Errorf("with %q: whole is %v", tt.names, got)
		}
	}
}
