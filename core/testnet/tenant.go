package testnet

import (
	"slices"

	"tandem/core"
)

// tokenBytes is a subaccount token (network.md §4.4).
type tokenBytes [36]byte

// tenant is all that a shelf keeps for one account. The account is forgotten,
// revocations included, with its last message.
type tenant struct {
	slots   []*slot
	revoked []tokenBytes // oldest first
}

// revoke remembers tokens, newest last. An account without any message is not
// known here, and its revocations are lost, as on the servers.
func (s *shelf) revoke(now core.Millis, owner core.ID, tokens []tokenBytes) {
	s.lock(now)
	defer s.mu.Unlock()
	t := s.tenants[owner]
	if t == nil || len(tokens) == 0 {
		return
	}
	t.revoke(tokens)
	if s.log != nil {
		s.log.revoke(owner, tokens)
	}
}

func (t *tenant) revoke(tokens []tokenBytes) {
	t.revoked = append(slices.DeleteFunc(t.revoked, func(r tokenBytes) bool { return slices.Contains(tokens, r) }), tokens...)
	if extra := len(t.revoked) - maxRevocations; extra > 0 {
		t.revoked = slices.Delete(t.revoked, 0, extra)
	}
}

// unrevoke forgets tokens and tells how many were known.
func (s *shelf) unrevoke(now core.Millis, owner core.ID, tokens []tokenBytes) int {
	s.lock(now)
	defer s.mu.Unlock()
	t := s.tenants[owner]
	if t == nil {
		return 0
	}
	known := t.unrevoke(tokens)
	if s.log != nil {
		s.log.unrevoke(owner, tokens)
	}
	return known
}

func (t *tenant) unrevoke(tokens []tokenBytes) int {
	before := len(t.revoked)
	t.revoked = slices.DeleteFunc(t.revoked, func(r tokenBytes) bool { return slices.Contains(tokens, r) })
	return before - len(t.revoked)
}

// isRevoked reports whether the account revoked the token.
func (s *shelf) isRevoked(now core.Millis, owner core.ID, token tokenBytes) bool {
	s.lock(now)
	defer s.mu.Unlock()
	t := s.tenants[owner]
	return t != nil && slices.Contains(t.revoked, token)
}

// The kinds of namespaces (network.md §4.3).

func publicInbox(ns int16) bool { return ns%10 == 0 }

func publicOutbox(ns int16) bool { return ns < 0 && -int(ns)%20 == 1 }

func openRead(ns int16) bool { return ns == -10 || publicOutbox(ns) }

func unrevocable(ns int16) bool { return ns < 0 && -int(ns)%100 == 11 }
