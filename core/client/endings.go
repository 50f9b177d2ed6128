package client

import (
	"errors"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/wire"
)

// ending is when a message disappears.
type ending struct {
	conversation core.ID
	place        store.Position
	lasts        core.Millis // from when it is read; 0 = that does not matter
	ends         core.Millis // 0 = it was not read yet
}

func (e ending) marshal() []byte {
	out := wire.AppendBytes(nil, 1, e.conversation[:])
	out = wire.AppendBytes(out, 2, marshalPosition(e.place))
	out = wire.AppendUint(out, 3, uint64(e.lasts))
	return wire.AppendUint(out, 4, uint64(e.ends))
}

// parseEnding reads what marshal wrote. Error: store.ErrDamaged.
func parseEnding(b []byte) (ending, error) {
	var (
		e           ending
		m           wire.Message
		place       []byte
		lasts, ends uint64
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, e.conversation[:])
		case 2:
			return m.Bytes(f, &place, 1, maxPosition)
		case 3:
			return m.Uint(f, &lasts, 1<<62)
		case 4:
			return m.Uint(f, &ends, 1<<62)
		}
		return nil
	})
	e.lasts, e.ends = core.Millis(lasts), core.Millis(ends)
	if err == nil {
		e.place, err = parsePosition(place)
	}
	if err != nil {
		return ending{}, store.ErrDamaged
	}
	return e, nil
}

// loadEndings reads which messages disappear.
func (c *Client) loadEndings() error {
	saved, err := c.db.All(c.ctx, store.Ending)
	if err != nil {
		return err
	}
	for _, b := range saved {
		e, err := parseEnding(b.Value)
		if err != nil {
			return err
		}
		c.talks.endings[e.place.ID] = e
	}
	return nil
}

func (c *Client) saveEnding(t *tx, e ending) {
	id := e.place.ID
	t.Put(store.Ending, messageName(id), e.marshal())
	t.then(func() {
		c.talks.endings[id] = e
		if e.ends != 0 {
			c.talks.ends = min(c.talks.ends, e.ends)
		}
	})
}

func (c *Client) dropEnding(t *tx, id core.MessageID) {
	t.Delete(store.Ending, messageName(id))
	t.then(func() { delete(c.talks.endings, id) })
}

// willEnd lets a message that is saved disappear when its time comes.
func (c *Client) willEnd(t *tx, m core.Message) {
	if m.Ends != 0 && c.talks.endings[m.ID].ends != m.Ends {
		c.saveEnding(t, ending{conversation: m.Conversation, place: store.PositionOf(m), ends: m.Ends})
	}
}

// endsOnceRead lets a message disappear so long after it was read.
func (c *Client) endsOnceRead(t *tx, m core.Message, lasts core.Millis) error {
	e := ending{conversation: m.Conversation, place: store.PositionOf(m), lasts: lasts}
	c.saveEnding(t, e)
	k, err := c.talk(t, m.Conversation)
	if err != nil || k.read.Compare(e.place) < 0 {
		return err
	}
	return c.beginToEnd(t, e, c.now()) // another device was faster
}

// readUpTo begins the time of the messages that have been read at some moment.
func (c *Client) readUpTo(t *tx, conversation core.ID, mark store.Position, when core.Millis) error {
	for _, e := range c.talks.endings {
		if e.conversation != conversation || e.ends != 0 || mark.Compare(e.place) < 0 {
			continue
		}
		if err := c.beginToEnd(t, e, min(when, c.now())); err != nil {
			return err
		}
	}
	return nil
}

func (c *Client) beginToEnd(t *tx, e ending, when core.Millis) error {
	m, err := t.Message(c.ctx, e.place.ID)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		c.dropEnding(t, e.place.ID)
		return nil
	}
	if err != nil {
		return err
	}
	m.Ends = when + e.lasts
	c.saveMessage(t, m)
	return nil
}

// tickEndings deletes the messages whose time is over, on this device as on all
// others.
func (c *Client) tickEndings() {
	now := c.now()
	if now < c.talks.ends {
		return
	}
	var over []ending
	c.talks.ends = never
	for _, e := range c.talks.endings {
		switch {
		case e.ends == 0:
		case e.ends <= now && len(over) < maxTogether:
			over = append(over, e)
		default:
			c.talks.ends = min(c.talks.ends, e.ends)
		}
	}
	if len(over) == 0 {
		return
	}
	err := c.update(func(t *tx) error {
		for _, e := range over {
			if err := c.end(t, e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.talks.ends = now // again at the next tick
	}
}

// end deletes a message, so that no copy of it brings it back.
func (c *Client) end(t *tx, e ending) error {
	c.dropEnding(t, e.place.ID)
	t.Put(store.Tombstone, string(e.conversation[:])+messageName(e.place.ID), moment(c.now()))
	m, err := t.Message(c.ctx, e.place.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.removeMessage(t, m)
}
