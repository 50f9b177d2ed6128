package client

import (
	"tandem/core"
	"tandem/core/devices"
)

// usurper is the device that another person, or this one's, made primary in
// place of this device, which has the words too.
func (c *Client) usurper() (core.ID, bool) {
	list, ok := c.account.book.List(c.account.id())
	if !ok || c.account.keys.Root == nil || c.account.restore.pending() {
		return core.ID{}, false
	}
	me, listed := list.Find(c.account.device())
	return list.Primary().ID, listed && me.Role == core.Secondary
}

// restoredView is the question "Was it you?".
func (c *Client) restoredView() *DeviceRow {
	id, ok := c.usurper()
	if !ok {
		return nil
	}
	for _, row := range c.deviceRows() {
		if row.ID == id {
			return &row
		}
	}
	return nil
}

// WasItMe answers whether the restore on another device was the owner's. Yes:
// words and list key are erased here. No: that device is removed. Errors:
// ErrNotNow.
func (c *Client) WasItMe(yes bool) error {
	return c.do(func() error {
		if c.phase != Main || c.net == nil || !c.net.Synced() {
			return ErrNotNow
		}
		other, ok := c.usurper()
		if !ok {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			if !yes {
				return c.takeOver(t, func(d core.ID) bool { return d == other })
			}
			secondary := *c.account.keys
			secondary.Root = nil
			c.replaceKeys(t, &secondary)
			c.saveRestore(t, nil)
			return nil
		})
	})
}

// takeOver signs a list with this device as primary, without the devices for
// which out says yes. Errors: devices.ErrFull, ErrAhead.
func (c *Client) takeOver(t *tx, out func(core.ID) bool) error {
	now, keys, list := c.now(), c.account.keys, c.account.list()
	epoch, err := c.nextEpoch()
	if err != nil {
		return err
	}
	me := c.account.self()
	me.Added = now
	next, err := list.TakenOver(me, out, epoch, now)
	if err != nil {
		return err
	}
	signed, err := devices.Sign(now, next, keys.Root.ListKey(), keys.Shared.Account)
	if err != nil {
		return err
	}
	return c.adoptList(t, signed)
}
