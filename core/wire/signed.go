package wire

// Limits of a Signed object.
const (
	// MaxSigned bounds body, signature and proof together: the largest body is
	// a device list of 8 KiB, a grant holds one and some names.
	MaxSigned     = 32 << 10
	signatureSize = 64
	// ProofSize is an HMAC-SHA256 (multi-device.md §5, link code).
	ProofSize = 32
)

// Signed is how every signed object travels (multi-device.md §2): the exact
// bytes that were signed, the Ed25519 signature over domain ‖ 0x00 ‖ body, and
// for linking with a code a proof beside them. Receivers verify Body as it
// came and never encode it anew.
type Signed struct {
	Body      []byte
	Signature []byte // 64 bytes
	Proof     []byte // nil or 32 bytes
}

// Signer is a key that signs; private keys stay in core/identity.
type Signer interface {
	Sign(message []byte) []byte
}

// SignBody signs body under a domain. The body belongs to the result.
func SignBody(by Signer, domain string, body []byte) Signed {
	return Signed{Body: body, Signature: by.Sign(Domain(domain, body))}
}

// Domain is domain ‖ 0x00 ‖ body, what is signed.
func Domain(domain string, body []byte) []byte {
	out := make([]byte, 0, len(domain)+1+len(body))
	out = append(out, domain...)
	out = append(out, 0)
	return append(out, body...)
}

// Marshal encodes Signed{1 body, 2 signature, 3 proof}.
func (s Signed) Marshal() []byte {
	out := AppendBytes(nil, 1, s.Body)
	out = AppendBytes(out, 2, s.Signature)
	if s.Proof != nil {
		out = AppendBytes(out, 3, s.Proof)
	}
	return out
}

// ParseSigned reads what Marshal wrote. It checks lengths, not the signature:
// the body says whose it must be. Error: ErrMalformed.
func ParseSigned(b []byte) (Signed, error) { return ParseSignedUpTo(b, MaxSigned) }

// ParseSignedUpTo is ParseSigned for a kind of object that has a bound of its
// own, in bytes.
func ParseSignedUpTo(b []byte, limit int) (Signed, error) {
	var s Signed
	if len(b) > limit {
		return s, ErrMalformed
	}
	var m Message
	err := Fields(b, func(f Field) error {
		switch f.Number {
		case 1:
			return m.Bytes(f, &s.Body, 1, limit)
		case 2:
			return m.Bytes(f, &s.Signature, signatureSize, signatureSize)
		case 3:
			return m.Bytes(f, &s.Proof, ProofSize, ProofSize)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) {
		return Signed{}, ErrMalformed
	}
	return s, nil
}
