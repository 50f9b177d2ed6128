package demo

import (
	"context"
	"slices"

	"tandem/core"
	"tandem/core/store"
)

// all is more messages than a conversation of the demo has.
const all = 10_000

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

// look reads a device's store, if it has changed.
func (t *typed) look(d *device) {
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
	for _, conversation := range t.conversations() {
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

// conversations are those that somebody typed in, as its author has them and as
// the other side does. They outlive the accounts: a store keeps what was said with
// somebody who is gone.
func (t *typed) conversations() (all []core.ID) {
	for _, n := range t.notes {
		for _, id := range []core.ID{n.to, n.from.account} {
			if !slices.Contains(all, id) {
				all = append(all, id)
			}
		}
	}
	return all
}
