package ratchet

import (
	"tandem/core"
	"tandem/core/wire"
)

// maxPreKeys bounds the bytes; one prekey has less than 200.
const maxPreKeys = (MaxOneTime + maxSigned) * 256

// Marshal is for the sealed store only: {1 identity, 2 signed prekeys, 3
// one-time prekeys}, each prekey {1 id, 2 public, 3 private, 4 created, 5
// signature}.
func (p *PreKeys) Marshal() []byte {
	out := wire.AppendBytes(nil, 1, p.identity[:])
	for _, k := range p.signed {
		record := appendPreKey(k.id, k.pair, k.created)
		out = wire.AppendBytes(out, 2, wire.AppendBytes(record, 5, k.signature[:]))
	}
	for _, k := range p.oneTime {
		out = wire.AppendBytes(out, 3, appendPreKey(k.id, k.pair, k.created))
	}
	return out
}

func appendPreKey(id uint32, pair keyPair, created core.Millis) []byte {
	out := appendPair(wire.AppendUint(nil, 1, uint64(id)), 2, pair)
	return wire.AppendUint(out, 4, uint64(created))
}

// ParsePreKeys reads what Marshal wrote. Error: ErrForm.
func ParsePreKeys(b []byte) (*PreKeys, error) {
	if len(b) > maxPreKeys {
		return nil, ErrForm
	}
	var (
		m wire.Message
		p PreKeys
	)
	taken := map[uint32]bool{}
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Fixed(f, p.identity[:])
		case 2:
			k, signed, err := parsePreKey(f.Bytes)
			if err != nil || !signed || len(p.signed) == maxSigned || taken[k.id] {
				return ErrForm
			}
			taken[k.id] = true
			p.signed = append(p.signed, k)
		case 3:
			k, signed, err := parsePreKey(f.Bytes)
			if err != nil || signed || len(p.oneTime) == MaxOneTime || taken[k.id] {
				return ErrForm
			}
			taken[k.id] = true
			p.oneTime = append(p.oneTime, oneTimePreKey{k.id, k.pair, k.created})
		}
		return nil
	})
	if err != nil || !m.Has(1) || len(p.signed) == 0 {
		return nil, ErrForm
	}
	return &p, nil
}

// parsePreKey reads either kind of prekey; signed says which it is.
func parsePreKey(b []byte) (k signedPreKey, signed bool, err error) {
	var p parser
	err = wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return p.uint32(f, &k.id)
		case 2:
			return p.Fixed(f, k.pair.public[:])
		case 3:
			return p.Fixed(f, k.pair.private[:])
		case 4:
			return p.millis(f, &k.created)
		case 5:
			return p.Fixed(f, k.signature[:])
		}
		return nil
	})
	if err != nil || k.id == 0 || !p.Has(2) || !p.Has(3) || !p.Has(4) {
		return k, false, ErrForm
	}
	return k, p.Has(5), nil
}
