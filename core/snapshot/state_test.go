package snapshot

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

const now = core.Millis(1_700_000_000_000)

// a and b are devices, a's ID the lesser one.
var a, b = func() (*identity.Device, *identity.Device) {
	x, y := identity.NewDevice(), identity.NewDevice()
	if xid, yid := x.ID(), y.ID(); bytes.Compare(xid[:], yid[:]) > 0 {
		return y, x
	}
	return x, y
}()

func said(by *identity.Device, at core.Millis, value string) Register {
	return Register{Kind: Profile, Value: []byte(value), Time: at, Device: by.ID()}
}

func erased(by *identity.Device, at core.Millis) Register {
	return Register{Kind: Profile, Time: at, Device: by.ID(), Deleted: true}
}

func value(s *State) string {
	v, ok := s.Get(Profile, "")
	if !ok {
		return "nothing"
	}
	return string(v)
}

// Who wins does not depend on the order in which registers come.
func TestTheLaterRegisterWins(t *testing.T) {
	for name, c := range map[string]struct {
		one, other Register
		want       string
	}{
		"the later":                      {said(a, now, "old"), said(a, now+1, "new"), "new"},
		"the greater device":             {said(a, now, "a"), said(b, now, "b"), "b"},
		"the later, of a lesser device":  {said(b, now, "b"), said(a, now+1, "a"), "a"},
		"deleted later":                  {said(a, now, "old"), erased(b, now+1), "nothing"},
		"set again":                      {erased(b, now), said(a, now+1, "back"), "back"},
		"one device, one time: deleted":  {said(a, now, "x"), erased(a, now), "nothing"},
		"one device, one time: greater":  {said(a, now, "x"), said(a, now, "y"), "y"},
		"just not too far ahead":         {said(a, now, "old"), said(a, now+MaxAhead, "new"), "new"},
		"too far ahead":                  {said(a, now, "old"), said(b, now+MaxAhead+1, "never"), "old"},
		"an old tombstone deletes":       {said(a, now-Tombstones-1, "old"), erased(a, now-Tombstones), "nothing"},
		"a tombstone that is too old":    {said(a, now-Tombstones-9, "old"), erased(a, now-Tombstones-1), "old"},
		"longer than allowed is no news": {said(a, now, "old"), said(a, now+1, string(make([]byte, MaxValue+1))), "old"},
	} {
		for _, order := range [][]Register{{c.one, c.other}, {c.other, c.one}, {c.one, c.other, c.one, c.other}} {
			s := New()
			s.Merge(now, order)
			if got := value(s); got != c.want {
				t.Errorf("%s: %q, want %q", name, got, c.want)
			}
		}
	}
}

// Merging is commutative, associative and idempotent: all orders and groupings
// of the same registers, some of them twice, end in the same state.
func TestMergeInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 20 {
		var all []Register
		for i := range 6 {
			all = append(all, Register{
				Kind: Kind(1 + random.IntN(2)), Name: string(rune('x' + random.IntN(2))), Value: []byte{byte(i)},
				Time: now + core.Millis(random.IntN(3)), Device: []*identity.Device{a, b}[random.IntN(2)].ID(),
			})
			if all[i].Deleted = random.IntN(3) == 0; all[i].Deleted {
				all[i].Value = nil
			}
		}
		want := ""
		permutations(all, func(order []Register) {
			whole, left, right := New(), New(), New()
			whole.Merge(now, order)
			cut := random.IntN(len(order) + 1)
			left.Merge(now, order[:cut])
			right.Merge(now, order[cut:])
			right.Merge(now, left.All()) // a state is merged as its registers
			right.Merge(now, order[:cut])
			got := fmt.Sprint(whole.All())
			if want == "" {
				want = got
			}
			if grouped := fmt.Sprint(right.All()); got != want || grouped != want {
				t.Fatalf("round %d: %v and %v, want %v", round, got, grouped, want)
			}
			if news := whole.Merge(now, order); len(news) > 0 {
				t.Fatalf("round %d: again is news", round)
			}
		})
	}
}

func permutations(all []Register, f func([]Register)) {
	var walk func(n int)
	walk = func(n int) {
		if n == 1 {
			f(all)
			return
		}
		for i := range n {
			walk(n - 1)
			j := 0
			if n%2 == 0 {
				j = i
			}
			all[j], all[n-1] = all[n-1], all[j]
		}
	}
	walk(len(all))
}

// A change is later than what it replaces, also where that came from a device
// whose clock is ahead.
func TestSetIsLaterThanWhatItReplaces(t *testing.T) {
	s, other := New(), New()
	s.Merge(now, []Register{said(b, now+MaxAhead, "ahead")})
	other.Merge(now, s.All())
	r, changed, err := s.Set(now, a.ID(), Profile, "", []byte("mine"))
	if err != nil || !changed || r.Time <= now+MaxAhead {
		t.Fatal(r.Time, changed, err)
	}
	other.Merge(now+core.Second, []Register{r})
	if value(other) != "mine" {
		t.Error("the change was lost")
	}
	if _, changed, _ := s.Set(now, a.ID(), Profile, "", []byte("mine")); changed {
		t.Error("the same again is a change")
	}
	gone, changed, _ := s.Delete(now, a.ID(), Profile, "")
	if !changed || gone.Time <= r.Time || value(s) != "nothing" {
		t.Error("not deleted")
	}
	if _, changed, _ := s.Delete(now, a.ID(), Profile, ""); changed {
		t.Error("deleted twice")
	}
	if swept := s.Sweep(now + Tombstones); len(swept) > 0 {
		t.Error("a tombstone is swept too early")
	}
	if swept := s.Sweep(gone.Time + Tombstones + 1); len(swept) != 1 || len(s.All()) != 0 {
		t.Error("a tombstone stays")
	}
	if _, _, err := s.Set(now, a.ID(), Profile, string(make([]byte, MaxName+1)), nil); err == nil {
		t.Error("a name without bounds")
	}
}

func TestRegistersAsBytes(t *testing.T) {
	for _, r := range []Register{said(a, now, "Ada"), said(a, now, ""), erased(b, 0), {Kind: 200, Name: "\x00x", Value: []byte{1}, Device: a.ID()}} {
		got, err := ParseRegister(r.Marshal())
		if err != nil || fmt.Sprint(got) != fmt.Sprint(r) {
			t.Errorf("%v became %v: %v", r, got, err)
		}
	}
	f, err := ParseFacts(MarshalFacts(core.Facts{Name: "phone", Platform: "Firefox on Linux"}))
	if err != nil || f.Name != "phone" || f.Platform != "Firefox on Linux" {
		t.Error(f, err)
	}
	s := New()
	s.Merge(now, []Register{said(a, now, "Ada"), erased(a, now+1)})
	var saved [][]byte
	for _, r := range s.All() {
		saved = append(saved, r.Marshal())
	}
	again, err := Load(saved)
	if err != nil || fmt.Sprint(again.All()) != fmt.Sprint(s.All()) {
		t.Error("saved and loaded differ")
	}
	if _, err := Load([][]byte{{1}}); err == nil {
		t.Error("a damaged record is loaded")
	}
}

func FuzzParseRegister(f *testing.F) {
	f.Add(said(a, now, "Ada").Marshal())
	f.Add(erased(b, now).Marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := ParseRegister(raw)
		if err != nil {
			return
		}
		again, err := ParseRegister(r.Marshal())
		if err != nil || again.beats(r) || r.beats(again) || again.key() != r.key() || !r.valid() {
			t.Errorf("%v became %v: %v", r, again, err)
		}
		if _, err := ParseFacts(raw); err != nil && slices.Equal(raw, MarshalFacts(core.Facts{})) {
			t.Error(err)
		}
	})
}
