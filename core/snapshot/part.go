package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

const (
	// typePart is the type of a part's body (PROTOCOL.md, table of numbers).
	typePart = 9
	// domainPart is what the writing device signs under.
	domainPart = "tandem snapshot part v1"
	// padStep hides how much there is, in bytes; maxPlain are as many steps as
	// fit in MaxSealed with nonce, tag and e.
	padStep  = 4096
	maxPlain = 14 * padStep
	// budget is what the registers of a part may take: the rest is for its head,
	// the signature and one byte of padding.
	budget = maxPlain - 512
	// rowHead is the most that field number and length of a register take.
	rowHead = 4
	// maxEpoch is far from overflow.
	maxEpoch = 1 << 62
)

// Part is one piece of the snapshot: the registers whose names fall into one
// bucket. With depth d there are 2^d buckets, and a register belongs to the one
// that the first d bits of SHA-256(kind ‖ name) say.
type Part struct {
	Device    core.ID // that wrote it
	Epoch     uint64  // e, of the key that it is sealed with
	Written   core.Millis
	Depth     uint8
	Bucket    uint8
	Registers []Register
}

// Signer is the device that writes a part.
type Signer interface {
	ID() core.ID
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// EpochOf is the e that sealed bytes say they have; who has the key of that e
// can tell whether it is so. false: they are no part.
func EpochOf(sealed []byte) (uint64, bool) {
	if len(sealed) < 8 || len(sealed) > MaxSealed {
		return 0, false
	}
	e := binary.BigEndian.Uint64(sealed)
	return e, e <= maxEpoch
}

// Seal signs the part as a device and seals it.
func (p Part) Seal(k identity.SnapshotKey, account core.ID, by Signer) []byte {
	p.Device, p.Epoch = by.ID(), k.Epoch
	signed := wire.SignBody(by, domainPart, p.marshal(account, by.Ed())).Marshal()
	return k.Seal(pad(signed))
}

// marshal writes the body:
//
//	1 type = 9     4 device's ed25519 key   7 depth
//	2 account ID   5 e                      8 bucket
//	3 device ID    6 written, ms            9 register, repeated
func (p Part) marshal(account core.ID, ed core.EdKey) []byte {
	out := wire.AppendUint(nil, 1, typePart)
	out = wire.AppendBytes(out, 2, account[:])
	out = wire.AppendBytes(out, 3, p.Device[:])
	out = wire.AppendBytes(out, 4, ed[:])
	out = wire.AppendUint(out, 5, p.Epoch)
	out = wire.AppendUint(out, 6, uint64(p.Written))
	out = wire.AppendUint(out, 7, uint64(p.Depth))
	out = wire.AppendUint(out, 8, uint64(p.Bucket))
	for _, r := range p.Registers {
		out = wire.AppendBytes(out, 9, r.Marshal())
	}
	return out
}

// Open opens and judges a part: sealed with the key of its e, signed by a
// device for which listed says yes (nil = every device), no time more than
// MaxAhead ahead of now. Errors: ErrPart, ErrDevice, ErrAhead.
func Open(now core.Millis, k identity.SnapshotKey, account core.ID, listed func(core.ID) bool, sealed []byte) (Part, error) {
	if len(sealed) > MaxSealed {
		return Part{}, ErrPart
	}
	plain, err := k.Open(sealed)
	if err != nil {
		return Part{}, ErrPart
	}
	signed, err := wire.ParseSignedUpTo(unpad(plain), maxPlain)
	if err != nil {
		return Part{}, ErrPart
	}
	p, head, err := parsePart(signed.Body)
	if err != nil || head.account != account || p.Epoch != k.Epoch || !identity.Matches(p.Device, head.ed) ||
		!identity.Verify(head.ed, wire.Domain(domainPart, signed.Body), signed.Signature) {
		return Part{}, ErrPart
	}
	if listed != nil && !listed(p.Device) {
		return Part{}, ErrDevice
	}
	ahead := func(r Register) bool { return r.Time > now+MaxAhead }
	if p.Written > now+MaxAhead || slices.ContainsFunc(p.Registers, ahead) {
		return Part{}, ErrAhead
	}
	return p, nil
}

// head is what a part's body says beside the part.
type head struct {
	account core.ID
	ed      core.EdKey
}

// parsePart checks forms and bounds, no signature. Error: ErrPart.
func parsePart(body []byte) (Part, head, error) {
	var (
		p                            Part
		h                            head
		m                            wire.Message
		typ, written, depth, buckets uint64
		seen                         = map[string]bool{}
	)
	err := wire.Fields(body, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &typ, typePart)
		case 2:
			return m.Fixed(f, h.account[:])
		case 3:
			return m.Fixed(f, p.Device[:])
		case 4:
			return m.Fixed(f, h.ed[:])
		case 5:
			return m.Uint(f, &p.Epoch, maxEpoch)
		case 6:
			return m.Uint(f, &written, maxTime)
		case 7:
			return m.Uint(f, &depth, maxDepth)
		case 8:
			return m.Uint(f, &buckets, 1<<maxDepth-1)
		case 9:
			return p.row(f, seen)
		}
		return nil
	})
	for number := 1; number <= 8; number++ {
		if !m.Has(number) {
			return Part{}, head{}, ErrPart
		}
	}
	if err != nil || typ != typePart || buckets >= 1<<depth {
		return Part{}, head{}, ErrPart
	}
	p.Written, p.Depth, p.Bucket = core.Millis(written), uint8(depth), uint8(buckets)
	return p, h, nil
}

// row reads a repeated field; no register comes twice.
func (p *Part) row(f wire.Field, seen map[string]bool) error {
	var (
		one wire.Message
		raw []byte
	)
	if err := one.Bytes(f, &raw, 1, maxPlain); err != nil {
		return err
	}
	r, err := ParseRegister(raw)
	if err != nil || seen[r.key()] {
		return ErrPart
	}
	seen[r.key()] = true
	p.Registers = append(p.Registers, r)
	return nil
}

// pad appends 0x80 and zeros to the next multiple of padStep.
func pad(b []byte) []byte {
	out := make([]byte, (len(b)/padStep+1)*padStep)
	copy(out, b)
	out[len(b)] = 0x80
	return out
}

// unpad is the inverse; nil for what has no such padding.
func unpad(b []byte) []byte {
	if len(b)%padStep != 0 {
		return nil
	}
	return wire.Unpad(b)
}

// bucketOf is the bucket of a register at a depth.
func bucketOf(key string, depth int) uint8 {
	sum := sha256.Sum256([]byte(key))
	return uint8(uint(sum[0]) >> (8 - depth))
}
