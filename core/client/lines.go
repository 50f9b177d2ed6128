package client

import (
	"encoding/binary"
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/store"
	"tandem/core/wire"
)

// line is how messages are numbered between this device and another one.
func (c *Client) line(t *tx, device core.ID) (*delivery.Line, error) {
	b, err := t.Get(c.ctx, store.Line, string(device[:]))
	if errors.Is(err, store.ErrNotFound) {
		return &delivery.Line{Probed: c.now()}, nil
	}
	if err != nil {
		return nil, err
	}
	l, err := delivery.ParseLine(b)
	if err != nil {
		return nil, store.ErrDamaged
	}
	return l, nil
}

func (c *Client) saveLine(t *tx, device core.ID, l *delivery.Line) {
	t.Put(store.Line, string(device[:]), l.Marshal())
	t.then(func() { c.lines[device] = l })
}

// dropLine forgets a device that gets nothing any more. What is missing of it the
// siblings may have.
func (c *Client) dropLine(t *tx, device core.ID) {
	if l := c.lines[device]; l != nil && len(l.Holes) > 0 {
		return
	}
	t.Delete(store.Line, string(device[:]))
	t.then(func() { delete(c.lines, device) })
}

func (c *Client) loadLines() error {
	c.lines = map[core.ID]*delivery.Line{}
	saved, err := c.db.All(c.ctx, store.Line)
	if err != nil {
		return err
	}
	for _, b := range saved {
		id, err := core.IDFromBytes([]byte(b.Name))
		if err != nil {
			return store.ErrDamaged
		}
		if c.lines[id], err = delivery.ParseLine(b.Value); err != nil {
			return store.ErrDamaged
		}
	}
	return nil
}

// number counts a message for a device and shows in the header how many there
// are. counter: of the message; 0 = it is none.
func (c *Client) number(t *tx, to core.ID, content *wire.Content, counter uint64) error {
	l, err := c.line(t, to)
	if err != nil {
		return err
	}
	if counter != 0 {
		l.Number(counter)
		c.saveLine(t, to, l)
	} else if l.Told != l.Sent {
		l.Told = l.Sent
		c.saveLine(t, to, l)
	}
	if content.Sent == nil {
		content.Header.Counter = counter
	}
	content.Header.Messages, content.Header.Last = l.Sent, l.Last
	return nil
}

// awake are the devices that a message goes out to: those that no session came
// to be with for weeks get none, unless there is no other. They see later what
// they missed.
func (c *Client) awake(t *tx, to []core.ID, counter uint64) ([]core.ID, error) {
	var awake, silent []core.ID
	for _, device := range to {
		if l := c.lines[device]; l != nil && l.Silent() {
			silent = append(silent, device)
		} else {
			awake = append(awake, device)
		}
	}
	if len(awake) == 0 {
		return to, nil
	}
	for _, device := range silent {
		l, err := c.line(t, device)
		if err != nil {
			return nil, err
		}
		l.Number(counter)
		c.saveLine(t, device, l)
	}
	return awake, nil
}

// starve: a message waited in vain for a session with a device.
func (c *Client) starve(t *tx, device core.ID, counter uint64) error {
	l, err := c.line(t, device)
	if err != nil {
		return err
	}
	l.Starved++
	l.Number(counter)
	c.saveLine(t, device, l)
	return nil
}

// heard takes in what a device says in a header: how many messages it has sent.
// One that comes from it itself is not missing any more.
func (c *Client) heard(t *tx, from core.ID, content *wire.Content) error {
	h := content.Header
	if h == nil {
		return nil
	}
	l, err := c.line(t, from)
	if err != nil {
		return err
	}
	changed := l.Arrived(c.now(), h.LinkSeq) || l.Starved != 0 || c.lines[from] == nil
	l.Starved = 0
	counter := content.Number()
	news := l.Heard(c.now(), h.Messages, h.Last)
	if news {
		if err := c.overlook(t, from, l, counter); err != nil {
			return err
		}
	}
	if counter != 0 {
		here, err := c.counts(t, core.MessageID{Device: from, Counter: counter})
		if err != nil {
			return err
		}
		if news || !here {
			changed = l.Filled(counter) || changed
		}
	}
	if news || changed {
		c.saveLine(t, from, l)
	}
	return nil
}

// overhear is heard for a device of somebody who is blocked: messages that were sent
// meanwhile are not missed later. Its receipts are, and are asked for then.
func (c *Client) overhear(t *tx, from core.ID, content *wire.Content) error {
	h := content.Header
	if h == nil {
		return nil
	}
	l, err := c.line(t, from)
	if err != nil {
		return err
	}
	if l.Heard(c.now(), h.Messages, h.Last) {
		l.Holes = l.Holes[:len(l.Holes)-1]
	}
	l.Unheard(c.now(), h.LinkSeq)
	c.saveLine(t, from, l)
	return nil
}

// beginLine: what a device numbers for this one comes behind the message that
// came with its friend request, which is not numbered.
func (c *Client) beginLine(t *tx, first core.MessageID) error {
	l, err := c.line(t, first.Device)
	if err == nil && l.Got == 0 {
		l.Seen = max(l.Seen, first.Counter)
		c.saveLine(t, first.Device, l)
	}
	return err
}

// overlook takes off the newest hole what came another way. counter is that of
// the message at hand.
func (c *Client) overlook(t *tx, from core.ID, l *delivery.Line, counter uint64) error {
	hole := l.Holes[len(l.Holes)-1]
	if hole.Missing == 1 && hole.High == counter || hole.High-hole.Low > wire.MaxAsked {
		return nil
	}
	for n := hole.Low + 1; n <= hole.High; n++ {
		if n == counter {
			continue
		}
		here, err := c.counts(t, core.MessageID{Device: from, Counter: n})
		if err != nil {
			return err
		}
		if here {
			l.Filled(n)
		}
	}
	return nil
}

// known reports whether what has this number is here: a message or a deletion.
func (c *Client) known(t *tx, id core.MessageID) (bool, error) {
	known, err := t.HasMessage(c.ctx, id)
	if err != nil || known {
		return known, err
	}
	return c.deletes(t, id)
}

// deletes reports whether a deletion has this number.
func (c *Client) deletes(t *tx, id core.MessageID) (bool, error) {
	_, err := t.Get(c.ctx, store.Deletion, messageName(id))
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// counts is known for what was numbered for this device. What came as the past
// was most likely not.
func (c *Client) counts(t *tx, id core.MessageID) (bool, error) {
	m, err := t.Message(c.ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return c.deletes(t, id)
	}
	if errors.Is(err, store.ErrDamaged) {
		return true, nil
	}
	return err == nil && !m.Past, err
}

// messageName is the name of what is stored about a message.
func messageName(id core.MessageID) string {
	return string(binary.BigEndian.AppendUint64(id.Device[:], id.Counter))
}

// moment is a time as it is stored.
func moment(at core.Millis) []byte { return binary.BigEndian.AppendUint64(nil, uint64(at)) }

// parseMoment reads the first 8 bytes.
func parseMoment(b []byte) core.Millis { return core.Millis(binary.BigEndian.Uint64(b)) }
