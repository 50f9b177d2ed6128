package linking

import (
	"crypto/sha256"

	"tandem/core/identity"
	"tandem/core/mnemonic"
	"tandem/core/wire"
)

// agreement is what both sides compute once request, challenge and reveal are
// known: Z and SHA-256(T). It lives for one call and is never stored.
type agreement struct {
	z          [32]byte
	transcript [32]byte
}

// agree computes it from one's own ephemeral, the other's, and the three
// bodies. ok = false: the other's ephemeral is of small order.
func agree(mine *identity.Ephemeral, other [32]byte, request, challenge, reveal []byte) (agreement, bool) {
	z, err := mine.Agree(other)
	if err != nil {
		return agreement{}, false
	}
	t := append([]byte("tandem link v1\x00"), wire.LP(request, challenge, reveal)...)
	return agreement{z: z, transcript: sha256.Sum256(t)}, true
}

// words are the three that people compare: 32 bits of everything that the two
// devices said to each other.
func (a agreement) words() []string {
	four := wire.HKDF(a.z[:], a.transcript[:], "tandem link words v1", 4)
	three := mnemonic.ThreeWords([4]byte(four))
	return three[:]
}

// key is K, which seals the grant.
func (a agreement) key() [32]byte { return identity.GrantKey(a.z, a.transcript) }
