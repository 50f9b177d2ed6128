package identity

import (
	"crypto/rand"
	"encoding/binary"

	"tandem/core/mnemonic"
	"tandem/core/wire"
)

// Purposes of the keys below the entropy (multi-device.md §2).
const (
	infoList     = "tandem device list v1"
	infoReading  = "tandem device list reading v1"
	infoSnapshot = "tandem snapshot v1"
)

// Root is the entropy of an account. Only the primary device has it, and
// whoever restores from the 13 words.
type Root struct{ entropy [16]byte }

// NewRoot draws a new account.
func NewRoot() *Root {
	r := &Root{}
	rand.Read(r.entropy[:])
	return r
}

// RootFromWords reads the 13 words. Errors are those of mnemonic.Decode.
func RootFromWords(text string) (*Root, error) {
	entropy, err := mnemonic.Decode(text)
	if err != nil {
		return nil, err
	}
	return &Root{entropy}, nil
}

// Words is the recovery phrase: for the eyes of the owner and nothing else.
func (r *Root) Words() []string { return mnemonic.Encode(r.entropy) }

// Account is the account key: seed = entropy ‖ 16 zero bytes (network.md §1.4).
func (r *Root) Account() *Account {
	var seed [32]byte
	copy(seed[:], r.entropy[:])
	return &Account{newPair(seed[:])}
}

// ListKey signs the device list.
func (r *Root) ListKey() *ListKey {
	return &ListKey{newPair(wire.HKDF(r.entropy[:], nil, infoList, wire.KeySize))}
}

// ReadingKey opens the published device list.
func (r *Root) ReadingKey() ReadingKey {
	return ReadingKey{[wire.KeySize]byte(wire.HKDF(r.entropy[:], nil, infoReading, wire.KeySize))}
}

// SnapshotKey is the snapshot key of epoch e.
func (r *Root) SnapshotKey(e uint64) SnapshotKey {
	info := binary.BigEndian.AppendUint64([]byte(infoSnapshot), e)
	return SnapshotKey{Epoch: e, key: [wire.KeySize]byte(wire.HKDF(r.entropy[:], nil, string(info), wire.KeySize))}
}

// String keeps the entropy out of logs.
func (r *Root) String() string { return "[secret]" }

// GoString keeps the entropy out of %#v.
func (r *Root) GoString() string { return "[secret]" }

// MarshalJSON keeps the entropy out of JSON.
func (r *Root) MarshalJSON() ([]byte, error) { return []byte(`"[secret]"`), nil }

// ListKey signs device lists; the primary only.
type ListKey struct{ *pair }

// ReadingKey opens the device list in the public outbox. It hides the list
// from strangers; nothing relies on it for authenticity.
type ReadingKey struct{ key [wire.KeySize]byte }

// Seal seals a signed list for the public outbox.
func (k ReadingKey) Seal(list []byte) []byte {
	return wire.SealAEAD(k.key[:], infoReading, nil, list)
}

// Open is the inverse of Seal. Error: wire.ErrOpen.
func (k ReadingKey) Open(sealed []byte) ([]byte, error) {
	return wire.OpenAEAD(k.key[:], infoReading, nil, sealed)
}

// String keeps the key out of logs.
func (k ReadingKey) String() string { return "[secret]" }

// GoString keeps the key out of %#v.
func (k ReadingKey) GoString() string { return "[secret]" }

// SnapshotKey seals parts of the account snapshot of one epoch.
type SnapshotKey struct {
	Epoch uint64
	key   [wire.KeySize]byte
}

// Seal writes uint64_be(e) ‖ sealed (multi-device.md §9).
func (k SnapshotKey) Seal(part []byte) []byte {
	e := binary.BigEndian.AppendUint64(nil, k.Epoch)
	return append(e, wire.SealAEAD(k.key[:], infoSnapshot, e, part)...)
}

// Open is the inverse of Seal; a part of another epoch does not open. Error:
// wire.ErrOpen.
func (k SnapshotKey) Open(sealed []byte) ([]byte, error) {
	e := binary.BigEndian.AppendUint64(nil, k.Epoch)
	if len(sealed) < len(e) || string(sealed[:len(e)]) != string(e) {
		return nil, wire.ErrOpen
	}
	return wire.OpenAEAD(k.key[:], infoSnapshot, e, sealed[len(e):])
}

// String keeps the key out of logs.
func (k SnapshotKey) String() string { return "[secret]" }

// GoString keeps the key out of %#v.
func (k SnapshotKey) GoString() string { return "[secret]" }
