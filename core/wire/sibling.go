package wire

import "tandem/core"

// Bounds of what siblings tell each other, in bytes and numbers.
const (
	// MaxRegisters in one Update, each of at most MaxRegister: a value of 16 KiB
	// (core/snapshot), its name, and room.
	MaxRegisters = 256
	MaxRegister  = 20 << 10
	// MaxBundle of prekeys; ours have less than 220.
	MaxBundle = 1 << 10
	// maxKey holds 32 bytes with their epoch.
	maxKey = 64
)

// Update is news between the devices of one account (SiblingUpdate).
type Update struct {
	Registers [][]byte // 1, repeated; core/snapshot reads them
	Key       []byte   // 2, a snapshot key; core/identity reads it
	Asks      uint64   // 3: for the snapshot key of this epoch; 0 = no
}

// SessionRequest asks a device to begin a pairwise session.
type SessionRequest struct {
	Bundle  []byte      // 1: prekeys of the asker, with a one-time prekey for this peer
	List    []byte      // 2, Signed: the newest device list of the asker; nil = it knows none
	Created core.Millis // 3: of two requests of one device only the newer is handled
	Reason  uint64      // 4; the table in PROTOCOL.md
	Proof   []byte      // 5, 32 B: that the asker has the reading key of the receiver's account; nil = it has not
}

// Reasons of a SessionRequest. Others are taken as well.
const (
	ReasonNoSession  = 1 // there is none
	ReasonUnreadable = 2 // a message could not be opened
)

func (u *Update) marshal() []byte {
	var out []byte
	for _, r := range u.Registers {
		out = AppendBytes(out, 1, r)
	}
	if u.Key != nil {
		out = AppendBytes(out, 2, u.Key)
	}
	if u.Asks != 0 {
		out = AppendUint(out, 3, u.Asks)
	}
	return out
}

func (u *Update) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return u.register(f)
	case 2:
		return m.Bytes(f, &u.Key, 1, maxKey)
	case 3:
		return m.Uint(f, &u.Asks, maxEpoch)
	}
	return nil
}

// register reads a repeated field.
func (u *Update) register(f Field) error {
	var one Message
	var raw []byte
	if err := one.Bytes(f, &raw, 1, MaxRegister); err != nil || len(u.Registers) == MaxRegisters {
		return ErrMalformed
	}
	u.Registers = append(u.Registers, raw)
	return nil
}

func (r *SessionRequest) marshal() []byte {
	out := AppendBytes(nil, 1, r.Bundle)
	if r.List != nil {
		out = AppendBytes(out, 2, r.List)
	}
	out = AppendUint(out, 3, uint64(r.Created))
	out = AppendUint(out, 4, r.Reason)
	if r.Proof != nil {
		out = AppendBytes(out, 5, r.Proof)
	}
	return out
}

// parse also refuses a request without a bundle or a time.
func (r *SessionRequest) parse(outer *Message, f Field) error {
	if err := sub(outer, f, r.field); err != nil {
		return err
	}
	if r.Bundle == nil || r.Created == 0 {
		return ErrMalformed
	}
	return nil
}

func (r *SessionRequest) field(m *Message, f Field) error {
	switch f.Number {
	case 1:
		return m.Bytes(f, &r.Bundle, 1, MaxBundle)
	case 2:
		return m.Bytes(f, &r.List, 1, MaxSigned)
	case 3:
		return m.time(f, &r.Created)
	case 4:
		return m.Uint(f, &r.Reason, 255)
	case 5:
		return m.Bytes(f, &r.Proof, ProofSize, ProofSize)
	}
	return nil
}

// maxEpoch is far from overflow.
const maxEpoch = 1 << 62
