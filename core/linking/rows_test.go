package linking

import (
	"testing"

	"tandem/core"
)

// Three rows of multi-device.md §12 that need more than a state and an input.

// Ending after other challenge bytes: where the stored challenge may be
// nobody's, it stops at created + 10 min; holding a grant it goes on for 14
// days, as after They differ. Either way the person is told to check.
func TestEndingAfterAnotherChallenge(t *testing.T) {
	for name, c := range map[string]struct {
		build func(s *story)
		ends  core.Millis
	}{
		"in Revealed": {func(s *story) { s.authorised() }, Lifetime},
		"in Holding":  {func(s *story) { s.holding() }, core.Minute + EndingTime},
	} {
		s := newStory(t)
		c.build(s)
		s.j.must(s.now+core.Minute, s.forgeChallenge(nil))
		if v := s.j.s.View(); v.Stage != Ending || v.Deadline != s.now+c.ends {
			t.Fatalf("%s: stage %d until %d", name, v.Stage, v.Deadline-s.now)
		}
		s.j.reload()
		s.j.must(s.now+c.ends-1, Tick{})
		if s.j.s.View().Stage != Ending {
			t.Fatalf("%s: it ends early", name)
		}
		s.j.must(s.now+c.ends, Tick{})
		if v := s.j.s.View(); v.Stage != Gone || v.Reason != ReasonInvalid || !v.CheckPrimary {
			t.Fatalf("%s: %+v", name, v)
		}
	}
}

// Ended is forgotten 10 min after created: the request is refused as expired
// then, LinkReject and LinkCancel still get the end answer, and nothing is
// remembered any more.
func TestWhatIsForgottenIsStillAnswered(t *testing.T) {
	s := newStory(t).inWords()
	reject, cancel := s.byJoiner(KindReject), s.byJoiner(KindCancel)
	s.h.must(s.now, Reject{s.attempt})
	s.h.must(s.now+Lifetime, Tick{})
	for name, in := range map[string]Heard{"request": heard(t, s.request), "reject": reject, "cancel": cancel} {
		for range 2 {
			l := only(t, s.h.must(s.now+Lifetime, in), KindReject)
			e, err := readEnding(KindReject, l.Bytes)
			if err != nil || l.To != s.j.device.ID() || name == "request" && e.reason != ReasonExpired {
				t.Errorf("%s: answered with reason %d", name, e.reason)
			}
			if s.h.state(s.attempt) != None || len(s.h.saved) != 0 {
				t.Errorf("%s: it is remembered", name)
			}
		}
	}
}

// Pending beside an open dialog, because there is no challenge left: only its
// end, or the next opening, moves it.
func TestPendingInAnOpenDialog(t *testing.T) {
	for name, c := range map[string]struct {
		in     func(a *story) PrimaryInput
		after  core.Millis
		to     State
		answer bool
	}{
		"again":       {in: func(a *story) PrimaryInput { return heard(t, a.request) }, to: Pending},
		"reveal":      {in: func(a *story) PrimaryInput { return a.forgeReveal(a.j.device, nil) }, to: Pending},
		"LinkCancel":  {in: func(a *story) PrimaryInput { return a.byJoiner(KindCancel) }, to: Over, answer: true},
		"LinkReject":  {in: func(a *story) PrimaryInput { return a.byJoiner(KindReject) }, to: Over, answer: true},
		"LinkDone":    {in: func(a *story) PrimaryInput { return a.byJoiner(KindDone) }, to: Pending},
		"10 minutes":  {in: func(*story) PrimaryInput { return Tick{} }, after: Lifetime, to: Over, answer: true},
		"a moment":    {in: func(*story) PrimaryInput { return Tick{} }, after: Lifetime - 1, to: Pending},
		"dialog shut": {in: func(*story) PrimaryInput { return CloseDialog{} }, to: Pending},
	} {
		s := newStory(t)
		s.h.must(s.now, OpenDialog{})
		s.h.p.dialog.plain = MaxChallenges - ProvedChallenges
		a := s.asker()
		if s.h.must(s.now, heard(t, a.request)); s.h.state(a.attempt) != Pending {
			t.Fatal("it does not wait")
		}
		out := s.h.must(s.now+c.after, c.in(a))
		if got := s.h.state(a.attempt); got != c.to || (len(out.Send) == 1) != c.answer {
			t.Errorf("%s: state %d, sent %v", name, got, kinds(out))
		}
	}
}
