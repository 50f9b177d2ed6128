package memkv

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// After any puts and deletions the keys are those of a plain sorted list, from
// either end, in any range.
func TestKeys(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	var k keys
	var plain []string
	for n := range 20_000 {
		key := fmt.Sprintf("%05d", dice.IntN(4_000))
		at, found := slices.BinarySearch(plain, key)
		if dice.IntN(3) == 0 || n > 15_000 {
			k.delete(key)
			if found {
				plain = slices.Delete(plain, at, at+1)
			}
		} else {
			k.put(key)
			if !found {
				plain = slices.Insert(plain, at, key)
			}
		}
		if n%50 > 0 {
			continue
		}
		from, to := fmt.Sprintf("%05d", dice.IntN(4_000)), ""
		want := plain[first(plain, from):]
		if dice.IntN(2) == 0 {
			to = from + "5"
			if end := fmt.Sprintf("%05d", dice.IntN(4_000)); end > from {
				to = end
			}
			want = want[:first(want, to)]
		}
		limit := dice.IntN(3) * 700
		got := k.between(from, to, false, limit)
		back := k.between(from, to, true, limit)
		slices.Reverse(back)
		size := len(want)
		if limit > 0 {
			size = min(size, limit)
		}
		if !slices.Equal(got, want[:size]) || !slices.Equal(back, want[len(want)-size:]) {
			t.Fatalf("from %q to %q, at most %d: %d and %d of %d", from, to, limit, len(got), len(back), size)
		}
	}
}

func first(sorted []string, key string) int {
	at, _ := slices.BinarySearch(sorted, key)
	return at
}
