package testnet

import (
	"crypto/ed25519"

	"tandem/core"
	"tandem/core/identity"
)

// How far the time in a signed request may be from the node's (request_handler.h
// of the servers).
const (
	signatureTolerance = 60 * core.Second
	forwardedTolerance = 70 * core.Second // for what another member passes on
)

// Rights of a subaccount token (network.md §4.4).
const (
	mayRead byte = 1 << iota
	mayWrite
	mayDelete
	anyPrefix
)

// verdict is what can be said of a signature without asking a node: it is the
// same at every member of a swarm, and the dearest part of a request, so it is
// found once.
type verdict struct{ good bool }

// authentic checks a request's signature over text, and the subaccount in whose
// name it was made. Only the revocation is this node's own affair.
func (n *Node) authentic(r *request, text []byte, rights byte, evenRevoked bool) bool {
	if r.sub != nil && !evenRevoked && n.shelf.isRevoked(n.now(), r.owner, r.sub.token) {
		return false
	}
	if r.said == nil {
		r.said = &verdict{good: r.verify(text, rights)}
	}
	return r.said.good
}

// verify is the part that every node would find alike.
func (a *auth) verify(text []byte, rights byte) bool {
	key := core.EdKey(a.owner[1:])
	if a.owner[0] == 0x05 && a.ed != nil {
		key = *a.ed
		x, err := identity.X25519FromEd(key)
		if err != nil || x != [32]byte(a.owner[1:]) {
			return false
		}
	}
	if a.sub != nil {
		t := a.sub.token
		if t[0] != a.owner[0] && t[1]&anyPrefix == 0 || t[1]&rights != rights {
			return false
		}
		if !ed25519.Verify(key[:], t[:], a.sub.sig) {
			return false
		}
		key = core.EdKey(t[4:])
	}
	return ed25519.Verify(key[:], text, a.sig)
}

// near reports whether a time is within a tolerance of now.
func near(t, now, tolerance core.Millis) bool { return t >= now-tolerance && t <= now+tolerance }
