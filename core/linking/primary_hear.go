package linking

import (
	"bytes"
	"slices"

	"tandem/core"
)

// hear takes one linking message. What is malformed, unsigned or of another
// account never was a message.
func (t *turn) hear(in Heard) {
	switch in.Kind {
	case KindRequest:
		q, err := readRequest(in.Signed)
		if err != nil || t.p.waits(q.attempt, in.Signed) {
			return
		}
		if q.account == t.p.account.ID() && t.hopeless(q) {
			t.flooded()
			t.p.crowd.add(q.attempt, q.created+Lifetime, t.now)
			return
		}
		if t.counts(&q.head) && q.byJoiner() {
			t.asked(q, in)
		}
	case KindReveal:
		if v, err := readReveal(in.Signed); err == nil && t.counts(&v.head) && v.byJoiner() {
			t.revealed(v, in.Signed)
		}
	case KindDone, KindReject, KindCancel:
		if e, err := readEnding(in.Kind, in.Signed); err == nil && t.counts(&e.head) && e.byJoiner() {
			t.ended(e)
		}
	case KindChallenge, KindGrant:
	}
}

// waits recognises the repeat of a request that has its place, every 30 s of
// each, without verifying it again.
func (p *Primary) waits(a Attempt, signed []byte) bool {
	r := p.attempts[a]
	return r != nil && r.live() && bytes.Equal(r.request, signed)
}

// counts drops what is not for this account, what comes when no more ids can
// be remembered, and what does not verify; the cheap checks first.
func (t *turn) counts(h *head) bool {
	if h.account != t.p.account.ID() {
		return false
	}
	if t.p.attempts[h.attempt] == nil && t.p.ended >= MaxEnded {
		return false
	}
	return h.verify()
}

// asked: LinkRequest.
func (t *turn) asked(q *request, in Heard) {
	r := t.p.attempts[q.attempt]
	if r == nil {
		t.newcomer(q, in)
		return
	}
	switch r.state {
	case Challenged, Words:
		// Other bytes would be other words for one challenge.
		if !bytes.Equal(r.q.signed.Body, q.signed.Body) {
			t.end(r, ReasonInvalid)
		}
	case Over:
		t.answer(r.attempt, q.device, r.created, r.reason, false)
	case None, Pending, Authorised, Done, Departed:
	}
}

// newcomer: a request under a new id is refused or kept.
func (t *turn) newcomer(q *request, in Heard) {
	if reason := t.refusal(q, in.Roster); reason != ReasonNone {
		t.refuse(q.attempt, q.device, q.created, reason)
		t.out.Tell = append(t.out.Tell, Event{What: Ended, Attempt: q.attempt, Reason: reason})
		return
	}
	t.keep(&primaryRecord{attempt: q.attempt, device: q.device, created: q.created, request: in.Signed, q: q})
}

// refusal is why a request is never granted; None = it may be. It is asked at
// the request and again at Authorise (multi-device.md §5).
func (t *turn) refusal(q *request, now Roster) Reason {
	switch {
	case q.device == t.p.device.ID() || q.device == q.account:
		return ReasonOwn
	case !t.timely(q.created):
		return ReasonExpired
	case !q.consents():
		return ReasonInvalid
	case slices.Contains(now.Secondaries, q.device) || slices.Contains(now.Removed, q.device):
		return ReasonLinked
	case len(now.Secondaries) >= MaxSecondaries:
		return ReasonLimit
	}
	return ReasonNone
}

// timely: created is not more than ten minutes off, either way.
func (t *turn) timely(created core.Millis) bool {
	return created > t.now-Lifetime && created <= t.now+Lifetime
}

// refuse remembers an id that never was more than a message, and answers. An
// id whose created is off needs no memory: its request is refused as expired
// whenever it comes again, and a wrong or hostile clock must not fill the
// places for ended ids for longer than an attempt lives.
func (t *turn) refuse(a Attempt, device core.ID, created core.Millis, reason Reason) {
	if t.timely(created) {
		r := primaryRecord{state: Over, attempt: a, created: created, reason: reason}
		t.p.attempts[a] = r.stored()
		t.p.ended++
		t.save(a, r.marshal())
	}
	t.answer(a, device, created, reason, true)
}

// revealed: LinkReveal.
func (t *turn) revealed(v *reveal, raw []byte) {
	r := t.p.attempts[v.attempt]
	if r == nil {
		return
	}
	switch r.state {
	case Challenged:
		if v.device == r.device {
			t.opened(r, v, raw)
		}
	case Words:
		if stored, err := readReveal(r.reveal); v.device == r.device && (err != nil || !bytes.Equal(stored.signed.Body, v.signed.Body)) {
			t.end(r, ReasonInvalid)
		}
	case Over:
		t.answer(r.attempt, v.device, r.created, r.reason, false)
	case Departed:
		if v.device == r.device {
			t.answer(r.attempt, r.device, r.created, ReasonUnlinked, false)
		}
	case None, Pending, Authorised, Done:
	}
}

// opened: the one reveal that an id has. It names this challenge and opens the
// commitment, or the attempt ends.
func (t *turn) opened(r *primaryRecord, v *reveal, raw []byte) {
	next := *r
	next.reveal = raw
	c, err := readChallenge(r.challenge)
	if err != nil || !v.answers(r.q, c) {
		t.end(r, ReasonInvalid)
		return
	}
	if _, ok := next.agreement(); !ok {
		t.end(r, ReasonInvalid)
		return
	}
	t.become(next, Words)
}

// ended: LinkDone, LinkReject or LinkCancel by the device.
func (t *turn) ended(e *ending) {
	r := t.p.attempts[e.attempt]
	if r == nil {
		if e.kind != KindDone {
			t.p.crowd.remove(e.attempt)
			t.refuse(e.attempt, e.device, e.created, e.reason)
		}
		return
	}
	if r.state == Over {
		if e.kind != KindDone {
			t.answer(r.attempt, e.device, r.created, r.reason, false)
		}
		return
	}
	if e.device != r.device {
		return
	}
	switch r.state {
	case Pending, Challenged, Words:
		if e.kind != KindDone {
			t.end(r, e.reason)
		}
	case Authorised, Done:
		t.concluded(r, e)
	case Departed:
		if e.kind != KindDone {
			t.answer(r.attempt, r.device, r.created, ReasonUnlinked, false)
		}
	case None, Over:
	}
}

// concluded: after Authorise the device says that it joined, every copy is
// answered, or that it did not.
func (t *turn) concluded(r *primaryRecord, e *ending) {
	switch e.kind {
	case KindDone:
		if r.state == Authorised {
			t.become(*r, Done)
		}
		t.ping(r)
	case KindReject:
		t.depart(r, e.reason)
	case KindRequest, KindChallenge, KindReveal, KindGrant, KindCancel:
	}
}

// spoke: a pairwise message of a device that was authorised counts as LinkDone.
func (t *turn) spoke(from core.ID) {
	if r := t.p.linked(from); r != nil && r.state == Authorised {
		t.become(*r, Done)
		t.ping(r)
	}
}

// linked is the attempt by which a device was authorised; nil = none. There is
// never a second: a listed device is refused.
func (p *Primary) linked(device core.ID) *primaryRecord {
	for _, r := range p.attempts {
		if r.device == device && (r.state == Authorised || r.state == Done) {
			return r
		}
	}
	return nil
}
