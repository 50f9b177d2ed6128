package identity

import (
	"crypto/rand"
	"crypto/sha512"
	"errors"

	"filippo.io/edwards25519"

	"tandem/core"
)

// Errors of the operations here. None says anything about a key.
var (
	ErrKey  = errors.New("identity: not a valid public key")
	ErrOpen = errors.New("identity: sealed bytes do not open")
	ErrForm = errors.New("identity: stored key material is damaged")
)

const expandedSize = 64

// pair is an Ed25519 key pair in expanded form, which is also an X25519 pair:
// scalar 32 (clamped) ‖ prefix 32 (network.md §1, multi-device.md §2).
type pair struct {
	secret
	expanded func() [expandedSize]byte
	scalar   func() *edwards25519.Scalar
	standing *standing
	ed       core.EdKey
	id       core.ID
}

// newPair expands a 32-byte seed (RFC 8032 §5.1.5).
func newPair(seed []byte) *pair {
	h := sha512.Sum512(seed)
	h[0] &= 248
	h[31] = h[31]&63 | 64
	p, err := pairFromExpanded(h[:])
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	return p
}

// pairFromExpanded checks that the scalar is clamped and copies the bytes.
func pairFromExpanded(b []byte) (*pair, error) {
	if len(b) != expandedSize || b[0]&7 != 0 || b[31]&192 != 64 {
		return nil, ErrForm
	}
	scalar, err := edwards25519.NewScalar().SetBytesWithClamping(b[:32])
	if err != nil {
		return nil, ErrForm
	}
	public := new(edwards25519.Point).ScalarBaseMult(scalar)
	return &pair{
		expanded: hide([expandedSize]byte(b)),
		scalar:   hide(scalar),
		standing: &standing{with: map[[32]byte]func() [32]byte{}},
		ed:       core.EdKey(public.Bytes()),
		id:       core.IDFromX25519([32]byte(public.BytesMontgomery())),
	}, nil
}

// ID is 05 ‖ the X25519 form.
func (p *pair) ID() core.ID { return p.id }

// Ed is the Ed25519 public key.
func (p *pair) Ed() core.EdKey { return p.ed }

// PublicKey is the X25519 public key.
func (p *pair) PublicKey() [32]byte { return p.id.X25519() }

// Sign makes an ordinary Ed25519 signature, 64 bytes (RFC 8032 §5.1.6). The
// standard library signs from a seed only, and secondaries have none.
func (p *pair) Sign(message []byte) []byte {
	expanded := p.expanded()
	return p.signWith(hash(expanded[32:], message), message)
}

// signWith finishes a signature with the nonce taken from 64 uniform bytes.
func (p *pair) signWith(nonce [64]byte, message []byte) []byte {
	r := reduce(nonce)
	big := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
	k := reduce(hash(big, p.ed[:], message))
	s := edwards25519.NewScalar().MultiplyAdd(k, p.scalar(), r)
	return append(big, s.Bytes()...)
}

// Agree is X25519 with a peer's public key. Error: ErrKey where the result is
// all zeros (a point of small order).
func (p *pair) Agree(peer [32]byte) ([32]byte, error) { return X25519(p.private(), peer) }

// private is the key as X25519 has it.
func (p *pair) private() [32]byte {
	expanded := p.expanded()
	return [32]byte(expanded[:32])
}

// XEdSign signs as the X25519 form of the key, in the variant of libsignal:
// the sign of the Edwards key is the highest bit of the signature
// (legacy-2019.md §1.1; XEdDSA, Perrin 2016).
func (p *pair) XEdSign(message []byte) [64]byte {
	var z [64]byte
	rand.Read(z[:])
	// hash_1 of the XEdDSA paper: 2^256 - 2, little-endian, in front.
	first := [32]byte{0xfe}
	for i := 1; i < len(first); i++ {
		first[i] = 0xff
	}
	expanded := p.expanded()
	sig := [64]byte(p.signWith(hash(first[:], expanded[:32], message, z[:]), message))
	sig[63] |= p.ed[31] & 0x80
	return sig
}

func hash(parts ...[]byte) [64]byte {
	h := sha512.New()
	for _, p := range parts {
		h.Write(p)
	}
	return [64]byte(h.Sum(nil))
}

func reduce(b [64]byte) *edwards25519.Scalar {
	s, err := edwards25519.NewScalar().SetUniformBytes(b[:])
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	return s
}
