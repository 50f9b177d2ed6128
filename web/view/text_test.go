package view

import (
	"errors"
	"strings"
	"testing"

	"tandem/core/client"
)

func TestCheckText(t *testing.T) {
	for text, want := range map[string]error{
		"":                                 client.ErrTextEmpty,
		" \n\t":                            client.ErrTextEmpty,
		" x ":                              nil,
		strings.Repeat("é", TextLimit):     nil,
		strings.Repeat("é", TextLimit+1):   client.ErrTextLong,
		strings.Repeat("x", TextLimit*100): client.ErrTextLong,
	} {
		if got := CheckText(text); !errors.Is(got, want) {
			t.Errorf("%d bytes: %v, want %v", len(text), got, want)
		}
	}
}

func TestTextCountShowsNearTheLimit(t *testing.T) {
	for n, want := range map[int]string{
		0: "", 1799: "", 1800: "1,800 of 2,000 characters", 2000: "2,000 of 2,000 characters",
		2001: "2,001 of 2,000 characters: 1 too many",
	} {
		if got := TextCount(strings.Repeat("é", n)); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestInitial(t *testing.T) {
	for name, want := range map[string]string{"ada": "A", " ólafur": "Ó", "מאיה": "מ", "": "?", "  ": "?"} {
		if got := Initial(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
