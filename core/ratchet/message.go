package ratchet

import (
	"crypto/aes"
	"crypto/hmac"
	"crypto/sha256"
	"math"

	"tandem/core/wire"
)

const (
	// version is 3 in both halves of the byte: written by version 3, for
	// readers of version 3.
	version = 0x33
	macSize = 8
	// lastCounter leaves one number unused, so that the index of a chain never
	// comes around to 0.
	lastCounter = math.MaxUint32 - 1
)

// message is version ‖ {1 ratchet key, 2 counter, 3 previous counter, 4 body} ‖
// MAC.
type message struct {
	ratchet  [32]byte
	counter  uint32
	previous uint32
	body     []byte
	signed   []byte // version and protobuf as they came, under the MAC
	mac      []byte
}

// marshal encodes m, whose body is sealed, and adds the MAC.
func (m message) marshal(keys messageKeys, from, to [32]byte) []byte {
	out := []byte{version}
	out = wire.AppendBytes(out, 1, encodeKey(m.ratchet))
	out = wire.AppendUint(out, 2, uint64(m.counter))
	out = wire.AppendUint(out, 3, uint64(m.previous))
	out = wire.AppendBytes(out, 4, m.body)
	return append(out, messageMAC(keys.mac, from, to, out)...)
}

// authentic compares the MAC in constant time.
func (m message) authentic(keys messageKeys, from, to [32]byte) bool {
	return hmac.Equal(m.mac, messageMAC(keys.mac, from, to, m.signed))
}

func messageMAC(key []byte, from, to [32]byte, signed []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(encodeKey(from))
	h.Write(encodeKey(to))
	h.Write(signed)
	return h.Sum(nil)[:macSize]
}

// parseMessage reads the form of a message; nothing in it is to be believed
// before authentic. The result shares memory with b. Error: ErrForm.
func parseMessage(b []byte) (message, error) {
	if len(b) < 1+macSize || len(b) > MaxMessage || b[0] != version {
		return message{}, ErrForm
	}
	end := len(b) - macSize
	m := message{signed: b[:end], mac: b[end:]}
	var p parser
	err := wire.Fields(b[1:end], func(f wire.Field) error {
		switch f.Number {
		case 1:
			return p.key(f, &m.ratchet)
		case 2:
			return p.uint32(f, &m.counter)
		case 3:
			return p.uint32(f, &m.previous)
		case 4:
			return p.Bytes(f, &m.body, aes.BlockSize, MaxMessage)
		}
		return nil
	})
	if err != nil || !p.Has(1) || !p.Has(2) || !p.Has(4) || len(m.body)%aes.BlockSize != 0 {
		return message{}, ErrForm
	}
	if m.counter > lastCounter {
		return message{}, ErrForm
	}
	return m, nil
}

// preKeyMessage is version ‖ {1 one-time prekey, 2 base key, 3 identity key,
// 4 message, 5 registration, 6 signed prekey}: what the receiver needs to make
// the session, around the first messages of it.
type preKeyMessage struct {
	registration uint32 // libsignal's, without meaning here; we send 0
	oneTime      uint32 // 0 = none
	signed       uint32
	base         [32]byte
	identity     [32]byte
	message      []byte
}

// marshal writes the fields in libsignal-protocol-javascript's order.
func (m preKeyMessage) marshal() []byte {
	out := []byte{version}
	out = wire.AppendUint(out, 5, uint64(m.registration))
	if m.oneTime != 0 {
		out = wire.AppendUint(out, 1, uint64(m.oneTime))
	}
	out = wire.AppendUint(out, 6, uint64(m.signed))
	out = wire.AppendBytes(out, 2, encodeKey(m.base))
	out = wire.AppendBytes(out, 3, encodeKey(m.identity))
	return wire.AppendBytes(out, 4, m.message)
}

// parsePreKeyMessage reads the form, not the message inside. Error: ErrForm.
func parsePreKeyMessage(b []byte) (preKeyMessage, error) {
	if len(b) < 1 || len(b) > MaxMessage || b[0] != version {
		return preKeyMessage{}, ErrForm
	}
	var (
		m preKeyMessage
		p parser
	)
	err := wire.Fields(b[1:], func(f wire.Field) error {
		switch f.Number {
		case 1:
			return p.uint32(f, &m.oneTime)
		case 2:
			return p.key(f, &m.base)
		case 3:
			return p.key(f, &m.identity)
		case 4:
			return p.Bytes(f, &m.message, 1, MaxMessage)
		case 5:
			return p.uint32(f, &m.registration)
		case 6:
			return p.uint32(f, &m.signed)
		}
		return nil
	})
	if err != nil || !p.Has(2) || !p.Has(3) || !p.Has(4) || !p.Has(6) {
		return preKeyMessage{}, ErrForm
	}
	return m, nil
}

// parser reads the field types that only this package has.
type parser struct{ wire.Message }

// key reads a public key as it is on the wire, 33 bytes.
func (p *parser) key(f wire.Field, into *[32]byte) error {
	var b [33]byte
	if err := p.Fixed(f, b[:]); err != nil {
		return err
	}
	key, err := decodeKey(b[:])
	*into = key
	return err
}

func (p *parser) uint32(f wire.Field, into *uint32) error {
	var v uint64
	err := p.Uint(f, &v, math.MaxUint32)
	*into = uint32(v)
	return err
}
