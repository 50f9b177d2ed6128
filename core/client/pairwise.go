package client

import (
	"bytes"
	"errors"

	"tandem/core"
	"tandem/core/envelope"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

// errNoSession: no session with this device exists yet.
var errNoSession = errors.New("client: no session with this device")

// loadSession reads the session with a device; nil if there is none.
func (c *Client) loadSession(t *tx, peer core.ID) (*ratchet.Session, error) {
	b, err := t.Get(c.ctx, store.Session, string(peer[:]))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if r, known := c.kin.read[peer]; known && bytes.Equal(r.record, b) {
		return r.Clone(), nil
	}
	s, err := ratchet.ParseSession(b)
	if err != nil {
		return nil, store.ErrDamaged
	}
	c.kin.remember(peer, b, s)
	return s, nil
}

// saveSession keeps a session as it is now.
func (c *Client) saveSession(t *tx, s *ratchet.Session) {
	peer, b := s.Peer(), s.Marshal()
	t.Put(store.Session, string(peer[:]), b)
	c.kin.remember(peer, b, s)
	t.then(func() { c.kin.sessions[peer] = true })
}

// session is one as it was read or written last. To read a record of forty states
// takes longer than to open a message; it stands for the record only as long as
// the store holds those bytes.
type session struct {
	record []byte
	*ratchet.Session
}

// Bounds of the sessions that are kept so: a device has no more peers that talk at
// once, and only a hostile one makes a record grow beyond that.
const (
	maxRead   = 32
	maxRecord = 256 << 10 // bytes
)

// remember keeps a session beside its record, which nobody changes.
func (k *kin) remember(peer core.ID, record []byte, s *ratchet.Session) {
	delete(k.read, peer)
	if len(record) > maxRecord {
		return
	}
	for other := range k.read {
		if len(k.read) < maxRead {
			break
		}
		delete(k.read, other)
	}
	k.read[peer] = session{record, s.Clone()}
}

// sealPairwise encrypts content for a device in their session and seals the
// envelope: the data of a store. The moved session is in the transaction.
// Error: errNoSession.
func (c *Client) sealPairwise(t *tx, to core.ID, content *wire.Content) ([]byte, error) {
	session, err := c.loadSession(t, to)
	if err != nil {
		return nil, err
	}
	if session == nil {
		return nil, errNoSession
	}
	counter := content.Number()
	if content.Header, err = c.header(t, to); err != nil {
		return nil, err
	}
	if err := c.number(t, to, content, counter); err != nil {
		return nil, err
	}
	kind, body, err := session.Encrypt(wire.Pad(content.Marshal()))
	if err != nil {
		return nil, err
	}
	c.saveSession(t, session)
	return c.sealBody(to, envelope.Kind(kind), body)
}

// sealBody seals pairwise bytes for a device, as one of this account.
func (c *Client) sealBody(to core.ID, kind envelope.Kind, body []byte) ([]byte, error) {
	return envelope.SealDevice(c.account.keys.Device, to, envelope.Sealed{
		Account: c.account.id(), Kind: kind, Body: body, Created: c.now(),
	})
}

// header numbers a pairwise message (multi-device.md §9).
func (c *Client) header(t *tx, to core.ID) (*wire.Header, error) {
	me := c.account.device()
	seq, err := t.Next(c.ctx, "link "+string(me[:])+string(to[:]))
	if err != nil {
		return nil, err
	}
	own := c.account.list().Epoch
	theirs := own
	if account, contact := c.people.devices[to]; contact {
		list, _ := c.account.book.List(account)
		theirs = list.Epoch
	}
	return &wire.Header{LinkSeq: seq, OwnEpoch: own, PeerEpoch: theirs, Sent: c.now()}, nil
}

// openPairwise decrypts a pairwise message; nil content
// = a duplicate or nothing for us. What the ratchet learnt is in the
// transaction; keep saves changed prekeys.
func (c *Client) openPairwise(t *tx, me ratchet.Identity, s envelope.Sealed, keep func(*ratchet.PreKeys)) (*wire.Content, error) {
	opened, content, err := c.decrypt(t, me, s)
	if err != nil || content == nil {
		return nil, err
	}
	c.keepOpened(t, s.Sender, opened, keep)
	return content, nil
}

// decrypt opens a pairwise message and changes nothing; nil content as above.
func (c *Client) decrypt(t *tx, me ratchet.Identity, s envelope.Sealed) (opened ratchet.Opened, content *wire.Content, err error) {
	session, err := c.loadSession(t, s.Sender)
	if err != nil {
		return opened, nil, err
	}
	var prekeys *ratchet.PreKeys
	if s.Kind == envelope.PreKey { // no other message needs them
		if prekeys, err = c.prekeys(t); err != nil {
			return opened, nil, err
		}
	}
	opened, err = ratchet.Open(me, prekeys, session, ratchet.Kind(s.Kind), s.Body, c.now())
	if err != nil {
		c.unreadable(t, s)
		return opened, nil, nil
	}
	if opened.Duplicate || opened.Session.Peer() != s.Sender {
		return opened, nil, nil // hostile or late: it changes nothing here
	}
	if content, err = wire.ParseContent(wire.Unpad(opened.Plain)); err != nil {
		return opened, nil, nil
	}
	return opened, content, nil
}

// keepOpened keeps what the ratchet learnt. A new session begins with the word
// that introduces this device.
func (c *Client) keepOpened(t *tx, from core.ID, opened ratchet.Opened, keep func(*ratchet.PreKeys)) {
	if !c.kin.sessions[from] {
		t.then(func() {
			c.soon(func() { c.introduce(from) })
			c.sealWaiting(from)
		})
	}
	c.saveSession(t, opened.Session)
	t.then(func() { c.reach(opened.Session) })
	if opened.Keys != nil {
		keep(opened.Keys)
	}
}

// introduce says the first word of this device in a session.
func (c *Client) introduce(to core.ID) {
	if account, known := c.accountOf(to); known {
		c.tell([]core.ID{to}, c.introductionTo(account))
	}
}

// receiveSibling handles a pairwise message of another device of the account.
func (c *Client) receiveSibling(t *tx, s envelope.Sealed) (ours bool, err error) {
	if !c.account.sibling(s.Sender) || s.Account != c.account.id() {
		return c.refuse(t, s.Sender)
	}
	content, err := c.openPairwise(t, c.account.keys.Device, s, func(k *ratchet.PreKeys) {
		t.Put(store.PreKeys, "", k.Marshal())
	})
	if err != nil || content == nil {
		return false, err
	}
	f := c.account.facts[s.Sender]
	f.seen = c.now()
	c.saveFacts(t, s.Sender, f)
	if err := c.opened(t, s.Sender); err != nil {
		return false, err
	}
	if err := c.heard(t, s.Sender, content); err != nil {
		return false, err
	}
	if err := c.receiveNews(t, s.Sender, content); err != nil || !c.account.sibling(s.Sender) {
		return true, err
	}
	if err := c.heardFrom(t, s.Sender); err != nil {
		return false, err
	}
	return true, c.receiveFromSibling(t, s.Sender, content)
}
