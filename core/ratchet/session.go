package ratchet

import (
	"cmp"
	"fmt"
	"slices"

	"tandem/core"
)

// Session is all that this device knows about sessions with one other device.
// Save it whole after each Encrypt and Open, before anything is sent or shown.
type Session struct {
	own    [32]byte
	peer   [32]byte
	states []*state // the active one, then by last use; never empty
}

// Initiate begins a session with the maker of a bundle, with whom there is none
// yet. Errors: ErrSignature, ErrIdentity for one's own bundle, ErrKey.
func Initiate(id Identity, b Bundle, now core.Millis) (*Session, error) {
	return begin(id, nil, b, now)
}

// Renew is Initiate where there is a session: its active state is archived, so
// that late messages still open. s stays as it is. Errors as of Initiate, and
// ErrIdentity for another device's bundle.
func (s *Session) Renew(id Identity, b Bundle, now core.Millis) (*Session, error) {
	return begin(id, s, b, now)
}

func begin(id Identity, s *Session, b Bundle, now core.Millis) (*Session, error) {
	s, err := sessionWith(id, s, b.Identity)
	if err != nil {
		return nil, err
	}
	// Registration 0: it numbers devices at a server, and there is none.
	fresh, err := initiate(id, b, 0, now, drawPair)
	if err != nil {
		return nil, err
	}
	return s.promote(fresh, -1), nil
}

// sessionWith is s if it is between id and peer, or an empty one where s is
// nil. Error: ErrIdentity, also where a device talks to itself.
func sessionWith(id Identity, s *Session, peer [32]byte) (*Session, error) {
	own := id.PublicKey()
	if own == peer {
		return nil, ErrIdentity
	}
	if s == nil {
		return &Session{own: own, peer: peer}, nil
	}
	if s.own != own || s.peer != peer {
		return nil, ErrIdentity
	}
	return s, nil
}

// Clone is a session of its own: what is encrypted with one of the two leaves
// the other as it is. Both belong to the same goroutine: they share what Marshal
// remembers.
func (s *Session) Clone() *Session { return &Session{s.own, s.peer, slices.Clone(s.states)} }

// Peer is the identity at the other end, as an ID.
func (s *Session) Peer() core.ID { return core.IDFromX25519(s.peer) }

// Stale reports that the active state was never answered and probably never
// will be: ask the peer for a new bundle.
func (s *Session) Stale(now core.Millis) bool {
	active := s.states[0]
	return active.unanswered != nil && now-active.begun > StaleAfter
}

// Encrypt seals plain (at most MaxPlain bytes) with the active state and moves
// s on, so that no key is used twice. Error: ErrSize; ErrNoSession after 2^32-1
// messages without an answer.
func (s *Session) Encrypt(plain []byte) (Kind, []byte, error) {
	if len(plain) > MaxPlain {
		return 0, nil, ErrSize
	}
	active := s.states[0]
	if active.sendKey.index > lastCounter {
		return 0, nil, ErrNoSession
	}
	kind, out, after := active.seal(plain, s.own, s.peer)
	s.states[0] = after
	return kind, out, nil
}

// Opened is the outcome of Open.
type Opened struct {
	Plain   []byte   // nil in a duplicate
	Session *Session // to be saved; in a duplicate the one that was given
	Keys    *PreKeys // to be saved in the same transaction; nil = unchanged
	// Duplicate: the message was opened before. Drop it silently.
	Duplicate bool
}

// String keeps the plaintext out of logs.
func (o Opened) String() string { return fmt.Sprintf("{duplicate: %t}", o.Duplicate) }

// GoString keeps the plaintext out of %#v.
func (o Opened) GoString() string { return o.String() }

// Open decrypts a message of the peer with whom s is; s is nil where there is
// no session yet. It changes none of its arguments: what changed is in Opened.
//
// Without s a prekey message of anybody opens: compare Opened.Session.Peer
// with the sender that the envelope names. Errors: see the list of errors.
func Open(id Identity, keys *PreKeys, s *Session, kind Kind, body []byte, now core.Millis) (Opened, error) {
	return open(id, keys, s, kind, body, now, drawPair)
}

// Place is where a message is: the chain that it names, and its number there.
type Place struct {
	ratchet [32]byte
	counter uint32
}

// PlaceOf reads the place of a message, which proves nothing. Error: ErrForm.
func PlaceOf(kind Kind, body []byte) (Place, error) {
	if kind == KindPreKey {
		outer, err := parsePreKeyMessage(body)
		if err != nil {
			return Place{}, err
		}
		body = outer.message
	}
	m, err := parseMessage(body)
	return Place{m.ratchet, m.counter}, err
}

// Reaches reports whether s has the chain of a place, and the place is not too far
// ahead in it. A message that did not open when it came can open then, and only
// then: it was encrypted to a key that was here before it, and all of those were
// tried.
func (s *Session) Reaches(p Place) bool {
	return slices.ContainsFunc(s.states, func(st *state) bool {
		at := st.chain(p.ratchet)
		return at >= 0 && uint64(p.counter) <= uint64(st.receiving[at].chain.index)+MaxSkip
	})
}

func open(id Identity, keys *PreKeys, s *Session, kind Kind, body []byte, now core.Millis, draw source) (Opened, error) {
	switch kind {
	case KindMessage:
		return openMessage(id, s, body, draw)
	case KindPreKey:
		return openPreKey(id, keys, s, body, now, draw)
	}
	return Opened{}, ErrForm
}

func openMessage(id Identity, s *Session, body []byte, draw source) (Opened, error) {
	m, err := parseMessage(body)
	if err != nil {
		return Opened{}, err
	}
	if s == nil {
		return Opened{}, ErrNoSession
	}
	if s.own != id.PublicKey() {
		return Opened{}, ErrIdentity
	}
	if at := slices.IndexFunc(s.states, func(st *state) bool { return st.knows(m.ratchet) }); at >= 0 {
		return s.openAt(at, m, draw)
	}
	if slices.ContainsFunc(s.states, func(st *state) bool { return st.past(m) }) {
		return Opened{Session: s, Duplicate: true}, nil
	}
	// The ratchet key is new: each state has to try. The error to return is that
	// of the active one.
	var outcome error
	for at := range s.states {
		opened, err := s.openAt(at, m, draw)
		if err == nil {
			return opened, nil
		}
		outcome = cmp.Or(outcome, err)
	}
	return Opened{}, cmp.Or(outcome, error(ErrNoState))
}

// openAt opens m with one state, which becomes the active one.
func (s *Session) openAt(at int, m message, draw source) (Opened, error) {
	plain, after, used, err := s.states[at].open(m, s.peer, s.own, draw)
	if err != nil {
		return Opened{}, err
	}
	if used {
		return Opened{Session: s, Duplicate: true}, nil
	}
	return Opened{Plain: plain, Session: s.promote(after, at)}, nil
}

func openPreKey(id Identity, keys *PreKeys, s *Session, body []byte, now core.Millis, draw source) (Opened, error) {
	outer, err := parsePreKeyMessage(body)
	if err != nil {
		return Opened{}, err
	}
	m, err := parseMessage(outer.message)
	if err != nil {
		return Opened{}, err
	}
	if s, err = sessionWith(id, s, outer.identity); err != nil {
		return Opened{}, err
	}
	if at := slices.IndexFunc(s.states, func(st *state) bool { return st.base == outer.base }); at >= 0 {
		if !s.states[at].knows(m.ratchet) {
			// Only the first chain of a session goes out as prekey messages, and
			// this one is so old that the chain was retired.
			return Opened{Session: s, Duplicate: true}, nil
		}
		return s.openAt(at, m, draw)
	}
	fresh, err := respond(id, keys, outer, now)
	if err != nil {
		return Opened{}, err
	}
	if slices.ContainsFunc(s.states, func(st *state) bool { return st.origin == fresh.origin }) {
		return Opened{Session: s, Duplicate: true}, nil
	}
	plain, after, _, err := fresh.open(m, s.peer, s.own, draw)
	if err != nil {
		return Opened{}, err
	}
	opened := Opened{Plain: plain, Session: s.promote(after, -1)}
	if outer.oneTime != 0 {
		opened.Keys = keys.without(outer.oneTime)
	}
	return opened, nil
}

// promote is a copy of s with st as the active state, in place of the one at
// position at (-1: it is new).
func (s *Session) promote(st *state, at int) *Session {
	states := append(make([]*state, 0, len(s.states)+1), st)
	for i, other := range s.states {
		if i != at {
			states = append(states, other)
		}
	}
	if len(states) > 1+MaxArchived {
		states = states[:1+MaxArchived]
	}
	return &Session{s.own, s.peer, states}
}

// String keeps the keys out of logs.
func (s *Session) String() string { return "[secret]" }

// GoString keeps the keys out of %#v.
func (s *Session) GoString() string { return "[secret]" }

// MarshalJSON keeps the keys out of JSON.
func (s *Session) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }
