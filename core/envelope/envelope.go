// Package envelope is what lies in a mailbox: Session's own 1-1 format for
// account mailboxes (network.md §8) and the sealed form of pairwise messages
// for device mailboxes (multi-device.md §4). Both are a protobuf wrapper of
// 2014 around one crypto_box_seal; nodes learn neither sender nor kind.
package envelope

import (
	"errors"

	"tandem/core"
	"tandem/core/wire"
)

// ErrEnvelope says that mailbox bytes are not for us or not whole. Mailboxes
// are open to everybody, so this is ordinary.
var ErrEnvelope = errors.New("envelope: not a message for this key")

// Types of Envelope.
const (
	typeDevice  = 1 // ours: a SealedDevice inside
	typeSession = 6 // SESSION_MESSAGE
)

// request is the only type of WebSocketMessage that was ever used here.
const request = 1

// maxData bounds one stored message, in bytes (network.md §4.2).
const maxData = 76_800

// outer is Envelope and WebSocketMessage together.
type outer struct {
	kind      uint64
	timestamp core.Millis
	content   []byte
}

// marshal writes WebSocketMessage{1 REQUEST, 2 {1 "", 2 "", 3 Envelope, 4 0}}.
func (o outer) marshal() []byte {
	env := wire.AppendUint(nil, 1, o.kind)
	env = wire.AppendUint(env, 5, uint64(o.timestamp))
	env = wire.AppendBytes(env, 8, o.content)
	req := wire.AppendText(nil, 1, "")
	req = wire.AppendText(req, 2, "")
	req = wire.AppendBytes(req, 3, env)
	req = wire.AppendUint(req, 4, 0)
	return wire.AppendBytes(wire.AppendUint(nil, 1, request), 2, req)
}

// parseOuter unwraps stored data. Error: ErrEnvelope.
func parseOuter(data []byte) (outer, error) {
	var o outer
	if len(data) > maxData {
		return o, ErrEnvelope
	}
	req, err := bytesField(data, 2)
	if err != nil {
		return o, err
	}
	env, err := bytesField(req, 3)
	if err != nil {
		return o, err
	}
	var m wire.Message
	var at uint64
	err = wire.Fields(env, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &o.kind, 1<<31)
		case 5:
			return m.Uint(f, &at, 1<<62)
		case 8:
			return m.Bytes(f, &o.content, 1, maxData)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(5) || !m.Has(8) {
		return outer{}, ErrEnvelope
	}
	o.timestamp = core.Millis(at)
	return o, nil
}

// bytesField takes one required field out of a message.
func bytesField(b []byte, number int) ([]byte, error) {
	var m wire.Message
	var out []byte
	err := wire.Fields(b, func(f wire.Field) error {
		if f.Number == number {
			return m.Bytes(f, &out, 1, maxData)
		}
		return nil
	})
	if err != nil || !m.Has(number) {
		return nil, ErrEnvelope
	}
	return out, nil
}
