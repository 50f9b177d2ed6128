package linking

import (
	"crypto/sha256"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// maxBody bounds the body of every message but the grant, in bytes: the
// largest, a request, has less than 2 KiB.
const maxBody = 4 << 10

// maxTime bounds times from outside: the year 9999, ms.
const maxTime = 253_402_300_799_999

// signer is a private key, as linking uses it.
type signer interface {
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// domain under which a body of this kind is signed (PROTOCOL.md).
func (k Kind) domain() string {
	switch k {
	case KindRequest:
		return "tandem link request v1"
	case KindChallenge:
		return "tandem link challenge v1"
	case KindReveal:
		return "tandem link reveal v1"
	case KindGrant:
		return "tandem link grant v1"
	case KindDone:
		return "tandem link done v1"
	case KindReject:
		return "tandem link reject v1"
	case KindCancel:
		return "tandem link cancel v1"
	}
	return ""
}

// head is in front of every body; the fields of each kind follow from 6 on.
//
//	1 type, the number of the kind
//	2 id of the attempt, 16 B
//	3 account ID, 33 B: the one that the device wants to join
//	4 device ID, 33 B: the device that wants to join
//	5 ed25519 key of the signer, 32 B: that device, the account, or the
//	  primary's device
type head struct {
	kind    Kind
	attempt Attempt
	account core.ID
	device  core.ID
	ed      core.EdKey

	signer core.ID     // of ed
	signed wire.Signed // as it came; the body is never encoded anew
}

// byJoiner reports whether the device that wants to join signed.
func (h *head) byJoiner() bool { return h.signer == h.device }

// byAccount reports whether the account key signed.
func (h *head) byAccount() bool { return h.signer == h.account }

// hash names the body.
func (h *head) hash() [32]byte { return sha256.Sum256(h.signed.Body) }

// write signs a body: the head as by sees it, then the fields of the kind.
func write(by signer, h head, fields []byte) wire.Signed {
	ed := by.Ed()
	body := wire.AppendUint(nil, 1, uint64(h.kind))
	body = wire.AppendBytes(body, 2, h.attempt[:])
	body = wire.AppendBytes(body, 3, h.account[:])
	body = wire.AppendBytes(body, 4, h.device[:])
	body = wire.AppendBytes(body, 5, ed[:])
	return wire.SignBody(by, h.kind.domain(), append(body, fields...))
}

// read parses a message of one kind without looking at the signature: cheap,
// so that a flood can be dropped before it costs more. required is the number
// of the last field that must be there; field reads those from 6 on. Error:
// wire.ErrMalformed.
func read(kind Kind, raw []byte, required int, field func(*wire.Message, wire.Field) error) (head, error) {
	h := head{kind: kind}
	var err error
	if h.signed, err = wire.ParseSigned(raw); err != nil {
		return head{}, err
	}
	if kind != KindGrant && len(h.signed.Body) > maxBody {
		return head{}, wire.ErrMalformed
	}
	var m wire.Message
	err = wire.Fields(h.signed.Body, func(f wire.Field) error {
		if f.Number > 5 {
			return field(&m, f)
		}
		return h.field(&m, f)
	})
	if err != nil {
		return head{}, err
	}
	for number := 1; number <= required; number++ {
		if !m.Has(number) {
			return head{}, wire.ErrMalformed
		}
	}
	return h, nil
}

func (h *head) field(m *wire.Message, f wire.Field) error {
	switch f.Number {
	case 1:
		var kind uint64
		if err := m.Uint(f, &kind, uint64(h.kind)); err != nil || Kind(kind) != h.kind {
			return wire.ErrMalformed
		}
	case 2:
		return m.Fixed(f, h.attempt[:])
	case 3:
		return readID(m, f, &h.account)
	case 4:
		return readID(m, f, &h.device)
	case 5:
		return m.Fixed(f, h.ed[:])
	}
	return nil
}

// verify checks the signature under the key that the head names and says whose
// it is. A key of small order names nobody.
func (h *head) verify() bool {
	var err error
	if h.signer, err = identity.IDFromEd(h.ed); err != nil {
		return false
	}
	return identity.Verify(h.ed, wire.Domain(h.kind.domain(), h.signed.Body), h.signed.Signature)
}

func readID(m *wire.Message, f wire.Field, into *core.ID) error {
	if err := m.Fixed(f, into[:]); err != nil {
		return err
	}
	_, err := core.IDFromBytes(into[:])
	return err
}

// sane keeps a clock that other people's nodes had a say in within the times
// that can be stored.
func sane(now core.Millis) core.Millis { return min(max(now, 0), maxTime) }

func readTime(m *wire.Message, f wire.Field, into *core.Millis) error {
	var v uint64
	if err := m.Uint(f, &v, maxTime); err != nil {
		return err
	}
	*into = core.Millis(v)
	return nil
}
