package ratchet

import (
	"tandem/core/identity"
	"tandem/core/wire"
)

// MaxBundle bounds the bytes of a bundle; ours have less than 220.
const MaxBundle = 512

// legacyDevice fills a field that libsignal numbers devices by; since 2019
// devices are told apart by their key (legacy-2019.md §1.1).
const legacyDevice = 1

// Bundle is what a device gives away so that others can begin a session with
// it while it sleeps. In the bytes of PreKeyBundleMessage (legacy-2019.md §3.2).
type Bundle struct {
	Identity  [32]byte // X25519 form of the device key
	SignedID  uint32
	Signed    [32]byte // signed prekey
	Signature [64]byte // XEdDSA by Identity over 0x05 ‖ Signed
	OneTimeID uint32   // 0 = none
	OneTime   [32]byte
}

// Marshal encodes {1 identity, 2 device, 3 one-time id, 4 signed id, 5 one-time
// prekey, 6 signed prekey, 7 signature}.
func (b Bundle) Marshal() []byte {
	out := wire.AppendBytes(nil, 1, encodeKey(b.Identity))
	out = wire.AppendUint(out, 2, legacyDevice)
	if b.OneTimeID != 0 {
		out = wire.AppendUint(out, 3, uint64(b.OneTimeID))
	}
	out = wire.AppendUint(out, 4, uint64(b.SignedID))
	if b.OneTimeID != 0 {
		out = wire.AppendBytes(out, 5, encodeKey(b.OneTime))
	}
	out = wire.AppendBytes(out, 6, encodeKey(b.Signed))
	return wire.AppendBytes(out, 7, b.Signature[:])
}

// ParseBundle reads a bundle and checks its signature. Whose bundle it must be
// is the caller's to compare with Identity. Errors: ErrForm, ErrSignature.
func ParseBundle(raw []byte) (Bundle, error) {
	if len(raw) > MaxBundle {
		return Bundle{}, ErrForm
	}
	var (
		b Bundle
		p parser
	)
	err := wire.Fields(raw, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return p.key(f, &b.Identity)
		case 3:
			return p.uint32(f, &b.OneTimeID)
		case 4:
			return p.uint32(f, &b.SignedID)
		case 5:
			return p.key(f, &b.OneTime)
		case 6:
			return p.key(f, &b.Signed)
		case 7:
			return p.Fixed(f, b.Signature[:])
		}
		return nil
	})
	if err != nil || !p.Has(1) || !p.Has(4) || !p.Has(6) || !p.Has(7) {
		return Bundle{}, ErrForm
	}
	if p.Has(5) != (b.OneTimeID != 0) {
		return Bundle{}, ErrForm
	}
	if err := b.verify(); err != nil {
		return Bundle{}, err
	}
	return b, nil
}

func (b Bundle) verify() error {
	if !identity.XEdVerify(b.Identity, encodeKey(b.Signed), b.Signature[:]) {
		return ErrSignature
	}
	return nil
}
