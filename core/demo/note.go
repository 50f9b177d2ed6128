package demo

import (
	"context"
	"slices"
	"sync"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
)

// typed is what people typed, as it was typed.
type typed struct {
	mu    sync.Mutex // guards the fields below
	notes []*note
	read  [seats]shelf
}

// note is one message that somebody typed.
type note struct {
	from    identity
	to      core.ID // the conversation, as its author has it
	id      core.MessageID
	body    string
	typing  bool // its author does not have it yet
	asks    bool // with a friend request that nobody has accepted yet: nobody else has it
	deleted bool
	settled bool // it is wherever it is for, or will never be
	places  [seats]place
}

// place is a device that a note is for.
type place struct {
	device  core.ID     // zero: none
	seen    bool        // it was in its store
	missing core.Millis // since when nothing of it is under way; 0 = something is, or may be
}

// typing sends what was typed by act, and remembers it. to is the conversation.
func (d *device) typing(to core.ID, text string, asks bool, act func(c *client.Client) error) error {
	n := d.w.typed.begin(d.w, &note{from: d.who(), to: to, body: text, typing: true, asks: asks})
	err := act(d.client())
	d.w.typed.end(d, n, err == nil)
	d.w.changed()
	return err
}

// begin files what is about to be sent, and whom it is for.
func (t *typed) begin(w *World, n *note) *note {
	for _, other := range w.devices {
		if who := other.who(); !who.device.IsZero() && (who.account == n.from.account || who.account == n.to) {
			n.places[other.seat].device = who.device
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.notes = append(t.notes, n)
	return n
}

// end gives a note the ID that it was sent with, or forgets it.
func (t *typed) end(d *device, n *note, sent bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if sent {
		n.id = t.newest(d, n)
	}
	n.typing = false
	if n.id == (core.MessageID{}) {
		t.notes = slices.DeleteFunc(t.notes, func(o *note) bool { return o == n })
	}
}

// newest is the ID of what its author has just filed; zero if it cannot be read.
func (t *typed) newest(d *device, n *note) (id core.MessageID) {
	s, done := d.peek()
	if s == nil {
		return id
	}
	defer done()
	found, _ := s.Page(context.Background(), n.to, store.Position{}, all) // damage is none of its
	for _, m := range found {
		taken := slices.ContainsFunc(t.notes, func(o *note) bool { return o.id == m.ID })
		if m.ID.Device == n.from.device && m.Body == n.body && !taken && m.ID.Counter > id.Counter {
			id = m.ID
		}
	}
	return id
}

// deletes remembers that a message was deleted on purpose.
func (t *typed) deletes(w *World, account core.ID, id core.MessageID, everyone bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.notes {
		if n.id != id {
			continue
		}
		n.deleted = n.deleted || everyone || n.from.account == account
		for _, d := range w.devices {
			if d.who().account == account {
				n.places[d.seat].device = core.ID{}
			}
		}
	}
}

// leap makes time jump, and begins all patience again. Nobody counts in between:
// what is missing since just before the jump would be missing for all of it.
func (t *typed) leap(jump func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	jump()
	for _, n := range t.notes {
		for i := range n.places {
			n.places[i].missing = 0
		}
	}
}

func (t *typed) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.notes, t.read = nil, [seats]shelf{}
}

// stands says whether an account has typed a text, and whether it is settled, by
// the last count.
func (t *typed) stands(account core.ID, body string) (typed, settled bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, n := range t.notes {
		if n.from.account == account && n.body == body && !n.typing {
			return true, n.settled || n.deleted
		}
	}
	return false, false
}
