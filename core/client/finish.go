package client

import (
	"context"
	"errors"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/friends"
	"tandem/core/identity"
	"tandem/core/linking"
	"tandem/core/ratchet"
	"tandem/core/snapshot"
	"tandem/core/store"
)

// Finish ends linking: the words match. It reads the account's outbox first,
// so it needs the network. Errors: ErrNotNow, ErrStore, ErrOffline.
func (c *Client) Finish() error {
	type finding struct {
		lists [][]byte
		err   error
	}
	found := make(chan finding, 1)
	var account core.ID
	var life int
	err := c.do(func() error {
		if c.phase != Joining {
			return ErrNotNow
		}
		shared, _, err := c.join.machine.Grant()
		if err != nil {
			return linkingRefusal(err)
		}
		if c.net == nil || !c.net.Synced() {
			return ErrOffline
		}
		account, life = shared.Account.ID(), c.life
		net := c.net
		c.always(func(ctx context.Context) func() {
			lists, err := readOutbox(ctx, net, account, shared.Reading)
			found <- finding{lists, err}
			return func() {}
		})
		return nil
	})
	if err != nil {
		return err
	}
	select {
	case f := <-found:
		if f.err != nil {
			return errors.Join(ErrOffline, f.err)
		}
		return c.do(func() error { return c.finish(account, life, f.lists) })
	case <-c.gone:
		return ErrClosed
	}
}

// finish goes on with what the outbox held, if the attempt is still the same:
// the machine refuses where it is in another state.
func (c *Client) finish(account core.ID, life int, lists [][]byte) error {
	if c.phase != Joining || c.life != life || !c.net.Synced() {
		return ErrNotNow
	}
	return c.moveJoin(linking.Finish{Outbox: lists, Read: func(signed []byte) (linking.ListView, error) {
		l, err := devices.Parse(signed, account)
		if err != nil {
			return linking.ListView{}, err
		}
		return listView(l), nil
	}})
}

func listView(l devices.List) linking.ListView {
	r := roster(l)
	return linking.ListView{
		Epoch: l.Epoch, ListKey: l.ListKey, SnapshotEpoch: l.SnapshotEpoch,
		Primary: l.Primary().ID, Secondaries: r.Secondaries, Removed: r.Removed,
	}
}

func roster(l devices.List) linking.Roster {
	var r linking.Roster
	for _, d := range l.Devices {
		if d.Role == core.Secondary {
			r.Secondaries = append(r.Secondaries, d.ID)
		}
	}
	for _, d := range l.Removed {
		r.Removed = append(r.Removed, d.ID)
	}
	return r
}

// refillBook gives the book of a device that is added again the lists of its
// contacts back.
func refillBook(t *tx, now core.Millis, a *account) {
	for _, r := range a.state.All() {
		if r.Kind != snapshot.Contact || r.Deleted {
			continue
		}
		id, err := core.IDFromBytes([]byte(r.Name))
		contact, wrong := friends.ParseContact(r.Value)
		if err != nil || wrong != nil || contact.List == nil {
			continue
		}
		if out, err := a.book.Step(now, devices.Agreed{Account: id, Signed: contact.List}); err == nil {
			saveBook(t, out)
		}
	}
}

// joined makes this device one of the account, in the transaction of Finish.
func (c *Client) joined(t *tx, j *linking.Joined) error {
	keys := &identity.Keyring{Shared: j.Shared, Device: j.Device}
	next := newAccount(keys, j.Grant.Profile)
	if err := c.loadRegistersInto(&next); err != nil { // of a device that was absent, and is added again
		return err
	}
	out, err := next.book.Step(c.now(), devices.Trusted{Signed: j.Grant.List})
	if err != nil {
		return err
	}
	refillBook(t, c.now(), &next)
	session, err := ratchet.ParseSession(j.Session)
	if err != nil {
		return store.ErrDamaged
	}
	if again, err := c.again(t); err != nil {
		return err
	} else if again {
		if err := c.rejoin(t, keys.Device.ID(), next.list()); err != nil {
			return err
		}
	}
	c.saveKeys(t, keys, j.Secrets, j.Grant.Profile)
	saveBook(t, out)
	c.saveSession(t, session)
	t.Delete(store.Profile, nameStored)
	t.Delete(store.Profile, nameMerged)
	t.DeleteKind(store.Asked)
	t.DeleteCursors() // what came before Finish is read again, with the account
	c.setPhase(t, Main)
	c.saveTaking(t, &delivery.Taking{From: session.Peer()})
	t.then(func() {
		c.account = next
		c.people = newPeople()
		c.indexPeople()
		_ = c.loadGroups() // or at the next start
		c.mail.open(c)
		c.tendNow()
	})
	mine := facts{Facts: core.Facts{Name: j.Grant.DeviceName, Platform: c.cfg.Facts.Platform}}
	c.saveFacts(t, keys.Device.ID(), mine)
	for _, k := range j.Grant.Known {
		c.saveFacts(t, k.Device, facts{Facts: k.Facts})
	}
	return nil
}
