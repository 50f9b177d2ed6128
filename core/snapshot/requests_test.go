package snapshot

import (
	"fmt"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// answered is a register of a request in a state, which its first byte is.
func answered(by *identity.Device, at core.Millis, state byte) Register {
	return Register{Kind: Request, Name: "id", Value: []byte{state, 'x'}, Time: at, Device: by.ID()}
}

// Of a request accepted beats declined beats pending, whatever the times; of one
// state the later. A request that was settled is not opened again, here neither.
func TestRequestsGoOneWay(t *testing.T) {
	const pending, declined, accepted = 1, 3, 4
	for name, c := range map[string]struct {
		wins, loses Register
	}{
		"accepted first":   {answered(a, now, accepted), answered(b, now+1000, declined)},
		"declined first":   {answered(a, now, declined), answered(b, now+1000, pending)},
		"accepted later":   {answered(a, now+5, accepted), answered(b, now, pending)},
		"both accept":      {answered(b, now+1, accepted), answered(a, now, accepted)},
		"at the same time": {answered(b, now, accepted), answered(a, now, accepted)},
		"never deleted":    {answered(a, now, pending), Register{Kind: Request, Name: "id", Time: now + 1000, Device: b.ID(), Deleted: true}},
	} {
		for _, order := range [][]Register{{c.wins, c.loses}, {c.loses, c.wins}} {
			s := New()
			for _, r := range order {
				s.Merge(now, []Register{r})
			}
			if got, _ := s.Get(Request, "id"); string(got) != string(c.wins.Value) || s.registers[c.wins.key()].Time != c.wins.Time {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
	s := New()
	s.Merge(now, []Register{answered(a, now, accepted)})
	if _, changed, err := s.Set(now+1000, b.ID(), Request, "id", []byte{declined}); changed || err != nil {
		t.Errorf("an accepted request is declined: %v", err)
	}
	if _, changed, err := s.Delete(now+1000, b.ID(), Request, "id"); changed || err != nil {
		t.Errorf("an accepted request is deleted: %v", err)
	}
	// It is remembered for its time, and then nobody can bring it back.
	if gone := s.Sweep(now + Requests); len(gone) != 0 {
		t.Error("forgotten too early")
	}
	if gone := s.Sweep(now + Requests + 1); len(gone) != 1 || len(s.All()) != 0 {
		t.Error("not forgotten")
	}
	if news := s.Merge(now+Requests+1, []Register{answered(a, now, accepted)}); len(news) != 0 {
		t.Error("brought back")
	}
}

// Eight things that devices say about one friend end in one state, in whatever
// of the 40,320 orders they come.
func TestEveryOrderEndsInOneState(t *testing.T) {
	ops := []Register{
		answered(a, now, 1), answered(b, now+3, 3), answered(a, now+2, 4), answered(b, now+2, 4),
		{Kind: Contact, Name: "bob", Value: []byte("new"), Time: now + 2, Device: b.ID()},
		{Kind: Contact, Name: "bob", Value: []byte("old"), Time: now + 2, Device: a.ID()},
		{Kind: Block, Name: "bob", Value: []byte{}, Time: now + 1, Device: a.ID()},
		{Kind: Block, Name: "bob", Time: now + 4, Device: a.ID(), Deleted: true},
	}
	want := ""
	orders := 0
	each(ops, 0, func() {
		orders++
		s := New()
		for _, r := range ops {
			s.Merge(now, []Register{r})
		}
		got := ""
		for _, r := range s.registers {
			if r.Kind == Request {
				got += string(r.Marshal())
			}
		}
		for _, kind := range []Kind{Contact, Block} {
			r := s.registers[keyOf(kind, "bob")]
			got += string(r.Marshal())
		}
		if want == "" {
			want = got
		}
		if got != want {
			t.Fatalf("order %d ends in another state: %v", orders, fmt.Sprint(s.All()))
		}
	})
	if orders != 40_320 {
		t.Errorf("%d orders", orders)
	}
}

// each calls f in every order of ops.
func each(ops []Register, from int, f func()) {
	if from == len(ops) {
		f()
		return
	}
	for i := from; i < len(ops); i++ {
		ops[from], ops[i] = ops[i], ops[from]
		each(ops, from+1, f)
		ops[from], ops[i] = ops[i], ops[from]
	}
}
