package linking

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// primaryStates makes an attempt in each state of the table of P
// (multi-device.md §12), where it matters with the dialog open and closed. The
// secondary is as far as it can be.
var primaryStates = map[string]struct {
	state State
	open  bool
	build func(s *story)
}{
	"None, closed":       {None, false, func(s *story) { s.ask() }},
	"None, open":         {None, true, func(s *story) { s.ask() }},
	"Pending, closed":    {Pending, false, func(s *story) { s.pend() }},
	"Challenged, closed": {Challenged, false, func(s *story) { s.revealed() }},
	"Challenged, open":   {Challenged, true, func(s *story) { s.revealed() }},
	"Words, closed":      {Words, false, func(s *story) { s.inWords() }},
	"Words, open":        {Words, true, func(s *story) { s.inWords() }},
	"Authorised":         {Authorised, true, func(s *story) { s.authorised() }},
	"Done":               {Done, true, func(s *story) { s.confirmed() }},
	"Over":               {Over, true, func(s *story) { s.inWords(); s.h.must(s.now, Reject{s.attempt}) }},
	"Departed":           {Departed, true, func(s *story) { s.confirmed(); s.h.must(s.now, Unlink{s.j.device.ID()}) }},
}

// primaryInputs are all inputs of the table, and those that must do nothing.
var primaryInputs = map[string]func(s *story) (core.Millis, PrimaryInput){
	"LinkRequest":                         func(s *story) (core.Millis, PrimaryInput) { return s.now, heard(s.t, s.request) },
	"other request":                       func(s *story) (core.Millis, PrimaryInput) { return s.now, s.forgeRequest(s.j.device, nil) },
	"other request by another device":     func(s *story) (core.Millis, PrimaryInput) { return s.now, s.forgeRequest(identity.NewDevice(), nil) },
	"a request that does not verify":      func(s *story) (core.Millis, PrimaryInput) { return s.now, s.broken(heard(s.t, s.request)) },
	"a request that names another device": func(s *story) (core.Millis, PrimaryInput) { return s.now, s.misnamed(KindRequest) },
	"LinkReveal":                          func(s *story) (core.Millis, PrimaryInput) { return s.now, s.rightReveal() },
	"other reveal":                        func(s *story) (core.Millis, PrimaryInput) { return s.now, s.forgeReveal(s.j.device, nil) },
	"reveal by another device":            func(s *story) (core.Millis, PrimaryInput) { return s.now, s.forgeReveal(identity.NewDevice(), nil) },
	"LinkDone":                            func(s *story) (core.Millis, PrimaryInput) { return s.now, s.byJoiner(KindDone) },
	"LinkReject":                          func(s *story) (core.Millis, PrimaryInput) { return s.now, s.byJoiner(KindReject) },
	"LinkCancel":                          func(s *story) (core.Millis, PrimaryInput) { return s.now, s.byJoiner(KindCancel) },
	"LinkDone by another device":          func(s *story) (core.Millis, PrimaryInput) { return s.now, s.byStranger(KindDone) },
	"LinkReject by another device":        func(s *story) (core.Millis, PrimaryInput) { return s.now, s.byStranger(KindReject) },
	"LinkCancel by another device":        func(s *story) (core.Millis, PrimaryInput) { return s.now, s.byStranger(KindCancel) },
	"LinkReject that names another":       func(s *story) (core.Millis, PrimaryInput) { return s.now, s.misnamed(KindReject) },
	"own end answer come back": func(s *story) (core.Millis, PrimaryInput) {
		return s.now, s.forgeEnd(KindReject, s.h.keys.Device, s.j.device.ID())
	},
	"LinkChallenge": func(s *story) (core.Millis, PrimaryInput) { return s.now, s.forgeChallenge(nil) },
	"LinkGrant": func(s *story) (core.Millis, PrimaryInput) {
		return s.now, Heard{Kind: KindGrant, Signed: s.forgeGrant().Signed}
	},
	"the device speaks":     func(s *story) (core.Millis, PrimaryInput) { return s.now, Spoke{s.j.device.ID()} },
	"another device speaks": func(s *story) (core.Millis, PrimaryInput) { return s.now, Spoke{identity.NewDevice().ID()} },
	"open":                  func(s *story) (core.Millis, PrimaryInput) { return s.now, OpenDialog{} },
	"close":                 func(s *story) (core.Millis, PrimaryInput) { return s.now, CloseDialog{} },
	"Authorise":             func(s *story) (core.Millis, PrimaryInput) { return s.now, s.authoriseInput() },
	"Authorise too late":    func(s *story) (core.Millis, PrimaryInput) { return s.now + Lifetime, s.authoriseInput() },
	"Authorise a sixth": func(s *story) (core.Millis, PrimaryInput) {
		in := s.authoriseInput()
		for len(in.Roster.Secondaries) < MaxSecondaries {
			in.Roster.Secondaries = append(in.Roster.Secondaries, identity.NewDevice().ID())
		}
		return s.now, in
	},
	"Authorise a listed one": func(s *story) (core.Millis, PrimaryInput) {
		in := s.authoriseInput()
		in.Roster.Secondaries = []core.ID{s.j.device.ID()}
		return s.now, in
	},
	"Authorise a removed one": func(s *story) (core.Millis, PrimaryInput) {
		in := s.authoriseInput()
		in.Roster.Removed = []core.ID{s.j.device.ID()}
		return s.now, in
	},
	"Reject":                       func(s *story) (core.Millis, PrimaryInput) { return s.now, Reject{s.attempt} },
	"Unlink":                       func(s *story) (core.Millis, PrimaryInput) { return s.now, Unlink{s.j.device.ID()} },
	"Tick":                         func(s *story) (core.Millis, PrimaryInput) { return s.now, Tick{} },
	"Tick after almost 10 minutes": func(s *story) (core.Millis, PrimaryInput) { return s.now + Lifetime - 1, Tick{} },
	"Tick after 10 minutes":        func(s *story) (core.Millis, PrimaryInput) { return s.now + Lifetime, Tick{} },
	"Tick after a year":            func(s *story) (core.Millis, PrimaryInput) { return s.now + 365*core.Day, Tick{} },
}

// rightReveal is the joiner's own, if there is one.
func (s *story) rightReveal() Heard {
	if s.reveal.Bytes == nil {
		return s.forgeReveal(s.j.device, nil)
	}
	return heard(s.t, s.reveal)
}

func (s *story) byJoiner(kind Kind) Heard {
	return s.forgeEnd(kind, s.j.device, s.j.device.ID())
}

func (s *story) byStranger(kind Kind) Heard {
	d := identity.NewDevice()
	return s.forgeEnd(kind, d, d.ID())
}

// misnamed is signed by another device than the one that it names.
func (s *story) misnamed(kind Kind) Heard {
	d := identity.NewDevice()
	if kind == KindRequest {
		return s.forgeRequest(d, func(q *request) { q.device = s.j.device.ID() })
	}
	return s.forgeEnd(kind, d, s.j.device.ID())
}

// broken has one byte changed.
func (s *story) broken(in Heard) Heard {
	in.Signed = bytes.Clone(in.Signed)
	in.Signed[20] ^= 1
	return in
}

func (s *story) authoriseInput() Authorise {
	in, err := s.h.prepare(s.attempt)
	if err != nil {
		return Authorise{Attempt: s.attempt, List: []byte("list"), Pairwise: []byte("pairwise")}
	}
	return in
}

// effect is what an input does on the primary. sends are the kinds that are
// sent, in order; 0 = a pairwise ping.
type effect struct {
	to     State
	sends  []Kind
	reason Reason // of the end answer
	remove bool
}

var (
	endAnswer = []Kind{KindReject}
	ping      = []Kind{0}
)

// over is the end of an attempt with its answer.
func over(r Reason) effect { return effect{to: Over, sends: endAnswer, reason: r} }

// The rows differ a little with the dialog open and closed.
func challengedRow(open bool) map[string]effect {
	row := map[string]effect{
		"LinkReveal":                      {to: Words},
		"other reveal":                    over(ReasonInvalid),
		"other request":                   over(ReasonInvalid),
		"other request by another device": over(ReasonInvalid),
		"LinkCancel":                      over(ReasonCancelled),
		"LinkReject":                      over(ReasonRejected),
		"Tick":                            {to: Challenged, sends: []Kind{KindChallenge}},
		"Tick after almost 10 minutes":    {to: Challenged, sends: []Kind{KindChallenge}},
		"Tick after 10 minutes":           over(ReasonExpired),
		"Tick after a year":               over(ReasonExpired),
	}
	if open {
		row["close"] = over(ReasonClosed)
	} else {
		row["open"] = effect{to: Challenged}
	}
	return row
}

func wordsRow(open bool) map[string]effect {
	row := map[string]effect{
		"Reject":                          over(ReasonRejected),
		"LinkReject":                      over(ReasonRejected),
		"LinkCancel":                      over(ReasonCancelled),
		"other reveal":                    over(ReasonInvalid),
		"other request":                   over(ReasonInvalid),
		"other request by another device": over(ReasonInvalid),
		"Tick after 10 minutes":           over(ReasonExpired),
		"Tick after a year":               over(ReasonExpired),
	}
	if open {
		row["close"] = over(ReasonClosed)
		row["Authorise"] = effect{to: Authorised, sends: []Kind{KindGrant}}
		row["Authorise too late"] = over(ReasonExpired)
		row["Authorise a sixth"] = over(ReasonLimit)
		row["Authorise a listed one"] = over(ReasonLinked)
		row["Authorise a removed one"] = over(ReasonLinked)
	} else {
		row["open"] = effect{to: Words}
	}
	return row
}

func noneRow(open bool) map[string]effect {
	kept := effect{to: Pending}
	if open {
		kept = effect{to: Challenged, sends: []Kind{KindChallenge}}
	}
	row := map[string]effect{
		"LinkRequest":                     kept,
		"other request":                   kept,
		"other request by another device": kept,
		"LinkReject":                      over(ReasonRejected),
		"LinkCancel":                      over(ReasonCancelled),
		"LinkReject by another device":    over(ReasonRejected),
		"LinkCancel by another device":    over(ReasonCancelled),
		"Unlink":                          {to: None, remove: true}, // of a device without a record here
	}
	if open {
		row["close"] = effect{to: None}
	} else {
		row["open"] = effect{to: None}
	}
	return row
}

// primaryTable is the table of P. What is not in it changes nothing and sends
// nothing. Unlink in the other states is about a device that is not listed:
// the loop is told, and finds nothing to do.
var primaryTable = map[string]map[string]effect{
	"None, closed": noneRow(false),
	"None, open":   noneRow(true),
	"Pending, closed": {
		"open":                  {to: Challenged, sends: []Kind{KindChallenge}},
		"LinkCancel":            over(ReasonCancelled),
		"LinkReject":            over(ReasonRejected),
		"Tick after 10 minutes": over(ReasonExpired),
		"Tick after a year":     over(ReasonExpired),
	},
	"Challenged, closed": challengedRow(false),
	"Challenged, open":   challengedRow(true),
	"Words, closed":      wordsRow(false),
	"Words, open":        wordsRow(true),
	"Authorised": {
		"LinkDone":                     {to: Done, sends: ping},
		"the device speaks":            {to: Done, sends: ping},
		"LinkReject":                   {to: Departed, remove: true},
		"Unlink":                       {to: Departed, remove: true},
		"close":                        {to: Authorised},
		"Tick":                         {to: Authorised, sends: []Kind{KindGrant}},
		"Tick after almost 10 minutes": {to: Authorised, sends: []Kind{KindGrant}},
		"Tick after 10 minutes":        {to: Authorised, sends: []Kind{KindGrant}},
		"Tick after a year":            {to: Authorised, sends: []Kind{KindGrant}},
	},
	"Done": {
		"LinkDone":   {to: Done, sends: ping},
		"LinkReject": {to: Departed, remove: true},
		"Unlink":     {to: Departed, remove: true},
		"close":      {to: Done},
	},
	"Over": {
		"LinkRequest":                     over(ReasonRejected),
		"other request":                   over(ReasonRejected),
		"other request by another device": over(ReasonRejected),
		"LinkReveal":                      over(ReasonRejected),
		"other reveal":                    over(ReasonRejected),
		"reveal by another device":        over(ReasonRejected),
		"LinkReject":                      over(ReasonRejected),
		"LinkReject by another device":    over(ReasonRejected),
		"LinkCancel":                      over(ReasonRejected),
		"LinkCancel by another device":    over(ReasonRejected),
		"Tick after 10 minutes":           {to: None},
		"Tick after a year":               {to: None},
		"close":                           {to: Over},
	},
	"Departed": {
		"LinkReveal":   {to: Departed, sends: endAnswer, reason: ReasonUnlinked},
		"other reveal": {to: Departed, sends: endAnswer, reason: ReasonUnlinked},
		"LinkReject":   {to: Departed, sends: endAnswer, reason: ReasonUnlinked},
		"LinkCancel":   {to: Departed, sends: endAnswer, reason: ReasonUnlinked},
		"close":        {to: Departed},
	},
}

// TestPrimaryTable walks every state with every input.
func TestPrimaryTable(t *testing.T) {
	for place, start := range primaryStates {
		s := newStory(t)
		start.build(s)
		if s.h.state(s.attempt) != start.state {
			t.Fatalf("the story of %s ends in %d", place, s.h.state(s.attempt))
		}
		before, list, signed := s.h.saved[s.attempt], s.h.list, s.h.signed
		for name, input := range primaryInputs {
			// Each input meets the state as it was, and as a reload finds it.
			s.h.list, s.h.signed = list, signed
			s.h.saved = map[Attempt][]byte{}
			if before != nil {
				s.h.saved[s.attempt] = before
			}
			s.h.reload()
			if start.open {
				s.h.must(s.now, OpenDialog{})
			}
			want, listed := primaryTable[place][name]
			if !listed {
				want = effect{to: start.state, remove: name == "Unlink"}
			}
			now, in := input(s)
			out, err := s.h.do(now, in)

			if got := s.h.state(s.attempt); got != want.to {
				t.Errorf("%s, %s: state %d, want %d", place, name, got, want.to)
			}
			if !slices.Equal(kinds(out), want.sends) {
				t.Errorf("%s, %s: sent %v, want %v", place, name, kinds(out), want.sends)
			}
			if (out.Remove != core.ID{}) != want.remove || (out.Adopt != nil) != (name == "Authorise" && place == "Words, open") {
				t.Errorf("%s, %s: the wrong list follows", place, name)
			}
			if refused := errors.Is(err, ErrNotNow); refused != (!listed && isCommand(in)) {
				t.Errorf("%s, %s: %v", place, name, err)
			}
			if want.to == start.state && (len(out.Save) != 0 || !bytes.Equal(s.h.saved[s.attempt], before)) {
				t.Errorf("%s, %s: something was stored", place, name)
			}
			if want.to != start.state && len(out.Save) != 1 {
				t.Errorf("%s, %s: %d records", place, name, len(out.Save))
			}
			s.checkAnswer(place+", "+name, in, out, want)
		}
	}
}

// checkAnswer: an end answer is signed by the primary's device, says why, and
// goes to the attempt's device or, where that is forgotten, to who asked.
func (s *story) checkAnswer(name string, in PrimaryInput, out Outcome, want effect) {
	s.t.Helper()
	if !slices.Equal(want.sends, endAnswer) || len(out.Send) != 1 {
		return
	}
	l := out.Send[0]
	e, err := readEnding(KindReject, l.Bytes)
	if err != nil || !e.verify() || e.ed != s.h.keys.Device.Ed() || e.attempt != s.attempt || e.account != s.h.id() {
		s.t.Errorf("%s: not an end answer", name)
		return
	}
	if e.reason != want.reason || e.device != l.To || l.Form != ToDevice {
		s.t.Errorf("%s: reason %d, want %d", name, e.reason, want.reason)
	}
	if h, ok := in.(Heard); ok && l.To != s.j.device.ID() {
		if from, err := read(h.Kind, h.Signed, 5, anyField); err != nil || l.To != from.device {
			s.t.Errorf("%s: answered somebody else", name)
		}
	}
}
