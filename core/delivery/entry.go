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
	Waiting State = 1 // to be stored, at Next
	Stored  State = 2 // lies in the swarm of its device
	Expired State = 3 // given up after Lifetime
)

// Copy is one message for one device.
type Copy struct {
	To    core.ID // device
	State State
	Data  []byte // what is stored; dropped once it is
	Tries uint64
	Next  core.Millis // of the next attempt, network time
}

// Entry is all copies of one message, or of one note between devices that is
// no message of a conversation (Message is zero then).
type Entry struct {
	Number       uint64 // order in the outbox, unique on this device
	Message      core.MessageID
	Conversation core.ID
	Created      core.Millis // network time
	Copies       []Copy
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

// Next is when Due will have something, and false if never.
func (e *Entry) Next() (core.Millis, bool) {
	var at core.Millis
	found := false
	for _, c := range e.Copies {
		if c.State == Waiting && (!found || c.Next < at) {
			at, found = c.Next, true
		}
	}
	return at, found
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

// Status is what the message shows. A note without a sibling is kept here and
// nowhere else, so it is done at once.
func (e *Entry) Status() core.Status {
	if len(e.Copies) == 0 {
		return core.Stored
	}
	waiting := false
	for _, c := range e.Copies {
		switch c.State {
		case Stored:
			return core.Stored
		case Waiting:
			waiting = true
		case Expired:
		}
	}
	if waiting {
		return core.Queued
	}
	return core.Failed
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
