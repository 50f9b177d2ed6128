package linking

import (
	"bytes"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// What the table says beside states: who is written to, and for how long.
func TestEndingAfterOtherChallengeBytes(t *testing.T) {
	s := newStory(t).authorised()
	s.j.must(s.now, s.forgeChallenge(nil))
	if v := s.j.s.View(); v.Deadline != s.now+Lifetime {
		t.Fatalf("stops %d ms after created", v.Deadline-s.now)
	}
	s.j.must(s.now+Lifetime, Tick{})
	if v := s.j.s.View(); v.Stage != Gone || !v.CheckPrimary {
		t.Fatal("the user is not asked to check the primary")
	}

	// Holding a grant, other bytes act as They differ.
	s = newStory(t).holding()
	s.j.must(s.now+core.Minute, s.forgeChallenge(nil))
	if v := s.j.s.View(); v.Deadline != s.now+core.Minute+EndingTime {
		t.Fatal("a primary that granted may never hear of the end")
	}
	s.j.must(s.now+core.Minute, s.forgeEnd(KindReject, s.h.keys.Device, s.j.device.ID()))
	if v := s.j.s.View(); v.Stage != Gone || v.CheckPrimary {
		t.Fatal("the primary did hear of it")
	}
}

func TestSecondaryWritesWhereItShould(t *testing.T) {
	s := newStory(t).confirming()
	p := s.h.keys.Device.ID()
	for _, l := range []Letter{s.request} {
		if l.Form != ToAccount || l.To != s.h.id() || l.TTL != Lifetime {
			t.Errorf("kind %d goes to the wrong place", l.Kind)
		}
	}
	for _, l := range []Letter{s.reveal, s.done} {
		if l.Form != ToDevice || l.To != p {
			t.Errorf("kind %d goes to the wrong place", l.Kind)
		}
	}
	if s.done.TTL != keepTime {
		t.Error("LinkDone does not wait for a primary that is away")
	}
	for _, l := range []Letter{s.challenge, s.grant} {
		if l.To != s.j.device.ID() {
			t.Errorf("kind %d goes to the wrong place", l.Kind)
		}
	}
}

// Repeats come every 30 s with unchanged inner bytes, and at once after a
// reload; a Tick too early does nothing.
func TestRepeats(t *testing.T) {
	s := newStory(t).ask()
	now := s.now
	for i := 0; i < 5; i++ {
		at, ok := s.j.s.Due(now)
		if !ok || at != now+RepeatEvery {
			t.Fatalf("due in %d ms", at-now)
		}
		if out := s.j.must(at-1, Tick{}); len(out.Send) != 0 {
			t.Fatal("repeated too early")
		}
		now = at
		l := only(t, s.j.must(now, Tick{}), KindRequest)
		if !bytes.Equal(l.Bytes, s.request.Bytes) {
			t.Fatal("the inner bytes changed")
		}
	}
	s.j.reload()
	if at, ok := s.j.s.Due(now); !ok || at > now {
		t.Fatal("not due after a reload")
	}
	l := only(t, s.j.must(now, Tick{}), KindRequest)
	if !bytes.Equal(l.Bytes, s.request.Bytes) {
		t.Fatal("the inner bytes changed with the reload")
	}
	// A clock that was set back by a day does not silence the repeats.
	if at, ok := s.j.s.Due(now - core.Day); !ok || at > now-core.Day+RepeatEvery {
		t.Fatal("waits for a day")
	}
	only(t, s.j.must(now-core.Day, Tick{}), KindRequest)
}

func TestLinkRefusesBadInput(t *testing.T) {
	h, j := newHouse(t), newJoiner(t)
	for name, change := range map[string]func(*Link){
		"no account":        func(l *Link) { l.Account = core.ID{} },
		"no device":         func(l *Link) { l.Device = nil },
		"no bundle":         func(l *Link) { l.Bundle = nil },
		"a bundle too long": func(l *Link) { l.Bundle = make([]byte, MaxBundle+1) },
		"no secrets":        func(l *Link) { l.Secrets = nil },
		"a name too long":   func(l *Link) { l.Facts.Name = string(make([]byte, MaxDeviceName+1)) },
		"its own id":        func(l *Link) { l.Account = l.Device.ID() },
	} {
		in := j.link(h.id(), nil)
		change(&in)
		if _, err := j.do(noon, in); err != ErrInput || j.s.View().Stage != Idle {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := newStory(t).authorised()
	g := s.granted()
	g.Session = nil
	if _, err := s.j.do(s.now, g); err != ErrInput {
		t.Errorf("a grant without a session: %v", err)
	}
	s.j.must(s.now, s.granted())
	if _, err := s.j.do(s.now, Finish{}); err != ErrInput {
		t.Errorf("Finish without a reader: %v", err)
	}
}

// A clock beyond all calendars does not break a machine.
func TestAbsurdClocks(t *testing.T) {
	for _, now := range []core.Millis{-1 << 62, -1, 0, 1<<63 - 1} {
		s := newStory(t)
		s.now = now
		s.ask()
		s.j.reload()
		s.h.must(now, heard(t, s.request))
		s.h.reload()
		if _, err := s.h.do(now, OpenDialog{}); err != nil {
			t.Fatal(err)
		}
		s.h.must(now, Tick{})
		s.j.must(now, Tick{})
		s.h.reload()
		s.j.reload()
	}
}

// A grant that came too late for its countdown is not finished any more, even
// if no Tick came in between.
func TestFinishAfterTheCountdown(t *testing.T) {
	s := newStory(t).holding()
	s.j.must(s.now+HoldTime, s.finish())
	if v := s.j.s.View(); v.Stage != Ending || v.Reason != ReasonExpired || s.j.joined != nil {
		t.Fatal("finished after the countdown")
	}
}

// Finish compares the list with the challenge, item by item.
func TestFinishChecks(t *testing.T) {
	other := identity.NewDevice()
	for name, change := range map[string]func(v *ListView, s *story){
		"another list key":        func(v *ListView, s *story) { v.ListKey = other.Ed() },
		"another primary":         func(v *ListView, s *story) { v.Primary = other.ID() },
		"this device is missing":  func(v *ListView, s *story) { v.Secondaries = nil },
		"this device twice":       func(v *ListView, s *story) { v.Secondaries = append(v.Secondaries, s.j.device.ID()) },
		"this device as primary":  func(v *ListView, s *story) { v.Primary, v.Secondaries = s.j.device.ID(), nil },
		"this device was removed": func(v *ListView, s *story) { v.Removed = []core.ID{s.j.device.ID()} },
	} {
		s := newStory(t).holding()
		s.j.must(s.now, Finish{Read: func(b []byte) (ListView, error) {
			v, err := readList(b)
			change(&v, s)
			return v, err
		}})
		if v := s.j.s.View(); v.Stage != Ending || v.Reason != ReasonInvalid || s.j.joined != nil {
			t.Errorf("%s: stage %d, reason %d", name, v.Stage, v.Reason)
		}
	}
	// The account's keys in the grant are those of another account.
	s := newStory(t).inWords()
	thief := newHouse(t)
	r := s.h.p.attempts[s.attempt]
	k, _ := r.agreement()
	v := s.h.list
	v.Secondaries = []core.ID{s.j.device.ID()}
	list := signList(s.h.root.ListKey(), v)
	sealed := thief.keys.Shared.SealGrant(k.key(), k.transcript, Grant{List: list}.marshal())
	signed := write(s.h.keys.Shared.Account, s.head(KindGrant), wire.AppendBytes(nil, 6, sealed))
	s.j.must(s.now, Granted{From: s.h.keys.Device.ID(), Signed: signed.Marshal(), Session: []byte("session")})
	if s.j.s.View().Stage != Holding {
		t.Fatal("the grant was not held")
	}
	s.j.must(s.now, s.finish())
	if v := s.j.s.View(); v.Stage != Ending || v.Reason != ReasonInvalid || s.j.joined != nil {
		t.Error("joined another account than the one that was typed")
	}
	// A list under another key in the outbox changes nothing.
	s = newStory(t).holding()
	v = s.h.list
	v.Epoch, v.Removed = v.Epoch+9, []core.ID{s.j.device.ID()}
	s.j.must(s.now, Finish{Read: readList, Outbox: [][]byte{signList(other, v), []byte("rubbish")}})
	if s.j.s.View().Stage != Confirming {
		t.Error("a thief's list in the outbox prevented Finish")
	}
}
