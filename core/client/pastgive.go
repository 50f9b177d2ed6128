package client

import (
	"context"
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/store"
	"tandem/core/wire"
)

func (c *Client) saveGiving(t *tx, device core.ID, g *delivery.Giving) {
	t.Put(store.Past, string(device[:]), g.Marshal())
	t.then(func() {
		if old := c.pasts.giving[device]; old == nil || old.Run != g.Run {
			delete(c.pasts.feeds, device) // it begins elsewhere
		}
		c.pasts.giving[device] = g
	})
}

func (c *Client) dropGiving(t *tx, device core.ID) {
	t.Delete(store.Past, string(device[:]))
	t.then(func() {
		delete(c.pasts.giving, device)
		delete(c.pasts.feeds, device)
	})
}

// promisePast lets a device that is authorised ask for what was chosen.
func (c *Client) promisePast(t *tx, device core.ID) {
	g := &delivery.Giving{}
	switch c.pasts.chosen {
	case PastNone:
		return
	case PastMonth:
		g.Since = max(c.now()-pastMonth, 0)
	case PastAll:
	}
	c.saveGiving(t, device, g)
}

// countFor counts what a device is promised, and then begins to give it.
func (c *Client) countFor(device core.ID) {
	g := c.pasts.giving[device]
	if g == nil || g.Run > 0 || c.pasts.counts[device] {
		return
	}
	c.pasts.counts[device] = true
	c.count(g.Since, func(a Amount, err error) {
		delete(c.pasts.counts, device)
		g := c.pasts.giving[device]
		if err != nil || g == nil || g.Run > 0 {
			return // it asks again
		}
		next := g.Clone()
		next.Begin(c.now()+sentAhead+1, uint64(a.Messages))
		_ = c.update(func(t *tx) error { c.saveGiving(t, device, next); return nil }) // likewise
	})
}

// count counts all messages since a time, beside the loop.
func (c *Client) count(since core.Millis, then func(Amount, error)) {
	db, all := c.db, c.talkedIn()
	c.beside(func(ctx context.Context) func() {
		var sum Amount
		for _, conversation := range all {
			n, size, err := db.Count(ctx, conversation, since)
			if err != nil {
				return func() { then(sum, err) }
			}
			sum.Messages, sum.Bytes = sum.Messages+n, sum.Bytes+size
		}
		return func() { then(sum, nil) }
	})
}

// countPast counts for the dialog what there is to give.
func (c *Client) countPast() {
	c.pasts.month, c.pasts.all = Amount{}, Amount{}
	for _, k := range [...]struct {
		since core.Millis
		into  *Amount
	}{{max(c.now()-pastMonth, 0), &c.pasts.month}, {0, &c.pasts.all}} {
		c.count(k.since, func(a Amount, err error) { *k.into, c.dirty = a, true })
	}
}

// talkedIn are all conversations that anything was said in.
func (c *Client) talkedIn() []core.ID {
	all := make([]core.ID, 0, len(c.talks.kept))
	for id := range c.talks.kept {
		all = append(all, id)
	}
	return all
}

// giveChunk puts the next chunk for a device into the outbox.
func (c *Client) giveChunk(t *tx, device core.ID) error {
	g := c.pasts.giving[device].Clone()
	from := c.pasts.feeds[device]
	if from == nil {
		from = c.feed(g.Next(), g.Since)
	}
	delete(c.pasts.feeds, device) // it is not where it was, should the store refuse
	var items []wire.Item
	to, size := g.Next(), 0
	for {
		m, ok := from.peek()
		if !ok {
			break
		}
		item := c.pastItem(m)
		if size += len(item.Marshal()) + 4; size > wire.MaxPast && len(items) > 0 {
			break
		}
		from.drop()
		items = append(items, item)
		to = delivery.Mark{Sent: m.Sent, ID: m.ID, Before: to.Before + 1}
	}
	if from.err != nil {
		return from.err
	}
	_, more := from.peek()
	p := g.Chunk(c.now(), to, !more)
	p.Items = items
	if err := c.tellPast(t, device, p); err != nil {
		return err
	}
	c.saveGiving(t, device, g)
	t.then(func() { c.pasts.feeds[device] = from })
	return nil
}

// pastItem is a message in the form in which a new device gets it.
func (c *Client) pastItem(m core.Message) wire.Item {
	i := wire.Item{
		Author: m.ID.Device, Counter: m.ID.Counter, Conversation: m.Conversation, In: m.Direction == core.In,
		Sent: m.Sent, Body: m.Body, Unable: m.Unable, Ends: m.Ends, Unverified: m.Unverified, Status: m.Status,
	}
	if e := c.talks.endings[m.ID]; e.ends == 0 {
		i.Lasts = e.lasts
	}
	return i
}

// feed reads the messages of all conversations together, newest first.
type feed struct {
	read  func(conversation core.ID, before store.Position) ([]core.Message, error)
	since core.Millis
	all   []stream
	best  int // of all, for drop
	err   error
}

// stream is one conversation of a feed.
type stream struct {
	conversation core.ID
	rows         []core.Message // read and not given yet
	at           store.Position // of the last one that was read
	end          bool
}

// feedAtOnce is how many messages of a conversation a feed reads at a time.
const feedAtOnce = 32

func (c *Client) feed(from delivery.Mark, since core.Millis) *feed {
	f := &feed{since: since, read: func(conversation core.ID, before store.Position) ([]core.Message, error) {
		rows, err := c.db.Page(c.ctx, conversation, before, feedAtOnce)
		if errors.Is(err, store.ErrDamaged) {
			err = nil // the others are given
		}
		return rows, err
	}}
	for _, id := range c.talkedIn() {
		f.all = append(f.all, stream{conversation: id, at: store.Position{Sent: from.Sent, ID: from.ID}})
	}
	return f
}

// peek is the newest message that was not dropped yet; false = there is none,
// or the store refused: err.
func (f *feed) peek() (core.Message, bool) {
	f.best = -1
	for i := range f.all {
		s := &f.all[i]
		if len(s.rows) == 0 && !s.end && f.err == nil {
			f.refill(s)
		}
		if len(s.rows) > 0 && (f.best < 0 || store.PositionOf(s.rows[0]).Compare(store.PositionOf(f.all[f.best].rows[0])) > 0) {
			f.best = i
		}
	}
	if f.best < 0 || f.err != nil {
		return core.Message{}, false
	}
	return f.all[f.best].rows[0], true
}

func (f *feed) drop() { f.all[f.best].rows = f.all[f.best].rows[1:] }

func (f *feed) refill(s *stream) {
	rows, err := f.read(s.conversation, s.at)
	f.err = err
	s.end = len(rows) < feedAtOnce
	for i, m := range rows {
		if m.Sent < f.since {
			rows, s.end = rows[:i], true
			break
		}
		s.at = store.PositionOf(m)
	}
	s.rows = rows
}
