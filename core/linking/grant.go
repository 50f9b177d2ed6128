package linking

import (
	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// Bounds of a grant, in bytes.
const (
	maxList  = 9 << 10 // a list's body of 8 KiB with its signature
	maxKnown = 6       // as many devices as a list has
)

// Grant is what a primary gives beside the keys.
type Grant struct {
	List       []byte // the signed device list with the new device in it
	Profile    string // the account's display name
	DeviceName string // how the primary calls the new device
	// Known are the facts of the account's other devices, so that the new one
	// can show their names; at most six.
	Known []Known
}

// Known is a device with what it said about itself.
type Known struct {
	Device core.ID
	Facts  core.Facts
}

// fits checks the bounds, so that nothing is sealed that cannot be read.
func (g Grant) fits() bool {
	if len(g.List) == 0 || len(g.List) > maxList || len(g.Profile) > wire.MaxName ||
		len(g.DeviceName) > MaxDeviceName || len(g.Known) > maxKnown {
		return false
	}
	for _, k := range g.Known {
		if !factsFit(k.Facts) {
			return false
		}
	}
	return true
}

func factsFit(f core.Facts) bool {
	return len(f.Name) <= MaxDeviceName && len(f.Platform) <= MaxPlatform
}

// marshal writes the rest of a grant, beside the keys:
//
//	1 signed device list, at most 9 KiB
//	2 display name of the account, at most 100 B
//	3 name of the new device, at most 64 B
//	4 known device, repeated: {1 device ID, 2 name, 3 platform}
func (g Grant) marshal() []byte {
	out := wire.AppendBytes(nil, 1, g.List)
	out = wire.AppendText(out, 2, g.Profile)
	out = wire.AppendText(out, 3, g.DeviceName)
	for _, k := range g.Known {
		one := wire.AppendBytes(nil, 1, k.Device[:])
		one = wire.AppendText(one, 2, k.Facts.Name)
		out = wire.AppendBytes(out, 4, wire.AppendText(one, 3, k.Facts.Platform))
	}
	return out
}

// parseGrant reads what marshal wrote. Error: wire.ErrMalformed.
func parseGrant(b []byte) (Grant, error) {
	var (
		g Grant
		m wire.Message
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Bytes(f, &g.List, 1, maxList)
		case 2:
			return m.Text(f, &g.Profile, wire.MaxName)
		case 3:
			return m.Text(f, &g.DeviceName, MaxDeviceName)
		case 4:
			return g.known(f)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(3) {
		return Grant{}, wire.ErrMalformed
	}
	return g, nil
}

func (g *Grant) known(f wire.Field) error {
	var (
		outer, m wire.Message
		raw      []byte
		k        Known
	)
	if len(g.Known) == maxKnown {
		return wire.ErrMalformed
	}
	if err := outer.Bytes(f, &raw, 1, maxBody); err != nil {
		return err
	}
	err := wire.Fields(raw, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return readID(&m, f, &k.Device)
		case 2:
			return m.Text(f, &k.Facts.Name, MaxDeviceName)
		case 3:
			return m.Text(f, &k.Facts.Platform, MaxPlatform)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) || !m.Has(3) {
		return wire.ErrMalformed
	}
	g.Known = append(g.Known, k)
	return nil
}

// grant is LinkGrant, signed by the account key (field 5):
//
//	6 sealed under K: identity.Shared.SealGrant, with Grant.marshal as rest
//
// It travels inside the first pairwise message.
type grant struct {
	head
	sealed []byte
}

func readGrant(raw []byte) (*grant, error) {
	var (
		g   grant
		err error
	)
	g.head, err = read(KindGrant, raw, 6, func(m *wire.Message, f wire.Field) error {
		if f.Number == 6 {
			return m.Bytes(f, &g.sealed, 1, wire.MaxSigned)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &g, nil
}

// open opens the grant under K.
func (g *grant) open(a agreement) (identity.Shared, Grant, bool) {
	shared, rest, err := identity.OpenGrant(a.key(), a.transcript, g.sealed)
	if err != nil {
		return identity.Shared{}, Grant{}, false
	}
	given, err := parseGrant(rest)
	if err != nil {
		return identity.Shared{}, Grant{}, false
	}
	return shared, given, true
}
