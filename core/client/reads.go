package client

import (
	"time"

	"tandem/core"
	"tandem/core/opengroup"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/wire"
)

const (
	// countUnread bounds how many unread messages are counted.
	countUnread = 1000
	// marksWait is how long a read mark waits for the next one before the other
	// devices are told.
	marksWait = 2 * time.Second
)

// settingReceipts is the register's name for read receipts.
const settingReceipts = "receipts"

// Viewing says what is looked at.
func (c *Client) Viewing(conversation core.ID) { c.ViewingAll([]core.ID{conversation}) }

// ViewingAll is Viewing where several pages show this device: each of these
// conversations is looked at. The loop does what is due at once, because a
// browser lets it sleep in a tab that nobody sees.
func (c *Client) ViewingAll(conversations []core.ID) {
	c.viewed.Store(&conversations)
	go c.later(func() {
		for _, id := range c.viewing() {
			if c.phase == Main && !opengroup.IsRoom(id) && len(c.log.rows[id]) < window && c.log.older[id] && !c.log.newer[id] {
				_ = c.loadLog(id, window) // or it shows what it has
			}
		}
	})
}

// viewing are the conversations that are looked at.
func (c *Client) viewing() []core.ID {
	if all := c.viewed.Load(); all != nil && !c.cfg.Hidden() {
		return *all
	}
	return nil
}

// tickReads marks what is looked at as read.
func (c *Client) tickReads() {
	if c.phase != Main || c.db == nil || time.Now().Before(c.rest) {
		return
	}
	for _, conversation := range c.viewing() {
		c.readNewest(conversation)
	}
}

// readNewest marks a conversation as read up to the newest message of others.
func (c *Client) readNewest(conversation core.ID) {
	rows := c.log.rows[conversation]
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].Direction != core.In {
			continue
		}
		at := store.PositionOf(rows[i])
		if c.talks.kept[conversation].read.Compare(at) < 0 {
			_ = c.update(func(t *tx) error { return c.markRead(t, conversation, at) }) // or at the next tick
		}
		return
	}
}

// markRead moves the read mark of a conversation and says so to who wrote, if
// that is wanted.
func (c *Client) markRead(t *tx, conversation core.ID, at store.Position) error {
	k, err := c.talk(t, conversation)
	if err != nil {
		return err
	}
	before := k.read
	k.read = at
	c.saveTalk(t, conversation, k)
	for _, m := range c.log.rows[conversation] {
		if p := store.PositionOf(m); m.Direction == core.In && before.Compare(p) < 0 && p.Compare(at) <= 0 {
			if c.receipts() && !opengroup.IsRoom(conversation) {
				t.receipt(wire.ReceiptRead, conversation, m.ID)
			}
		}
	}
	t.then(func() { c.markLater(conversation) })
	return c.readUpTo(t, conversation, at, c.now())
}

func (c *Client) markLater(conversation core.ID) {
	if len(c.talks.marks) == 0 {
		c.talks.marksAt = time.Now().Add(marksWait)
	}
	c.talks.marks[conversation] = true
}

// tickMarks tells the other devices what was read here.
func (c *Client) tickMarks() {
	if c.phase != Main || len(c.talks.marks) == 0 || time.Now().Before(c.talks.marksAt) || c.silent() {
		return
	}
	err := c.update(func(t *tx) error {
		for conversation := range c.talks.marks {
			mine := c.talks.kept[conversation].read
			if mine == (store.Position{}) || c.agreedMark(conversation).Compare(mine) >= 0 {
				continue
			}
			if err := c.setRegister(t, snapshot.Read, string(conversation[:]), marshalPosition(mine)); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		clear(c.talks.marks)
	}
}

// agreedMark is how far a conversation is read, as the devices of the account
// agree.
func (c *Client) agreedMark(conversation core.ID) store.Position {
	value, _ := c.account.state.Get(snapshot.Read, string(conversation[:]))
	at, err := parsePosition(value)
	if err != nil {
		return store.Position{}
	}
	return at
}

// followReads takes what the other devices have read. A mark never goes back: to
// one that does, this device answers with its own.
func (c *Client) followReads(t *tx, registers []snapshot.Register) error {
	for _, r := range registers {
		if r.Kind != snapshot.Read || r.Deleted {
			continue
		}
		conversation, err := conversationID(r.Name)
		if err != nil {
			continue
		}
		at, err := parsePosition(r.Value)
		if err != nil {
			continue
		}
		k, err := c.talk(t, conversation)
		if err != nil {
			return err
		}
		switch order := k.read.Compare(at); {
		case order < 0:
			k.read = at
			c.saveTalk(t, conversation, k)
			if err := c.readUpTo(t, conversation, at, r.Time); err != nil {
				return err
			}
		case order > 0:
			t.then(func() { c.markLater(conversation) })
		}
	}
	return nil
}

// unread counts what lies behind the read mark of a conversation.
func (c *Client) unread(conversation core.ID) tally {
	if n, ok := c.talks.unread[conversation]; ok {
		return n
	}
	mark := c.talks.kept[conversation].read
	rows := c.log.rows[conversation]
	var out tally
	count := func(m core.Message) {
		if m.Direction == core.In && mark.Compare(store.PositionOf(m)) < 0 {
			out.n++
			out.first, out.sent = m.ID, m.Sent
		}
	}
	covered := len(rows) == 0 || !c.log.older[conversation] || mark.Compare(store.PositionOf(rows[0])) >= 0
	if covered && !c.log.newer[conversation] || opengroup.IsRoom(conversation) {
		for i := len(rows) - 1; i >= 0; i-- {
			count(rows[i])
		}
	} else {
		c.countBehind(conversation, mark, count)
	}
	c.talks.unread[conversation] = out
	return out
}

// countIn counts a message of others that was not here before. To count all of
// them again for each one would take longer the more there are.
func (c *Client) countIn(m core.Message) {
	n, counted := c.talks.unread[m.Conversation]
	at := store.PositionOf(m)
	if !counted || n.n >= countUnread || c.talks.kept[m.Conversation].read.Compare(at) >= 0 {
		return
	}
	if n.n++; n.n == 1 || at.Compare(store.Position{Sent: n.sent, ID: n.first}) < 0 {
		n.first, n.sent = m.ID, m.Sent
	}
	c.talks.unread[m.Conversation] = n
}

// countBehind looks at the stored messages behind a mark, newest first.
func (c *Client) countBehind(conversation core.ID, mark store.Position, count func(core.Message)) {
	var from store.Position
	for n := 0; n < countUnread; {
		page, _ := c.db.Page(c.ctx, conversation, from, window)
		for _, m := range page {
			if from = store.PositionOf(m); mark.Compare(from) >= 0 {
				return
			}
			count(m)
		}
		if n += len(page); len(page) < window {
			return
		}
	}
}

// SetReceipts switches read receipts, on all devices of the account.
func (c *Client) SetReceipts(on bool) error {
	value := []byte{0}
	if on {
		value[0] = 1
	}
	return c.member(func() error {
		return c.update(func(t *tx) error { return c.setRegister(t, snapshot.Setting, settingReceipts, value) })
	})
}

// receipts reports whether read receipts are sent and shown.
func (c *Client) receipts() bool {
	value, ok := c.account.state.Get(snapshot.Setting, settingReceipts)
	return ok && len(value) == 1 && value[0] == 1
}
