package client

import (
	"errors"
	"time"

	"tandem/core"
	"tandem/core/opengroup"
	"tandem/core/store"
	"tandem/core/wire"
)

// talk is what is kept about a conversation beside its messages.
type talk struct {
	draft string
	read  store.Position // of the newest message that was read; zero = none
	sent  string         // tokens of the newest commands of SendOnce, the oldest first
}

// What talk keeps of SendOnce: a page has one text of a conversation on its way
// at a time, so this is enough for eight pages.
const (
	tokenSize = 16
	maxTokens = 8
)

// talks is all conversations of this device.
type talks struct {
	kept   map[core.ID]talk
	unread map[core.ID]tally // as counted last
	// marks are written to the account's registers when marksAt is over: who reads
	// along does not tell the other devices of every line.
	marks   map[core.ID]bool
	marksAt time.Time
	early   int // statuses of messages that are not here
	// announce: the network was away, or this device was.
	announce bool
	asked    map[core.ID]asked
	endings  map[core.MessageID]ending // messages that disappear
	ends     core.Millis               // when the next of them does; none does before
	typing   map[core.ID]core.Millis   // who writes just now, until then
}

// tally is what is not read of a conversation.
type tally struct {
	n     int
	first core.MessageID
	sent  core.Millis // when the first was
}

// asked bounds what one device can have looked up.
type asked struct {
	since time.Time
	n     int
}

func newTalks() talks {
	return talks{
		kept: map[core.ID]talk{}, unread: map[core.ID]tally{}, marks: map[core.ID]bool{}, announce: true,
		asked: map[core.ID]asked{}, endings: map[core.MessageID]ending{}, typing: map[core.ID]core.Millis{},
	}
}

func (k talk) marshal() []byte {
	out := wire.AppendText(nil, 1, k.draft)
	if k.read != (store.Position{}) {
		out = wire.AppendBytes(out, 2, marshalPosition(k.read))
	}
	if len(k.sent) > 0 {
		out = wire.AppendBytes(out, 3, []byte(k.sent))
	}
	return out
}

// parseTalk reads what marshal wrote. Error: store.ErrDamaged.
func parseTalk(b []byte) (talk, error) {
	var k talk
	var m wire.Message
	var at, sent []byte
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Text(f, &k.draft, wire.MaxBody)
		case 2:
			return m.Bytes(f, &at, 1, maxPosition)
		case 3:
			return m.Bytes(f, &sent, tokenSize, maxTokens*tokenSize)
		}
		return nil
	})
	if err == nil && at != nil {
		k.read, err = parsePosition(at)
	}
	if k.sent = string(sent); err != nil || len(sent)%tokenSize != 0 {
		return talk{}, store.ErrDamaged
	}
	return k, nil
}

// maxPosition bounds a position as it is written.
const maxPosition = 64

// marshalPosition is the value of a read mark's register.
func marshalPosition(p store.Position) []byte {
	out := wire.AppendUint(nil, 1, uint64(max(p.Sent, 0)))
	out = wire.AppendBytes(out, 2, p.ID.Device[:])
	return wire.AppendUint(out, 3, p.ID.Counter)
}

// parsePosition reads what marshalPosition wrote. Error: wire.ErrMalformed.
func parsePosition(b []byte) (store.Position, error) {
	var p store.Position
	var m wire.Message
	var sent uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &sent, 1<<62)
		case 2:
			return m.Fixed(f, p.ID.Device[:])
		case 3:
			return m.Uint(f, &p.ID.Counter, 1<<62)
		}
		return nil
	})
	p.Sent = core.Millis(sent)
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(3) {
		return store.Position{}, wire.ErrMalformed
	}
	return p, nil
}

func (c *Client) talk(t *tx, conversation core.ID) (talk, error) {
	b, err := t.Get(c.ctx, store.Talk, string(conversation[:]))
	if errors.Is(err, store.ErrNotFound) {
		return talk{}, nil
	}
	if err != nil {
		return talk{}, err
	}
	return parseTalk(b)
}

func (c *Client) saveTalk(t *tx, conversation core.ID, k talk) {
	t.Put(store.Talk, string(conversation[:]), k.marshal())
	t.then(func() {
		c.talks.kept[conversation] = k
		c.changed(conversation)
	})
}

// loadTalks reads the conversations and the newest of what was said in each.
func (c *Client) loadTalks() error {
	c.talks = newTalks()
	saved, err := c.db.All(c.ctx, store.Talk)
	if err != nil {
		return err
	}
	for _, b := range saved {
		id, err := conversationID(b.Name)
		if err != nil {
			return store.ErrDamaged
		}
		k, err := parseTalk(b.Value)
		if err != nil {
			return err
		}
		c.talks.kept[id] = k
		if k.read != (store.Position{}) {
			c.talks.marks[id] = true
		}
		if err := c.loadLog(id, preview); err != nil {
			return err
		}
	}
	early, err := c.db.All(c.ctx, store.Early)
	if err != nil {
		return err
	}
	c.talks.early = len(early)
	if err := c.loadEndings(); err != nil {
		return err
	}
	return c.loadLog(c.account.id(), window)
}

// conversationID reads the name of a register or record about a conversation.
// Error: core.ErrIDLength, core.ErrIDPrefix.
func conversationID(name string) (core.ID, error) {
	if id := (core.ID{}); len(name) == len(id) && name[0] == opengroup.IDPrefix {
		copy(id[:], name)
		return id, nil
	}
	return core.IDFromBytes([]byte(name))
}

// SetDraft keeps what is not sent yet.
func (c *Client) SetDraft(conversation core.ID, text string) error {
	if len(text) > wire.MaxBody {
		return ErrTextLong
	}
	return c.do(func() error {
		if c.phase != Main {
			return ErrNotNow
		}
		return c.update(func(t *tx) error { return c.saveDraft(t, conversation, text) })
	})
}

func (c *Client) saveDraft(t *tx, conversation core.ID, text string) error {
	k, err := c.talk(t, conversation)
	if err != nil || k.draft == text {
		return err
	}
	k.draft = text
	c.saveTalk(t, conversation, k)
	return nil
}

// drafts are what waits to be sent.
func (c *Client) drafts() map[core.ID]string {
	out := map[core.ID]string{}
	for id, k := range c.talks.kept {
		if k.draft != "" {
			out[id] = k.draft
		}
	}
	return out
}

// fillChat says in a line of the list of chats what was said last, what is not
// read, and what is missing.
func (c *Client) fillChat(row *ChatRow) {
	if tip, ok := c.log.tip[row.Conversation]; ok {
		row.Last, row.LastAt = tip.Body, tip.Sent
	}
	unread := c.unread(row.Conversation)
	row.Unread, row.FirstUnread = unread.n, unread.first
	row.Missing = c.missing(row.Conversation)
	row.Typing = c.talks.typing[row.Conversation] > 0
}
