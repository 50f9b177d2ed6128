package devices

import (
	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

const (
	// typeFarewell is the type of a farewell's body (PROTOCOL.md, table of numbers).
	typeFarewell   = 10
	domainFarewell = "tandem farewell v1"
	// maxFarewell bounds the body, in bytes: ours have less than 150.
	maxFarewell = 512
)

// Reason is why a device says farewell.
type Reason uint8

// Reasons (PROTOCOL.md). Others are refused: who knows what they ask for.
const (
	// Leaves: its user takes it out of the account. Whoever hears it obeys at
	// once; the primary's next list confirms it.
	Leaves Reason = 1
	// Obeys: a list removed it, and it wipes itself.
	Obeys Reason = 2
)

// Farewell is the last word of a device. It is signed by the device itself, so
// it needs no session and may be handed on.
type Farewell struct {
	Account core.ID
	Device  core.ID
	Ed      core.EdKey // of the device
	Epoch   uint64     // of the newest list that it knows
	Reason  Reason
}

// SignFarewell makes a device's farewell: a marshalled wire.Signed of
//
//	1 type = 10    3 device ID       5 epoch
//	2 account ID   4 its ed25519     6 reason
func SignFarewell(by interface {
	Signer
	ID() core.ID
}, account core.ID, epoch uint64, reason Reason) []byte {
	device, ed := by.ID(), by.Ed()
	body := wire.AppendUint(nil, 1, typeFarewell)
	body = wire.AppendBytes(body, 2, account[:])
	body = wire.AppendBytes(body, 3, device[:])
	body = wire.AppendBytes(body, 4, ed[:])
	body = wire.AppendUint(body, 5, epoch)
	body = wire.AppendUint(body, 6, uint64(reason))
	return wire.SignBody(by, domainFarewell, body).Marshal()
}

// ParseFarewell verifies that a device of an account said farewell. Whether the
// device is listed is not asked here. Error: ErrFarewell.
func ParseFarewell(signed []byte, account core.ID) (Farewell, error) {
	s, err := wire.ParseSigned(signed)
	if err != nil || len(s.Body) > maxFarewell {
		return Farewell{}, ErrFarewell
	}
	var (
		f      Farewell
		m      wire.Message
		reason uint64
	)
	err = wire.Fields(s.Body, func(w wire.Field) error {
		switch w.Number {
		case 1:
			return exactly(&m, w, typeFarewell)
		case 2:
			return readID(&m, w, &f.Account)
		case 3:
			return readID(&m, w, &f.Device)
		case 4:
			return m.Fixed(w, f.Ed[:])
		case 5:
			return m.Uint(w, &f.Epoch, maxEpoch)
		case 6:
			return m.Uint(w, &reason, uint64(Obeys))
		}
		return nil
	})
	f.Reason = Reason(reason)
	for number := 1; err == nil && number <= 6; number++ {
		if !m.Has(number) {
			return Farewell{}, ErrFarewell
		}
	}
	if err != nil || f.Account != account || f.Reason == 0 || !identity.Matches(f.Device, f.Ed) ||
		!identity.Verify(f.Ed, wire.Domain(domainFarewell, s.Body), s.Signature) {
		return Farewell{}, ErrFarewell
	}
	return f, nil
}
