package client

import (
	"strings"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/wire"
)

// facts is what this device remembers about a sibling for people's eyes. It is
// not in the device list, which contacts read too.
type facts struct {
	core.Facts
	seen core.Millis // network time of the last message from it; 0 = never
}

// Bounds of facts, in bytes.
const (
	maxFactName     = 64
	maxFactPlatform = 128
)

// checkDeviceName trims the name of a device and bounds it; empty: there is
// none. Error: ErrDeviceNameLong.
func checkDeviceName(name string) (string, error) {
	name = strings.ToValidUTF8(strings.TrimSpace(name), "\uFFFD")
	if len(name) > maxFactName {
		return "", ErrDeviceNameLong
	}
	return name, nil
}

func (f facts) marshal() []byte {
	out := wire.AppendText(nil, 1, f.Name)
	out = wire.AppendText(out, 2, f.Platform)
	return wire.AppendUint(out, 3, uint64(f.seen))
}

func parseFacts(b []byte) (facts, error) {
	var (
		f    facts
		m    wire.Message
		seen uint64
	)
	err := wire.Fields(b, func(w wire.Field) error {
		switch w.Number {
		case 1:
			return m.Text(w, &f.Name, maxFactName)
		case 2:
			return m.Text(w, &f.Platform, maxFactPlatform)
		case 3:
			return m.Uint(w, &seen, 1<<62)
		}
		return nil
	})
	f.seen = core.Millis(seen)
	return f, err
}

func (c *Client) loadFacts() (map[core.ID]facts, error) {
	out := map[core.ID]facts{}
	blobs, err := c.db.All(c.ctx, store.Facts)
	if err != nil {
		return nil, err
	}
	for _, b := range blobs {
		id, err := core.IDFromBytes([]byte(b.Name))
		if err != nil {
			return nil, store.ErrDamaged
		}
		if out[id], err = parseFacts(b.Value); err != nil {
			return nil, store.ErrDamaged
		}
	}
	return out, nil
}

func (c *Client) saveFacts(t *tx, device core.ID, f facts) {
	t.Put(store.Facts, string(device[:]), f.marshal())
	t.then(func() { c.account.facts[device] = f })
}
