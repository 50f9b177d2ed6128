package client

import (
	"cmp"
	"errors"
	"slices"

	"tandem/core"
	"tandem/core/store"
)

const (
	// window is how many messages of a conversation are in memory at most; a page
	// shows no more (platform.md §2: rendering slows with the row count).
	window = 200
	// preview is how many are there of a conversation that nobody looks at.
	preview = 30
	// pageSize is how many Older brings.
	pageSize = 50
)

// logbook is a window of messages by conversation, oldest first.
type logbook struct {
	rows map[core.ID][]core.Message
	// older and newer: there are messages beyond the window. Where nobody asked for
	// older ones it ends with the newest.
	older, newer map[core.ID]bool
	tip          map[core.ID]core.Message // the newest message
	// own is the first of the rows that no snapshot holds, which may change in place:
	// each of many messages that come at once would copy the window otherwise.
	own map[core.ID]*core.Message
}

func newLogbook() logbook {
	return logbook{
		rows: map[core.ID][]core.Message{}, older: map[core.ID]bool{}, newer: map[core.ID]bool{},
		tip: map[core.ID]core.Message{}, own: map[core.ID]*core.Message{},
	}
}

// loadLog reads the newest messages of a conversation. Damaged rows are left
// out; the store reports them and the rest is shown.
func (c *Client) loadLog(conversation core.ID, size int) error {
	page, err := c.db.Page(c.ctx, conversation, store.Position{}, size+1)
	if page == nil && err != nil {
		return err
	}
	c.log.older[conversation] = len(page) > size
	page = c.shown(page[:min(len(page), size)])
	c.log.rows[conversation] = page
	delete(c.log.newer, conversation)
	delete(c.log.tip, conversation)
	if len(page) > 0 {
		c.log.tip[conversation] = page[len(page)-1]
	}
	c.dirty = true
	return nil
}

// loadOlder moves the window of a conversation towards its beginning.
func (c *Client) loadOlder(conversation core.ID) error {
	rows := c.log.rows[conversation]
	if len(rows) == 0 || !c.log.older[conversation] {
		return nil
	}
	page, err := c.db.Page(c.ctx, conversation, store.PositionOf(rows[0]), pageSize+1)
	if page == nil && err != nil {
		return err
	}
	c.log.older[conversation] = len(page) > pageSize
	rows = append(c.shown(page[:min(len(page), pageSize)]), rows...)
	if len(rows) > window {
		rows = rows[:window]
		c.log.newer[conversation] = true
	}
	c.log.rows[conversation] = rows
	c.dirty = true
	return nil
}

// changed says that what is counted about a conversation may not be true any
// more.
func (c *Client) changed(conversation core.ID) {
	delete(c.talks.unread, conversation)
	c.dirty = true
}

// put adds a message or replaces the one with its ID, in order.
func (l *logbook) put(m core.Message) {
	at, talk := store.PositionOf(m), m.Conversation
	if tip, ok := l.tip[talk]; !ok || tip.ID == m.ID || store.PositionOf(tip).Compare(at) < 0 {
		l.tip[talk] = m
	}
	rows := l.ownRows(talk)
	n := len(rows)
	if i := slices.IndexFunc(rows, func(r core.Message) bool { return r.ID == m.ID }); i >= 0 {
		rows[i] = m
	} else if n > 0 && (l.newer[talk] && at.Compare(store.PositionOf(rows[n-1])) > 0 ||
		l.older[talk] && at.Compare(store.PositionOf(rows[0])) < 0) {
		return // beyond the window
	} else {
		i, _ := slices.BinarySearchFunc(rows, m, func(a, b core.Message) int {
			return cmp.Or(store.PositionOf(a).Compare(store.PositionOf(b)), -1)
		})
		rows = slices.Insert(rows, i, m)
	}
	switch {
	case len(rows) > window && l.newer[talk]:
		rows = rows[:window]
	case len(rows) > window:
		rows = rows[len(rows)-window:]
		l.older[talk] = true
	}
	l.rows[talk], l.own[talk] = rows, &rows[0]
}

// ownRows are the rows of a conversation in a slice that no snapshot holds.
func (l *logbook) ownRows(talk core.ID) []core.Message {
	rows := l.rows[talk]
	if len(rows) > 0 && l.own[talk] == &rows[0] {
		return rows
	}
	return append(make([]core.Message, 0, len(rows)+preview), rows...)
}

// shared says that a snapshot holds all rows now.
func (l *logbook) shared() { clear(l.own) }

// remove takes a message out.
func (l *logbook) remove(talk core.ID, id core.MessageID) {
	delete(l.own, talk)
	l.rows[talk] = slices.DeleteFunc(slices.Clone(l.rows[talk]), func(r core.Message) bool { return r.ID == id })
}

// removeMessage deletes a message here, and shows that once it is durable.
func (c *Client) removeMessage(t *tx, m core.Message) error {
	if err := t.DeleteMessage(c.ctx, m.ID); err != nil {
		return err
	}
	if _, ends := c.talks.endings[m.ID]; ends {
		c.dropEnding(t, m.ID)
	}
	t.then(func() {
		talk := m.Conversation
		c.log.remove(talk, m.ID)
		if c.log.tip[talk].ID == m.ID {
			delete(c.log.tip, talk)
			if page, _ := c.db.Page(c.ctx, talk, store.Position{}, 1); len(page) > 0 {
				c.log.tip[talk] = page[0]
			}
		}
		c.changed(talk)
	})
	return nil
}

// saveMessage stores a message and shows it once it is durable.
func (c *Client) saveMessage(t *tx, m core.Message) {
	c.storeMessage(t, m)
	t.then(func() {
		if m.Direction == core.In {
			c.changed(m.Conversation)
		}
	})
}

func (c *Client) storeMessage(t *tx, m core.Message) {
	t.PutMessage(m)
	c.willEnd(t, m)
	if _, known := c.talks.kept[m.Conversation]; !known {
		c.saveTalk(t, m.Conversation, talk{}) // so that a reload finds it
	}
	t.then(func() {
		c.log.put(c.resolved(m))
		c.dirty = true
	})
}

// fileMessage saves a message that came from elsewhere, once, and not if it is
// deleted. It reports whether it is new.
func (c *Client) fileMessage(t *tx, m core.Message) (bool, error) {
	known, err := t.HasMessage(c.ctx, m.ID)
	if err != nil || known {
		return false, err
	}
	if gone, err := c.buried(t, m.Conversation, m.ID); gone || err != nil {
		return false, err
	}
	if m.Direction == core.Out {
		if err := c.applyEarly(t, &m); err != nil {
			return false, err
		}
	}
	c.storeMessage(t, m)
	if m.Direction == core.In {
		t.then(func() { c.countIn(m) })
	}
	return true, nil
}

// saveStatus moves the status of a stored message. What a device of the other
// person said stands, whatever becomes of the other copies.
func (c *Client) saveStatus(t *tx, id core.MessageID, status core.Status, cause string) error {
	m, err := t.Message(c.ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		return nil // what is not there has no status; its copies go out all the same
	}
	if err != nil {
		return err
	}
	said := m.Status == core.Delivered || m.Status == core.Read
	if m.Status == status && m.Cause == cause || said && status != core.Delivered && status != core.Read {
		return nil
	}
	m.Status, m.Cause = status, cause
	c.saveMessage(t, m)
	return nil
}
