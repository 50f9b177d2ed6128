package envelope

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// Kind of a SealedDevice (PROTOCOL.md).
type Kind uint8

// Kinds of pairwise messages.
const (
	Ratchet        Kind = 1
	PreKey         Kind = 2
	SessionRequest Kind = 3
	Linking        Kind = 4 // signed instead of tagged
)

const (
	infoTag = "tandem sealed sender v1"
	// maxAge: what was created longer ago is a replay; the network keeps
	// messages for 14 days.
	maxAge  = 15 * core.Day
	tagSize = sha256.Size
)

// Sealed is one message between two devices (multi-device.md §4).
type Sealed struct {
	Sender  core.ID // device
	Account core.ID // the sender's account; of a joining device, the one it wants to join
	Kind    Kind
	Body    []byte
	Created core.Millis
}

// Agreer is the device key of one side.
type Agreer interface {
	ID() core.ID
	Standing(peer [32]byte) ([32]byte, error)
}

// SealDevice seals s from a device to a device; the result is the data of a
// store. Everything but linking carries a tag that only the two devices can
// make. s.Sender is set here. Error: identity.ErrKey for a receiver that is no
// key.
func SealDevice(mine Agreer, to core.ID, s Sealed) ([]byte, error) {
	s.Sender = mine.ID()
	// Linking takes no tag, but the receiver is checked by making one.
	tag, err := s.tag(mine, to, to)
	if err != nil {
		return nil, err
	}
	out := wire.AppendBytes(nil, 1, s.Sender[:])
	out = wire.AppendUint(out, 2, uint64(s.Kind))
	out = wire.AppendBytes(out, 3, s.Body)
	out = wire.AppendUint(out, 4, uint64(s.Created))
	if s.Kind != Linking {
		out = wire.AppendBytes(out, 5, tag)
	}
	out = wire.AppendBytes(out, 6, s.Account[:])
	return outer{kind: typeDevice, timestamp: s.Created, content: identity.SealBox(to, out)}.marshal(), nil
}

// tag is HMAC-SHA256(HKDF(X25519(sender, receiver)), lp(sender) ‖ lp(account) ‖
// lp(receiver) ‖ kind (1 byte) ‖ created (8 bytes, big-endian) ‖ lp(body)).
func (s Sealed) tag(mine Agreer, peer, receiver core.ID) ([]byte, error) {
	shared, err := mine.Standing(peer.X25519())
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, wire.HKDF(shared[:], nil, infoTag, wire.KeySize))
	mac.Write(wire.LP(s.Sender[:], s.Account[:], receiver[:]))
	mac.Write([]byte{byte(s.Kind)})
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(s.Created)))
	mac.Write(wire.LP(s.Body))
	return mac.Sum(nil), nil
}

// OpenDevice is the inverse of SealDevice. now is network time. Error:
// ErrEnvelope, also for a wrong tag and for what is too old: strangers can
// provoke no answer. Of a Linking message nothing is authenticated here, the
// Sender least of all: the signature inside decides.
func OpenDevice(mine *identity.Device, data []byte, now core.Millis) (Sealed, error) {
	o, err := parseOuter(data)
	if err != nil || o.kind != typeDevice {
		return Sealed{}, ErrEnvelope
	}
	plain, err := mine.OpenBox(o.content)
	if err != nil {
		return Sealed{}, ErrEnvelope
	}
	s, tag, err := parseSealed(plain)
	if err != nil || s.Created < now-maxAge {
		return Sealed{}, ErrEnvelope
	}
	if s.Kind == Linking && tag == nil {
		return s, nil
	}
	want, err := s.tag(mine, s.Sender, mine.ID())
	if err != nil || !hmac.Equal(want, tag) {
		return Sealed{}, ErrEnvelope
	}
	return s, nil
}

func parseSealed(b []byte) (Sealed, []byte, error) {
	var (
		m             wire.Message
		s             Sealed
		kind, created uint64
		tag           []byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, s.Sender[:])
		case 2:
			return m.Uint(f, &kind, 255)
		case 3:
			return m.Bytes(f, &s.Body, 1, maxData)
		case 4:
			return m.Uint(f, &created, 1<<62)
		case 5:
			return m.Bytes(f, &tag, tagSize, tagSize)
		case 6:
			return m.Fixed(f, s.Account[:])
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(3) || !m.Has(4) || !m.Has(6) {
		return Sealed{}, nil, ErrEnvelope
	}
	if s.Sender[0] != 0x05 || s.Account[0] != 0x05 {
		return Sealed{}, nil, ErrEnvelope
	}
	s.Kind, s.Created = Kind(kind), core.Millis(created)
	return s, tag, nil
}
