package identity

import (
	"bytes"
	"crypto/ed25519"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"

	"tandem/core"
)

// X25519FromEd converts an Ed25519 public key to its X25519 form (the
// birational map of RFC 7748 §4.1). Error: ErrKey for what is no point, is not
// encoded canonically, or has small order.
func X25519FromEd(key core.EdKey) ([32]byte, error) {
	p, err := pointOf(key)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(p.BytesMontgomery()), nil
}

// pointOf decodes a key. Error: ErrKey, as for X25519FromEd.
func pointOf(key core.EdKey) (*edwards25519.Point, error) {
	p, err := new(edwards25519.Point).SetBytes(key[:])
	if err != nil || !bytes.Equal(p.Bytes(), key[:]) {
		return nil, ErrKey
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return nil, ErrKey
	}
	return p, nil
}

// IDFromEd is the account or device ID of an Ed25519 key. Error: ErrKey, also
// for a point outside the group of prime order, as in libsodium's conversion:
// adding a point of small order would give one key eight IDs.
func IDFromEd(key core.EdKey) (core.ID, error) {
	p, err := pointOf(key)
	if err != nil || !hasPrimeOrder(p) {
		return core.ID{}, ErrKey
	}
	return core.IDFromX25519([32]byte(p.BytesMontgomery())), nil
}

// hasPrimeOrder computes l·p as (l-1)·p + p: scalars are reduced modulo l.
func hasPrimeOrder(p *edwards25519.Point) bool {
	one, zero := edwards25519.NewScalar(), edwards25519.NewScalar()
	if _, err := one.SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...)); err != nil {
		panic("identity: internal error: " + err.Error())
	}
	last := edwards25519.NewScalar().Negate(one)
	q := new(edwards25519.Point).VarTimeDoubleScalarBaseMult(last, p, zero)
	return q.Add(q, p).Equal(edwards25519.NewIdentityPoint()) == 1
}

// Matches reports whether an Ed25519 key is the one of an ID.
func Matches(id core.ID, ed core.EdKey) bool {
	got, err := IDFromEd(ed)
	return err == nil && got == id
}

// Verify checks an Ed25519 signature. A key that X25519FromEd refuses verifies
// nothing; the standard library would let anyone sign for a key of small order.
func Verify(by core.EdKey, message, signature []byte) bool {
	if _, err := pointOf(by); err != nil || len(signature) != ed25519.SignatureSize {
		return false
	}
	return ed25519.Verify(by[:], message, signature)
}

// XEdVerify checks a signature of XEdSign against the X25519 public key: the
// Edwards key is rebuilt from it and from the sign bit in the signature.
func XEdVerify(by [32]byte, message, signature []byte) bool {
	if len(signature) != 64 {
		return false
	}
	ed, ok := edFromX25519(by, signature[63]&0x80)
	if !ok {
		return false
	}
	plain := bytes.Clone(signature)
	plain[63] &= 0x7f
	return Verify(ed, message, plain)
}

// edFromX25519 computes y = (u - 1) / (u + 1) and sets the sign bit. It refuses
// u that is not canonical (another name of the same key), and -1.
func edFromX25519(x [32]byte, sign byte) (core.EdKey, bool) {
	u, err := new(field.Element).SetBytes(x[:])
	if err != nil || !bytes.Equal(u.Bytes(), x[:]) {
		return core.EdKey{}, false
	}
	one := new(field.Element).One()
	bottom := new(field.Element).Add(u, one)
	if bottom.Equal(new(field.Element).Zero()) == 1 {
		return core.EdKey{}, false
	}
	y := new(field.Element).Subtract(u, one)
	y.Multiply(y, bottom.Invert(bottom))
	ed := core.EdKey(y.Bytes())
	ed[31] |= sign
	return ed, true
}
