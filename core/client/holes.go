package client

import (
	"errors"
	"math"
	"time"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/wire"
)

const (
	// probeEvery is how often a device says to each other one how many messages it
	// has from it, so that one that came while this device was away for longer than
	// the network keeps it is noticed.
	probeEvery = core.Day
	// longAway is after how long the siblings are asked for what came meanwhile: the
	// network may have forgotten it, and who sent it may sleep.
	longAway = 13 * core.Day
	// maxHistory bounds the items of one answer, in bytes (multi-device.md §9).
	maxHistory = 50_000
	// maxLookups is how much one device can ask in a minute.
	maxLookups = 30
)

// tickHoles asks for what is missing, and compares with the other devices what
// each has.
func (c *Client) tickHoles() {
	if c.phase != Main || c.silent() {
		return
	}
	now := c.now()
	for device, l := range c.lines {
		if c.people.blocked[c.people.devices[device]] {
			continue // nothing is said to who is blocked
		}
		if _, due := l.Due(now); due {
			_ = c.update(func(t *tx) error { return c.askHole(t, device) }) // or at the next tick
			return
		}
		if c.kin.sessions[device] && l.Torn(now) {
			_ = c.update(func(t *tx) error { return c.mend(t, device) }) // likewise
			return
		}
		if c.kin.sessions[device] && (now-l.Probed >= probeEvery || c.talks.announce && l.Sent != l.Told) {
			_ = c.update(func(t *tx) error { return c.probe(t, device) }) // likewise
			return
		}
	}
	c.talks.announce = false
}

// probe says to a device how many messages this one has from it, and has sent.
func (c *Client) probe(t *tx, device core.ID) error {
	l, err := c.line(t, device)
	if err != nil {
		return err
	}
	away := c.now()-l.Probed >= longAway
	l.Probed, l.Told = c.now(), l.Sent
	c.saveLine(t, device, l)
	if away {
		if err := c.ask(t, c.siblingsBut(device), device, l.Seen, l.Seen+wire.MaxAsked); err != nil {
			return err
		}
	}
	_, err = c.enqueue(t, []core.ID{device}, &wire.Content{Ask: &wire.Ask{Have: l.Got}}, core.Message{})
	return err
}

// mend asks for what a device said and what has not come, whatever it was. Messages
// are asked for by their numbers; registers lie in the snapshot; and of receipts it
// is asked again.
func (c *Client) mend(t *tx, device core.ID) error {
	l, err := c.line(t, device)
	if err != nil {
		return err
	}
	l.Mend(c.now())
	c.saveLine(t, device, l)
	if err := c.probe(t, device); err != nil {
		return err
	}
	account, known := c.accountOf(device)
	if account == c.account.id() || !known {
		t.then(c.tendNow)
		return nil
	}
	return c.askReceipts(t, account, device)
}

// askHole asks for messages of a device that are missing: the device itself, or
// one's own others.
func (c *Client) askHole(t *tx, device core.ID) error {
	l, err := c.line(t, device)
	if err != nil {
		return err
	}
	i, due := l.Due(c.now())
	if !due {
		c.saveLine(t, device, l)
		return nil
	}
	low, high, siblings := l.Question(i, c.now())
	c.saveLine(t, device, l)
	to := []core.ID{device}
	if _, speaks := c.accountOf(device); siblings || !speaks {
		to = c.siblingsBut(device)
	}
	return c.ask(t, to, device, low, high)
}

// siblingsBut are the other devices of the account without one.
func (c *Client) siblingsBut(device core.ID) (out []core.ID) {
	for _, id := range c.account.siblings() {
		if id != device {
			out = append(out, id)
		}
	}
	return out
}

func (c *Client) ask(t *tx, to []core.ID, author core.ID, low, high uint64) error {
	_, err := c.enqueue(t, to, &wire.Content{Ask: &wire.Ask{Author: author, Low: low, High: high}}, core.Message{})
	return err
}

// receiveHoles takes a question about messages, or the answer to one. whose is
// the account of the device.
func (c *Client) receiveHoles(t *tx, whose, from core.ID, content *wire.Content) error {
	if a := content.Ask; a != nil && a.Author.IsZero() {
		l, err := c.line(t, from)
		if err != nil {
			return err
		}
		if l.Sent > a.Have {
			t.then(func() { c.soon(func() { c.ping(from) }) })
		}
	} else if a != nil && c.mayAsk(from) {
		t.then(func() {
			c.soon(func() { _ = c.update(func(t *tx) error { return c.answerAsk(t, whose, from, a) }) }) // or when it asks again
		})
	}
	if content.History == nil {
		return nil
	}
	return c.receiveHistory(t, whose, from, content.History)
}

// mayAsk counts the questions of a device.
func (c *Client) mayAsk(from core.ID) bool {
	a := c.talks.asked[from]
	if a.since.IsZero() || time.Since(a.since) > time.Minute {
		a = asked{since: time.Now()}
	}
	a.n++
	c.talks.asked[from] = a
	return a.n <= maxLookups
}

// answerAsk gives a device what it lacks.
func (c *Client) answerAsk(t *tx, whose, from core.ID, a *wire.Ask) error {
	answer, err := c.history(t, whose, from, a)
	if err != nil || answer == nil {
		return err
	}
	_, err = c.enqueue(t, []core.ID{from}, &wire.Content{History: answer}, core.Message{})
	return err
}

// history is what a device may have of what it asks for: a sibling everything
// from when it was linked on, a contact's device what this device itself sent to
// its account since then. nil: nothing is said.
func (c *Client) history(t *tx, whose, from core.ID, a *wire.Ask) (*wire.History, error) {
	sibling := whose == c.account.id()
	list, _ := c.account.book.List(whose)
	entry, listed := list.Find(from)
	if !listed || !sibling && a.Author != c.account.device() {
		return nil, nil
	}
	answer := &wire.History{Author: a.Author, Low: a.Low, High: a.High}
	size := 0
	for n := a.Low + 1; n <= a.High; n++ {
		item, ok, err := c.item(t, core.MessageID{Device: a.Author, Counter: n})
		if err != nil {
			return nil, err
		}
		if !ok || item.Sent < entry.Added || !sibling && (item.In || item.Conversation != whose) {
			continue
		}
		if size += len(item.Marshal()); size > maxHistory && len(answer.Items) > 0 {
			answer.High = n - 1 // and the rest when it asks again
			break
		}
		answer.Items = append(answer.Items, item)
	}
	return answer, nil
}

// item is what is here under a message ID, in the form in which it is handed on;
// false = nothing. A deletion that a contact was not told of is of no contact.
func (c *Client) item(t *tx, id core.MessageID) (wire.Item, bool, error) {
	m, err := t.Message(c.ctx, id)
	if err == nil {
		return wire.Item{
			Counter: id.Counter, Conversation: m.Conversation, In: m.Direction == core.In, Sent: m.Sent,
			Body: m.Body, Unable: m.Unable, Ends: m.Ends,
		}, true, nil
	}
	if errors.Is(err, store.ErrDamaged) {
		return wire.Item{}, false, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return wire.Item{}, false, err
	}
	b, err := t.Get(c.ctx, store.Deletion, messageName(id))
	if errors.Is(err, store.ErrNotFound) {
		return wire.Item{}, false, nil
	}
	if err != nil {
		return wire.Item{}, false, err
	}
	d, err := parseDeletion(id, b)
	return wire.Item{
		Counter: id.Counter, Conversation: d.conversation, In: !d.everyone, Sent: d.at, Deletes: d.message,
	}, err == nil, err
}

// receiveHistory files what was missing. What the author itself says is all that
// there is; a sibling may lack some as well.
func (c *Client) receiveHistory(t *tx, whose, from core.ID, h *wire.History) error {
	sibling := whose == c.account.id()
	if !sibling && h.Author != from {
		return nil
	}
	l, err := c.line(t, h.Author)
	if err != nil {
		return err
	}
	for _, i := range h.Items {
		id := core.MessageID{Device: h.Author, Counter: i.Counter}
		known, err := c.known(t, id)
		if err != nil {
			return err
		}
		if known {
			continue
		}
		l.Filled(i.Counter)
		if err := c.fileItem(t, whose, id, i); err != nil {
			return err
		}
		if err := c.passOn(t, from, math.MaxInt64, id); err != nil {
			return err
		}
	}
	if h.Author == from {
		l.Settled(c.now(), h.Low, h.High)
	} else if high, more := l.Waiting(h.High); more || len(h.Items) > 0 && h.High >= l.Seen {
		if !more {
			high = h.High + wire.MaxAsked // after an absence nobody knows how many there are
		}
		if err := c.ask(t, []core.ID{from}, h.Author, h.High, high); err != nil {
			return err
		}
	}
	c.saveLine(t, h.Author, l)
	return nil
}

// fileItem files one message or deletion of a history.
func (c *Client) fileItem(t *tx, whose core.ID, id core.MessageID, i wire.Item) error {
	d := deletion{id: id, conversation: i.Conversation, message: i.Deletes}
	m := core.Message{ID: id, Conversation: i.Conversation, Sent: i.Sent, Body: i.Body, Unable: i.Unable, Ends: i.Ends}
	switch {
	case whose != c.account.id():
		d.conversation, m.Conversation = whose, whose
		if i.Deletes.Counter != 0 {
			return c.buryTheirs(t, d)
		}
		return c.incoming(t, m)
	case i.Deletes.Counter != 0:
		return c.bury(t, d)
	case i.In:
		return c.incoming(t, m)
	}
	m.Direction, m.Status, m.Sent = core.Out, core.Stored, min(m.Sent, c.now()+sentAhead)
	_, err := c.fileMessage(t, m)
	return err
}

// missing is how many messages of a conversation are known to be missing. Those
// that a sibling wrote may belong to any.
func (c *Client) missing(conversation core.ID) int {
	n, now := uint64(0), c.now()
	for device, l := range c.lines {
		if whose, ok := c.accountOf(device); ok && whose == conversation {
			n += l.Missing(now)
		}
	}
	return int(n)
}
