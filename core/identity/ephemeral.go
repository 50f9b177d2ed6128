package identity

import (
	"crypto/ecdh"
	"crypto/rand"
)

// Ephemeral is an X25519 key for one linking attempt.
type Ephemeral struct {
	secret
	key func() *ecdh.PrivateKey
}

// NewEphemeral draws a fresh key.
func NewEphemeral() *Ephemeral {
	key, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		panic("identity: internal error: " + err.Error())
	}
	return &Ephemeral{key: hide(key)}
}

// Public is the public key.
func (e *Ephemeral) Public() [32]byte { return [32]byte(e.key().PublicKey().Bytes()) }

// Agree is X25519 with the peer's ephemeral. Error: ErrKey.
func (e *Ephemeral) Agree(peer [32]byte) ([32]byte, error) { return agree(e.key(), peer) }

// MarshalSecret is for the sealed store only.
func (e *Ephemeral) MarshalSecret() []byte { return e.key().Bytes() }

// ParseEphemeral reads what MarshalSecret wrote. Error: ErrForm.
func ParseEphemeral(b []byte) (*Ephemeral, error) {
	key, err := ecdh.X25519().NewPrivateKey(b)
	if err != nil {
		return nil, ErrForm
	}
	return &Ephemeral{key: hide(key)}, nil
}
