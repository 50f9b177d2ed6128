package linking

import (
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// flood are requests as an attacker makes them: valid ones of fresh devices,
// ones that are refused and remembered, copies of both, and rubbish.
func (s *story) flood(n int) []Heard {
	fresh := make([]Heard, n/40)
	for i := range fresh {
		d := identity.NewDevice()
		s.attempt, s.j.device = Attempt{byte(i), byte(i >> 8), 7}, d
		fresh[i] = s.forgeRequest(d, func(q *request) {
			if i%3 == 0 {
				q.consent = make([]byte, 64)
			}
		})
	}
	out := make([]Heard, n)
	for i := range out {
		out[i] = fresh[i/8%len(fresh)]
		switch i % 8 {
		case 1, 2, 3, 4, 5:
			out[i].Signed = out[i].Signed[:100]
		case 6, 7:
			out[i] = s.broken(out[i])
		}
	}
	return out
}

// TestFlood: 10,000 requests within 10 s leave at most eight places and the
// remembered ids, at most 16 challenges, one answer per message, all who found
// no place counted, and a device with the link code comes through.
func TestFlood(t *testing.T) {
	const size = 10_000
	s := newStory(t)
	s.h.must(s.now, OpenDialog{})
	code, err := ParseCode(s.h.p.View(s.now).Code)
	if err != nil {
		t.Fatal(err)
	}
	honest := newJoiner(t)
	request := only(t, honest.must(s.now, honest.link(core.ID{}, &code)), KindRequest)
	var challenge Letter
	challenges, answers := 0, 0
	for i, in := range s.flood(size) {
		if i == size/2 {
			out := s.h.must(s.now+core.Millis(i), heard(t, request))
			if !slices.Equal(kinds(out), []Kind{KindReject, KindChallenge}) {
				t.Fatalf("the device with the code was answered with %v", kinds(out))
			}
			challenge = out.Send[1]
			challenges++
		}
		for _, l := range s.h.must(s.now+core.Millis(i), in).Send {
			switch l.Kind {
			case KindChallenge:
				challenges++
			case KindReject:
				answers++
			}
		}
	}
	over, live := 0, 0
	for _, r := range s.h.p.attempts {
		if r.state == Over {
			over++
		} else {
			live++
		}
	}
	if live != MaxPending || over != s.h.p.ended || len(s.h.saved) != over+live {
		t.Errorf("%d wait, %d are remembered, %d are stored", live, over, len(s.h.saved))
	}
	if challenges != MaxChallenges-ProvedChallenges+1 || answers > size+MaxChallenges || !s.h.p.View(s.now).Flooded {
		t.Errorf("%d challenges, %d answers", challenges, answers)
	}
	if more := s.h.p.View(s.now).More; more < 150 {
		t.Errorf("%d found no place", more)
	}
	reveal := only(t, honest.must(s.now, heard(t, challenge)), KindReveal)
	s.h.must(s.now+size, heard(t, reveal))
	if s.h.state(request.Attempt) != Words {
		t.Error("the device with the link code did not get through")
	}
}

// Eight devices that answer their challenges at once cannot keep out the one
// that knows the code, nor be kept out by another that does not.
func TestWordsOfStrangersMakeRoomForTheCode(t *testing.T) {
	s := newStory(t)
	s.h.must(s.now, OpenDialog{})
	for range MaxPending {
		a := s.asker()
		a.challenge = only(t, s.h.must(s.now, heard(t, a.request)), KindChallenge)
		s.h.must(s.now, heard(t, only(t, a.j.must(s.now, heard(t, a.challenge)), KindReveal)))
	}
	late := s.asker()
	if out := s.h.must(s.now, heard(t, late.request)); len(out.Send) != 0 || s.h.p.View(s.now).More != 1 {
		t.Fatal("words were pushed out by a stranger")
	}
	honest := s.coder()
	if out := s.h.must(s.now, heard(t, honest.request)); !slices.Equal(kinds(out), []Kind{KindReject, KindChallenge}) {
		t.Fatalf("the device with the code was answered with %v", kinds(out))
	}
	if v := s.h.p.View(s.now); len(v.Askers) != MaxPending || v.More != 1 {
		t.Fatalf("%d askers, %d more", len(v.Askers), v.More)
	}
	// Whoever was counted is not any more once it has its place, or its time is over.
	for _, a := range s.h.p.View(s.now).Askers[:2] {
		if a.State == Words {
			s.h.must(s.now, Reject{a.Attempt})
		}
	}
	s.h.must(s.now, heard(t, late.request))
	if v := s.h.p.View(s.now); v.More != 0 || s.h.state(late.attempt) != Challenged {
		t.Fatalf("%d more", v.More)
	}
	s.h.p.crowd.add(Attempt{1}, s.now+Lifetime, s.now)
	at, ok := s.h.p.Due(s.now)
	if s.h.must(s.now+Lifetime, Tick{}); !ok || at > s.now+RepeatEvery || s.h.p.View(s.now).More != 0 {
		t.Fatal("counted for ever")
	}
}

// With the dialog closed a flood takes eight places and gives one notice.
func TestFloodBesideTheDialog(t *testing.T) {
	s := newStory(t)
	waiting := 0
	for i, in := range s.flood(1200) {
		s.h.must(s.now+core.Millis(i), in)
	}
	for _, r := range s.h.p.attempts {
		if r.state == Pending {
			waiting++
		}
	}
	notices := 0
	for _, e := range s.h.events {
		if e.What == Notice {
			notices++
		}
	}
	if waiting != MaxPending || notices != 1 {
		t.Fatalf("%d wait, %d notices", waiting, notices)
	}
}

// With 4,096 ended ids a new one is dropped without a record or an answer,
// what is known goes on, and time makes room again.
func TestEndedIdsAreBounded(t *testing.T) {
	s := newStory(t).inWords()
	known := s.attempt
	for i := 1; i < MaxEnded; i++ {
		r := primaryRecord{state: Over, attempt: Attempt{byte(i), byte(i >> 8), 1, 1}, created: s.now, reason: ReasonCancelled}
		s.h.saved[r.attempt] = r.marshal()
	}
	s.h.reload()
	last := s.asker()
	only(t, s.h.must(s.now, last.byJoiner(KindCancel)), KindReject)
	if s.h.p.ended != MaxEnded {
		t.Fatalf("%d are remembered", s.h.p.ended)
	}
	a := s.asker()
	for _, in := range []Heard{heard(t, a.request), a.byJoiner(KindCancel), a.byJoiner(KindReject)} {
		if out := s.h.must(s.now, in); len(out.Send) != 0 || len(out.Save) != 0 {
			t.Fatal("a new id was recorded or answered")
		}
	}
	only(t, s.h.must(s.now, heard(t, last.request)), KindReject)
	only(t, s.h.must(s.now, Reject{known}), KindReject)
	if s.h.state(known) != Over {
		t.Fatal("a known attempt could not end")
	}
	if at, ok := s.h.p.Due(s.now); !ok || at != s.now+Lifetime {
		t.Fatal("the ids would not be forgotten")
	}
	s.h.must(s.now+Lifetime, Tick{})
	if len(s.h.saved) != 0 || s.h.p.ended != 0 {
		t.Fatalf("%d are still remembered", s.h.p.ended)
	}
}
