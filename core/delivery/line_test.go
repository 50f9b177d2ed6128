package delivery

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/wire"
)

// In whatever order messages come, each is missing from when a later one shows
// that it was sent until it is here.
func TestHolesInAnyOrder(t *testing.T) {
	counters := []uint64{3, 4, 9, 12, 13, 40, 41, 77}
	for seed := range uint64(200) {
		dice := rand.New(rand.NewPCG(1, seed))
		var sender, l Line
		type header struct{ sent, last, counter uint64 }
		var flight []header
		for _, n := range counters {
			sender.Number(n)
			flight = append(flight, header{sender.Sent, sender.Last, n})
		}
		lost := flight[dice.IntN(len(flight)-1)]
		flight = slices.DeleteFunc(flight, func(h header) bool { return h == lost })
		dice.Shuffle(len(flight), func(i, j int) { flight[i], flight[j] = flight[j], flight[i] })
		for _, h := range flight {
			l.Heard(1000, h.sent, h.last)
			l.Filled(h.counter)
		}
		l.Heard(1000, sender.Sent, sender.Last)
		if n := l.Missing(1000 + Patience); n != 1 || l.Missing(999+Patience) != 0 {
			t.Fatalf("seed %d: %d are missing: %+v", seed, n, l)
		}
		if h := l.Holes[0]; lost.counter <= h.Low || lost.counter > h.High {
			t.Fatalf("seed %d: %d is not in %+v", seed, lost.counter, h)
		}
		if !l.Filled(lost.counter) || len(l.Holes) != 0 {
			t.Fatalf("seed %d: %+v", seed, l)
		}
	}
}

func TestAMessageThatGoesOutAgainIsCountedOnce(t *testing.T) {
	var l Line
	for _, n := range []uint64{3, 7, 3, 7, 8} {
		l.Number(n)
	}
	if l.Sent != 3 || l.Last != 8 {
		t.Errorf("%+v", l)
	}
}

// A hole is asked for after a minute: from the device that sent, then from the
// siblings, by turns, at last four times a day, a thousand numbers at once; what the
// sender has answered is settled, whatever was claimed before.
func TestAskingForAHole(t *testing.T) {
	var l Line
	if !l.Heard(0, 1500, 1500) || l.Heard(0, 1500, 1500) || l.Heard(0, 2000, 1400) {
		t.Fatal("what is news?")
	}
	if _, ok := l.Due(Patience - 1); ok {
		t.Fatal("asked at once")
	}
	now, asked := core.Millis(0), 0
	for range 40 * core.Day / (10 * core.Minute) {
		now += 10 * core.Minute
		i, ok := l.Due(now)
		if !ok {
			continue
		}
		low, high, siblings := l.Question(i, now)
		if low != 0 || high != wire.MaxAsked || siblings != (asked%2 == 1) {
			t.Fatalf("question %d: %d to %d, siblings %v", asked, low, high, siblings)
		}
		asked++
	}
	if asked < 160 || asked > 170 {
		t.Errorf("asked %d times in 40 days", asked)
	}
	l.Settled(now, 0, 1000)
	if high, more := l.Waiting(1000); !more || high != 1500 || l.Missing(now) != 500 {
		t.Errorf("up to %d, %v: %+v", high, more, l)
	}
	if _, ok := l.Due(now); !ok {
		t.Error("the rest is not asked for at once")
	}
	l.Settled(now, 0, 1000)
	l.Settled(now, 1200, 1300) // of no use: below is not settled
	if l.Settled(now, 1000, 1500); len(l.Holes) != 0 {
		t.Errorf("%+v", l)
	}
	l.Heard(now, 1501, 1501)
	if _, ok := l.Due(now + 61*core.Day); ok || len(l.Holes) != 0 {
		t.Error("a hole that nobody fills is kept for ever")
	}
}

func TestALineIsBounded(t *testing.T) {
	var l Line
	for n := range uint64(100) {
		l.Heard(core.Millis(n), 2*n+2, 3*n+3)
		l.Filled(3*n + 3)
	}
	if len(l.Holes) != maxHoles || l.Missing(1<<40) != 100 {
		t.Errorf("%d holes, %d missing", len(l.Holes), l.Missing(1<<40))
	}
	if l.Heard(0, 1<<62, 1<<62); l.Missing(1<<40) > 100+maxMissing {
		t.Errorf("%d are missing", l.Missing(1<<40))
	}
	back, err := ParseLine(l.Marshal())
	if err != nil || !reflect.DeepEqual(back, &l) {
		t.Errorf("%+v, %v", back, err)
	}
	other := l.Clone()
	if other.Filled(2); reflect.DeepEqual(other, &l) {
		t.Error("a clone shares its holes")
	}
}

// What was said and has not come is noticed by its place, whatever it was; what comes
// in another order, or twice, is not missed, and asking for it ends it.
func TestAGapInWhatWasSaid(t *testing.T) {
	now := 100 * mendEvery
	arrive := func(seqs ...uint64) *Line {
		l := &Line{}
		for _, s := range seqs {
			l.Arrived(now, s)
			back, err := ParseLine(l.Marshal())
			if err != nil || !reflect.DeepEqual(back, l) {
				t.Fatalf("%v: %+v became %+v, %v", seqs, l, back, err)
			}
		}
		return l
	}
	for _, whole := range [][]uint64{{1, 2, 3}, {7, 8}, {1, 4, 3, 2, 5}, {1, 3, 2, 2, 1}, {0, 0}, {5, 2, 3, 6}} {
		if arrive(whole...).Torn(now + core.Day) {
			t.Errorf("after %v something is missed", whole)
		}
	}
	if l := arrive(1, 3); !l.Torn(now - core.Day) {
		t.Error("a clock that was set back hides what is missing")
	}
	for _, torn := range [][]uint64{{1, 3}, {1, 2, 5, 4}, {9, 8, 11}} {
		l := arrive(torn...)
		if l.Torn(now+Patience-1) || !l.Torn(now+Patience) {
			t.Errorf("after %v: %+v", torn, l)
		}
		l.Mend(now + Patience)
		if l.Arrived(now, l.Seq-1) || l.Torn(now+core.Day) {
			t.Errorf("%v: what was asked for is missed still: %+v", torn, l)
		}
		l.Arrived(now+Patience, l.Seq+2)
		if l.Torn(now+mendEvery) || !l.Torn(now+mendEvery+Patience) {
			t.Errorf("%v: asked for too often, or never again", torn)
		}
	}
}

// What was not listened to is missed, also if it is the first that was said.
func TestWhatWasNotListenedToIsMissed(t *testing.T) {
	for _, before := range []uint64{0, 1, 2} {
		var l Line
		for seq := range before {
			l.Arrived(1, seq+1)
		}
		l.Unheard(1, before+1)
		if l.Arrived(1, before+2); !l.Torn(1+mendEvery) || l.Gap != 1 {
			t.Errorf("after %d: %+v", before, l)
		}
		l.Mend(1 + mendEvery)
		if l.Unheard(1+mendEvery, before); l.Torn(core.Day) {
			t.Errorf("after %d: what was asked for is missed still: %+v", before, l)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	var l Line
	l.Heard(5, 6, 7)
	f.Add(l.Marshal())
	l.Arrived(5, 1)
	l.Arrived(5, 4)
	f.Add(l.Marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ParseLine(b)
		if err != nil {
			return
		}
		if again, err := ParseLine(l.Marshal()); err != nil || !bytes.Equal(again.Marshal(), l.Marshal()) {
			t.Fatalf("%+v became %+v, %v", l, again, err)
		}
		l.Heard(1, l.Got+3, l.Seen+9)
		l.Filled(l.Seen)
		l.Settled(2, 0, l.Seen)
		l.Due(3)
		l.Arrived(4, l.Seq+2)
		l.Unheard(4, l.Seq+2)
		if again, err := ParseLine(l.Marshal()); err != nil || again.Seq != l.Seq || again.Came != l.Came {
			t.Fatalf("%+v became %+v, %v", l, again, err)
		}
	})
}

func FuzzLineHeard(f *testing.F) {
	f.Add([]byte{1, 1, 2, 9, 0, 3})
	f.Fuzz(func(t *testing.T, b []byte) {
		var l Line
		for i := 0; i+2 < len(b); i += 3 {
			l.Heard(core.Millis(b[0]), l.Got+uint64(b[i]), l.Seen+uint64(b[i+1]))
			l.Filled(uint64(b[i+2]))
			l.Settled(0, uint64(b[i]), uint64(b[i+2]))
			for _, h := range l.Holes {
				if h.Missing == 0 || h.Low >= h.High || h.Missing > h.High-h.Low {
					t.Fatalf("%+v", l)
				}
			}
		}
	})
}
