package testnet

import (
	"encoding/base64"
	"errors"
	"slices"
	"sync"

	"tandem/core"
)

// Conduct of a node's database (storage/database.cpp of the servers).
const (
	cleanEvery     = 10 * core.Second // how often expired messages are thrown out
	maxRevocations = 50               // per account; the oldest are forgotten
	sizePerMessage = 143              // what a message costs in max_size besides its data: 100, and the hash
)

// errForeignKey is the fault of the servers' schema that clients must live
// with: replacing the only message of an account in a public outbox fails.
var errForeignKey = errors.New("FOREIGN KEY constraint failed")

// digest is a message hash as bytes; text is its form in requests and answers.
type digest [32]byte

func (d digest) String() string { return base64.RawStdEncoding.EncodeToString(d[:]) }

// parseDigest reads the 43 characters of a hash. What is base64 but is not the
// canonical form of 32 bytes names no message.
func parseDigest(text string) (digest, bool) {
	b, err := base64.RawStdEncoding.Strict().DecodeString(text)
	if err != nil || len(b) != len(digest{}) {
		return digest{}, false
	}
	return digest(b), true
}

// message is what was stored. It never changes and is shared by all nodes that
// keep it; only a node's opinion of its expiry is its own.
type message struct {
	owner     core.ID
	namespace int16
	hash      digest
	text      string // hash as text
	timestamp core.Millis
	data      []byte
}

// slot is a message on a shelf. Slots of one account are in order of arrival.
type slot struct {
	*message
	expiry core.Millis
}

// shelf is the database of one node.
type shelf struct {
	mu      sync.Mutex // guards the fields below
	tenants map[core.ID]*tenant
	byHash  map[digest]*slot
	cleaned core.Millis // when expired messages were last thrown out
	soonest core.Millis // no message expires before this; only if there are any
	log     journal     // nil without Options.Dir
}

func newShelf(now core.Millis) *shelf {
	return &shelf{tenants: make(map[core.ID]*tenant), byHash: make(map[digest]*slot), cleaned: now}
}

// journal keeps a shelf's changes beyond the process. It is told of a change
// when the shelf has it, and while it is locked.
type journal interface {
	put(s *slot)
	drop(h digest)
	expire(s *slot)
	revoke(owner core.ID, tokens []tokenBytes)
	unrevoke(owner core.ID, tokens []tokenBytes)
	close() error
}

// lock takes the shelf and throws out what has expired, as often as the
// servers' own timer does.
func (s *shelf) lock(now core.Millis) {
	s.mu.Lock()
	if now-s.cleaned >= cleanEvery {
		s.cleaned = now
		if len(s.byHash) > 0 && s.soonest <= now {
			s.clean(now)
		}
	}
}

// clean removes what has expired and finds the next expiry.
func (s *shelf) clean(now core.Millis) {
	s.soonest = 1<<63 - 1
	for owner, t := range s.tenants {
		s.removeIf(owner, t, func(m *slot) bool {
			if m.expiry > now {
				s.soonest = min(s.soonest, m.expiry)
			}
			return m.expiry <= now
		})
	}
}

// removeIf takes an account's slots off the shelf and returns them in order.
func (s *shelf) removeIf(owner core.ID, t *tenant, gone func(*slot) bool) []*slot {
	var out []*slot
	t.slots = slices.DeleteFunc(t.slots, func(m *slot) bool {
		if !gone(m) {
			return false
		}
		out = append(out, m)
		return true
	})
	for _, m := range out {
		delete(s.byHash, m.hash)
		if s.log != nil {
			s.log.drop(m.hash)
		}
	}
	if len(t.slots) == 0 {
		delete(s.tenants, owner)
	}
	return out
}

// stored is what became of a store.
type stored struct {
	fresh  bool // it was not here before
	expiry core.Millis
}

// store keeps a message until expiry; of one that is here already the expiry
// is only ever extended. A public outbox keeps one message per account.
// Error: errForeignKey.
func (s *shelf) store(now core.Millis, m *message, expiry core.Millis) (stored, error) {
	s.lock(now)
	defer s.mu.Unlock()
	t := s.tenants[m.owner]
	if publicOutbox(m.namespace) && t != nil {
		other := func(o *slot) bool { return o.namespace == m.namespace && o.hash != m.hash }
		if slices.ContainsFunc(t.slots, other) && !slices.ContainsFunc(t.slots, func(o *slot) bool { return !other(o) }) {
			return stored{}, errForeignKey
		}
		s.removeIf(m.owner, t, other)
	}
	if old := s.byHash[m.hash]; old != nil {
		if old.expiry < expiry {
			s.setExpiry(old, expiry)
		}
		return stored{expiry: old.expiry}, nil
	}
	s.add(&slot{message: m, expiry: expiry})
	return stored{fresh: true, expiry: expiry}, nil
}

// add puts a new slot behind the others of its account.
func (s *shelf) add(m *slot) {
	t := s.tenants[m.owner]
	if t == nil {
		t = &tenant{}
		s.tenants[m.owner] = t
	}
	if len(s.byHash) == 0 || m.expiry < s.soonest {
		s.soonest = m.expiry
	}
	t.slots = append(t.slots, m)
	s.byHash[m.hash] = m
	if s.log != nil {
		s.log.put(m)
	}
}

func (s *shelf) setExpiry(m *slot, expiry core.Millis) {
	m.expiry = expiry
	s.soonest = min(s.soonest, expiry)
	if s.log != nil {
		s.log.expire(m)
	}
}

// page is how much of a mailbox is wanted: at most count messages (0 = no
// limit) of at most size bytes together (0 = no limit), but one in any case.
type page struct {
	after string // hash text; unknown or empty means from the start
	count int
	size  int
}

// retrieve reads a mailbox in order of arrival.
func (s *shelf) retrieve(now core.Millis, owner core.ID, namespace int16, p page) (out []slot, more bool) {
	s.lock(now)
	defer s.mu.Unlock()
	t := s.tenants[owner]
	if t == nil {
		return nil, false
	}
	sum := 0
	for _, m := range t.slots[s.resume(t, owner, namespace, p.after):] {
		if m.namespace != namespace {
			continue
		}
		if p.count > 0 && len(out) >= p.count {
			return out, true
		}
		sum += sizePerMessage + len(m.data)*4/3
		if p.size > 0 && len(out) > 0 && sum > p.size {
			return out, true
		}
		out = append(out, *m)
	}
	return out, false
}

// resume is the index behind the message with that hash, if it is in this mailbox.
func (s *shelf) resume(t *tenant, owner core.ID, namespace int16, after string) int {
	h, ok := parseDigest(after)
	if !ok {
		return 0
	}
	last := s.byHash[h]
	if last == nil || last.owner != owner || last.namespace != namespace {
		return 0
	}
	return slices.Index(t.slots, last) + 1
}

// affected is a message that a command deleted or gave another expiry.
type affected struct {
	namespace int16
	hash      string
}

// deleteIf removes an account's messages.
func (s *shelf) deleteIf(now core.Millis, owner core.ID, gone func(*slot) bool) []affected {
	s.lock(now)
	defer s.mu.Unlock()
	t := s.tenants[owner]
	if t == nil {
		return nil
	}
	var out []affected
	for _, m := range s.removeIf(owner, t, gone) {
		out = append(out, affected{m.namespace, m.text})
	}
	return out
}

// expireIf sets the expiry of an account's messages for which the function
// returns one.
func (s *shelf) expireIf(now core.Millis, owner core.ID, expiry func(*slot) (core.Millis, bool)) []affected {
	s.lock(now)
	defer s.mu.Unlock()
	t := s.tenants[owner]
	if t == nil {
		return nil
	}
	var out []affected
	for _, m := range t.slots {
		if e, ok := expiry(m); ok {
			s.setExpiry(m, e)
			out = append(out, affected{m.namespace, m.text})
		}
	}
	return out
}

// expire sets the expiry of one message of an account, if allowed says so.
func (s *shelf) expire(now core.Millis, owner core.ID, hash string, expiry core.Millis, allowed func(old core.Millis) bool) bool {
	s.lock(now)
	defer s.mu.Unlock()
	m := s.find(owner, hash)
	if m == nil || !allowed(m.expiry) {
		return false
	}
	s.setExpiry(m, expiry)
	return true
}

// expiries tells when those of the messages that are here expire.
func (s *shelf) expiries(now core.Millis, owner core.ID, hashes []string) map[string]core.Millis {
	s.lock(now)
	defer s.mu.Unlock()
	out := make(map[string]core.Millis, len(hashes))
	for _, h := range hashes {
		if m := s.find(owner, h); m != nil {
			out[h] = m.expiry
		}
	}
	return out
}

// find is the account's message with that hash, or nil.
func (s *shelf) find(owner core.ID, hash string) *slot {
	h, ok := parseDigest(hash)
	if !ok {
		return nil
	}
	if m := s.byHash[h]; m != nil && m.owner == owner {
		return m
	}
	return nil
}

// all copies the shelf's content, for members that join the swarm.
func (s *shelf) all(now core.Millis) []slot {
	s.lock(now)
	defer s.mu.Unlock()
	out := make([]slot, 0, len(s.byHash))
	for _, t := range s.tenants {
		for _, m := range t.slots {
			out = append(out, *m)
		}
	}
	return out
}

// take adds what another member has and this one does not, as a node that joins
// a swarm is given.
func (s *shelf) take(now core.Millis, slots []slot) {
	s.lock(now)
	defer s.mu.Unlock()
	for _, m := range slots {
		if s.byHash[m.hash] == nil {
			s.add(&slot{message: m.message, expiry: m.expiry})
		}
	}
}

// size is how many messages are here.
func (s *shelf) size(now core.Millis) int {
	s.lock(now)
	defer s.mu.Unlock()
	return len(s.byHash)
}

func (s *shelf) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.log == nil {
		return nil
	}
	err := s.log.close()
	s.log = nil
	return err
}
