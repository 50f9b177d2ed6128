package delivery

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"tandem/core"
	"tandem/core/wire"
)

// giver gives the numbers from n down to 1, some at a time, and forgets all that
// it does not keep whenever it is asked to.
type giver struct {
	state []byte
	dice  *rand.Rand
}

func (g *giver) step(t *testing.T, f func(g *Giving)) {
	t.Helper()
	s, err := ParseGiving(g.state)
	if err != nil {
		t.Fatal(err)
	}
	f(s)
	g.state = s.Marshal()
}

// chunk cuts the next chunk: another one than the last time, where it is cut
// again.
func (g *giver) chunk(now core.Millis, s *Giving) *wire.Past {
	from := s.Next()
	to := Mark{Sent: max(from.Sent-1-core.Millis(g.dice.IntN(4)), 1)}
	to.Before = from.Before + uint64(from.Sent-to.Sent)
	p := s.Chunk(now, to, to.Sent == 1)
	for n := from.Sent - 1; n >= to.Sent; n-- {
		p.Items = append(p.Items, wire.Item{Counter: uint64(n)})
	}
	return p
}

// Whatever is lost, comes twice or late, and however often either side forgets
// what it did not keep: all of it comes, no more than eight chunks are under way,
// and both sides know the end.
func TestThePastComesWhole(t *testing.T) {
	for seed := range uint64(100) {
		const all = 60
		dice := rand.New(rand.NewPCG(2, seed))
		p := &giver{state: (&Giving{}).Marshal(), dice: dice}
		taker := (&Taking{From: core.ID{5}}).Marshal()
		got := map[uint64]bool{}
		var now, seen core.Millis
		var there, back []*wire.Past
		over, answer := false, false
		post := func(box *[]*wire.Past, m *wire.Past) {
			for range dice.IntN(3) { // lost, once, twice
				*box = append(*box, m)
			}
			dice.Shuffle(len(*box), func(i, j int) { (*box)[i], (*box)[j] = (*box)[j], (*box)[i] })
		}
		for round := 0; !over; round++ {
			if round > 20_000 {
				t.Fatalf("seed %d: %d of %d came", seed, len(got), all)
			}
			now += core.Second * core.Millis(1+dice.IntN(200))
			p.step(t, func(s *Giving) {
				switch {
				case s.Late(now, seen):
					s.Again(now)
				case s.Room():
					post(&there, p.chunk(now, s))
				}
				if len(s.Marks) > wire.PastWindow+1 {
					t.Fatalf("seed %d: %d chunks are under way", seed, len(s.Marks)-1)
				}
			})
			k, err := ParseTaking(taker)
			if err != nil {
				t.Fatal(err)
			}
			if len(there) > 0 {
				m := there[0]
				there, answer = there[1:], true
				if k.Take(now, m) {
					for _, i := range m.Items {
						got[i.Counter] = true
					}
				}
			}
			if answer && dice.IntN(3) == 0 || k.Due(now) {
				answer = false
				post(&back, k.Answer(now))
			}
			if dice.IntN(20) == 0 {
				seen = now // it speaks of something else
			}
			taker = k.Marshal()
			if len(back) > 0 {
				m := back[0]
				back, seen = back[1:], now
				p.step(t, func(s *Giving) {
					switch {
					case m.State != 0:
						over = true
					case s.Run == 0:
						s.Begin(all+1, all)
					default:
						s.Heard(m.Run, m.Got)
					}
				})
			}
		}
		if k, _ := ParseTaking(taker); len(got) != all || k.Done != all || k.Total != all || k.State != wire.PastDone {
			t.Fatalf("seed %d: %d of %d came: %+v", seed, len(got), all, k)
		}
	}
}

// What a giver cannot have sent changes nothing.
func TestStrangeChunks(t *testing.T) {
	base := Taking{From: core.ID{5}, Run: 3, Got: 5, Mask: 2}
	for name, p := range map[string]*wire.Past{
		"of a run before":   {Run: 2, Number: 6},
		"that is here":      {Run: 3, Number: 5},
		"beyond the window": {Run: 3, Number: 5 + wire.PastWindow + 1},
		"at the end of all": {Run: 3, Number: 1 << 62},
	} {
		if k := base; k.Take(1, p) || k != base {
			t.Errorf("%s: %+v", name, k)
		}
	}
	k := base
	k.Take(1, &wire.Past{Run: 4, Base: 100, Number: 6, State: wire.PastDone})
	if k.Got != 6 || !k.Over() {
		t.Errorf("a new run goes on where it was: %+v", k)
	}
	if k.Take(1, &wire.Past{Run: 5, Number: 1}) {
		t.Error("it goes on after its end")
	}
	g := Giving{}
	g.Begin(9, 9)
	g.Chunk(1, Mark{Sent: 5}, false)
	for _, heard := range [][2]uint64{{2, 1}, {1, 2}, {0, 1}, {1, 1 << 62}} {
		if g.Heard(heard[0], heard[1]); g.Acked != 0 {
			t.Errorf("run %d has %d: %+v", heard[0], heard[1], g)
		}
	}
	if g.Heard(1, 1); g.Acked != 1 || len(g.Marks) != 1 {
		t.Errorf("%+v", g)
	}
}

func FuzzParsePast(f *testing.F) {
	g := &Giving{Since: 1, Total: 2, Run: 3, Base: 4, Acked: 5, At: 6, Tries: 7, Whole: true, Marks: []Mark{{Sent: 8, ID: core.MessageID{Device: core.ID{5}, Counter: 9}, Before: 10}}}
	k := &Taking{From: core.ID{5}, Run: 1, Got: 2, Mask: 3, Last: 4, Done: 5, Total: 6, State: 1, Tries: 7, Next: 8, Told: 9}
	if got, err := ParseGiving(g.Marshal()); err != nil || !reflect.DeepEqual(got, g) {
		f.Errorf("%+v, %v", got, err)
	}
	if got, err := ParseTaking(k.Marshal()); err != nil || *got != *k {
		f.Errorf("%+v, %v", got, err)
	}
	f.Add(g.Marshal())
	f.Add(k.Marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if g, err := ParseGiving(b); err == nil {
			if again, err := ParseGiving(g.Marshal()); err != nil || !bytes.Equal(again.Marshal(), g.Marshal()) {
				t.Errorf("%+v became %+v, %v", g, again, err)
			}
		}
		if k, err := ParseTaking(b); err == nil {
			if again, err := ParseTaking(k.Marshal()); err != nil || *again != *k {
				t.Errorf("%+v became %+v, %v", k, again, err)
			}
		}
	})
}
