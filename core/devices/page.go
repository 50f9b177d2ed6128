package devices

import (
	"tandem/core"
	"tandem/core/wire"
)

// page is what is held about one account.
type page struct {
	account core.ID
	listKey core.EdKey // pinned
	signed  []byte     // the newest list under it; nil = none yet
	list    List       // the same, verified

	second    []byte // the newest list under another key; nil = none
	secondKey core.EdKey
}

// marshal writes {1 account ID, 2 pinned list key, 3 signed list, 4 signed list
// of the second key}.
func (p *page) marshal() []byte {
	out := wire.AppendBytes(nil, 1, p.account[:])
	out = wire.AppendBytes(out, 2, p.listKey[:])
	if p.signed != nil {
		out = wire.AppendBytes(out, 3, p.signed)
	}
	if p.second != nil {
		out = wire.AppendBytes(out, 4, p.second)
	}
	return out
}

// parsePage reads what marshal wrote and verifies the lists again. Error:
// ErrRecord.
func parsePage(b []byte) (*page, error) {
	var (
		m      wire.Message
		p      page
		second []byte
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return readID(&m, f, &p.account)
		case 2:
			return m.Fixed(f, p.listKey[:])
		case 3:
			return m.Bytes(f, &p.signed, 1, wire.MaxSigned)
		case 4:
			return m.Bytes(f, &second, 1, wire.MaxSigned)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) {
		return nil, ErrRecord
	}
	if p.signed != nil {
		if p.list, err = Parse(p.signed, p.account); err != nil || p.list.ListKey != p.listKey {
			return nil, ErrRecord
		}
	}
	if second != nil {
		l, err := Parse(second, p.account)
		if err != nil || l.ListKey == p.listKey {
			return nil, ErrRecord
		}
		p.second, p.secondKey = second, l.ListKey
	}
	return &p, nil
}
