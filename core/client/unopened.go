package client

import (
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/envelope"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

const (
	// maxUnopened messages of one device are kept that could not be opened
	// (multi-device.md §8). What is too much comes by a new session as well.
	maxUnopened = 64
	// keepUnopened is how long: after that the network would not bring them either.
	keepUnopened = 15 * core.Day
	// tryAgain is the least time between two tries for one device.
	tryAgain = 5 * time.Second
)

// unopened are messages of one device that could not be opened: too far ahead in
// their chain, or of a session that is not here yet. Whatever the device says next
// may be what was missing.
type unopened struct {
	names []string // of records
	tried time.Time
	// reach was tried with all of them already, and far says that one is too far
	// ahead in a chain, which is nearer with each of its messages that comes.
	reach ratchet.Reach
	far   bool
	// rest are those that the try under way has not come to, and next is its reach.
	rest []string
	next ratchet.Reach
}

func unopenedName(s envelope.Sealed) string {
	sum := sha256.Sum256(s.Body)
	return string(s.Sender[:]) + string(sum[:16])
}

// unreadable keeps a device's message that could not be opened; a new session is
// asked for, once in a while, and by its first message it is seen what is missing.
// session is what it was tried with, nil if there is none.
func (c *Client) unreadable(t *tx, s envelope.Sealed, session *ratchet.Session, far bool) {
	if u, waits := c.kin.unopened[s.Sender]; far && waits {
		u.far = true
		c.kin.unopened[s.Sender] = u
	}
	account, known := c.accountOf(s.Sender)
	if !known || account != s.Account || c.kin.retrying {
		return
	}
	name := unopenedName(s)
	t.Put(store.Unopened, name, marshalUnopened(s))
	t.then(func() {
		c.kin.broken[s.Sender] = true
		u := c.kin.unopened[s.Sender]
		if !slices.Contains(u.names, name) {
			u.names = append(u.names, name)
		}
		u.far = u.far || far
		if u.reach == nil && session != nil {
			u.reach = session.Reach()
		}
		c.kin.unopened[s.Sender] = u
		if len(u.names) > maxUnopened {
			c.soon(func() { _ = c.update(func(t *tx) error { return c.trimUnopened(t, s.Sender) }) }) // or with the next one
		}
	})
}

// marshalUnopened writes all but the sender, which is in the name.
func marshalUnopened(s envelope.Sealed) []byte {
	out := wire.AppendUint(nil, 1, uint64(s.Kind))
	out = wire.AppendBytes(out, 2, s.Body)
	out = wire.AppendUint(out, 3, uint64(s.Created))
	return wire.AppendBytes(out, 4, s.Account[:])
}

// parseUnopened reads what marshalUnopened wrote. Error: store.ErrDamaged.
func parseUnopened(name string, b []byte) (s envelope.Sealed, err error) {
	var m wire.Message
	var kind, created uint64
	err = wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &kind, 255)
		case 2:
			return m.Bytes(f, &s.Body, 0, wire.MaxContent)
		case 3:
			return m.Uint(f, &created, 1<<62)
		case 4:
			return m.Fixed(f, s.Account[:])
		}
		return nil
	})
	if err != nil || len(name) < len(s.Sender) {
		return envelope.Sealed{}, store.ErrDamaged
	}
	copy(s.Sender[:], name)
	s.Kind, s.Created = envelope.Kind(kind), core.Millis(created)
	return s, nil
}

func (c *Client) loadUnopened() error {
	saved, err := c.db.All(c.ctx, store.Unopened)
	if err != nil {
		return err
	}
	for _, b := range saved {
		s, err := parseUnopened(b.Name, b.Value)
		if err != nil {
			return err
		}
		u := c.kin.unopened[s.Sender]
		u.names = append(u.names, b.Name)
		c.kin.unopened[s.Sender] = u
	}
	for from, u := range c.kin.unopened {
		session, err := c.loadSession(c.begin(), from)
		if err != nil {
			return err
		}
		if session != nil { // it was tried before the reload; and what was not is asked for
			u.reach = session.Reach()
		}
		u.far = true
		c.kin.unopened[from] = u
	}
	return nil
}

// dropUnopened forgets one, or all of a device.
func (c *Client) dropUnopened(t *tx, from core.ID, names ...string) {
	for _, name := range names {
		t.Delete(store.Unopened, name)
	}
	t.then(func() {
		u := c.kin.unopened[from]
		u.names = slices.DeleteFunc(slices.Clone(u.names), func(name string) bool { return slices.Contains(names, name) })
		if c.kin.unopened[from] = u; len(u.names) == 0 {
			delete(c.kin.unopened, from)
		}
	})
}

// trimUnopened drops the first of too many, and all that are too old.
func (c *Client) trimUnopened(t *tx, from core.ID) error {
	names := c.kin.unopened[from].names
	for i, name := range names {
		s, err := c.unopened(t, name)
		if err != nil {
			return err
		}
		if i < len(names)-maxUnopened || c.now()-s.Created > keepUnopened {
			c.dropUnopened(t, from, name)
		}
	}
	return nil
}

// unopened is one that is kept; of one that is not the zero value, which is very old.
func (c *Client) unopened(t *tx, name string) (envelope.Sealed, error) {
	b, err := t.Get(c.ctx, store.Unopened, name)
	if errors.Is(err, store.ErrNotFound) {
		return envelope.Sealed{}, nil
	}
	if err != nil {
		return envelope.Sealed{}, err
	}
	return parseUnopened(name, b)
}

// tryUnopened tries again, after something else of the device was opened, if its
// session can open more than at the last try.
func (c *Client) tryUnopened(from core.ID) {
	u, waits := c.kin.unopened[from]
	if !waits || time.Since(u.tried) < tryAgain || c.db == nil {
		return
	}
	session, err := c.loadSession(c.begin(), from)
	if err != nil || session == nil {
		return // the next message of the device brings another try
	}
	if next := session.Reach(); u.far || !next.Within(u.reach) {
		u.tried, u.far, u.rest, u.next = time.Now(), false, u.names, next
		c.kin.unopened[from] = u
		c.tryRest(from)
	}
}

// tickUnopened goes on with tries that took too long for one turn.
func (c *Client) tickUnopened() {
	for from, u := range c.kin.unopened {
		if len(u.rest) > 0 {
			c.tryRest(from)
			return
		}
	}
}

// dueUnopened is when it does: the page gets its turn before.
func (c *Client) dueUnopened() core.Millis {
	for _, u := range c.kin.unopened {
		if len(u.rest) > 0 {
			return c.now()
		}
	}
	return never
}

// tryRest tries for a moment.
func (c *Client) tryRest(from core.ID) {
	u := c.kin.unopened[from]
	c.kin.retrying, c.kin.tried = true, u.reach
	defer func() { c.kin.retrying, c.kin.tried = false, nil }()
	for began := time.Now(); len(u.rest) > 0 && time.Since(began) < breath; {
		err := c.tryOne(from, u.rest[0])
		if c.db == nil {
			return
		}
		waits := false
		rest := u.rest[1:]
		if u, waits = c.kin.unopened[from]; !waits {
			return
		}
		if u.rest = rest; err != nil {
			u.rest, u.next = nil, nil // the next message of the device brings another try
		}
		c.kin.unopened[from] = u
	}
	if len(u.rest) == 0 && u.next != nil {
		u.reach, u.next = u.next, nil
		c.kin.unopened[from] = u
	}
}

func (c *Client) tryOne(from core.ID, name string) error {
	return c.update(func(t *tx) error {
		s, err := c.unopened(t, name)
		if err != nil || s.Created == 0 {
			return err
		}
		ours, err := c.receivePairwise(t, s)
		if err == nil && ours {
			c.dropUnopened(t, from, name)
		}
		return err
	})
}

// sweepUnopened forgets what is too old.
func (c *Client) sweepUnopened(t *tx) error {
	for from := range c.kin.unopened {
		if err := c.trimUnopened(t, from); err != nil {
			return err
		}
	}
	return nil
}
