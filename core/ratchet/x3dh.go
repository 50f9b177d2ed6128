package ratchet

import (
	"bytes"
	"crypto/sha256"

	"tandem/core/wire"
)

// secret is the outcome of X3DH.
type secret struct {
	root [32]byte
	// origin tells sessions apart by what was agreed. The base key does that
	// less well: other base keys exist that agree on the same (a point of small
	// order added), and with one the replay of a message would pass for new.
	origin [32]byte
}

// initiator computes the secret as the one who has the bundle; base is fresh.
// Errors: ErrKey, ErrSignature.
func initiator(id Identity, b Bundle, base keyPair) (secret, error) {
	if err := b.verify(); err != nil {
		return secret{}, err
	}
	agreements := []agreement{
		{id.Agree, b.Signed},
		{base.agree, b.Identity},
		{base.agree, b.Signed},
	}
	if b.OneTimeID != 0 {
		agreements = append(agreements, agreement{base.agree, b.OneTime})
	}
	return derive(agreements)
}

// responder computes the secret as the one who made the bundle. Errors: ErrKey,
// ErrNoPreKey.
func responder(id Identity, m preKeyMessage, signed keyPair, oneTime *keyPair) (secret, error) {
	agreements := []agreement{
		{signed.agree, m.identity},
		{id.Agree, m.base},
		{signed.agree, m.base},
	}
	if oneTime != nil {
		agreements = append(agreements, agreement{oneTime.agree, m.base})
	}
	return derive(agreements)
}

// agreement is one Diffie-Hellman of X3DH.
type agreement struct {
	private func(peer [32]byte) ([32]byte, error)
	public  [32]byte
}

// derive hashes 32 bytes 0xFF and the agreements in order (X3DH §2.2, §3.3).
func derive(agreements []agreement) (secret, error) {
	input := bytes.Repeat([]byte{0xff}, 32)
	for _, a := range agreements {
		shared, err := a.private(a.public)
		if err != nil {
			return secret{}, ErrKey
		}
		input = append(input, shared[:]...)
	}
	out := wire.HKDF(input, nil, "WhisperText", 64)
	return secret{[32]byte(out[:32]), sha256.Sum256(out[32:])}, nil
}
