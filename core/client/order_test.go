package client

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestOrder(t *testing.T) {
	t.Parallel()
	for n := range 60 {
		got := rand.Perm(n)
		for i := range got {
			got[i] /= 2 // some are equal
		}
		want := slices.Sorted(slices.Values(got))
		order(n, func(i, j int) bool { return got[i] < got[j] }, func(i, j int) { got[i], got[j] = got[j], got[i] })
		if !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}
