package ratchet

import (
	"slices"

	"tandem/core"
)

// state is one Double Ratchet. Immutable: seal and open return another, so
// that a failure cannot leave half a step behind.
type state struct {
	root   [32]byte
	base   [32]byte // the initiator's base key, by which prekey messages name the session
	origin [32]byte
	begun  core.Millis

	sending  keyPair
	sendKey  chainKey
	previous uint32 // index of the last message of the sending chain before

	receiving []receiving // oldest first, at most MaxChains
	retired   []numbered  // older ones: ratchet key, and the number up to which all came

	unanswered *announcement // nil once a message of the peer was opened

	written written
}

// written is what marshal made of a state, so that of a session with many only
// the one that changed is written anew. It is of that state alone: a copy, which is
// going to change, makes its own.
type written struct {
	of    *state
	bytes []byte
}

// announcement is repeated around every message until the first answer.
type announcement struct {
	registration uint32
	signed       uint32
	oneTime      uint32
}

// initiate is the initiator's state: it can send at once, on a chain against
// the signed prekey.
func initiate(id Identity, b Bundle, registration uint32, now core.Millis, draw source) (*state, error) {
	base := draw()
	agreed, err := initiator(id, b, base)
	if err != nil {
		return nil, err
	}
	sending := draw()
	shared, err := sending.agree(b.Signed)
	if err != nil {
		return nil, err
	}
	s := &state{
		base:       base.public,
		origin:     agreed.origin,
		begun:      now,
		sending:    sending,
		unanswered: &announcement{registration, b.SignedID, b.OneTimeID},
	}
	s.root, s.sendKey = turn(agreed.root, shared)
	return s, nil
}

// respond is the responder's state before it opens its first message, which
// makes its chains. Until then the signed prekey is its ratchet key.
func respond(id Identity, keys *PreKeys, m preKeyMessage, now core.Millis) (*state, error) {
	signed, oneTime, err := keys.find(m, now)
	if err != nil {
		return nil, err
	}
	agreed, err := responder(id, m, signed, oneTime)
	if err != nil {
		return nil, err
	}
	return &state{root: agreed.root, base: m.base, origin: agreed.origin, begun: now, sending: signed}, nil
}

// seal encrypts on the sending chain.
func (s *state) seal(plain []byte, from, to [32]byte) (Kind, []byte, *state) {
	keys := keysOf(s.sendKey.seed())
	out := message{
		ratchet:  s.sending.public,
		counter:  s.sendKey.index,
		previous: s.previous,
		body:     keys.seal(plain),
	}.marshal(keys, from, to)

	after := *s
	after.sendKey = s.sendKey.next()
	if s.unanswered == nil {
		return KindMessage, out, &after
	}
	return KindPreKey, preKeyMessage{
		registration: s.unanswered.registration,
		oneTime:      s.unanswered.oneTime,
		signed:       s.unanswered.signed,
		base:         s.base,
		identity:     from,
		message:      out,
	}.marshal(), &after
}

// knows reports whether a ratchet key of the peer names a chain of s: then no
// other state can open its messages.
func (s *state) knows(ratchet [32]byte) bool { return s.chain(ratchet) >= 0 }

// past reports that m came before, on a chain that was retired since.
func (s *state) past(m message) bool {
	return slices.ContainsFunc(s.retired, func(r numbered) bool {
		return r.key == m.ratchet && m.counter < r.index
	})
}

func (s *state) chain(ratchet [32]byte) int {
	return slices.IndexFunc(s.receiving, func(r receiving) bool { return r.ratchet == ratchet })
}

// open decrypts m. used says that m was opened before; then after is s. Errors:
// ErrNoState where the MAC is wrong, ErrTooFar, ErrKey, ErrForm.
func (s *state) open(m message, from, to [32]byte, draw source) (plain []byte, after *state, used bool, err error) {
	next := *s
	next.receiving = slices.Clone(s.receiving)
	at := next.chain(m.ratchet)
	known := at >= 0
	if !known {
		if at, err = next.receive(m.ratchet); err != nil {
			return nil, nil, false, err
		}
	}
	seed, chain, used, err := next.receiving[at].take(m.counter)
	if err != nil {
		return nil, nil, false, err
	}
	if used {
		return nil, s, true, nil
	}
	keys := keysOf(seed)
	if !m.authentic(keys, from, to) {
		return nil, nil, false, ErrNoState
	}
	if plain, err = keys.open(m.body); err != nil {
		return nil, nil, false, err
	}
	next.receiving[at] = chain
	next.unanswered = nil
	if !known {
		if err := next.answer(m.ratchet, draw()); err != nil {
			return nil, nil, false, err
		}
	}
	return plain, &next, false, nil
}

// receive is the first half of a turn of the ratchet: the chain of a new
// ratchet key of the peer.
func (s *state) receive(ratchet [32]byte) (at int, err error) {
	shared, err := s.sending.agree(ratchet)
	if err != nil {
		return 0, err
	}
	var chain chainKey
	s.root, chain = turn(s.root, shared)
	s.receiving = append(s.receiving, receiving{ratchet: ratchet, chain: chain})
	if len(s.receiving) > MaxChains {
		s.retire(s.receiving[0])
		s.receiving = s.receiving[1:]
	}
	return len(s.receiving) - 1, nil
}

// retire remembers a chain of which nothing is missing below its end. Of any
// other it cannot be known what came, so its messages are undecryptable.
func (s *state) retire(r receiving) {
	if len(r.skipped) > 0 {
		return
	}
	s.retired = append(slices.Clone(s.retired), numbered{r.chain.index, r.ratchet})
	if len(s.retired) > maxRetired {
		s.retired = s.retired[1:]
	}
}

// answer is the second half, done once the message proved to be of the peer:
// a sending chain with a fresh key of our own.
func (s *state) answer(ratchet [32]byte, fresh keyPair) error {
	shared, err := fresh.agree(ratchet)
	if err != nil {
		return err
	}
	s.previous = 0
	if s.sendKey.index > 0 {
		s.previous = s.sendKey.index - 1
	}
	s.sending = fresh
	s.root, s.sendKey = turn(s.root, shared)
	return nil
}
