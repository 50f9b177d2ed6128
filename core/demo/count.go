package demo

import (
	"context"
	"errors"
	"slices"
	"sync"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
)

// ErrNothing: no message that was typed lies in the store.
var ErrNothing = errors.New("demo: there is nothing to remove")

// patience is how long a message may be missing although nothing of it is under
// way and both ends are online, before it counts as lost. A device asks for what
// it misses within minutes.
const patience = 15 * core.Minute

// all is more messages than a conversation of the demo has.
const all = 10_000

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
	asks    bool // with a friend request: nobody else has it before that is accepted
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

// shelf is what lies in a device's store.
type shelf struct {
	disk    *disk
	applied int // what the disk had taken when it was read
	who     identity
	known   bool                      // it could be read
	ids     map[core.MessageID]bool   // what is there
	bodies  map[core.ID]map[words]int // by conversation
}

// words are what was said in a conversation by which account.
type words struct {
	out  bool
	body string
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

// peek opens the device's store beside its client, to read; nil: it is locked, or
// there is none. done lets go of it.
func (d *device) peek() (s *store.Store, done func()) {
	d.mu.Lock()
	disk := d.disk
	d.mu.Unlock()
	if disk.Applied() == 0 {
		return nil, nil
	}
	s, err := store.Open(context.Background(), disk.Open(), disk.keeper)
	if err != nil {
		return nil, nil
	}
	return s, func() { _ = s.Close() }
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

// pause begins all patience again: time made a jump.
func (t *typed) pause() {
	t.mu.Lock()
	defer t.mu.Unlock()
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

// count compares what was typed with what lies in the stores.
func (w *World) count() (c Counts) {
	t := &w.typed
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.notes) == 0 {
		return c
	}
	idle, online := [seats]bool{}, [seats]bool{}
	for _, d := range w.devices {
		t.look(w, d)
		idle[d.seat], online[d.seat] = d.reaches()
	}
	for _, n := range t.notes {
		if n.typing || n.deleted || n.asks && !w.friends(n) {
			continue
		}
		c.Sent++
		shown, lost := t.follow(w, n, idle, online)
		n.settled = shown || lost
		if shown {
			c.Shown++
		}
		if lost {
			c.Lost++
		}
	}
	c.Twice = t.twice(w)
	return c
}

// look reads a device's store, if it has changed.
func (t *typed) look(w *World, d *device) {
	who := d.who()
	d.mu.Lock()
	disk := d.disk
	d.mu.Unlock()
	old, applied := &t.read[d.seat], disk.Applied()
	if old.disk == disk && old.applied == applied && old.who == who {
		return
	}
	*old = shelf{disk: disk, applied: applied, who: who}
	if who.device.IsZero() {
		return
	}
	s, done := d.peek()
	if s == nil {
		return
	}
	defer done()
	old.known, old.ids, old.bodies = true, map[core.MessageID]bool{}, map[core.ID]map[words]int{}
	for _, conversation := range w.accounts() {
		found, err := s.Page(context.Background(), conversation, store.Position{}, all)
		if err != nil {
			old.known = false
		}
		said := map[words]int{}
		for _, m := range found {
			old.ids[m.ID] = true
			said[words{m.Direction == core.Out, m.Body}]++
		}
		old.bodies[conversation] = said
	}
}

// accounts are those that there are.
func (w *World) accounts() (all []core.ID) {
	for _, d := range w.devices {
		if a := d.who().account; !a.IsZero() && !slices.Contains(all, a) {
			all = append(all, a)
		}
	}
	return all
}

// follow looks for a note at the devices that it is for.
func (t *typed) follow(w *World, n *note, idle, online [seats]bool) (shown, lost bool) {
	shown = true
	author := Seat(0)
	for i, r := range t.read {
		if r.who == n.from {
			author = Seat(i)
		}
	}
	for i := range n.places {
		p, r := &n.places[i], &t.read[i]
		if p.device.IsZero() || r.who.device != p.device {
			continue // it is nobody's any more
		}
		if !r.known {
			shown = shown && p.seen // nothing is known that would be newer
			continue
		}
		if r.ids[n.id] {
			p.seen, p.missing = true, 0
			continue
		}
		shown = false
		switch {
		case p.seen || p.device == n.from.device:
			lost = true
		case !idle[author] || !online[author] || !online[i]:
			p.missing = 0
		case p.missing == 0:
			p.missing = w.now()
		case w.now()-p.missing > patience:
			lost = true
		}
	}
	return shown, lost
}

// reaches reports whether nothing waits on a device, and whether it is online.
func (d *device) reaches() (idle, online bool) {
	s, state := d.Snapshot(), d.state()
	online = state.Alive && !state.Away && s.Phase == client.Main && s.Network.State == client.Online
	return s.Network.Queue == 0, online
}

// friends reports whether the request that a note came with was accepted.
func (w *World) friends(n *note) bool {
	for _, d := range w.devices {
		for _, row := range d.Snapshot().Chats {
			if d.who().account == n.from.account && row.Conversation == n.to && row.Friendship == client.Friends {
				return true
			}
		}
	}
	return false
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

// twice counts what lies in a store more often than it was typed.
func (t *typed) twice(w *World) (n int) {
	type said struct {
		by, to core.ID
		body   string
	}
	typed := map[said]int{}
	for _, n := range t.notes {
		typed[said{n.from.account, n.to, n.body}]++
	}
	for what, times := range typed {
		most := times
		for _, r := range t.read {
			switch r.who.account {
			case what.by:
				most = max(most, r.bodies[what.to][words{true, what.body}])
			case what.to:
				most = max(most, r.bodies[what.by][words{false, what.body}])
			}
		}
		n += most - times
	}
	return n
}

// Remove takes the newest message that was typed out of the store of a device,
// behind the back of its client, which no accident could do: it shows that Counts
// would see a loss. Error: ErrNothing.
func (w *World) Remove(s Seat) error {
	t := &w.typed
	t.mu.Lock()
	defer t.mu.Unlock()
	d := w.devices[s]
	open, done := d.peek()
	if open == nil {
		return ErrNothing
	}
	defer done()
	for _, n := range slices.Backward(t.notes) {
		p := n.places[s]
		if n.typing || n.deleted || p.device.IsZero() || p.device != d.who().device || !p.seen || !t.read[s].ids[n.id] {
			continue
		}
		change := open.Change()
		if err := change.DeleteMessage(context.Background(), n.id); err != nil {
			return err
		}
		w.changed()
		return change.Commit(context.Background())
	}
	return ErrNothing
}
