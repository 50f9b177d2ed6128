package client

import (
	"errors"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/store"
)

// offerList hands the book a device list of one's own account, from wherever it
// came (public outbox, a sibling, a peer), and lets follow what follows from a
// newer one. A list that breaks a rule is refused and changes nothing. Error:
// of the store only.
func (c *Client) offerList(t *tx, signed []byte) (devices.Verdict, error) {
	if err := c.pinOwnKey(t); err != nil {
		return devices.Refused, err
	}
	t.book = true
	was, before := c.account.signs(), c.account.list()
	out, err := c.account.book.Step(c.now(), devices.Offered{Account: c.account.id(), Signed: signed})
	if err != nil {
		return devices.Refused, nil
	}
	return out.Verdict, c.followList(t, was, before, out)
}

// adoptList makes a list that this device signed the account's own, has it
// published and tells the other devices, last those that it removes.
func (c *Client) adoptList(t *tx, signed []byte) error {
	t.book = true
	was, before := c.account.signs(), c.account.list()
	last, err := c.sealUnlinked(t, before, signed)
	if err != nil {
		return err
	}
	out, err := c.account.book.Step(c.now(), devices.Trusted{Signed: signed})
	if err != nil {
		return err
	}
	if err := c.followList(t, was, before, out); err != nil {
		return err
	}
	if err := c.announceList(t, out); err != nil {
		return err
	}
	for _, d := range before.Devices {
		if last[d.ID] == nil {
			continue
		}
		if _, err := c.enqueueSealed(t, d.ID, last[d.ID]); err != nil {
			return err
		}
	}
	return nil
}

// pinOwnKey pins the list key on a device that knows it from the words, before
// any list was read.
func (c *Client) pinOwnKey(t *tx) error {
	root := c.account.keys.Root
	if root == nil {
		return nil
	}
	t.book = true
	out, err := c.account.book.Step(c.now(), devices.Pinned{ListKey: root.ListKey().Ed()})
	if errors.Is(err, devices.ErrForeign) {
		return store.ErrDamaged // the account has one list key, ever
	}
	if err == nil {
		saveBook(t, out)
	}
	return err
}

// followList is all that follows from a new list of one's own account, in the
// transaction that saves it. was and before: whether this device signed lists,
// and the list, so far.
func (c *Client) followList(t *tx, was bool, before devices.List, out devices.Outcome) error {
	saveBook(t, out)
	if out.Verdict != devices.Newer {
		return nil
	}
	for _, gone := range out.Gone {
		if err := c.forgetDevice(t, gone); err != nil {
			return err
		}
	}
	if len(out.Gone) > 0 {
		t.then(c.resolve)
	}
	c.followRole(t, was, out)
	t.then(c.tendNow)
	return c.followSiblings(t, before, out)
}

// forgetDevice drops what is kept for a device that is not in the list any
// more: nothing is sent to it from now on.
func (c *Client) forgetDevice(t *tx, device core.ID) error {
	if device == c.account.device() {
		return nil
	}
	t.Delete(store.Session, string(device[:]))
	t.Delete(store.Facts, string(device[:]))
	t.then(func() {
		delete(c.account.facts, device)
		delete(c.kin.read, device) // its keys go with the record
	})
	return c.withdraw(t, device)
}

// followRole keeps keys and linking in step with what the list says that this
// device is. was: it signed lists before.
func (c *Client) followRole(t *tx, was bool, out devices.Outcome) {
	if root := c.account.keys.Root; root != nil {
		if e := c.account.list().SnapshotEpoch; e != c.account.keys.Shared.Snapshot.Epoch {
			renewed := *c.account.keys
			renewed.Shared.Snapshot = root.SnapshotKey(e)
			c.replaceKeys(t, &renewed)
		}
	}
	if is := c.account.signs(); is != was {
		c.turnLinker(t, is)
	}
	c.followRestore(t, out)
}

// turnLinker lets this device begin to take others in, or stop: who does not
// sign lists any more answers nobody who wants to join.
func (c *Client) turnLinker(t *tx, signs bool) {
	t.linking = true
	t.DeleteKind(store.Linking)
	t.then(func() {
		c.linker, c.join = linker{}, joiner{}
		if signs {
			c.linker = newLinker(c.account.keys)
		}
	})
}

// nextEpoch is the epoch of the next list: higher than all that were heard of.
// Error: devices.ErrAhead.
func (c *Client) nextEpoch() (uint64, error) {
	return devices.NextEpoch(c.now(), c.account.list().Epoch, c.knownEpoch())
}
