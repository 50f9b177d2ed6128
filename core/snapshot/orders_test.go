package snapshot

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"tandem/core"
)

// 100,000 times eight random things that devices say, of every kind, on two
// devices in two random orders, by twos and threes, some of them twice: both end
// in one state. The seed is fixed; the orders differ each time.
func TestRandomOrdersEndInOneState(t *testing.T) {
	rounds := 100_000
	if testing.Short() {
		rounds = 2_000
	}
	dice := rand.New(rand.NewPCG(8, 9))
	kinds := []Kind{Profile, Device, Epoch, Contact, Request, Block, Group, Read, Setting}
	writers := []core.ID{a.ID(), b.ID()}
	draw := func() Register {
		r := Register{
			Kind: kinds[dice.IntN(len(kinds))], Name: "x", Value: []byte{byte(1 + dice.IntN(4)), byte(dice.IntN(2))},
			Time: now + core.Millis(dice.IntN(3)), Device: writers[dice.IntN(2)],
		}
		if r.Kind != Request && dice.IntN(4) == 0 {
			r.Deleted, r.Value = true, nil
		}
		return r
	}
	play := func(said []Register) []byte {
		s := New()
		dice.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
		for rest := said; len(rest) > 0; {
			n := min(1+dice.IntN(3), len(rest))
			s.Merge(now, rest[:n])
			rest = rest[n:]
		}
		s.Merge(now, said[:dice.IntN(len(said))]) // once more
		var out []byte
		for _, r := range s.All() {
			out = append(out, r.Marshal()...)
		}
		return out
	}
	for round := range rounds {
		said := make([]Register, 8)
		for i := range said {
			said[i] = draw()
		}
		one := play(said)
		if other := play(said); !bytes.Equal(one, other) || len(one) == 0 {
			t.Fatalf("round %d: two states of %v", round, said)
		}
	}
}
