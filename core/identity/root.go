package identity

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"tandem/core/mnemonic"
	"tandem/core/wire"
)

// Purposes of the keys below the entropy (multi-device.md §2).
const (
	infoList     = "tandem device list v1"
	infoReading  = "tandem device list reading v1"
	infoSnapshot = "tandem snapshot v1"
	infoFriend   = "tandem contact proof v1"
)

// Root is the entropy of an account. Only the primary device has it, and
// whoever restores from the 13 words.
type Root struct {
	secret
	entropy func() [16]byte
}

// NewRoot draws a new account.
func NewRoot() *Root {
	var entropy [16]byte
	rand.Read(entropy[:])
	return &Root{entropy: hide(entropy)}
}

// RootFromWords reads the 13 words. Errors are those of mnemonic.Decode.
func RootFromWords(text string) (*Root, error) {
	entropy, err := mnemonic.Decode(text)
	if err != nil {
		return nil, err
	}
	return &Root{entropy: hide(entropy)}, nil
}

// Words is the recovery phrase: for the eyes of the owner and nothing else.
func (r *Root) Words() []string { return mnemonic.Encode(r.entropy()) }

// Account is the account key: seed = entropy ‖ 16 zero bytes (network.md §1.4).
func (r *Root) Account() *Account {
	var seed [32]byte
	entropy := r.entropy()
	copy(seed[:], entropy[:])
	return &Account{newPair(seed[:])}
}

// ListKey signs the device list.
func (r *Root) ListKey() *ListKey {
	seed := r.derive(infoList)
	return &ListKey{newPair(seed[:])}
}

// ReadingKey opens the published device list.
func (r *Root) ReadingKey() ReadingKey {
	return ReadingKey{key: hide(r.derive(infoReading))}
}

// SnapshotKey is the snapshot key of epoch e.
func (r *Root) SnapshotKey(e uint64) SnapshotKey {
	info := binary.BigEndian.AppendUint64([]byte(infoSnapshot), e)
	return SnapshotKey{Epoch: e, key: hide(r.derive(string(info)))}
}

// derive is HKDF of the entropy for one purpose.
func (r *Root) derive(info string) [wire.KeySize]byte {
	entropy := r.entropy()
	return [wire.KeySize]byte(wire.HKDF(entropy[:], nil, info, wire.KeySize))
}

// ListKey signs device lists; the primary only.
type ListKey struct{ *pair }

// ReadingKey opens the device list in the public outbox. It hides the list
// from strangers; nothing relies on it for authenticity.
type ReadingKey struct {
	secret
	key func() [wire.KeySize]byte
}

// Seal seals a signed list for the public outbox.
func (k ReadingKey) Seal(list []byte) []byte {
	key := k.key()
	return wire.SealAEAD(key[:], infoReading, nil, list)
}

// Open is the inverse of Seal. Error: wire.ErrOpen.
func (k ReadingKey) Open(sealed []byte) ([]byte, error) {
	key := k.key()
	return wire.OpenAEAD(key[:], infoReading, nil, sealed)
}

// Proves is what only somebody can compute who has the key: that an account was
// a friend (PROTOCOL.md, §15.4).
func (k ReadingKey) Proves(message []byte) []byte {
	key := k.key()
	mac := hmac.New(sha256.New, wire.HKDF(key[:], nil, infoFriend, wire.KeySize))
	mac.Write(message)
	return mac.Sum(nil)
}

// Handover is the key for a friend's device: {1 key}. It goes into a pairwise
// session, and into what the devices of an account agree on.
func (k ReadingKey) Handover() []byte {
	key := k.key()
	return wire.AppendBytes(nil, 1, key[:])
}

// OpenReading reads what ReadingKey.Handover wrote. Error: ErrForm.
func OpenReading(b []byte) (ReadingKey, error) {
	var (
		m   wire.Message
		key [wire.KeySize]byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		if f.Number == 1 {
			return m.Fixed(f, key[:])
		}
		return nil
	})
	if err != nil || !m.Has(1) {
		return ReadingKey{}, ErrForm
	}
	return ReadingKey{key: hide(key)}, nil
}

// SnapshotKey seals parts of the account snapshot of one epoch. After a device
// was removed there is a new one, which the devices that stay hand each other
// (Handover, OpenHandover).
type SnapshotKey struct {
	secret
	Epoch uint64
	key   func() [wire.KeySize]byte
}

// Seal writes uint64_be(e) ‖ sealed (multi-device.md §9).
func (k SnapshotKey) Seal(part []byte) []byte {
	key, e := k.key(), binary.BigEndian.AppendUint64(nil, k.Epoch)
	return append(e, wire.SealAEAD(key[:], infoSnapshot, e, part)...)
}

// Open is the inverse of Seal; a part of another epoch does not open. Error:
// wire.ErrOpen.
func (k SnapshotKey) Open(sealed []byte) ([]byte, error) {
	key, e := k.key(), binary.BigEndian.AppendUint64(nil, k.Epoch)
	if len(sealed) < len(e) || string(sealed[:len(e)]) != string(e) {
		return nil, wire.ErrOpen
	}
	return wire.OpenAEAD(key[:], infoSnapshot, e, sealed[len(e):])
}

// Handover is the key for another device of the account: {1 e, 2 key}. It goes
// into a pairwise session and nowhere else.
func (k SnapshotKey) Handover() []byte {
	key := k.key()
	return wire.AppendBytes(wire.AppendUint(nil, 1, k.Epoch), 2, key[:])
}

// OpenHandover reads what Handover wrote. Error: ErrForm.
func OpenHandover(b []byte) (SnapshotKey, error) {
	var (
		m     wire.Message
		epoch uint64
		key   [wire.KeySize]byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &epoch, 1<<62)
		case 2:
			return m.Fixed(f, key[:])
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) {
		return SnapshotKey{}, ErrForm
	}
	return SnapshotKey{Epoch: epoch, key: hide(key)}, nil
}
