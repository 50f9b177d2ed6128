package client

import (
	"errors"
	"strings"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/linking"
	"tandem/core/snapshot"
	"tandem/core/wire"
)

// member: a command that needs a device that is one of the account's, and knows
// what time it is. Errors: ErrNotNow, ErrOffline.
func (c *Client) member(f func() error) error {
	return c.do(func() error {
		if c.phase != Main || c.leaving.on() || c.silent() {
			return ErrNotNow
		}
		if c.net == nil || !c.net.Synced() {
			return ErrOffline // what is signed or written is dated by the network
		}
		return f()
	})
}

// SetName changes the account's display name, on all its devices and for its
// friends.
func (c *Client) SetName(name string) error {
	name, err := checkName(name)
	if err != nil {
		return err
	}
	return c.member(func() error {
		return c.update(func(t *tx) error { return c.setRegister(t, snapshot.Profile, "", []byte(name)) })
	})
}

// Unlink takes another device out of the account: it is told and wipes itself,
// and nobody sends to it any more. Only the primary can.
func (c *Client) Unlink(device core.ID) error {
	return c.member(func() error {
		if c.account.role() != core.Primary {
			return ErrNotPrimary
		}
		if c.linker.machine == nil || !c.account.sibling(device) {
			return ErrNotNow
		}
		return c.update(func(t *tx) error { return c.unlink(t, device) })
	})
}

func (c *Client) unlink(t *tx, device core.ID) error {
	_, err := c.stepLinker(t, linking.Unlink{Device: device})
	return err
}

// Leave takes this device out of the account and wipes it, with or without the
// network. The primary cannot leave.
func (c *Client) Leave() error {
	return c.do(func() error {
		if c.phase != Main || c.leaving.on() || c.account.role() == core.Primary {
			return ErrNotNow
		}
		return c.update(func(t *tx) error { return c.depart(t, devices.Leaves) })
	})
}

// RenameDevice names a device of the account, on all of them. Errors:
// ErrNameEmpty, ErrDeviceNameLong, ErrNotNow, ErrOffline.
func (c *Client) RenameDevice(device core.ID, name string) error {
	name = strings.ToValidUTF8(strings.TrimSpace(name), "\uFFFD")
	switch {
	case name == "":
		return ErrNameEmpty
	case len(name) > maxFactName:
		return ErrDeviceNameLong
	}
	return c.member(func() error {
		if _, listed := c.account.list().Find(device); !listed {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			known := c.account.deviceFacts(device)
			known.Name = name
			return c.setRegister(t, snapshot.Device, string(device[:]), snapshot.MarshalFacts(known))
		})
	})
}

// sealUnlinked makes the last message for each device that a list removes: that
// list, while there still is a session. Who left by itself needs none.
func (c *Client) sealUnlinked(t *tx, before devices.List, signed []byte) (map[core.ID][]byte, error) {
	next, err := devices.Parse(signed, c.account.id())
	if err != nil {
		return nil, err
	}
	last := map[core.ID][]byte{}
	for _, d := range before.Devices {
		if !next.Removes(d.ID) || !c.account.sibling(d.ID) {
			continue
		}
		unlinked := &wire.Content{Unlinked: signed}
		data, err := c.sealPairwise(t, d.ID, unlinked)
		if errors.Is(err, errNoSession) {
			data, err = c.sealTagged(d.ID, unlinked)
		}
		if err != nil {
			return nil, err
		}
		last[d.ID] = data
	}
	return last, nil
}
