package client

import (
	"time"

	"tandem/core/ratchet"
	"tandem/core/store"
)

const (
	// choresEvery is how often what is too old is looked for. Nothing here is
	// renewed or forgotten in less than a day.
	choresEvery = time.Hour
	// sweepAtOnce bounds one transaction that forgets seen-marks.
	sweepAtOnce = 500
)

// tickChores does at the start, and then now and then, what keeps a device
// healthy for years. Failing costs nothing: the next time does it.
func (c *Client) tickChores() {
	if c.account.keys == nil || time.Now().Before(c.chores) {
		return
	}
	c.chores = time.Now().Add(choresEvery)
	_ = c.update(c.rotatePreKeys)
	if c.db == nil {
		return
	}
	_ = c.update(c.sweepSeen)
	if c.db != nil {
		_ = c.update(c.sweepDeletions)
	}
	if c.db != nil {
		_ = c.update(c.sweepEarly)
	}
	if c.db != nil {
		_ = c.update(c.sweepUnopened)
	}
	if c.db != nil {
		c.sealMissed()
		c.lookAgain()
		c.boundAsks()
	}
}

// rotatePreKeys renews the signed prekey and forgets old ones
// (multi-device.md §8).
func (c *Client) rotatePreKeys(t *tx) error {
	prekeys, err := c.prekeys(t)
	if err != nil {
		return err
	}
	changed, err := prekeys.Rotate(c.now(), c.account.keys.Device)
	if err != nil {
		return store.ErrDamaged // they are another device's
	}
	if changed {
		t.Put(store.PreKeys, "", prekeys.Marshal())
	}
	return nil
}

// prekeys reads the secret halves of the bundles that this device gave away.
func (c *Client) prekeys(t *tx) (*ratchet.PreKeys, error) {
	secret, err := t.Get(c.ctx, store.PreKeys, "")
	if err != nil {
		return nil, err
	}
	prekeys, err := ratchet.ParsePreKeys(secret)
	if err != nil {
		return nil, store.ErrDamaged
	}
	return prekeys, nil
}

// sweepSeen forgets marks of messages that the network has forgotten too.
func (c *Client) sweepSeen(t *tx) error {
	n, err := t.SweepSeen(c.ctx, c.now(), sweepAtOnce)
	if err != nil {
		return err
	}
	if n == sweepAtOnce {
		t.then(func() { c.chores = time.Now().Add(time.Second) })
	}
	return nil
}
