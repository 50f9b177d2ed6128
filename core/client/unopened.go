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
)

// unopened is a message of a device that could not be opened: too far ahead in its
// chain, or of a session that is not here yet. Whatever the device says next may be
// what was missing.
type unopened struct {
	name  string // of the record
	place ratchet.Place
	due   bool // there is a session that reaches its place
}

func unopenedName(s envelope.Sealed) string {
	sum := sha256.Sum256(s.Body)
	return string(s.Sender[:]) + string(sum[:16])
}

// unreadable keeps a device's message that could not be opened, if it has a place that a
// session may reach; a new session is asked for, once in a while, and by its first
// message it is seen what is missing.
func (c *Client) unreadable(t *tx, s envelope.Sealed) {
	account, known := c.accountOf(s.Sender)
	name := unopenedName(s)
	if !known || account != s.Account || c.waits(s.Sender, name) {
		return
	}
	if _, err := ratchet.PlaceOf(ratchet.Kind(s.Kind), s.Body); err != nil {
		t.then(func() { c.kin.broken[s.Sender] = true })
		return
	}
	t.Put(store.Unopened, name, marshalUnopened(s))
	t.then(func() {
		c.kin.broken[s.Sender] = true
		c.await(name, s)
		if len(c.kin.unopened[s.Sender]) > maxUnopened {
			c.soon(func() { _ = c.update(func(t *tx) error { return c.trimUnopened(t, s.Sender) }) }) // or with the next one
		}
	})
}

// waits reports whether a message of a device is kept already.
func (c *Client) waits(from core.ID, name string) bool {
	return slices.ContainsFunc(c.kin.unopened[from], func(u unopened) bool { return u.name == name })
}

// await knows of one that is kept.
func (c *Client) await(name string, s envelope.Sealed) {
	if !c.waits(s.Sender, name) {
		place, _ := ratchet.PlaceOf(ratchet.Kind(s.Kind), s.Body) // unreadable has looked
		c.kin.unopened[s.Sender] = append(c.kin.unopened[s.Sender], unopened{name: name, place: place})
	}
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
		c.await(b.Name, s)
	}
	for from := range c.kin.unopened {
		session, err := c.loadSession(c.begin(), from)
		if err != nil {
			return err
		}
		if session != nil {
			c.reach(session)
		}
	}
	return nil
}

// dropUnopened forgets one.
func (c *Client) dropUnopened(t *tx, from core.ID, name string) {
	t.Delete(store.Unopened, name)
	t.then(func() {
		rest := slices.DeleteFunc(c.kin.unopened[from], func(u unopened) bool { return u.name == name })
		if c.kin.unopened[from] = rest; len(rest) == 0 {
			delete(c.kin.unopened, from)
		}
	})
}

// dropAllUnopened forgets those of a device.
func (c *Client) dropAllUnopened(t *tx, from core.ID) {
	for _, u := range c.kin.unopened[from] {
		c.dropUnopened(t, from, u.name)
	}
}

// trimUnopened drops the first of too many, and all that are too old.
func (c *Client) trimUnopened(t *tx, from core.ID) error {
	all := c.kin.unopened[from]
	for i, u := range all {
		s, err := c.unopened(t, u.name)
		if err != nil {
			return err
		}
		if i < len(all)-maxUnopened || c.now()-s.Created > keepUnopened {
			c.dropUnopened(t, from, u.name)
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

// reach has those tried again that a session reaches now.
func (c *Client) reach(s *ratchet.Session) {
	all := c.kin.unopened[s.Peer()]
	for i, u := range all {
		all[i].due = u.due || s.Reaches(u.place)
	}
}

// firstDue is one that can be tried.
func (c *Client) firstDue() (from core.ID, name string, found bool) {
	for from, all := range c.kin.unopened {
		if i := slices.IndexFunc(all, func(u unopened) bool { return u.due }); i >= 0 {
			return from, all[i].name, true
		}
	}
	return core.ID{}, "", false
}

// dueUnopened is when one is tried: the page gets its turn before.
func (c *Client) dueUnopened() core.Millis {
	if _, _, found := c.firstDue(); found {
		return c.now()
	}
	return never
}

// tickUnopened tries for a moment.
func (c *Client) tickUnopened() {
	for began := time.Now(); c.db != nil && time.Since(began) < breath; {
		from, name, found := c.firstDue()
		if !found || c.tryOne(from, name) != nil {
			return // or when the store has rested
		}
	}
}

// tryOne opens one that is reached, and forgets it: what does not open now never will,
// and what its handler cannot take is asked for by its number. Errors: ErrStore,
// ErrClosed.
func (c *Client) tryOne(from core.ID, name string) error {
	err := c.update(func(t *tx) error {
		s, err := c.unopened(t, name)
		if err == nil && s.Created != 0 {
			_, err = c.handled(t, func() (bool, error) { return c.receivePairwise(t, s) })
		}
		c.dropUnopened(t, from, name)
		return err
	})
	if err == nil || errors.Is(err, ErrStore) || errors.Is(err, ErrClosed) {
		return err
	}
	return c.update(func(t *tx) error { c.dropUnopened(t, from, name); return nil })
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
