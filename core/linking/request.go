package linking

import (
	"crypto/hmac"
	"crypto/sha256"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// domainConsent is that of core/devices: a request carries the consent that
// goes into the list (multi-device.md §6).
const domainConsent = "tandem consent v1"

// request is LinkRequest, signed by the device that wants to join:
//
//	6 name, at most 64 B          9 commitment, 32 B
//	7 platform, at most 128 B    10 consent, 64 B
//	8 prekey bundle, 1-1024 B    11 created, ms
//
// With a link code, Signed field 3 is proof_S.
type request struct {
	head
	facts      core.Facts
	bundle     []byte
	commitment [32]byte
	consent    []byte
	created    core.Millis
}

func (r *request) fields() []byte {
	out := wire.AppendText(nil, 6, r.facts.Name)
	out = wire.AppendText(out, 7, r.facts.Platform)
	out = wire.AppendBytes(out, 8, r.bundle)
	out = wire.AppendBytes(out, 9, r.commitment[:])
	out = wire.AppendBytes(out, 10, r.consent)
	return wire.AppendUint(out, 11, uint64(r.created))
}

func readRequest(raw []byte) (*request, error) {
	var (
		r   request
		err error
	)
	r.head, err = read(KindRequest, raw, 11, func(m *wire.Message, f wire.Field) error {
		switch f.Number {
		case 6:
			return m.Text(f, &r.facts.Name, MaxDeviceName)
		case 7:
			return m.Text(f, &r.facts.Platform, MaxPlatform)
		case 8:
			return m.Bytes(f, &r.bundle, 1, MaxBundle)
		case 9:
			return m.Fixed(f, r.commitment[:])
		case 10:
			return m.Bytes(f, &r.consent, 64, 64)
		case 11:
			return readTime(m, f, &r.created)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// consents checks the device's consent to be listed.
func (r *request) consents() bool {
	return identity.Verify(r.ed, consentOf(r.account, r.device), r.consent)
}

func consentOf(account, device core.ID) []byte {
	return wire.Domain(domainConsent, append(account[:], device[:]...))
}

// commit is the commitment that a reveal must open (multi-device.md §5).
func commit(a Attempt, ephemeral, nonce [32]byte) [32]byte {
	h := sha256.New()
	h.Write([]byte("tandem link commit v1"))
	h.Write(a[:])
	h.Write(ephemeral[:])
	h.Write(nonce[:])
	return [32]byte(h.Sum(nil))
}

// proofS says that the device knows the link code.
func proofS(secret [16]byte, request [32]byte) []byte {
	return proof(secret, "tandem link code S v1", request[:])
}

// proofP says that the primary made the link code.
func proofP(secret [16]byte, request, challenge [32]byte) []byte {
	return proof(secret, "tandem link code P v1", append(request[:], challenge[:]...))
}

func proof(secret [16]byte, domain string, about []byte) []byte {
	mac := hmac.New(sha256.New, secret[:])
	mac.Write([]byte(domain))
	mac.Write(about)
	return mac.Sum(nil)
}

// proves reports whether the request carries the proof for a code's secret.
func (r *request) proves(secret [16]byte) bool {
	return r.signed.Proof != nil && hmac.Equal(r.signed.Proof, proofS(secret, r.hash()))
}
