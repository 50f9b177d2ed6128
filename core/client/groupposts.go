package client

import (
	"context"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/onion"
	"tandem/core/opengroup"
	"tandem/core/store"
	"tandem/core/wire"
)

// counterPosting numbers posts that wait.
const counterPosting = "posting"

// posting is a post that its server has not confirmed. It is kept on the disk
// with the very bytes that are signed: what is posted again after an answer that
// was lost is the same post.
type posting struct {
	room   core.ID
	number uint64 // from postingBase
	text   string
	data   []byte
	sent   core.Millis
	failed GroupTrouble // why it was given up; 0 = it was not

	tried time.Time // when it was sent last, by this run or one before
}

func (p *posting) name() string {
	return messageName(core.MessageID{Device: p.room, Counter: p.number})
}

func (p *posting) marshal() []byte {
	out := wire.AppendBytes(nil, 1, p.room[:])
	out = wire.AppendUint(out, 2, p.number)
	out = wire.AppendText(out, 3, p.text)
	out = wire.AppendBytes(out, 4, p.data)
	out = wire.AppendUint(out, 5, uint64(p.sent))
	return wire.AppendUint(out, 6, uint64(p.failed))
}

// parsePosting reads what marshal wrote. Error: store.ErrDamaged.
func parsePosting(b []byte) (posting, error) {
	var p posting
	var m wire.Message
	var sent, failed uint64
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, p.room[:])
		case 2:
			return m.Uint(f, &p.number, 1<<62)
		case 3:
			return m.Text(f, &p.text, wire.MaxBody)
		case 4:
			return m.Bytes(f, &p.data, 1, wire.MaxContent)
		case 5:
			return m.Uint(f, &sent, 1<<62)
		case 6:
			return m.Uint(f, &failed, 255)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(4) || p.number < postingBase {
		return posting{}, store.ErrDamaged
	}
	p.sent, p.failed = core.Millis(sent), GroupTrouble(failed)
	return p, nil
}

func (c *Client) loadPosting() error {
	c.groups.posting = nil
	saved, err := c.db.All(c.ctx, store.Posting)
	if saved == nil && err != nil {
		return err
	}
	for _, b := range saved {
		p, err := parsePosting(b.Value)
		if err != nil {
			return err
		}
		p.tried = time.Now() // the run before may have sent it
		at := len(c.groups.posting)
		for at > 0 && c.groups.posting[at-1].number > p.number {
			at--
		}
		c.groups.posting = slices.Insert(c.groups.posting, at, p)
	}
	return nil
}

// composePost saves what shall be posted. What was a draft is none any more.
func (c *Client) composePost(t *tx, room core.ID, text string) error {
	return c.composeData(t, room, text, func(now core.Millis) []byte { return opengroup.Words(text, c.account.name, now) })
}

// replyPost is composePost about another post.
func (c *Client) replyPost(o GroupOrder) error {
	if err := checkText(o.Text); err != nil {
		return err
	}
	return c.do(func() error {
		room := o.Message.Device
		v := c.groups.rooms[room]
		if c.phase != Main || c.leaving.on() || v == nil {
			return ErrNotNow
		}
		to, known := v.Find(int64(o.Message.Counter))
		if !known {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			return c.once(t, o.Token, room, func() error {
				return c.composeData(t, room, o.Text, func(now core.Millis) []byte { return opengroup.Reply(o.Text, c.account.name, now, &to) })
			})
		})
	})
}

// composeData is composePost with the bytes that words makes.
func (c *Client) composeData(t *tx, room core.ID, text string, words func(now core.Millis) []byte) error {
	if c.groups.rooms[room] == nil || len(c.groups.posting) >= maxPosting {
		return ErrNotNow
	}
	number, err := t.Next(c.ctx, counterPosting)
	if err != nil {
		return err
	}
	p := posting{room: room, number: postingBase + number, text: text, sent: c.now()}
	p.data = words(p.sent)
	c.savePosting(t, p)
	return c.saveDraft(t, room, "")
}

// savePosting keeps a post that waits, and shows it.
func (c *Client) savePosting(t *tx, p posting) {
	t.Put(store.Posting, p.name(), p.marshal())
	t.then(func() {
		if i := c.findPosting(p.room, p.number); i >= 0 {
			c.groups.posting[i] = p
		} else {
			c.groups.posting = append(c.groups.posting, p)
		}
		c.reshow(p.room)
	})
}

// dropPosting forgets a post that waits; number 0: all of a room.
func (c *Client) dropPosting(t *tx, room core.ID, number uint64) {
	for _, p := range c.groups.posting {
		if p.room == room && (number == 0 || p.number == number) {
			t.Delete(store.Posting, p.name())
		}
	}
	t.then(func() {
		c.groups.posting = slices.DeleteFunc(slices.Clone(c.groups.posting), func(p posting) bool {
			return p.room == room && (number == 0 || p.number == number)
		})
		c.reshow(room)
	})
}

func (c *Client) findPosting(room core.ID, number uint64) int {
	return slices.IndexFunc(c.groups.posting, func(p posting) bool { return p.room == room && p.number == number })
}

func (c *Client) reshow(room core.ID) {
	if v := c.groups.rooms[room]; v != nil {
		v.Touch()
		c.showRoom(room)
	}
}

// row is a post that waits, as pages have it.
func (p *posting) row(me string) core.Message {
	m := core.Message{
		ID: core.MessageID{Device: p.room, Counter: p.number}, Conversation: p.room, Direction: core.Out, Status: core.Queued,
		Sent: p.sent, Body: p.text, Post: &core.Post{Author: me},
	}
	if p.failed != 0 {
		m.Status, m.Cause = core.Failed, GroupSentence(p.failed.Err())
	}
	return m
}

// retryPost posts again what was given up.
func (c *Client) retryPost(t *tx, id core.MessageID) error {
	i := c.findPosting(id.Device, id.Counter)
	if i < 0 || c.groups.posting[i].failed == 0 {
		return ErrNotNow
	}
	p := c.groups.posting[i]
	p.failed, p.tried = 0, time.Time{}
	c.savePosting(t, p)
	return nil
}

// postNext sends the first post that waits for a server. One that was sent
// before waits until the room has been read since: it may be there.
func (c *Client) postNext(s *groupServer) {
	net, ok := c.net.(asker)
	if !ok || !s.Known() || s.trouble != 0 {
		return
	}
	for _, p := range c.groups.posting {
		v := c.groups.rooms[p.room]
		if p.failed != 0 || v == nil || !v.Loaded || v.Trouble != nil || c.groupServer(p.room) != s {
			continue
		}
		if !p.tried.IsZero() && !s.polled.After(p.tried) {
			if time.Since(p.tried) >= postAgain {
				s.next = time.Time{}
			}
			return
		}
		i := c.findPosting(p.room, p.number)
		c.groups.posting[i].tried = time.Now()
		s.busy = true
		call := s.Post(v.Room.Token, p.data)
		c.beside(func(ctx context.Context) func() {
			r, err := net.Ask(ctx, courier.ServerOrder{To: s.Host.Server(), Request: call.Request, Once: true})
			return func() { c.posted(s, p, r, err) }
		})
		return
	}
}

// posted takes the answer to a post.
func (c *Client) posted(s *groupServer, p posting, r onion.V4Response, err error) {
	s.busy = false
	v, i := c.groups.rooms[p.room], c.findPosting(p.room, p.number)
	if v == nil || i < 0 {
		return // left, or deleted: then it is in the room all the same
	}
	if err == nil {
		err = v.Posted(r)
	}
	trouble := troubleOf(err)
	switch trouble.Err() {
	case nil:
		_ = c.update(func(t *tx) error { c.dropPosting(t, p.room, p.number); return nil }) // or the next poll finds it there
	case ErrGroupSignature, ErrGroupForbidden, ErrGroupMissing, ErrGroupRequest:
		p = c.groups.posting[i]
		p.failed = trouble
		_ = c.update(func(t *tx) error { c.savePosting(t, p); return nil })
	}
}

// saidAlready forgets posts that arrived although nobody said so.
func (c *Client) saidAlready(s *groupServer) {
	for _, p := range slices.Clone(c.groups.posting) {
		v := c.groups.rooms[p.room]
		if v != nil && c.groupServer(p.room) == s && !p.tried.IsZero() && v.Says(s.Me(), p.data) {
			_ = c.update(func(t *tx) error { c.dropPosting(t, p.room, p.number); return nil })
		}
	}
}
