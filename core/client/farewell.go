package client

import (
	"context"
	"errors"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/linking"
	"tandem/core/store"
	"tandem/core/wire"
)

const (
	// farewellTime is how long a device that goes tries to say so before it wipes
	// itself (multi-device.md §6).
	farewellTime = time.Minute
	// farewellAgain is the wait between two tries for one receiver.
	farewellAgain = 5 * time.Second
	// farewellsAtOnce bounds the stores under way: those for the account's own
	// devices, at most five, and some more.
	farewellsAtOnce = 12
)

// leaving is a device that says farewell and then wipes itself: it was removed,
// or its user takes it out of the account. There is no way back.
type leaving struct {
	signed  []byte      // the farewell; nil = this device stays
	since   core.Millis // local clock, of the decision
	started time.Time   // of this run
	letters map[core.ID]*farewell
	order   []core.ID // in which they are written: one's own devices first
}

// farewell is the letter for one device.
type farewell struct {
	stored, busy bool
	next         time.Time
}

func (l *leaving) on() bool { return l.signed != nil }

// depart begins the end of this device, once.
func (c *Client) depart(t *tx, reason devices.Reason) error {
	if _, err := t.Get(c.ctx, store.Departure, ""); !errors.Is(err, store.ErrNotFound) {
		return err
	}
	l := leaving{
		signed: devices.SignFarewell(c.account.keys.Device, c.account.id(), c.account.list().Epoch, reason),
		since:  c.local(),
	}
	t.Put(store.Departure, "", wire.AppendUint(wire.AppendBytes(nil, 1, l.signed), 2, uint64(l.since)))
	if c.join.machine != nil {
		if err := c.stepJoin(t, linking.Removed{}); err != nil {
			return err
		}
	}
	t.then(func() { c.startLeaving(l) })
	return nil
}

func (c *Client) startLeaving(l leaving) {
	l.started, l.letters, l.order = time.Now(), map[core.ID]*farewell{}, c.bereaved()
	for _, device := range l.order {
		l.letters[device] = &farewell{}
	}
	c.leaving, c.mail = l, mail{}
}

// bereaved are all who are told that this device goes, its own siblings first.
func (c *Client) bereaved() (order []core.ID) {
	for _, d := range c.account.list().Devices {
		if d.ID != c.account.device() {
			order = append(order, d.ID)
		}
	}
	for device := range c.people.devices {
		order = append(order, device)
	}
	return order
}

// loadDeparture goes on with the end of this device after a reload.
func (c *Client) loadDeparture() error {
	b, err := c.db.Get(c.ctx, store.Departure, "")
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var (
		l     leaving
		m     wire.Message
		since uint64
	)
	err = wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Bytes(f, &l.signed, 1, wire.MaxSigned)
		case 2:
			return m.Uint(f, &since, 1<<62)
		}
		return nil
	})
	if err != nil || !m.Has(1) || !m.Has(2) {
		return store.ErrDamaged
	}
	l.since = core.Millis(since)
	c.startLeaving(l)
	return nil
}

// tickLeaving is all that a device that goes still does. It does not need the
// network: a device that cannot say farewell wipes itself in silence.
func (c *Client) tickLeaving() {
	if c.net != nil {
		c.tickLink()
		if c.net.Synced() {
			c.sayFarewell()
		}
	}
	if c.leaving.over(c.local()) {
		_ = c.erase(Erased) // the page says what the browser did not delete
	}
}

func (l *leaving) over(local core.Millis) bool {
	if time.Since(l.started) >= farewellTime || local >= l.since+core.Minute {
		return true
	}
	for _, f := range l.letters {
		if !f.stored {
			return false
		}
	}
	return true
}

// sayFarewell leaves the farewell in the mailbox of every other device, of the
// account and of contacts.
func (c *Client) sayFarewell() {
	busy := 0
	for _, f := range c.leaving.letters {
		if f.busy {
			busy++
		}
	}
	for _, to := range c.leaving.order {
		f := c.leaving.letters[to]
		if busy >= farewellsAtOnce {
			return
		}
		if f.stored || f.busy || time.Now().Before(f.next) {
			continue
		}
		data, err := c.sealTagged(to, &wire.Content{Farewell: c.leaving.signed})
		if err != nil {
			f.stored = true // it has no key that could open anything
			continue
		}
		f.busy = true
		busy++
		order := courier.StoreOrder{
			Mailbox: core.Mailbox{Owner: to, Namespace: core.Inbox}, Data: data, TTL: delivery.Lifetime,
		}
		net := c.net
		c.beside(func(ctx context.Context) func() {
			_, err := net.Store(ctx, order)
			return func() {
				f.busy, f.stored, f.next = false, err == nil, time.Now().Add(farewellAgain)
			}
		})
	}
}

// receiveFarewell obeys a device that leaves, and takes the last word of one
// that was removed.
func (c *Client) receiveFarewell(t *tx, account, from core.ID, signed []byte) (ours bool, err error) {
	f, err := devices.ParseFarewell(signed, account)
	if err != nil || f.Device != from {
		return c.refuseOf(t, account, from)
	}
	list, _ := c.account.book.List(account)
	if account == c.account.id() {
		list = c.account.list()
	}
	entry, listed := list.Find(from)
	switch {
	case !listed || entry.Role == core.Primary:
		return list.Removes(from), nil
	case f.Reason != devices.Leaves:
		t.then(func() { // a list that this device has not seen removed it
			if account == c.account.id() {
				c.tendNow()
			} else {
				c.lookFor(account)
			}
		})
		return true, nil
	}
	return true, c.obeyLeave(t, from)
}

// obeyLeave treats a device as gone before a list says so.
func (c *Client) obeyLeave(t *tx, device core.ID) error {
	if err := c.forgetDevice(t, device); err != nil {
		return err
	}
	c.forgetPeer(t, device)
	c.savePeer(t, device, peer{left: true})
	return nil
}

// unlinkedEarly: a device that has not finished is told that it was removed. The
// machine minds that it comes from the challenge's device.
func (c *Client) unlinkedEarly(t *tx, from, device core.ID, signed []byte) error {
	list, err := devices.Parse(signed, c.join.machine.View().Account)
	if err != nil || !list.Removes(device) {
		return nil
	}
	return c.stepJoin(t, linking.Unlinked{From: from})
}
