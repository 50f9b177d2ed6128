package friends

import (
	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// Accept is a device's word that its account takes a request. Each device of the
// account may give its own: they make one friendship.
type Accept struct {
	ID     RequestID
	From   core.ID // account that accepts
	Device core.ID // of it, that says so
	Ed     core.EdKey
	To     core.ID // account that asked
	At     core.Millis
	List   [32]byte // hash of the newest device list of From
}

// maxAccept bounds the body, in bytes: ours have less than 250.
const maxAccept = 512

// Sign writes the acceptance, signed by the device: a marshalled wire.Signed of
//
//	1 type = 12    4 its ed25519       7 accepted at
//	2 account ID   5 id                8 hash of the device list
//	3 device ID    6 account accepted
//
// Device and Ed are set here.
func (a Accept) Sign(by Signer) []byte {
	a.Device, a.Ed = by.ID(), by.Ed()
	body := wire.AppendUint(nil, 1, typeAccept)
	body = wire.AppendBytes(body, 2, a.From[:])
	body = wire.AppendBytes(body, 3, a.Device[:])
	body = wire.AppendBytes(body, 4, a.Ed[:])
	body = wire.AppendBytes(body, 5, a.ID[:])
	body = wire.AppendBytes(body, 6, a.To[:])
	body = wire.AppendUint(body, 7, uint64(a.At))
	body = wire.AppendBytes(body, 8, a.List[:])
	return wire.SignBody(by, domainAccept, body).Marshal()
}

// ParseAccept verifies that a device which says that it is of the account from
// accepts the account to. Whether the list with that hash names it is the
// caller's to check. Error: ErrAccept.
func ParseAccept(signed []byte, from, to core.ID) (Accept, error) {
	s, err := wire.ParseSigned(signed)
	if err != nil || len(s.Body) > maxAccept {
		return Accept{}, ErrAccept
	}
	var (
		a       Accept
		m       wire.Message
		typ, at uint64
	)
	err = wire.Fields(s.Body, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &typ, 255)
		case 2:
			return readID(&m, f, &a.From)
		case 3:
			return readID(&m, f, &a.Device)
		case 4:
			return m.Fixed(f, a.Ed[:])
		case 5:
			return m.Fixed(f, a.ID[:])
		case 6:
			return readID(&m, f, &a.To)
		case 7:
			return m.Uint(f, &at, maxTime)
		case 8:
			return m.Fixed(f, a.List[:])
		}
		return nil
	})
	a.At = core.Millis(at)
	if err != nil || !hasAll(&m, 8) || typ != typeAccept || a.From != from || a.To != to || from == to ||
		!identity.Matches(a.Device, a.Ed) || !identity.Verify(a.Ed, wire.Domain(domainAccept, s.Body), s.Signature) {
		return Accept{}, ErrAccept
	}
	return a, nil
}
