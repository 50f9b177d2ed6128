package linking

import (
	"bytes"
	"cmp"
	"slices"

	"tandem/core"
)

// all are the attempts in a fixed order, so that one input always has one
// outcome.
func (p *Primary) all() []*primaryRecord {
	out := make([]*primaryRecord, 0, len(p.attempts))
	for _, r := range p.attempts {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *primaryRecord) int { return bytes.Compare(a.attempt[:], b.attempt[:]) })
	return out
}

// places are the live attempts, best first: those with words, which no other
// pushes out; then those with proof, then the newest; and at the end those
// that were challenged and have not revealed for 20 s.
func (p *Primary) places(now core.Millis) []*primaryRecord {
	var out []*primaryRecord
	for _, r := range p.attempts {
		if r.live() {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *primaryRecord) int { return compare(a, b, now) })
	return out
}

func compare(a, b *primaryRecord, now core.Millis) int {
	return cmp.Or(
		-cmp.Compare(bit(a.state == Words), bit(b.state == Words)),
		cmp.Compare(bit(a.silent(now)), bit(b.silent(now))),
		-cmp.Compare(bit(a.proved), bit(b.proved)),
		-cmp.Compare(a.arrived, b.arrived),
		bytes.Compare(a.attempt[:], b.attempt[:]),
	)
}

// silent: a challenge without a reveal for 20 s.
func (r *primaryRecord) silent(now core.Millis) bool {
	return r.state == Challenged && now >= r.since+RevealTime
}

// keep gives a valid new request a place, if it deserves one, and challenges
// it if the dialog is open.
func (t *turn) keep(r *primaryRecord) {
	r.state, r.arrived = Pending, t.now
	r.proved = t.p.dialog != nil && r.q.proves(t.p.dialog.code.Secret)
	if t.p.dialog != nil && !t.p.dialog.has(r.proved) {
		t.flooded()
	}
	if !t.makeRoom(r) {
		t.p.crowd.add(r.attempt, r.ends(), t.now)
		return
	}
	t.p.crowd.remove(r.attempt)
	t.become(*r, Pending)
	if t.p.dialog == nil {
		t.notice()
		return
	}
	kept := t.p.attempts[r.attempt]
	kept.proved = r.proved
	t.challenge(kept)
}

// makeRoom pushes out an older request of the same device, or the last of the
// order; false = r itself is the last. It comes again in 30 s.
func (t *turn) makeRoom(r *primaryRecord) bool {
	places := t.p.places(t.now)
	for _, other := range places {
		if other.device == r.device {
			if other.state == Words {
				return false
			}
			t.pushOut(other)
			return true
		}
	}
	if len(places) < MaxPending {
		return true
	}
	last := places[len(places)-1]
	if last.state == Words {
		// All eight have words. Only who knows the code of the open dialog may
		// take the place of somebody who does not.
		if !r.proved || last.proved || !t.p.dialog.has(true) {
			return false
		}
	} else if compare(r, last, t.now) > 0 {
		return false
	}
	// What cannot be challenged any more in this opening gains nothing by
	// ending what was.
	if last.state == Challenged && t.p.dialog != nil && !t.p.dialog.has(r.proved) {
		return false
	}
	t.pushOut(last)
	return true
}

// hopeless recognises a request that would find no place, before it costs a
// signature: a flood is mostly of these.
func (t *turn) hopeless(q *request) bool {
	d := t.p.dialog
	if d == nil || d.has(false) || t.p.attempts[q.attempt] != nil || q.proves(d.code.Secret) || !t.timely(q.created) {
		return false
	}
	places := t.p.places(t.now)
	return len(places) >= MaxPending && places[len(places)-1].state != Pending
}

// pushOut: without a challenge the id may come again; with one, never.
func (t *turn) pushOut(r *primaryRecord) {
	if r.state != Pending {
		t.end(r, ReasonFlood)
		return
	}
	t.p.crowd.add(r.attempt, r.ends(), t.now)
	t.drop(r.attempt)
}

// flooded tells once in each opening that there are no more challenges.
func (t *turn) flooded() {
	if !t.p.dialog.flooded {
		t.p.dialog.flooded = true
		t.out.Tell = append(t.out.Tell, Event{What: Flooded})
	}
}

// waiting reports whether somebody asks.
func (p *Primary) waiting() bool {
	for _, r := range p.attempts {
		if r.live() {
			return true
		}
	}
	return false
}

// notice tells once in ten minutes that somebody asks while the dialog is
// closed. It stands as long as somebody does.
func (t *turn) notice() {
	if t.p.noticing || t.p.noticed != 0 && t.now < t.p.noticed+NoticeEvery && t.p.noticed <= t.now {
		return
	}
	t.p.noticed, t.p.noticing = t.now, true
	t.out.Tell = append(t.out.Tell, Event{What: Notice})
}
