package linking

import (
	"crypto/hmac"
	"crypto/sha256"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// domainListKey is that of core/devices: the account's signature over its list
// key (multi-device.md §6).
const domainListKey = "tandem list key v1"

// challenge is LinkChallenge, signed by the account key (field 5):
//
//	6 primary's device ID, 33 B           9 account signature over it, 64 B
//	7 its ed25519 key, 32 B              10 eph_P, 32 B
//	8 list-key public, 32 B              11 nonce_P, 32 B
//
// With a link code, Signed field 3 is proof_P.
type challenge struct {
	head
	peer       core.ID
	peerEd     core.EdKey
	listKey    core.EdKey
	listKeySig []byte
	ephemeral  [32]byte
	nonce      [32]byte
}

func (c *challenge) fields() []byte {
	out := wire.AppendBytes(nil, 6, c.peer[:])
	out = wire.AppendBytes(out, 7, c.peerEd[:])
	out = wire.AppendBytes(out, 8, c.listKey[:])
	out = wire.AppendBytes(out, 9, c.listKeySig)
	out = wire.AppendBytes(out, 10, c.ephemeral[:])
	return wire.AppendBytes(out, 11, c.nonce[:])
}

func readChallenge(raw []byte) (*challenge, error) {
	var (
		c   challenge
		err error
	)
	c.head, err = read(KindChallenge, raw, 11, func(m *wire.Message, f wire.Field) error {
		switch f.Number {
		case 6:
			return readID(m, f, &c.peer)
		case 7:
			return m.Fixed(f, c.peerEd[:])
		case 8:
			return m.Fixed(f, c.listKey[:])
		case 9:
			return m.Bytes(f, &c.listKeySig, 64, 64)
		case 10:
			return m.Fixed(f, c.ephemeral[:])
		case 11:
			return m.Fixed(f, c.nonce[:])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &c, nil
}

// holds checks all that a challenge says of itself: the account signed it, and
// the keys in it belong together.
func (c *challenge) holds() bool {
	return c.verify() && c.byAccount() &&
		identity.Matches(c.peer, c.peerEd) && c.peer != c.device &&
		identity.Verify(c.ed, wire.Domain(domainListKey, c.listKey[:]), c.listKeySig)
}

// fits checks a challenge against the link code that the user pasted.
func (c *challenge) fits(code Code, request [32]byte) bool {
	list := sha256.Sum256(c.listKey[:])
	return [16]byte(list[:16]) == code.ListHash &&
		c.signed.Proof != nil && hmac.Equal(c.signed.Proof, proofP(code.Secret, request, c.hash()))
}

// reveal is LinkReveal, signed by the device that wants to join:
//
//	6 SHA-256(challenge body), 7 eph_S, 8 nonce_S; 32 B each
type reveal struct {
	head
	challenge [32]byte
	ephemeral [32]byte
	nonce     [32]byte
}

func (r *reveal) fields() []byte {
	out := wire.AppendBytes(nil, 6, r.challenge[:])
	out = wire.AppendBytes(out, 7, r.ephemeral[:])
	return wire.AppendBytes(out, 8, r.nonce[:])
}

func readReveal(raw []byte) (*reveal, error) {
	var (
		r   reveal
		err error
	)
	r.head, err = read(KindReveal, raw, 8, func(m *wire.Message, f wire.Field) error {
		switch f.Number {
		case 6:
			return m.Fixed(f, r.challenge[:])
		case 7:
			return m.Fixed(f, r.ephemeral[:])
		case 8:
			return m.Fixed(f, r.nonce[:])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// answers checks that a reveal names this challenge and opens the commitment
// of this request.
func (r *reveal) answers(q *request, c *challenge) bool {
	return r.device == q.device && r.challenge == c.hash() &&
		commit(r.attempt, r.ephemeral, r.nonce) == q.commitment
}
