package linking

import (
	"bytes"

	"tandem/core"
)

// hear takes a challenge or an end answer; nothing else is for this side, and
// nothing is for it once it is linked.
func (s *Secondary) hear(now core.Millis, in Heard) Outcome {
	if s.rec == nil || s.rec.device == nil {
		return Outcome{}
	}
	switch in.Kind {
	case KindChallenge:
		return s.challenged(now, in.Signed)
	case KindReject:
		return s.rejected(now, in.Signed)
	}
	return Outcome{}
}

func (s *Secondary) challenged(now core.Millis, raw []byte) Outcome {
	stage := s.stage()
	if stage != Asking && stage != Revealed && stage != Holding {
		return Outcome{}
	}
	c, err := readChallenge(raw)
	if err != nil || !s.rec.about(&c.head) || !c.holds() {
		return Outcome{}
	}
	q, err := readRequest(s.rec.request)
	if err != nil {
		return Outcome{}
	}
	if s.rec.code != nil && !c.fits(*s.rec.code, q.hash()) {
		return s.unproved(stage)
	}
	if stage == Asking {
		return s.reveal(now, raw, q, c)
	}
	stored, err := readChallenge(s.rec.challenge)
	if err == nil && bytes.Equal(stored.signed.Body, c.signed.Body) {
		return Outcome{} // a repeat
	}
	// A second challenge would be a second guess at the words. Holding a grant,
	// the stored challenge is somebody's for sure, and this acts as They differ.
	return s.end(now, ReasonInvalid, stage == Revealed)
}

// unproved: a challenge that does not know the link code is not taken, but the
// person is told once, for a code is used up quickly.
func (s *Secondary) unproved(stage Stage) Outcome {
	if stage != Asking || s.refused {
		return Outcome{}
	}
	s.refused = true
	return Outcome{Tell: []Event{{What: Changed, Attempt: s.rec.attempt}}}
}

// reveal answers the first challenge that verifies, for good.
func (s *Secondary) reveal(now core.Millis, raw []byte, q *request, c *challenge) Outcome {
	v := reveal{head: s.head(KindReveal), challenge: c.hash(), ephemeral: s.rec.ephemeral.Public(), nonce: s.rec.nonce}
	v.signed = write(s.rec.device, v.head, v.fields())
	if _, ok := agree(s.rec.ephemeral, c.ephemeral, q.signed.Body, c.signed.Body, v.signed.Body); !ok {
		return Outcome{}
	}
	next := *s.rec
	next.challenge, next.reveal = raw, v.signed.Marshal()
	next.peer, next.peerEd = c.peer, c.peerEd
	return s.become(now, Revealed, next)
}

// rejected takes an end answer. Holding a challenge, only one by the device
// that it names: the account key proves only "someone who was once linked".
func (s *Secondary) rejected(now core.Millis, raw []byte) Outcome {
	e, err := readEnding(KindReject, raw)
	if err != nil || !s.rec.about(&e.head) || !e.verify() || e.byJoiner() {
		return Outcome{}
	}
	next := *s.rec
	switch s.stage() {
	case Asking:
		next.reason = e.reason
	case Cancelling:
	case Revealed, Holding:
		if e.ed != s.rec.peerEd {
			return Outcome{}
		}
		next.reason = e.reason
	case Ending:
		if e.ed != s.rec.peerEd {
			return Outcome{}
		}
	case Idle, Confirming, Confirmed, Gone, Wiped:
		return Outcome{}
	}
	return s.become(now, Gone, next)
}

// unlinked: before Finish the pairwise message must come from the device of
// the challenge, as every end must.
func (s *Secondary) unlinked(now core.Millis, in Unlinked) Outcome {
	switch s.stage() {
	case Revealed, Holding, Ending:
		if in.From != s.rec.peer {
			return Outcome{}
		}
		next := *s.rec
		if s.rec.stage != Ending {
			next.reason = ReasonUnlinked
		}
		return s.become(now, Gone, next)
	case Confirming, Confirmed:
		return s.removed()
	case Idle, Asking, Cancelling, Gone, Wiped:
	}
	return Outcome{}
}

func (s *Secondary) removed() Outcome {
	if s.stage() != Confirming && s.stage() != Confirmed {
		return Outcome{}
	}
	attempt := s.rec.attempt
	s.rec = &secondaryRecord{stage: Wiped, attempt: attempt}
	return Outcome{Save: []Record{{Attempt: attempt}}, Tell: []Event{{What: Wipe, Attempt: attempt, Reason: ReasonUnlinked}}}
}

// granted takes the grant under K of the stored challenge, and holds it sealed.
func (s *Secondary) granted(now core.Millis, in Granted) (Outcome, error) {
	if s.stage() != Revealed || in.From != s.rec.peer {
		return Outcome{}, nil
	}
	if len(in.Session) == 0 || len(in.Session) > maxOpaque || len(in.Secrets) > maxOpaque {
		return Outcome{}, ErrInput
	}
	g, err := readGrant(in.Signed)
	if err != nil || !s.rec.about(&g.head) || !g.verify() || !g.byAccount() {
		return Outcome{}, nil
	}
	a, ok := s.rec.agreement()
	if !ok {
		return Outcome{}, nil
	}
	if _, _, ok := g.open(a); !ok {
		return Outcome{}, nil
	}
	next := *s.rec
	next.grant, next.session, next.since = in.Signed, in.Session, now
	if in.Secrets != nil {
		next.secrets = in.Secrets
	}
	return s.become(now, Holding, next), nil
}
