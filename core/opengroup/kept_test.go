package opengroup

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tandem/core/onion"
)

// kept is a room as it comes back from the disk, to the account that kept it.
func kept(t *testing.T, s *Server, v *View) (*Server, *View) {
	t.Helper()
	b, sum := v.Keep(s)
	if b == nil {
		t.Fatal("there is nothing to keep")
	}
	v.Kept(sum)
	if again, _ := v.Keep(s); again != nil {
		t.Error("what is on the disk is written again")
	}
	s2 := NewServer(v.Room.Host, s.account)
	v2 := s2.Add(v.Room.Token)
	if err := s2.Restore(v2, b); err != nil {
		t.Fatal(err)
	}
	return s2, v2
}

// A room is on the disk what it was in memory, under the same name of one's own,
// and is what the server says once that can be asked.
func TestKeptRoom(t *testing.T) {
	for _, plain := range []bool{false, true} {
		p := newPlace(t, plain)
		s, v := p.join(newAccount())
		eve, _ := p.join(newAccount())
		p.say(s, v, "one")
		p.say(s, v, "two")
		p.ok(p.ask(s.Edit("lobby", v.Rows[0].ID, Words("uno", "Somebody", p.now))))
		p.ok(p.ask(must(eve.React("lobby", v.Rows[1].ID, "🍍", true))))
		p.g.Moderate("lobby", s.Me())
		p.g.Pin("lobby", v.Rows[0].ID)
		p.poll(s)

		s2, v2 := kept(t, s, v)
		if s2.Me() != s.Me() || v2.Info.Name != "The lobby" || !v2.Info.Write || !v2.Info.Moderator || !v2.Moderates(s.Me()) || v2.Loaded {
			t.Errorf("plain %v: %+v", plain, v2.Info)
		}
		if fmt.Sprintf("%+v", v2.Rows) != fmt.Sprintf("%+v", v.Rows) || v2.Pin == nil || v2.Pin.Body != "uno" || len(v2.Rows) != 2 {
			t.Errorf("plain %v: %+v, was %+v", plain, v2.Rows, v.Rows)
		}
		if first := s2.Poll().Request(p.now); first.Headers["X-SOGS-Pubkey"] == "" {
			t.Error("it asks again under which name")
		}
		if v2.Pin == nil {
			t.Error("the pin is gone as soon as it asks")
		}
		p.ok(p.ask(s.Delete("lobby", v.Rows[1].ID)))
		p.poll(s2)
		if got := said(v2); !v2.Loaded || !slices.Equal(got, []string{"uno"}) || v2.Pin == nil {
			t.Errorf("plain %v: the server's word is %q", plain, got)
		}
	}
}

// Who was blinded stays so after a start, whatever the server says then.
func TestKeptNameStaysBlinded(t *testing.T) {
	p := newPlace(t, false)
	s, v := p.join(newAccount())
	p.say(s, v, "one")
	p.g.Lie(func(r onion.V4Request) (onion.V4Response, bool) {
		plain := map[string]any{"capabilities": []string{"sogs"}}
		if r.Endpoint == "/capabilities" {
			return onion.V4Response{Code: 200, Body: encoded(plain)}, true
		}
		return onion.V4Response{Code: 200, Body: encoded([]any{map[string]any{"code": 200, "body": plain}})}, true
	})
	s2, _ := kept(t, s, v)
	for range 3 {
		poll := s2.Poll()
		if key := poll.Request(p.now).Headers["X-SOGS-Pubkey"]; !strings.HasPrefix(key, "15") {
			t.Fatalf("it asks as %.4s…", key)
		}
		_, _ = s2.Polled(poll, p.ask(poll.Call))
	}
}

// The disk holds so much of a room and no more, and nothing of its middle.
func TestKeptIsBounded(t *testing.T) {
	p := newPlace(t, false)
	s, v := p.join(newAccount())
	if b, _ := v.Keep(s); b == nil {
		t.Error("an empty room is not kept")
	}
	for i := range 300 {
		words := Words(fmt.Sprint(i, strings.Repeat(" long", 2000)), "", p.now)
		p.g.Plant("lobby", s.Me(), words, s.member.signPost(words))
	}
	p.poll(s)
	b, _ := v.Keep(s)
	if len(b) > maxKeptData+100*maxKept || len(b) < maxKeptData/2 {
		t.Errorf("%d bytes", len(b))
	}
	_, v2 := kept(t, s, v)
	if n := len(v2.Rows); n == 0 || n > maxKept || !strings.HasPrefix(v2.Rows[n-1].Body, "299 ") || !v2.Older {
		t.Errorf("%d rows, older %v", n, v2.Older)
	}
	if held := heldBy(v); held > maxHeld || len(v.Rows) < 50 {
		t.Errorf("%d rows of %d bytes are in memory", len(v.Rows), held)
	}
	for range 3 {
		if err := v.Preceded(p.ask(s.Before(v))); err != nil {
			t.Fatal(err)
		}
		if held := heldBy(v); held > maxHeld || !v.Newer {
			t.Errorf("%d bytes are in memory, newer %v", held, v.Newer)
		}
	}
	if b, _ := v.Keep(s); b != nil {
		t.Error("the middle of a room is kept as its end")
	}
}

func heldBy(v *View) (n int) {
	for i := range v.Rows {
		n += len(v.Rows[i].data)
	}
	return n
}

func TestDamagedRoomIsNotShown(t *testing.T) {
	p := newPlace(t, false)
	s, v := p.join(newAccount())
	p.say(s, v, "one")
	b, _ := v.Keep(s)
	for n := 0; n < len(b); n += 7 {
		s2 := NewServer(v.Room.Host, s.account)
		v2 := s2.Add("lobby")
		if err := s2.Restore(v2, b[:n]); err != nil && (!errors.Is(err, ErrGarbage) || len(v2.Rows) != 0 || s2.Me() != "" || v2.Info.Name != "lobby") {
			t.Fatalf("the first %d bytes: %v %+v", n, err, v2)
		}
	}
}

// Whatever lies on a disk, bounds hold, and what is read is written the same way.
func FuzzRestore(f *testing.F) {
	s := NewServer(Host{"http://a", [32]byte{1}}, newAccount())
	s.member = NewMember(s.account, s.Host.Key, true)
	v := s.Add("b")
	v.Info.Name, v.Info.Write, v.Loaded = "Room", true, true
	v.Rows = []Message{{ID: 1, Author: s.Me(), Posted: 5, data: Words("one", "Ada", 7)}, {ID: 2, Author: s.Me(), Edited: true,
		Reactions: []Reaction{{"🍍", 2, true}}, data: Words("two", "", 8)}}
	v.Pin, v.Info.moderators = &v.Rows[0], []string{s.Me()}
	f.Add(v.marshal(true))
	f.Add((&View{Info: Info{Name: "x"}}).marshal(false))
	f.Fuzz(func(t *testing.T, b []byte) {
		s := NewServer(Host{"http://a", [32]byte{1}}, newAccount())
		v := s.Add("b")
		if s.Restore(v, b) != nil {
			return
		}
		if len(v.Rows) > maxKept || v.Info.Name == "" || len(v.Info.Name) > MaxName || s.Me() == "" || len(v.Info.moderators) > maxKept+1 {
			t.Fatal("a bound does not hold")
		}
		_, _ = v.Unread("", 0)
		v.Loaded = true
		again := v.marshal(s.member.blinded != nil)
		v2 := s.Add("c")
		if err := s.Restore(v2, again); err != nil {
			t.Fatalf("it does not come back: %v", err)
		}
	})
}
