package linking

import (
	"bytes"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// asker is one more device that asks the house of a story.
func (s *story) asker() *story {
	other := &story{t: s.t, h: s.h, j: newJoiner(s.t), now: s.now}
	return other.ask()
}

// coder is one more device, which knows the code that the dialog shows.
func (s *story) coder() *story {
	s.t.Helper()
	code, err := ParseCode(s.h.p.View(s.now).Code)
	if err != nil {
		s.t.Fatal(err)
	}
	other := &story{t: s.t, h: s.h, j: newJoiner(s.t), now: s.now}
	other.request = only(s.t, other.j.must(s.now, other.j.link(core.ID{}, &code)), KindRequest)
	other.attempt = other.request.Attempt
	return other
}

// A request that must be refused is refused with its own reason, to the
// device, and remembered.
func TestRequestsAreRefused(t *testing.T) {
	five := make([]core.ID, MaxSecondaries)
	for i := range five {
		five[i] = identity.NewDevice().ID()
	}
	for name, c := range map[string]struct {
		prepare func(s *story)
		change  func(q *request)
		by      func(s *story) *identity.Device
		reason  Reason
		kept    bool // the id is remembered
	}{
		"expired":           {change: func(q *request) { q.created = noon - Lifetime }, reason: ReasonExpired},
		"from the future":   {change: func(q *request) { q.created = noon + Lifetime + 1 }, reason: ReasonExpired},
		"without consent":   {change: func(q *request) { q.consent = make([]byte, 64) }, reason: ReasonInvalid, kept: true},
		"a sixth secondary": {prepare: func(s *story) { s.h.list.Secondaries = five }, reason: ReasonLimit, kept: true},
		"linked already":    {prepare: func(s *story) { s.h.list.Secondaries = []core.ID{s.j.device.ID()} }, reason: ReasonLinked, kept: true},
		"removed before":    {prepare: func(s *story) { s.h.list.Removed = []core.ID{s.j.device.ID()} }, reason: ReasonLinked, kept: true},
		"one's own device":  {by: func(s *story) *identity.Device { return s.h.keys.Device }, reason: ReasonOwn, kept: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t).ask()
			s.h.must(s.now, OpenDialog{})
			if c.prepare != nil {
				c.prepare(s)
			}
			by := s.j.device
			if c.by != nil {
				by = c.by(s)
			}
			in := s.forgeRequest(by, c.change)
			for copies := 0; copies < 3; copies++ {
				l := only(t, s.h.must(s.now, in), KindReject)
				e, err := readEnding(KindReject, l.Bytes)
				if err != nil || e.reason != c.reason || l.To != by.ID() {
					t.Fatalf("reason %d, want %d", e.reason, c.reason)
				}
			}
			if kept := s.h.state(s.attempt) == Over; kept != c.kept || s.h.state(s.attempt) == Pending {
				t.Fatalf("state %d", s.h.state(s.attempt))
			}
			if !slices.ContainsFunc(s.h.events, func(e Event) bool { return e.What == Ended && e.Reason == c.reason }) {
				t.Fatal("the user of the primary does not hear why")
			}
		})
	}
}

// What was not meant for this account, or is too long, is no request at all.
func TestRequestsThatAreNone(t *testing.T) {
	for name, change := range map[string]func(q *request){
		"another account":     func(q *request) { q.account = identity.NewDevice().ID() },
		"a name too long":     func(q *request) { q.facts.Name = string(make([]byte, MaxDeviceName+1)) },
		"a platform too long": func(q *request) { q.facts.Platform = string(make([]byte, MaxPlatform+1)) },
		"a bundle too long":   func(q *request) { q.bundle = make([]byte, MaxBundle+1) },
		"no bundle":           func(q *request) { q.bundle = nil },
		"another type":        func(q *request) { q.kind = KindReveal },
	} {
		s := newStory(t).ask()
		if out := s.h.must(s.now, s.forgeRequest(s.j.device, change)); len(out.Send) != 0 || len(s.h.saved) != 0 {
			t.Errorf("%s: there is an answer or a record", name)
		}
	}
}

// At most eight wait. A newer one pushes out the oldest, which may come again.
func TestPendingHasEightPlaces(t *testing.T) {
	s := newStory(t)
	var asked []*story
	for i := 0; i < 9; i++ {
		a := s.asker()
		s.h.must(s.now+core.Millis(i), heard(t, a.request))
		asked = append(asked, a)
	}
	if len(s.h.saved) != MaxPending || s.h.state(asked[0].attempt) != None || s.h.state(asked[8].attempt) != Pending {
		t.Fatalf("%d wait", len(s.h.saved))
	}
	s.h.must(s.now+30*core.Second, heard(t, asked[0].request))
	if s.h.state(asked[0].attempt) != Pending || s.h.state(asked[1].attempt) != None {
		t.Fatal("the repeat did not bring it back")
	}
}

// One place per device: its newer request takes the place of the older.
func TestPendingOnePerDevice(t *testing.T) {
	s := newStory(t).pend()
	first := s.attempt
	s.attempt[0] ^= 1
	s.h.must(s.now, s.forgeRequest(s.j.device, nil))
	if s.h.state(first) != None || s.h.state(s.attempt) != Pending {
		t.Fatal("two requests of one device wait")
	}
	// A challenged one becomes an ended id, never an unknown one.
	s.h.must(s.now, OpenDialog{})
	second := s.attempt
	s.attempt[0] ^= 2
	out := s.h.must(s.now, s.forgeRequest(s.j.device, nil))
	if s.h.state(second) != Over || s.h.state(s.attempt) != Challenged || !slices.Equal(kinds(out), []Kind{KindReject, KindChallenge}) {
		t.Fatalf("sent %v", kinds(out))
	}
	// One with words stays.
	w := newStory(t).inWords()
	words := w.attempt
	w.attempt[0] ^= 1
	w.h.must(w.now, w.forgeRequest(w.j.device, nil))
	if w.h.state(words) != Words || w.h.state(w.attempt) != None {
		t.Fatal("words were pushed out by the same device")
	}
}

// A challenged request that is pushed out ends for good; one with words is
// never pushed out; a silent one goes first.
func TestChallengedMakeRoom(t *testing.T) {
	s := newStory(t).inWords()
	var asked []*story
	for i := 1; i < MaxPending; i++ {
		a := s.asker()
		s.h.must(s.now+core.Millis(i), heard(t, a.request))
		asked = append(asked, a)
	}
	a := s.asker()
	out := s.h.must(s.now+100, heard(t, a.request))
	if s.h.state(asked[0].attempt) != Over || s.h.state(a.attempt) != Challenged || s.h.state(s.attempt) != Words {
		t.Fatal("the oldest challenge did not make room")
	}
	if len(out.Send) != 2 || out.Send[0].Kind != KindReject || out.Send[0].To != asked[0].j.device.ID() {
		t.Fatal("the one that was pushed out was not told")
	}
	only(t, s.h.must(s.now+101, heard(t, asked[0].request)), KindReject)
	if s.h.state(asked[0].attempt) != Over {
		t.Fatal("an ended id came back")
	}

	// The newest of those was silent for 20 s; an older one has just revealed.
	s = newStory(t)
	s.h.must(s.now, OpenDialog{})
	asked = nil
	for i := 0; i < MaxPending; i++ {
		a := s.asker()
		a.challenge = only(t, s.h.must(s.now+core.Millis(i), heard(t, a.request)), KindChallenge)
		asked = append(asked, a)
	}
	reveal := only(t, asked[0].j.must(s.now, heard(t, asked[0].challenge)), KindReveal)
	s.h.must(s.now+core.Second, heard(t, reveal))
	for i := 1; i <= 3; i++ {
		a := s.asker()
		s.h.must(s.now+RevealTime+core.Millis(i)*core.Second, heard(t, a.request))
		if s.h.state(a.attempt) != Challenged {
			t.Fatal("a silent challenge did not make room")
		}
	}
	if s.h.state(asked[0].attempt) != Words {
		t.Fatal("words were pushed out")
	}
}

// A silent challenge goes to the end even if it is newer and has a proof.
func TestOrder(t *testing.T) {
	now := noon + core.Minute
	words := &primaryRecord{state: Words, attempt: Attempt{1}, arrived: noon}
	proved := &primaryRecord{state: Pending, attempt: Attempt{2}, arrived: noon, proved: true}
	newer := &primaryRecord{state: Pending, attempt: Attempt{3}, arrived: noon + 2}
	fresh := &primaryRecord{state: Challenged, attempt: Attempt{4}, arrived: noon + 1, since: now - RevealTime + 1}
	older := &primaryRecord{state: Pending, attempt: Attempt{5}, arrived: noon}
	silentProved := &primaryRecord{state: Challenged, attempt: Attempt{6}, arrived: noon + 9, since: now - RevealTime, proved: true}
	silent := &primaryRecord{state: Challenged, attempt: Attempt{7}, arrived: noon + 9, since: now - RevealTime}
	want := []*primaryRecord{words, proved, newer, fresh, older, silentProved, silent}
	p := &Primary{attempts: map[Attempt]*primaryRecord{}}
	for _, r := range want {
		p.attempts[r.attempt] = r
	}
	if got := p.places(now); !slices.Equal(got, want) {
		for _, r := range got {
			t.Logf("%d", r.attempt[0])
		}
		t.Fatal("another order")
	}
}

func TestNoticeIsQuiet(t *testing.T) {
	s := newStory(t)
	notices := func() (n int) {
		for _, e := range s.h.events {
			if e.What == Notice {
				n++
			}
		}
		return n
	}
	for i := core.Millis(0); i < 20; i++ {
		s.now = noon + i*core.Minute/2
		s.h.must(s.now, heard(t, s.asker().request))
	}
	if notices() != 1 || !s.h.p.View(s.now).Notice {
		t.Fatalf("%d notices in ten minutes", notices())
	}
	s.h.must(s.now, OpenDialog{})
	s.h.must(s.now+NoticeEvery, heard(t, s.asker().request))
	if notices() != 1 || s.h.p.View(s.now).Notice {
		t.Fatal("a notice beside the open dialog")
	}

	// One who asks and takes it back, again and again.
	s = newStory(t)
	for i := core.Millis(0); i < 19; i++ {
		s.now = noon + i*core.Minute/2
		a := s.asker()
		s.h.must(s.now, heard(t, a.request))
		s.h.must(s.now, Tick{})
		if shown := s.h.p.View(s.now).Notice; shown != (i == 0) {
			t.Fatalf("asked %d times: notice %v", i+1, shown)
		}
		s.h.must(s.now, a.byJoiner(KindCancel))
		if s.h.p.View(s.now).Notice {
			t.Fatal("a notice for nobody")
		}
	}
	// Who still waits when the ten minutes are over is noticed then, and after a
	// reload at once.
	s.h.must(s.now, heard(t, s.asker().request))
	at, ok := s.h.p.Due(s.now)
	if s.h.must(at, Tick{}); !ok || at != noon+NoticeEvery || !s.h.p.View(at).Notice || notices() != 2 {
		t.Fatalf("%d notices, due %d", notices(), at-noon)
	}
	if s.h.reload(); !s.h.p.View(at).Notice {
		t.Fatal("no notice after a reload")
	}
	// Whoever opened the dialog and cancelled it has seen the first one.
	s.h.must(at, OpenDialog{})
	s.h.must(at, CloseDialog{})
	s.h.must(at, heard(t, s.asker().request))
	if !s.h.p.View(at).Notice {
		t.Fatal("no notice after the dialog")
	}
}

// A reload closes the dialog and changes no state; Authorise needs it open.
func TestReloadClosesTheDialog(t *testing.T) {
	s := newStory(t).inWords()
	words := s.h.p.View(s.now).Askers[0].Words
	in := s.authoriseInput()
	s.h.reload()
	d := s.h.p.View(s.now)
	if d.Open || len(d.Askers) != 1 || !slices.Equal(d.Askers[0].Words, words) || d.Askers[0].Facts.Name != "Firefox on Linux" {
		t.Fatal("the words did not survive the reload")
	}
	if _, err := s.h.do(s.now, in); err != ErrNotNow {
		t.Fatalf("authorised with the dialog closed: %v", err)
	}
	if _, err := s.h.do(s.now, CloseDialog{}); err != ErrNotNow {
		t.Fatalf("cancelled a dialog that is not open: %v", err)
	}
	s.h.must(s.now, OpenDialog{})
	if out := s.h.must(s.now, in); out.Adopt == nil {
		t.Fatal("not authorised")
	}
	if got := s.h.p.Unconfirmed(); len(got) != 1 || got[0] != s.j.device.ID() {
		t.Fatal("not shown as unconfirmed")
	}
}

// The same grant bytes are sent again, for as long as it takes.
func TestGrantIsRepeated(t *testing.T) {
	s := newStory(t).authorised()
	for _, after := range []core.Millis{RepeatEvery, core.Hour, 365 * core.Day} {
		s.h.reload()
		if at, ok := s.h.p.Due(s.now + after); !ok || at > s.now+after {
			t.Fatal("not due after a reload")
		}
		l := only(t, s.h.must(s.now+after, Tick{}), KindGrant)
		if !bytes.Equal(l.Bytes, s.grant.Bytes) || l.Form != ToSession {
			t.Fatal("other grant bytes")
		}
	}
	// Any pairwise message counts as LinkDone.
	out := s.h.must(s.now, Spoke{s.j.device.ID()})
	if len(out.Send) != 1 || out.Send[0].Form != Ping || s.h.state(s.attempt) != Done {
		t.Fatal("a pairwise message is not taken as LinkDone")
	}
	if _, ok := s.h.p.Due(s.now); ok {
		t.Fatal("something is still due")
	}
}

func TestAuthoriseRefusesBadInput(t *testing.T) {
	s := newStory(t).inWords()
	good := s.authoriseInput()
	for name, change := range map[string]func(*Authorise){
		"no list":         func(in *Authorise) { in.List = nil },
		"a list too long": func(in *Authorise) { in.List = make([]byte, maxList+1) },
		"no grant":        func(in *Authorise) { in.Pairwise = nil },
	} {
		in := good
		change(&in)
		if _, err := s.h.do(s.now, in); err != ErrInput || s.h.state(s.attempt) != Words {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, g := range map[string]Grant{
		"no list":     {},
		"a long name": {List: []byte("list"), DeviceName: string(make([]byte, MaxDeviceName+1))},
		"seven known": {List: []byte("list"), Known: make([]Known, 7)},
		"long facts":  {List: []byte("list"), Known: []Known{{Facts: core.Facts{Platform: string(make([]byte, MaxPlatform+1))}}}},
	} {
		if _, err := s.h.p.SealGrant(s.attempt, s.h.keys.Shared, g); err != ErrInput {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.h.p.SealGrant(s.attempt, newHouse(t).keys.Shared, Grant{List: []byte("list")}); err != ErrInput {
		t.Errorf("another account's keys: %v", err)
	}
	if _, err := s.h.p.Candidate(Attempt{}); err != ErrNotNow {
		t.Errorf("a candidate that nobody knows: %v", err)
	}
}

// Records of unlinked devices are bounded; the oldest goes.
func TestUnlinkedAreBounded(t *testing.T) {
	s := newStory(t)
	var first Attempt
	for i := 0; i < MaxUnlinked+3; i++ {
		a := &story{t: t, h: s.h, j: newJoiner(t), now: s.now + core.Millis(i)}
		if s.h.p.dialog != nil {
			s.h.must(a.now, CloseDialog{})
		}
		a.confirmed()
		s.h.must(a.now, Unlink{a.j.device.ID()})
		if i == 0 {
			first = a.attempt
		}
	}
	if len(s.h.saved) != MaxUnlinked || s.h.state(first) != None {
		t.Fatalf("%d records", len(s.h.saved))
	}
}

func TestDamagedRecords(t *testing.T) {
	s := newStory(t).inWords()
	b := s.h.saved[s.attempt]
	if _, err := LoadPrimary(s.h.keys.Shared.Account, s.h.keys.Device, core.EdKey{}, [][]byte{b, b}); err != ErrRecord {
		t.Errorf("one attempt twice: %v", err)
	}
	for _, n := range []int{0, 1, len(b) / 2, len(b) - 1} {
		if _, err := LoadPrimary(s.h.keys.Shared.Account, s.h.keys.Device, core.EdKey{}, [][]byte{b[:n]}); err != ErrRecord {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	j := s.j.record()
	for _, n := range []int{0, 1, len(j) / 2, len(j) - 1} {
		if _, err := LoadSecondary(j[:n]); err != ErrRecord {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}
