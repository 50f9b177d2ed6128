package client

import (
	"errors"
	"time"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/wire"
)

// kin is how this device stands with the other devices of its account, beside
// their sessions and the list.
type kin struct {
	sessions map[core.ID]bool // with whom there is a session
	peers    map[core.ID]peer // what is pending, as on the disk
	told     map[core.ID]told // in this run
	broken   map[core.ID]bool // a message could not be opened: a new session is needed
	ready    map[core.ID]bool // had its time to ask first
	keyAsked time.Time        // when the snapshot key was asked for last
	looked   time.Time        // when the outbox was read for a device that no list names
	refused  int              // messages of devices that are gone
	unopened map[core.ID][]unopened
	read     map[core.ID]session // as they were read or written last
}

// told is the list epoch that a sibling was spoken to about, and when: it takes
// a while until its messages show that it has heard.
type told struct {
	epoch uint64
	at    time.Time
}

func newKin() kin {
	return kin{
		sessions: map[core.ID]bool{}, peers: map[core.ID]peer{}, told: map[core.ID]told{},
		broken: map[core.ID]bool{}, ready: map[core.ID]bool{}, unopened: map[core.ID][]unopened{},
		read: map[core.ID]session{},
	}
}

// peer is what is pending between this device and another one. The zero peer is
// not stored.
type peer struct {
	// A session was asked for: so many times since first, not again before next,
	// and not while the outbox still holds the last request.
	tries       uint64
	first, next core.Millis
	entry       uint64
	// handled is the created of its newest request that was answered.
	handled core.Millis
	// held is its newest request, which waits until a list names it; a Content.
	held    []byte
	heldAt  core.Millis
	account core.ID // that it says it is of; zero: this one
	// left: it said that it leaves, and no list confirms that yet.
	left bool
}

// counterRefused numbers the messages of devices that are gone.
const counterRefused = "refused"

func (p peer) marshal() []byte {
	out := wire.AppendUint(nil, 1, p.tries)
	out = wire.AppendUint(out, 2, uint64(p.first))
	out = wire.AppendUint(out, 3, uint64(p.next))
	out = wire.AppendUint(out, 4, p.entry)
	out = wire.AppendUint(out, 5, uint64(p.handled))
	if p.held != nil {
		out = wire.AppendBytes(out, 6, p.held)
		out = wire.AppendUint(out, 7, uint64(p.heldAt))
	}
	if p.left {
		out = wire.AppendUint(out, 8, 1)
	}
	if !p.account.IsZero() {
		out = wire.AppendBytes(out, 9, p.account[:])
	}
	return out
}

// parsePeer reads what marshal wrote. Error: wire.ErrMalformed.
func parsePeer(b []byte) (peer, error) {
	var (
		p       peer
		m       wire.Message
		numbers [9]uint64
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1, 2, 3, 4, 5, 7:
			return m.Uint(f, &numbers[f.Number], 1<<62)
		case 6:
			return m.Bytes(f, &p.held, 1, wire.MaxContent)
		case 8:
			return m.Uint(f, &numbers[8], 1)
		case 9:
			return m.Fixed(f, p.account[:])
		}
		return nil
	})
	p.tries, p.first, p.next = numbers[1], core.Millis(numbers[2]), core.Millis(numbers[3])
	p.entry, p.handled, p.heldAt = numbers[4], core.Millis(numbers[5]), core.Millis(numbers[7])
	p.left = numbers[8] == 1
	return p, err
}

// loadKin reads how this device stands with its siblings.
func (c *Client) loadKin() error {
	c.kin = newKin()
	sessions, err := c.db.All(c.ctx, store.Session)
	if err != nil {
		return err
	}
	for _, b := range sessions {
		if id, err := core.IDFromBytes([]byte(b.Name)); err == nil {
			c.kin.sessions[id] = true
		}
	}
	peers, err := c.db.All(c.ctx, store.Peer)
	if err != nil {
		return err
	}
	for _, b := range peers {
		id, err := core.IDFromBytes([]byte(b.Name))
		if err != nil {
			return store.ErrDamaged
		}
		if c.kin.peers[id], err = parsePeer(b.Value); err != nil {
			return store.ErrDamaged
		}
	}
	c.account.left = c.kin.left()
	if err := c.loadUnopened(); err != nil {
		return err
	}
	refused, err := c.db.Counter(c.ctx, counterRefused)
	c.kin.refused = int(refused)
	return err
}

// left are the devices that left and that the list may still name.
func (k *kin) left() map[core.ID]bool {
	left := map[core.ID]bool{}
	for id, p := range k.peers {
		if p.left {
			left[id] = true
		}
	}
	return left
}

// peer is what is pending with a device, as this transaction knows it.
func (c *Client) peer(t *tx, id core.ID) (peer, error) {
	b, err := t.Get(c.ctx, store.Peer, string(id[:]))
	if errors.Is(err, store.ErrNotFound) {
		return peer{}, nil
	}
	if err != nil {
		return peer{}, err
	}
	p, err := parsePeer(b)
	if err != nil {
		return peer{}, store.ErrDamaged
	}
	return p, nil
}

func (c *Client) savePeer(t *tx, id core.ID, p peer) {
	if p.left || p.held != nil || p.tries|p.entry != 0 || p.first|p.next|p.handled != 0 {
		t.Put(store.Peer, string(id[:]), p.marshal())
		t.then(func() { c.kin.peers[id] = p })
	} else {
		t.Delete(store.Peer, string(id[:]))
		t.then(func() { delete(c.kin.peers, id) })
	}
	t.then(func() { c.account.left = c.kin.left() })
}

// forgetPeer drops what was pending with a device that is not listed any more.
func (c *Client) forgetPeer(t *tx, id core.ID) {
	c.savePeer(t, id, peer{})
	c.dropLine(t, id)
	c.dropAllUnopened(t, id)
	t.then(func() {
		delete(c.kin.sessions, id)
		delete(c.kin.told, id)
		delete(c.kin.broken, id)
		delete(c.kin.ready, id)
	})
}

// refuse counts a message of a device that was removed or has left, and drops
// it. Messages of others leave no mark: anyone may write here.
func (c *Client) refuse(t *tx, from core.ID) (gone bool, err error) {
	return c.refuseOf(t, c.account.id(), from)
}

// refuseOf is refuse for a device that says it is of an account: this one, or a
// contact's.
func (c *Client) refuseOf(t *tx, account, from core.ID) (gone bool, err error) {
	list, _ := c.account.book.List(account)
	if !list.Removes(from) && !(c.account.left[from] && c.mayBe(account, from)) {
		return false, nil
	}
	n, err := t.Next(c.ctx, counterRefused)
	if err != nil {
		return false, err
	}
	t.then(func() { c.kin.refused = int(n) })
	return true, nil
}

// silent reports whether this device may not send: the newest list does not name
// it. What it wrote waits.
func (c *Client) silent() bool {
	return c.account.keys != nil && (c.account.unlisted() || c.account.restore.pending())
}
