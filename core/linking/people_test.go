package linking

import (
	"slices"

	"tandem/core"
)

// think lets people see what is on their screens and plan what to do.
func (w *world) think() {
	for _, j := range w.js {
		if (j.attempt == Attempt{}) {
			continue
		}
		w.joinerThinks(j)
		w.primaryThinks(j)
	}
}

func (w *world) joinerThinks(j *traveller) {
	v := j.s.View()
	if j.planned[v.Stage] {
		return
	}
	j.planned[v.Stage] = true
	switch v.Stage {
	case Asking, Revealed:
		if w.chance(0.1) {
			w.plan(w.between(0, 11*core.Minute), func() { w.press(j, v.Stage, Cancel{}) })
		}
		if v.Stage == Revealed && w.chance(0.05) {
			w.plan(w.between(0, core.Minute), func() { w.press(j, v.Stage, Differ{}) })
		}
	case Holding:
		var in SecondaryInput = Finish{Read: readList, Outbox: [][]byte{w.stale[w.rng.IntN(len(w.stale))], w.h.signed}}
		if w.chance(0.2) {
			in = Finish{Read: readList, Outbox: [][]byte{w.stale[w.rng.IntN(len(w.stale))]}}
		}
		switch {
		case !slices.Equal(v.Words, j.approved), w.chance(0.1):
			in = Differ{}
		case w.chance(0.05):
			in = Cancel{}
		case w.chance(0.05):
			return // walks away
		}
		w.again(j, Holding, in)
	case Confirming, Confirmed:
		if w.chance(0.5) {
			w.plan(w.between(0, core.Minute), func() { w.post(parcel{spoke: j.device.ID(), letter: Letter{TTL: keepTime}}) })
		}
		w.plan(10*core.Minute, func() { w.readOutbox(j) })
	case Idle, Cancelling, Ending, Gone, Wiped:
	}
}

// press is a button on the joiner's screen.
func (w *world) press(j *traveller, at Stage, in SecondaryInput) {
	if j.s.View().Stage == at {
		w.secondary(j, in)
	}
}

// again presses until the screen has changed: the tab may crash under it.
func (w *world) again(j *traveller, at Stage, in SecondaryInput) {
	w.plan(w.between(core.Second, 2*core.Minute), func() {
		w.press(j, at, in)
		if j.s.View().Stage == at {
			w.again(j, at, in)
		}
	})
}

// readOutbox is what a linked device does every ten minutes.
func (w *world) readOutbox(j *traveller) {
	v := j.s.View().Stage
	if j.wiped || v != Confirming && v != Confirmed || !slices.Contains(w.h.list.Removed, j.device.ID()) {
		return
	}
	w.secondary(j, Removed{})
	if !j.wiped {
		w.plan(10*core.Minute, func() { w.readOutbox(j) })
	}
}

func (w *world) primaryThinks(j *traveller) {
	state := w.h.state(j.attempt)
	if j.pplanned[state] {
		return
	}
	j.pplanned[state] = true
	switch state {
	case Words:
		if w.chance(0.05) {
			return // walks away
		}
		w.decide(j)
	case Authorised, Done:
		if w.chance(0.1) {
			w.plan(w.between(0, 20*core.Minute), func() {
				if s := w.h.state(j.attempt); s == Authorised || s == Done {
					w.primary(Unlink{j.device.ID()})
				}
			})
		}
	case None, Pending, Challenged, Over, Departed:
	}
}

// decide compares the words and presses a button; again if the tab crashed.
func (w *world) decide(j *traveller) {
	no, shut := w.chance(0.1), w.chance(0.05)
	w.plan(w.between(core.Second, 2*core.Minute), func() {
		if w.h.state(j.attempt) != Words {
			return
		}
		words := w.h.p.attempts[j.attempt].words
		switch {
		case shut && w.h.p.dialog != nil:
			w.wantOpen = false
			w.primary(CloseDialog{})
		case no, !slices.Equal(words, j.s.View().Words):
			w.primary(Reject{j.attempt})
		case w.h.p.dialog != nil:
			in, err := w.h.prepare(j.attempt)
			if err != nil {
				w.t.Fatal(err)
			}
			j.approved = words
			w.primary(in)
		}
		if w.h.state(j.attempt) == Words {
			w.decide(j)
		}
	})
}

// join adds a joiner that presses Link after a while.
func (w *world) join(after core.Millis) *traveller {
	j := &traveller{joiner: newJoiner(w.t), planned: map[Stage]bool{}, pplanned: map[State]bool{}}
	w.js = append(w.js, j)
	w.plan(after, func() { w.press1(j) })
	return j
}

func (w *world) press1(j *traveller) {
	in := j.link(w.h.id(), nil)
	w.secondary(j, in)
	if v := j.s.View(); v.Stage == Idle {
		w.plan(core.Second, func() { w.press1(j) }) // the tab crashed before anything was stored
	} else {
		j.attempt = v.Attempt
		w.think()
	}
}
