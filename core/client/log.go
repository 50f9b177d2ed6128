package client

import (
	"cmp"
	"errors"
	"slices"

	"tandem/core"
	"tandem/core/store"
)

// window is how many messages of a conversation are in memory; a page shows no
// more (platform.md §2: rendering slows with the row count).
const window = 200

// logbook is the newest messages by conversation, oldest first.
type logbook struct {
	rows map[core.ID][]core.Message
}

func newLogbook() logbook { return logbook{rows: map[core.ID][]core.Message{}} }

// loadLog reads the newest messages of a conversation. Damaged rows are left
// out; the store reports them and the rest is shown.
func (c *Client) loadLog(conversation core.ID) error {
	page, err := c.db.Page(c.ctx, conversation, store.Position{}, window)
	if page == nil && err != nil {
		return err
	}
	slices.Reverse(page)
	c.log.rows[conversation] = page
	c.dirty = true
	return nil
}

// put adds a message or replaces the one with its ID, in order.
func (l *logbook) put(m core.Message) {
	rows := slices.Clone(l.rows[m.Conversation]) // snapshots hold the old slice
	if i := slices.IndexFunc(rows, func(r core.Message) bool { return r.ID == m.ID }); i >= 0 {
		rows[i] = m
	} else {
		at, _ := slices.BinarySearchFunc(rows, m, func(a, b core.Message) int {
			return cmp.Or(store.PositionOf(a).Compare(store.PositionOf(b)), -1)
		})
		rows = slices.Insert(rows, at, m)
	}
	l.rows[m.Conversation] = rows[max(0, len(rows)-window):]
}

// saveMessage stores a message and shows it once it is durable.
func (c *Client) saveMessage(t *tx, m core.Message) {
	t.PutMessage(m)
	t.then(func() { c.log.put(m) })
}

// saveStatus moves the status of a stored message.
func (c *Client) saveStatus(t *tx, id core.MessageID, status core.Status, cause string) error {
	m, err := t.Message(c.ctx, id)
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrDamaged) {
		return nil // what is not there has no status; its copies go out all the same
	}
	if err != nil {
		return err
	}
	if m.Status == status && m.Cause == cause {
		return nil
	}
	m.Status, m.Cause = status, cause
	c.saveMessage(t, m)
	return nil
}
