package demo

import (
	"context"
	"errors"
	"slices"

	"tandem/core"
	"tandem/core/client"
)

// ErrNothing: no message that was typed lies in the store.
var ErrNothing = errors.New("demo: there is nothing to remove")

// patience is how long a message may be missing although nothing of it is under
// way and both ends are online, before it counts as lost. A device asks for what
// it misses within minutes.
const patience = 15 * core.Minute

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
		t.look(d)
		idle[d.seat], online[d.seat] = d.reaches()
	}
	for _, n := range t.notes {
		n.asks = n.asks && !w.friends(n) // for good: the chat may be gone later
		if n.typing || n.deleted || n.asks {
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

// follow looks for a note at the devices that it is for.
func (t *typed) follow(w *World, n *note, idle, online [seats]bool) (shown, lost bool) {
	shown = true
	silent := true // nothing comes from its author any more, who may be gone
	for i, r := range t.read {
		if r.who == n.from {
			silent = idle[i] && online[i]
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
		case !silent || !online[i]:
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
