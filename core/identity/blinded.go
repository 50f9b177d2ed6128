package identity

import (
	"filippo.io/edwards25519"
	"golang.org/x/crypto/blake2b"

	"tandem/core"
)

// Blinded is the account key as one open-group server sees it: the same on every
// linked device, and another one for each server, so that two servers cannot
// tell that they have a member in common (network.md §12, 15…).
type Blinded struct {
	secret
	expanded func() [expandedSize]byte // of the account; the prefix is what is used
	scalar   func() *edwards25519.Scalar
	ed       core.EdKey
}

// Blind makes the account's key for a server: k = BLAKE2b-64(server key) mod L,
// the private scalar is k·a and the public key k·A.
func (a *Account) Blind(server [32]byte) *Blinded {
	ka := edwards25519.NewScalar().Multiply(blindFactor(server), a.scalar())
	return &Blinded{
		expanded: a.expanded,
		scalar:   hide(ka),
		ed:       core.EdKey(new(edwards25519.Point).ScalarBaseMult(ka).Bytes()),
	}
}

func blindFactor(server [32]byte) *edwards25519.Scalar { return reduce(blake2b.Sum512(server[:])) }

// Ed is the blinded public key; an ordinary Ed25519 verifier takes it.
func (b *Blinded) Ed() core.EdKey { return b.ed }

// Sign makes a signature that verifies against Ed. Its nonce is SHA-512(prefix ‖
// blinded key ‖ message): the prefix is what all linked devices have, where
// other clients hash the seed to get it.
func (b *Blinded) Sign(message []byte) []byte {
	expanded := b.expanded()
	r := reduce(hash(expanded[32:], b.ed[:], message))
	big := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
	k := reduce(hash(big, b.ed[:], message))
	s := edwards25519.NewScalar().MultiplyAdd(k, b.scalar(), r)
	return append(big, s.Bytes()...)
}

// XEdSignEven is XEdSign in the variant of Session's open groups: the key is
// negated where the Edwards key is odd, so that the highest bit of the signature
// is 0 (network.md §12). XEdVerify takes both.
func (a *Account) XEdSignEven(message []byte) []byte {
	if a.ed[31]&0x80 == 0 {
		return a.Sign(message)
	}
	even := pair{expanded: a.expanded, scalar: hide(edwards25519.NewScalar().Negate(a.scalar())), ed: a.ed}
	even.ed[31] &= 0x7f
	// Not the nonce of Sign: under one nonce, two challenges give the key away.
	expanded := a.expanded()
	return even.signWith(hash([]byte("tandem even xeddsa v1"), expanded[32:], message), message)
}
