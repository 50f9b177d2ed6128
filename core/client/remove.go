package client

import (
	"tandem/core"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/store"
)

// remove takes a device out of the account: a list that names it as removed,
// with a new snapshot key (multi-device.md §6, Unlink).
func (c *Client) remove(t *tx, device core.ID) error {
	now, keys, list := c.now(), c.account.keys, c.account.list()
	if _, listed := list.Find(device); !listed {
		return nil
	}
	epoch, err := c.nextEpoch()
	if err != nil {
		return err
	}
	next, err := list.Without(device, epoch, now)
	if err != nil {
		return err
	}
	signed, err := devices.Sign(now, next, keys.Root.ListKey(), keys.Shared.Account)
	if err != nil {
		return err
	}
	return c.adoptList(t, signed)
}

// replaceKeys keeps a keyring in place of the one before.
func (c *Client) replaceKeys(t *tx, keys *identity.Keyring) {
	t.Put(store.Keyring, "", keys.MarshalSecret())
	t.then(func() { c.account.keys = keys })
}
