// Package delivery plans who gets which copy of a message, and remembers for
// each copy how far it has come (multi-device.md §9). It is pure: the loop
// stores what it returns, does the network work that is due, and reports back.
//
// A message is one Entry. Each copy goes to one device, is encrypted once and
// retried by itself with the same bytes, so that a node which already has it
// recognises it. Copies go out side by side; nothing waits for a sleeping
// device.
package delivery

import (
	"crypto/rand"
	"encoding/binary"
	"slices"

	"tandem/core"
)

// Lifetime is how long a copy is retried: as long as the network would keep it.
const Lifetime = 14 * core.Day

// Waits between two attempts for one copy: doubled from first to last, with a
// quarter of jitter so that devices which lost the same node do not return
// together.
const (
	firstWait = 1 * core.Second
	lastWait  = 60 * core.Second
)

// MaxCopies bounds an entry: six devices of a contact and five siblings.
const MaxCopies = 16

// State of a copy.
type State uint8

// States of a copy.
const (
	Waiting   State = 1 // to be stored, at Next
	Stored    State = 2 // lies in the swarm of its device
	Expired   State = 3 // given up after Lifetime
	NoSession State = 4 // to be encrypted from Entry.Content once there is a session
	Withdrawn State = 5 // its device was removed before it went out
)

// Copy is one message for one device.
type Copy struct {
	To    core.ID // device
	State State
	Data  []byte // what is stored; dropped once it is
	Tries uint64
	Next  core.Millis // of the next attempt, network time
	// Own: it is a transcript for a device of one's own account, beside copies for
	// somebody else's.
	Own bool
}

// Entry is all copies of one message, or of one note between devices that is
// no message of a conversation (Message is zero then).
type Entry struct {
	Number       uint64 // order in the outbox, unique on this device
	Message      core.MessageID
	Conversation core.ID
	Created      core.Millis // network time
	Copies       []Copy
	// Content is what copies without a session will say, Transcript what those that
	// are Own will; dropped with the last of them. They are in clear here: the store
	// seals them.
	Content    []byte
	Transcript []byte
	// Told: one's own devices, which take a message for sent when they hear of it,
	// were told that it waits here still.
	Told bool
}

// Due lists the copies to attempt now. A time further ahead than any wait was
// planned by a clock that was wrong, and counts as now.
func (e *Entry) Due(now core.Millis) []int {
	var due []int
	for i, c := range e.Copies {
		if c.State == Waiting && (c.Next <= now || c.Next > now+2*lastWait) {
			due = append(due, i)
		}
	}
	return due
}

// Next is when Due or Overdue will have something, and false if never.
func (e *Entry) Next() (core.Millis, bool) {
	var at core.Millis
	found := false
	for _, c := range e.Copies {
		next := c.Next
		switch c.State {
		case Waiting:
		case NoSession:
			next = e.Created + Lifetime
		case Stored, Expired, Withdrawn:
			continue
		}
		if !found || next < at {
			at, found = next, true
		}
	}
	return at, found
}

// Unsealed lists the copies for a device that wait for a session with it.
func (e *Entry) Unsealed(to core.ID) []int {
	var waiting []int
	for i, c := range e.Copies {
		if c.State == NoSession && c.To == to {
			waiting = append(waiting, i)
		}
	}
	return waiting
}

// Sealed says that a copy was encrypted in a session that came to be.
func (e *Entry) Sealed(i int, data []byte, now core.Millis) {
	c := &e.Copies[i]
	c.State, c.Data, c.Next = Waiting, data, now
	e.forget()
}

// Overdue reports whether a copy has waited for a session as long as it may.
func (e *Entry) Overdue(now core.Millis) bool {
	return now-e.Created >= Lifetime && e.has(NoSession)
}

// Expire gives up the copies that are Overdue.
func (e *Entry) Expire(now core.Millis) {
	if e.Overdue(now) {
		e.end(Expired, func(c Copy) bool { return c.State == NoSession })
	}
}

// Withdraw takes back what has not gone out to a device, because it is no longer
// one of those that get copies. It reports whether there was anything.
func (e *Entry) Withdraw(to core.ID) (changed bool) {
	return e.end(Withdrawn, func(c Copy) bool { return c.To == to && (c.State == Waiting || c.State == NoSession) })
}

// CallBack takes back what has not gone out to the other person. It reports
// whether there was anything.
func (e *Entry) CallBack() (changed bool) {
	return e.end(Withdrawn, func(c Copy) bool { return !c.Own && (c.State == Waiting || c.State == NoSession) })
}

// end brings copies to a state that they stay in.
func (e *Entry) end(as State, which func(Copy) bool) (changed bool) {
	for i, c := range e.Copies {
		if which(c) {
			e.Copies[i].State, e.Copies[i].Data, e.Copies[i].Next = as, nil, 0
			changed = true
		}
	}
	e.forget()
	return changed
}

// forget drops contents that no copy needs any more.
func (e *Entry) forget() {
	if !e.unsealed(false) {
		e.Content = nil
	}
	if !e.unsealed(true) {
		e.Transcript = nil
	}
}

func (e *Entry) unsealed(own bool) bool {
	return slices.ContainsFunc(e.Copies, func(c Copy) bool { return c.State == NoSession && c.Own == own })
}

// Says is what an unsealed copy will say.
func (e *Entry) Says(i int) []byte {
	if e.Copies[i].Own {
		return e.Transcript
	}
	return e.Content
}

func (e *Entry) has(s State) bool {
	return slices.ContainsFunc(e.Copies, func(c Copy) bool { return c.State == s })
}

// Taken says that a copy lies in its device's swarm.
func (e *Entry) Taken(i int) {
	c := &e.Copies[i]
	c.State, c.Data, c.Next = Stored, nil, 0
}

// Refused says that an attempt did not succeed, and plans the next one or
// gives up after Lifetime.
func (e *Entry) Refused(i int, now core.Millis) {
	c := &e.Copies[i]
	if now-e.Created >= Lifetime {
		c.State, c.Data, c.Next = Expired, nil, 0
		return
	}
	wait := lastWait
	if c.Tries < 6 {
		wait = firstWait << c.Tries
	}
	c.Tries++
	c.Next = now + wait + jitter(wait/4)
}

// Hurry makes every waiting copy due: the network has come back.
func (e *Entry) Hurry(now core.Millis) {
	for i := range e.Copies {
		if c := &e.Copies[i]; c.State == Waiting && c.Next > now {
			c.Next = now
		}
	}
}

// Status is what the message shows: how far the copies for the other person have
// come, and where there are none, those for one's own devices. A note without a
// sibling is kept here and nowhere else, so it is done at once.
func (e *Entry) Status() core.Status {
	theirs := slices.ContainsFunc(e.Copies, func(c Copy) bool { return !c.Own })
	status := core.Stored
	for _, c := range e.Copies {
		switch {
		case theirs && c.Own:
		case c.State == Stored:
			return core.Stored
		case c.State == Waiting, c.State == NoSession:
			status = core.Queued
		case c.State == Expired && status == core.Stored:
			status = core.Failed
		}
	}
	return status
}

// tellAfter is how long a message waits before one's own devices are told so: most
// lie in a swarm by then.
const tellAfter = 3 * core.Second

// Misleads reports whether one's own devices have heard of a message that waits
// here, and are to be told that it does.
func (e *Entry) Misleads(now core.Millis) bool {
	return !e.Told && e.Message != (core.MessageID{}) && now-e.Created >= tellAfter &&
		slices.ContainsFunc(e.Copies, func(c Copy) bool { return c.Own && c.State == Stored }) && e.Status() == core.Queued
}

// Done reports whether nothing is left to do, so that the entry may go.
func (e *Entry) Done() bool {
	_, more := e.Next()
	return !more
}

// jitter is a random span below limit.
func jitter(limit core.Millis) core.Millis {
	if limit <= 0 {
		return 0
	}
	var b [8]byte
	rand.Read(b[:])
	return core.Millis(binary.BigEndian.Uint64(b[:]) % uint64(limit))
}

// Clone is a copy that shares nothing with e but the sealed bytes, which nobody
// changes.
func (e *Entry) Clone() *Entry {
	out := *e
	out.Copies = append([]Copy{}, e.Copies...)
	return &out
}
