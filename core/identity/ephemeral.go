package identity

import "crypto/rand"

// Ephemeral is an X25519 key for one linking attempt.
type Ephemeral struct {
	secret
	private func() [32]byte
	public  [32]byte
}

// NewEphemeral draws a fresh key.
func NewEphemeral() *Ephemeral {
	var private [32]byte
	rand.Read(private[:])
	return ephemeral(private)
}

func ephemeral(private [32]byte) *Ephemeral {
	return &Ephemeral{private: hide(private), public: X25519Public(private)}
}

// Public is the public key.
func (e *Ephemeral) Public() [32]byte { return e.public }

// Agree is X25519 with the peer's ephemeral. Error: ErrKey.
func (e *Ephemeral) Agree(peer [32]byte) ([32]byte, error) { return X25519(e.private(), peer) }

// MarshalSecret is for the sealed store only.
func (e *Ephemeral) MarshalSecret() []byte {
	private := e.private()
	return private[:]
}

// ParseEphemeral reads what MarshalSecret wrote. Error: ErrForm.
func ParseEphemeral(b []byte) (*Ephemeral, error) {
	if len(b) != 32 {
		return nil, ErrForm
	}
	return ephemeral([32]byte(b)), nil
}
