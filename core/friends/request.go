package friends

import (
	"crypto/rand"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// Request asks an account to be friends. Its text is the body of the message
// around it, so that clients which know nothing of this show it as well.
type Request struct {
	ID      RequestID
	From    core.ID // account
	Device  core.ID // of it, that asks
	Ed      core.EdKey
	To      core.ID // account
	Created core.Millis
	Counter uint64 // of the text as a message of Device
	List    []byte // newest device list of From, a Signed
	Bundle  []byte // prekeys of Device, without a one-time prekey
	Name    string // display name of From
}

// NewRequestID draws an id.
func NewRequestID() (id RequestID) {
	rand.Read(id[:])
	return id
}

// Sign writes the request, signed by the device: a marshalled wire.Signed of
//
//	1 type = 11     5 id                  9 device list
//	2 account ID    6 account asked      10 prekey bundle
//	3 device ID     7 created            11 display name
//	4 its ed25519   8 message counter
//
// Device and Ed are set here.
func (r Request) Sign(by Signer) []byte {
	r.Device, r.Ed = by.ID(), by.Ed()
	body := wire.AppendUint(nil, 1, typeRequest)
	body = wire.AppendBytes(body, 2, r.From[:])
	body = wire.AppendBytes(body, 3, r.Device[:])
	body = wire.AppendBytes(body, 4, r.Ed[:])
	body = wire.AppendBytes(body, 5, r.ID[:])
	body = wire.AppendBytes(body, 6, r.To[:])
	body = wire.AppendUint(body, 7, uint64(r.Created))
	body = wire.AppendUint(body, 8, r.Counter)
	body = wire.AppendBytes(body, 9, r.List)
	body = wire.AppendBytes(body, 10, r.Bundle)
	body = wire.AppendText(body, 11, r.Name)
	return wire.SignBody(by, domainRequest, body).Marshal()
}

// ParseRequest verifies that a device which says that it is of the account from
// asks the account to. Whether the list inside names it is the caller's to
// check. Error: ErrRequest.
func ParseRequest(signed []byte, from, to core.ID) (Request, error) {
	s, err := wire.ParseSigned(signed)
	if err != nil {
		return Request{}, ErrRequest
	}
	var (
		r            Request
		m            wire.Message
		typ, created uint64
	)
	err = wire.Fields(s.Body, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &typ, 255)
		case 2:
			return readID(&m, f, &r.From)
		case 3:
			return readID(&m, f, &r.Device)
		case 4:
			return m.Fixed(f, r.Ed[:])
		case 5:
			return m.Fixed(f, r.ID[:])
		case 6:
			return readID(&m, f, &r.To)
		case 7:
			return m.Uint(f, &created, maxTime)
		case 8:
			return m.Uint(f, &r.Counter, maxEpoch)
		case 9:
			return m.Bytes(f, &r.List, 1, MaxList)
		case 10:
			return m.Bytes(f, &r.Bundle, 1, wire.MaxBundle)
		case 11:
			return m.Text(f, &r.Name, wire.MaxName)
		}
		return nil
	})
	r.Created = core.Millis(created)
	if err != nil || !hasAll(&m, 11) || typ != typeRequest || r.From != from || r.To != to || from == to || r.Counter == 0 ||
		!identity.Matches(r.Device, r.Ed) || !identity.Verify(r.Ed, wire.Domain(domainRequest, s.Body), s.Signature) {
		return Request{}, ErrRequest
	}
	return r, nil
}

// Fresh reports whether a request may still be answered.
func (r Request) Fresh(now core.Millis) bool {
	return r.Created <= now+maxAhead && now < r.Created+Expiry
}
