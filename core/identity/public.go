package identity

import (
	"bytes"
	"crypto/rand"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
	"golang.org/x/crypto/nacl/box"

	"tandem/core"
)

// X25519FromEd converts an Ed25519 public key to its X25519 form (the
// birational map of RFC 7748 §4.1). Error: ErrKey for what is no point, is not
// encoded canonically, or has small order.
func X25519FromEd(key core.EdKey) ([32]byte, error) {
	p, err := new(edwards25519.Point).SetBytes(key[:])
	if err != nil || !bytes.Equal(p.Bytes(), key[:]) {
		return [32]byte{}, ErrKey
	}
	if new(edwards25519.Point).MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) == 1 {
		return [32]byte{}, ErrKey
	}
	return [32]byte(p.BytesMontgomery()), nil
}

// IDFromEd is the account or device ID of an Ed25519 key. Error: ErrKey.
func IDFromEd(key core.EdKey) (core.ID, error) {
	x, err := X25519FromEd(key)
	if err != nil {
		return core.ID{}, err
	}
	return core.IDFromX25519(x), nil
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

// edFromX25519 computes y = (u - 1) / (u + 1) and sets the sign bit.
func edFromX25519(x [32]byte, sign byte) (core.EdKey, bool) {
	u, err := new(field.Element).SetBytes(x[:])
	if err != nil {
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

// SealBox is crypto_box_seal: only the holder of the ID's private key opens it
// (network.md §8.4), and nothing in it names the sender.
func SealBox(to core.ID, plain []byte) []byte {
	public := to.X25519()
	sealed, err := box.SealAnonymous(nil, plain, &public, rand.Reader)
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	return sealed
}
