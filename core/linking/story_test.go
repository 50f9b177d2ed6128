package linking

import (
	"bytes"
	"slices"
	"testing"

	"tandem/core"
)

// story is a house and a joiner on their way; each method is one step of
// multi-device.md §5, without loss.
type story struct {
	t         testing.TB
	h         *house
	j         *joiner
	now       core.Millis
	attempt   Attempt
	request   Letter
	challenge Letter
	reveal    Letter
	grant     Letter
	done      Letter
}

func newStory(t testing.TB) *story {
	t.Helper()
	return &story{t: t, h: newHouse(t), j: newJoiner(t), now: noon}
}

func (s *story) ask() *story {
	s.t.Helper()
	s.request = only(s.t, s.j.must(s.now, s.j.link(s.h.id(), nil)), KindRequest)
	s.attempt = s.request.Attempt
	return s
}

func (s *story) pend() *story {
	s.t.Helper()
	s.ask()
	if out := s.h.must(s.now, heard(s.t, s.request)); len(out.Send) != 0 || s.h.state(s.attempt) != Pending {
		s.t.Fatal("the request is not pending")
	}
	return s
}

func (s *story) challenged() *story {
	s.t.Helper()
	s.pend()
	s.challenge = only(s.t, s.h.must(s.now, OpenDialog{}), KindChallenge)
	return s
}

func (s *story) revealed() *story {
	s.t.Helper()
	s.challenged()
	s.reveal = only(s.t, s.j.must(s.now, heard(s.t, s.challenge)), KindReveal)
	return s
}

func (s *story) inWords() *story {
	s.t.Helper()
	s.revealed()
	if out := s.h.must(s.now, heard(s.t, s.reveal)); len(out.Send) != 0 || s.h.state(s.attempt) != Words {
		s.t.Fatal("no words")
	}
	return s
}

func (s *story) authorised() *story {
	s.t.Helper()
	s.inWords()
	out, err := s.h.authorise(s.now, s.attempt)
	if err != nil || out.Adopt == nil {
		s.t.Fatalf("not authorised: %v", err)
	}
	s.grant = only(s.t, out, KindGrant)
	return s
}

func (s *story) holding() *story {
	s.t.Helper()
	s.authorised()
	s.j.receive(s.now, s.h.keys.Device.ID(), s.grant.Bytes)
	if s.j.s.View().Stage != Holding {
		s.t.Fatal("the grant is not held")
	}
	return s
}

func (s *story) finish() Finish { return Finish{Read: readList, Outbox: [][]byte{s.h.signed}} }

func (s *story) confirming() *story {
	s.t.Helper()
	s.holding()
	s.done = only(s.t, s.j.must(s.now, s.finish()), KindDone)
	return s
}

func (s *story) confirmed() *story {
	s.t.Helper()
	s.confirming()
	out := s.h.must(s.now, heard(s.t, s.done))
	if len(out.Send) != 1 || out.Send[0].Form != Ping {
		s.t.Fatal("LinkDone was not answered")
	}
	s.j.must(s.now, Spoke{From: s.h.keys.Device.ID()})
	if s.j.s.View().Stage != Confirmed {
		s.t.Fatal("not confirmed")
	}
	return s
}

// holds reports whether any of the secrets is in b.
func holds(b []byte, secrets ...[]byte) bool {
	for _, s := range secrets {
		if len(s) > 0 && bytes.Contains(b, s) {
			return true
		}
	}
	return false
}

func TestStoryEndsLinked(t *testing.T) {
	s := newStory(t).confirmed()
	if s.h.state(s.attempt) != Done || s.j.joined == nil {
		t.Fatal("not linked")
	}
	joined := s.j.joined
	if joined.Shared.Account.ID() != s.h.id() || joined.Device.ID() != s.j.device.ID() ||
		joined.Primary != s.h.keys.Device.ID() || joined.Grant.Profile != "Alice" ||
		joined.Grant.DeviceName != "Firefox on Linux" || !bytes.Equal(joined.Grant.List, s.h.signed) ||
		len(joined.Session) == 0 || joined.ListKey != s.h.root.ListKey().Ed() {
		t.Fatal("the account that was given is not the account")
	}
	sealed := s.h.keys.Shared.Reading.Seal([]byte("list"))
	if plain, err := joined.Shared.Reading.Open(sealed); err != nil || string(plain) != "list" {
		t.Fatal("the reading key is another one")
	}
	if !slices.Contains(s.h.list.Secondaries, s.j.device.ID()) {
		t.Fatal("the device is not listed")
	}
}
