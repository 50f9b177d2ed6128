// Package identity is the one keeper of private keys. It signs, agrees and
// opens; it hands no private key out. Three doors exist for the bytes of keys:
// MarshalSecret and its Parse twins, for the store that seals every value;
// SealGrant with OpenGrant, by which linking gives a secondary the account
// (multi-device.md §2, §5); and Handover with OpenHandover and OpenReading, by
// which the devices of an account renew the key of its snapshot, and friends get
// that of its published list (§6).
//
// A secret prints and marshals as a placeholder.
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
	expanded, reading, snapshot := s.Account.expanded(), s.Reading.key(), s.Snapshot.key()
	out := wire.AppendBytes(nil, 1, expanded[:])
	out = wire.AppendBytes(out, 2, reading[:])
	out = wire.AppendBytes(out, 3, snapshot[:])
	return wire.AppendUint(out, 4, s.Snapshot.Epoch)
}

func parseShared(b []byte) (Shared, []byte, error) {
	var (
		m                 wire.Message
		expanded          [expandedSize]byte
		reading, snapshot [wire.KeySize]byte
		epoch             uint64
		rest              []byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, expanded[:])
		case 2:
			return m.Fixed(f, reading[:])
		case 3:
			return m.Fixed(f, snapshot[:])
		case 4:
			return m.Uint(f, &epoch, 1<<63)
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
	return Shared{
		Account:  &Account{p},
		Reading:  ReadingKey{key: hide(reading)},
		Snapshot: SnapshotKey{Epoch: epoch, key: hide(snapshot)},
	}, rest, nil
}

// MarshalSecret is for the sealed store only: {1 shared, 2 device seed, 3
// entropy (primary only)}.
func (k *Keyring) MarshalSecret() []byte {
	out := wire.AppendBytes(nil, 1, k.Shared.marshal())
	out = wire.AppendBytes(out, 2, k.Device.MarshalSecret())
	if k.Root != nil {
		entropy := k.Root.entropy()
		out = wire.AppendBytes(out, 3, entropy[:])
	}
	return out
}

// ParseKeyring reads what MarshalSecret wrote. Error: ErrForm, also where the
// shared keys are not those of the entropy.
func ParseKeyring(b []byte) (*Keyring, error) {
	var (
		m              wire.Message
		shared, device []byte
		entropy        [16]byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Bytes(f, &shared, 0, 1024)
		case 2:
			return m.Bytes(f, &device, 32, 32)
		case 3:
			return m.Fixed(f, entropy[:])
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
		k.Root = &Root{entropy: hide(entropy)}
		if !k.Root.owns(k.Shared) {
			return nil, ErrForm
		}
	}
	return k, nil
}

// owns reports whether the shared keys are those of this entropy.
func (r *Root) owns(s Shared) bool {
	reading, snapshot := r.ReadingKey(), r.SnapshotKey(s.Snapshot.Epoch)
	return r.Account().expanded() == s.Account.expanded() &&
		reading.key() == s.Reading.key() && snapshot.key() == s.Snapshot.key()
}
