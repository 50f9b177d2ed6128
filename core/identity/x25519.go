package identity

import (
	"crypto/subtle"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// X25519 is the function of RFC 7748 §5, in constant time. Error: ErrKey where
// the result is all zeros, which everybody can compute (§6.1: peers of small
// order).
//
// It is not the one of crypto/ecdh because that package brings the NIST curves
// along. Their precomputed points are noise to a compressor: a client with them
// weighs 100 KB more on its way. What is delicate, the arithmetic of the field,
// is the same code: filippo.io/edwards25519 publishes the standard library's.
func X25519(private, peer [32]byte) ([32]byte, error) {
	shared := ladder(clamp(private), peer)
	if subtle.ConstantTimeCompare(shared[:], make([]byte, len(shared))) == 1 {
		return [32]byte{}, ErrKey
	}
	return shared, nil
}

// X25519Public is the public key of a private one. The multiples of the base
// point come from the tables of Ed25519, three times faster than by the ladder.
func X25519Public(private [32]byte) [32]byte {
	scalar, err := edwards25519.NewScalar().SetBytesWithClamping(private[:])
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	return [32]byte(new(edwards25519.Point).ScalarBaseMult(scalar).BytesMontgomery())
}

// clamp is decodeScalar25519 of RFC 7748 §5.
func clamp(k [32]byte) [32]byte {
	k[0] &= 248
	k[31] = k[31]&63 | 64
	return k
}

// a24 is (486662 - 2) / 4, of the curve's equation.
const a24 = 121665

// ladder is the Montgomery ladder of RFC 7748 §5, whose names and order it
// keeps: the u-coordinate of k·P from the one of P. No branch and no address
// depends on k.
func ladder(k, p [32]byte) [32]byte {
	var x1, x2, z2, x3, z3, a, aa, b, bb, e, c, d, da, cb field.Element
	if _, err := x1.SetBytes(p[:]); err != nil { // drops the highest bit, as it must
		panic("identity: internal error: " + err.Error())
	}
	x2.One()
	x3.Set(&x1)
	z3.One()
	swap := 0
	for t := 254; t >= 0; t-- {
		bit := int(k[t/8]>>(t%8)) & 1
		swap ^= bit
		x2.Swap(&x3, swap)
		z2.Swap(&z3, swap)
		swap = bit

		a.Add(&x2, &z2)
		b.Subtract(&x2, &z2)
		c.Add(&x3, &z3)
		d.Subtract(&x3, &z3)
		da.Multiply(&d, &a)
		cb.Multiply(&c, &b)
		aa.Square(&a)
		bb.Square(&b)
		e.Subtract(&aa, &bb)
		x3.Add(&da, &cb)
		x3.Square(&x3)
		z3.Subtract(&da, &cb)
		z3.Square(&z3)
		z3.Multiply(&z3, &x1)
		x2.Multiply(&aa, &bb)
		z2.Mult32(&e, a24)
		z2.Add(&z2, &aa)
		z2.Multiply(&z2, &e)
	}
	x2.Swap(&x3, swap)
	z2.Swap(&z3, swap)
	return [32]byte(x2.Multiply(&x2, z2.Invert(&z2)).Bytes())
}
