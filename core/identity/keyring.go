// Package identity is the one keeper of private keys. It signs, agrees and
// opens; it hands no private key out. Two doors exist for the bytes of keys:
// MarshalSecret and its Parse twins, for the store that seals every value, and
// SealGrant with OpenGrant, by which linking gives a secondary the account
// (multi-device.md §2, §5).
//
// A secret's String, GoString and JSON are placeholders.
package identity

import "tandem/core/wire"

// Shared is what every linked device of an account holds.
type Shared struct {
	Account  *Account
	Reading  ReadingKey
	Snapshot SnapshotKey
}

// Keyring is all the keys of one installation that has an account.
type Keyring struct {
	Root   *Root // nil on a secondary device
	Shared Shared
	Device *Device
}

// NewKeyring makes the keyring of a primary device: of a new account or of a
// restored one, with a fresh device key in either case.
func NewKeyring(root *Root, snapshotEpoch uint64) *Keyring {
	return &Keyring{
		Root: root,
		Shared: Shared{
			Account:  root.Account(),
			Reading:  root.ReadingKey(),
			Snapshot: root.SnapshotKey(snapshotEpoch),
		},
		Device: NewDevice(),
	}
}

// infoGrant is both the purpose of the grant key and the additional data.
const infoGrant = "tandem link grant v1"

// GrantKey derives K from the shared secret of linking and SHA-256(T).
func GrantKey(z [32]byte, transcript [32]byte) [32]byte {
	return [32]byte(wire.HKDF(z[:], transcript[:], infoGrant, wire.KeySize))
}

// SealGrant seals the shared keys and rest (list, profile, names) under K, with
// SHA-256(T) as additional data: {1 expanded account key 64 B, 2 reading key,
// 3 snapshot key, 4 e, 5 rest}.
func (s Shared) SealGrant(k [32]byte, transcript [32]byte, rest []byte) []byte {
	return wire.SealAEAD(k[:], infoGrant, transcript[:], wire.AppendBytes(s.marshal(), 5, rest))
}

// OpenGrant is the inverse of SealGrant. Error: ErrOpen, also for keys that do
// not have the right form.
func OpenGrant(k [32]byte, transcript [32]byte, sealed []byte) (Shared, []byte, error) {
	plain, err := wire.OpenAEAD(k[:], infoGrant, transcript[:], sealed)
	if err != nil {
		return Shared{}, nil, ErrOpen
	}
	shared, rest, err := parseShared(plain)
	if err != nil {
		return Shared{}, nil, ErrOpen
	}
	return shared, rest, nil
}

func (s Shared) marshal() []byte {
	out := wire.AppendBytes(nil, 1, s.Account.expanded[:])
	out = wire.AppendBytes(out, 2, s.Reading.key[:])
	out = wire.AppendBytes(out, 3, s.Snapshot.key[:])
	return wire.AppendUint(out, 4, s.Snapshot.Epoch)
}

func parseShared(b []byte) (Shared, []byte, error) {
	var (
		m        wire.Message
		s        Shared
		expanded [expandedSize]byte
		rest     []byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, expanded[:])
		case 2:
			return m.Fixed(f, s.Reading.key[:])
		case 3:
			return m.Fixed(f, s.Snapshot.key[:])
		case 4:
			return m.Uint(f, &s.Snapshot.Epoch, 1<<63)
		case 5:
			return m.Bytes(f, &rest, 0, wire.MaxSigned)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(3) || !m.Has(4) {
		return Shared{}, nil, ErrForm
	}
	p, err := pairFromExpanded(expanded[:])
	if err != nil {
		return Shared{}, nil, err
	}
	s.Account = &Account{p}
	return s, rest, nil
}

// MarshalSecret is for the sealed store only: {1 shared, 2 device seed, 3
// entropy (primary only)}.
func (k *Keyring) MarshalSecret() []byte {
	out := wire.AppendBytes(nil, 1, k.Shared.marshal())
	out = wire.AppendBytes(out, 2, k.Device.MarshalSecret())
	if k.Root != nil {
		out = wire.AppendBytes(out, 3, k.Root.entropy[:])
	}
	return out
}

// ParseKeyring reads what MarshalSecret wrote. Error: ErrForm.
func ParseKeyring(b []byte) (*Keyring, error) {
	var (
		m              wire.Message
		shared, device []byte
		root           Root
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Bytes(f, &shared, 0, 1024)
		case 2:
			return m.Bytes(f, &device, 32, 32)
		case 3:
			return m.Fixed(f, root.entropy[:])
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) {
		return nil, ErrForm
	}
	k := &Keyring{}
	if k.Shared, _, err = parseShared(shared); err != nil {
		return nil, ErrForm
	}
	if k.Device, err = ParseDevice(device); err != nil {
		return nil, ErrForm
	}
	if m.Has(3) {
		k.Root = &root
	}
	return k, nil
}
