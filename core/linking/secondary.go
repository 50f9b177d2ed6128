package linking

import (
	"crypto/rand"
	"slices"

	"tandem/core"
	"tandem/core/identity"
)

// Stage of the device that wants to join (multi-device.md §12, S). The numbers
// are those of the stored record. Confirming is called Linked there.
//
//	Idle ──Link──▶ Asking ──challenge──▶ Revealed ──grant──▶ Holding ──Finish──▶ Confirming ──P speaks──▶ Confirmed
//	                 │ Cancel               │ They differ, Cancel,  │                 │                      │
//	                 ▼                      ▼ time, other bytes     ▼                 └──── removed ─────────┴──▶ Wiped
//	             Cancelling              Ending ◀───────────────────┘
//	                 └───────▶ Gone ◀───────┘
type Stage uint8

// Stages.
const (
	Idle       Stage = 0 // no attempt
	Asking     Stage = 1
	Cancelling Stage = 2
	Revealed   Stage = 3 // words are shown
	Holding    Stage = 4 // words are shown, the grant is here: Finish works
	Confirming Stage = 5 // linked; LinkDone is repeated
	Confirmed  Stage = 6 // linked, and the primary knows
	Ending     Stage = 7 // not linked; the primary is being told
	Gone       Stage = 8 // the cause until it is read
	Wiped      Stage = 9 // removed; the loop erases everything
)

// Secondary is the machine of the device that wants to join. It holds at most
// one attempt. Not safe for concurrent use: the loop owns it.
type Secondary struct {
	rec  *secondaryRecord // nil in Idle
	next core.Millis      // when the letter is repeated; 0 = at once
	// refused: a challenge came that does not know the link code.
	refused bool
}

// NewSecondary is a device without an attempt.
func NewSecondary() *Secondary { return &Secondary{} }

// LoadSecondary reads the record that was saved last. Error: ErrRecord.
func LoadSecondary(record []byte) (*Secondary, error) {
	rec, err := parseSecondary(record)
	if err != nil {
		return nil, err
	}
	return &Secondary{rec: rec}, nil
}

// stage is that of the attempt.
func (s *Secondary) stage() Stage {
	if s.rec == nil {
		return Idle
	}
	return s.rec.stage
}

// Step moves the machine by one input. Error: ErrNotNow for a command of the
// user that this stage does not have, ErrInput; nothing has changed then.
func (s *Secondary) Step(now core.Millis, in SecondaryInput) (Outcome, error) {
	now = sane(now)
	switch in := in.(type) {
	case Tick:
		return s.tick(now), nil
	case Retry:
		s.next = 0
		return s.tick(now), nil
	case Heard:
		return s.hear(now, in), nil
	case Granted:
		return s.granted(now, in)
	case Spoke:
		if s.stage() == Confirming && in.From == s.rec.peer {
			return s.become(now, Confirmed, *s.rec), nil
		}
		return Outcome{}, nil
	case Unlinked:
		return s.unlinked(now, in), nil
	case Removed:
		return s.removed(), nil
	case Link:
		return s.link(now, in)
	case Cancel:
		return s.cancel(now, in)
	case Differ:
		if s.stage() != Revealed && s.stage() != Holding {
			return Outcome{}, ErrNotNow
		}
		return s.end(now, ReasonDiffer, false), nil
	case Finish:
		return s.finish(now, in)
	case Acknowledge:
		return s.acknowledge()
	}
	return Outcome{}, ErrInput
}

// become is the only way into a stage: it stores the fields that the stage
// keeps, forgets the others, and says the stage's first word.
func (s *Secondary) become(now core.Millis, stage Stage, next secondaryRecord) Outcome {
	event := Event{What: Changed, Attempt: next.attempt}
	switch {
	case stage == Confirming:
		event.What = Linked
	case isOver(stage) && !isOver(s.stage()):
		event.What, event.Reason = Ended, next.reason
	}
	next.stage = stage
	s.rec, s.refused = next.stored(), false
	out := Outcome{
		Save: []Record{{Attempt: s.rec.attempt, Bytes: s.rec.marshal()}},
		Tell: []Event{event},
	}
	if l, ok := s.rec.letter(); ok {
		out.Send = []Letter{l.first()}
		s.next = now + RepeatEvery
	}
	return out
}

func isOver(st Stage) bool { return st == Cancelling || st == Ending || st == Gone }

// tick ends what is over and repeats what is due.
func (s *Secondary) tick(now core.Millis) Outcome {
	if s.rec == nil {
		return Outcome{}
	}
	if ends := s.rec.ends(); ends != 0 && now >= ends {
		return s.expire(now)
	}
	l, ok := s.rec.letter()
	if !ok || !due(now, s.next) {
		return Outcome{}
	}
	s.next = now + RepeatEvery
	return Outcome{Send: []Letter{l.again()}}
}

// due also holds when the clock was set back since.
func due(now, next core.Millis) bool { return now >= next || next > now+RepeatEvery }

// expire ends a stage whose time is over.
func (s *Secondary) expire(now core.Millis) Outcome {
	next := *s.rec
	switch s.rec.stage {
	case Revealed, Holding:
		return s.end(now, ReasonExpired, false)
	case Asking:
		next.reason = ReasonExpired
	case Ending:
		next.check = true
	case Cancelling:
		// The request is void by now, whether or not the primary heard of the
		// cancel.
	case Idle, Confirming, Confirmed, Gone, Wiped:
		return Outcome{}
	}
	return s.become(now, Gone, next)
}

// end turns an attempt with a stored challenge into Ending: the primary may
// have authorised, so it must be told. short: the cause is another challenge,
// so the stored one may be nobody's, and nobody may ever answer.
func (s *Secondary) end(now core.Millis, reason Reason, short bool) Outcome {
	next := *s.rec
	e := ending{head: s.head(KindReject), created: next.created, reason: reason}
	next.last = write(next.device, e.head, e.fields()).Marshal()
	next.reason, next.short, next.since = reason, short, now
	return s.become(now, Ending, next)
}

// head is that of a message about this attempt.
func (s *Secondary) head(kind Kind) head {
	return head{kind: kind, attempt: s.rec.attempt, account: s.rec.account, device: s.rec.device.ID()}
}

// link starts an attempt: fresh id, ephemeral and nonce, and the request.
func (s *Secondary) link(now core.Millis, in Link) (Outcome, error) {
	if s.stage() != Idle && s.stage() != Gone {
		return Outcome{}, ErrNotNow
	}
	next := secondaryRecord{
		account: in.Account, created: now, device: in.Device, secrets: in.Secrets,
		ephemeral: identity.NewEphemeral(), code: in.Code,
	}
	if in.Code != nil {
		next.account = in.Code.Account
	}
	if !in.fits() || in.Device.ID() == next.account {
		return Outcome{}, ErrInput
	}
	if _, err := core.IDFromBytes(next.account[:]); err != nil {
		return Outcome{}, ErrInput
	}
	rand.Read(next.attempt[:])
	rand.Read(next.nonce[:])
	next.request = next.ask(in)
	var gone []Record
	if s.rec != nil {
		gone = []Record{{Attempt: s.rec.attempt}}
	}
	out := s.become(now, Asking, next)
	out.Save = append(gone, out.Save...)
	return out, nil
}

func (in Link) fits() bool {
	return in.Device != nil && factsFit(in.Facts) &&
		len(in.Bundle) > 0 && len(in.Bundle) <= MaxBundle &&
		len(in.Secrets) > 0 && len(in.Secrets) <= maxOpaque
}

// ask makes the request.
func (r *secondaryRecord) ask(in Link) []byte {
	q := request{
		head:       head{kind: KindRequest, attempt: r.attempt, account: r.account, device: r.device.ID()},
		facts:      in.Facts,
		bundle:     in.Bundle,
		commitment: commit(r.attempt, r.ephemeral.Public(), r.nonce),
		consent:    r.device.Sign(consentOf(r.account, r.device.ID())),
		created:    r.created,
	}
	q.signed = write(r.device, q.head, q.fields())
	if r.code != nil {
		q.signed.Proof = proofS(r.code.Secret, q.hash())
	}
	return q.signed.Marshal()
}

func (s *Secondary) cancel(now core.Millis, in Cancel) (Outcome, error) {
	switch s.stage() {
	case Asking:
		next := *s.rec
		next.reason = ReasonCancelled
		if in.NeverSent {
			return s.become(now, Gone, next), nil
		}
		e := ending{head: s.head(KindCancel), created: next.created}
		next.last = write(next.device, e.head, e.fields()).Marshal()
		return s.become(now, Cancelling, next), nil
	case Revealed, Holding:
		return s.end(now, ReasonCancelled, false), nil
	case Idle, Cancelling, Confirming, Confirmed, Ending, Gone, Wiped:
	}
	return Outcome{}, ErrNotNow
}

func (s *Secondary) acknowledge() (Outcome, error) {
	if s.stage() != Gone {
		return Outcome{}, ErrNotNow
	}
	out := Outcome{Save: []Record{{Attempt: s.rec.attempt}}, Tell: []Event{{What: Changed, Attempt: s.rec.attempt}}}
	s.rec = nil
	return out, nil
}

// Due is the network time at which a Tick is needed; false = never, as things
// are. It may lie in the past.
func (s *Secondary) Due(now core.Millis) (core.Millis, bool) {
	if s.rec == nil {
		return 0, false
	}
	at, ok := s.rec.ends(), s.rec.ends() != 0
	if _, repeats := s.rec.letter(); repeats {
		next := min(s.next, now+RepeatEvery)
		if !ok || next < at {
			at, ok = next, true
		}
	}
	return at, ok
}

// Open reports whether both mailboxes should be polled quickly: an attempt is
// open, or has been finished within the last minute (multi-device.md §3).
func (s *Secondary) Open(now core.Millis) bool {
	switch s.stage() {
	case Asking, Cancelling, Revealed, Holding:
		return true
	case Confirming:
		return now < s.rec.since+core.Minute
	case Idle, Confirmed, Ending, Gone, Wiped:
	}
	return false
}

// Join is what a page may know of an attempt.
type Join struct {
	Stage    Stage
	Attempt  Attempt
	Account  core.ID
	Primary  core.ID     // the primary's device; zero before its challenge
	Words    []string    // three, in Revealed and Holding
	Deadline core.Millis // network time at which this stage ends by itself; 0 = none
	Reason   Reason      // in Cancelling, Ending and Gone
	// CheckPrimary: the primary may never have heard that this attempt ended.
	// "Check Devices on your primary device."
	CheckPrimary bool
	// CodeRefused: in Asking, somebody with the account key answered without
	// knowing the link code: it was used before, or its dialog was closed.
	CodeRefused bool
}

// View is what a page may know.
func (s *Secondary) View() Join {
	if s.rec == nil {
		return Join{}
	}
	return Join{
		Stage: s.rec.stage, Attempt: s.rec.attempt, Account: s.rec.account, Primary: s.rec.peer,
		Words: slices.Clone(s.rec.words), Deadline: s.rec.ends(),
		Reason: s.rec.reason, CheckPrimary: s.rec.check, CodeRefused: s.refused,
	}
}

// Device is the key of the attempt: it polls the device's mailbox, opens what
// lies there, seals letters and is the identity of the session. Nil in Idle and
// Gone, and from Finish on, when the keyring has it.
func (s *Secondary) Device() *identity.Device {
	if s.rec == nil {
		return nil
	}
	return s.rec.device
}

// Pairwise is the opaque pairwise state of the attempt: the prekey secrets
// (nil where they were destroyed) and, in Holding, the session.
func (s *Secondary) Pairwise() (secrets, session []byte) {
	if s.rec == nil {
		return nil, nil
	}
	return slices.Clone(s.rec.secrets), slices.Clone(s.rec.session)
}
