package devices

import (
	"crypto/sha256"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// Domains of the three signatures around a list (multi-device.md §6), and the
// prefix of the safety number.
const (
	domainList    = "tandem device list v1"
	domainListKey = "tandem list key v1"
	domainConsent = "tandem consent v1"
	prefixSafety  = "tandem safety v1"
)

// Signer is a key that signs and says its public half.
type Signer interface {
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// Consent is a device's signature that it belongs to an account.
func Consent(by Signer, account, device core.ID) []byte {
	return by.Sign(consentOf(account, device))
}

// Consents reports whether the entry's consent to account holds.
func (e Entry) Consents(account core.ID) bool {
	return identity.Verify(e.Ed, consentOf(account, e.ID), e.Consent)
}

func consentOf(account, device core.ID) []byte {
	return wire.Domain(domainConsent, append(account[:], device[:]...))
}

// Sign fills in AccountEd, ListKey and AccountSig and signs the list. The
// result is a marshalled wire.Signed. Errors: ErrList, ErrForeign, ErrAhead
// where others would refuse the list.
func Sign(now core.Millis, l List, listKey, account Signer) ([]byte, error) {
	l.AccountEd, l.ListKey = account.Ed(), listKey.Ed()
	l.AccountSig = account.Sign(wire.Domain(domainListKey, l.ListKey[:]))
	if err := l.CheckAhead(now); err != nil {
		return nil, err
	}
	signed := wire.SignBody(listKey, domainList, l.marshal()).Marshal()
	if _, err := Parse(signed, l.Account); err != nil {
		return nil, err
	}
	return signed, nil
}

// Parse verifies a signed list of an account by every rule but those about
// time and about what was known before (CheckAhead, Book). Errors: ErrList,
// ErrForeign.
func Parse(signed []byte, account core.ID) (List, error) {
	s, err := wire.ParseSigned(signed)
	if err != nil || len(s.Body) > MaxBody {
		return List{}, ErrList
	}
	l, err := unmarshal(s.Body)
	if err != nil {
		return List{}, ErrList
	}
	if l.Account != account {
		return List{}, ErrForeign
	}
	if !identity.Verify(l.ListKey, wire.Domain(domainList, s.Body), s.Signature) || !l.holds() {
		return List{}, ErrList
	}
	return l, nil
}

// holds checks every rule about the content.
func (l List) holds() bool {
	if !identity.Matches(l.Account, l.AccountEd) {
		return false
	}
	// A key of small order would verify signatures that nobody made.
	if _, err := identity.IDFromEd(l.ListKey); err != nil {
		return false
	}
	if !identity.Verify(l.AccountEd, wire.Domain(domainListKey, l.ListKey[:]), l.AccountSig) {
		return false
	}
	return l.counts() && l.unique() && l.consented()
}

func (l List) counts() bool {
	primaries := 0
	for _, e := range l.Devices {
		if e.Role == core.Primary {
			primaries++
		}
	}
	return primaries == 1 && len(l.Devices) <= MaxDevices && len(l.Removed) <= MaxRemoved
}

// unique: no id twice, neither among the devices nor among the removed, nor in
// both.
func (l List) unique() bool {
	seen := map[core.ID]bool{}
	for _, e := range l.Devices {
		seen[e.ID] = true
	}
	for _, r := range l.Removed {
		seen[r.ID] = true
	}
	return len(seen) == len(l.Devices)+len(l.Removed)
}

func (l List) consented() bool {
	for _, e := range l.Devices {
		if !identity.Matches(e.ID, e.Ed) || !e.Consents(l.Account) {
			return false
		}
	}
	return true
}

// Hash is SHA-256 of the body of a signed list, by which equal epochs are
// ordered and lists are named; zero for bytes that are no Signed.
func Hash(signed []byte) [32]byte {
	s, err := wire.ParseSigned(signed)
	if err != nil {
		return [32]byte{}
	}
	return sha256.Sum256(s.Body)
}

// safetyDigits of a safety number; six groups of five on the screen.
const safetyDigits = 30

// Safety is 30 digits by which people compare an account's list key: the
// SHA-256 of prefix ‖ account ID ‖ list key, as a big-endian number, modulo
// 10^30, with leading zeros.
func Safety(account core.ID, listKey core.EdKey) string {
	h := sha256.New()
	h.Write([]byte(prefixSafety))
	h.Write(account[:])
	h.Write(listKey[:])
	// By hand, digit by digit from the last: math/big would weigh 25 KB in the
	// client, for this one number.
	number, digits := h.Sum(nil), make([]byte, safetyDigits)
	for i := safetyDigits - 1; i >= 0; i-- {
		rest := 0
		for j, b := range number {
			rest = rest<<8 | int(b)
			number[j] = byte(rest / 10)
			rest %= 10
		}
		digits[i] = '0' + byte(rest)
	}
	return string(digits)
}
