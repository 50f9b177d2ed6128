package view

import "testing"

func TestVersionLine(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"0.9.0-09abe733f5dc916f08c70d6860c44299": "Version 0.9.0-09abe733 · MIT licence",
		"0.9.0-0":                                "Version 0.9.0-0 · MIT licence",
		"":                                       "MIT licence",
	} {
		if got := VersionLine(version); got != want {
			t.Errorf("%q: %q, want %q", version, got, want)
		}
	}
}
