package client

import (
	"context"
	"encoding/binary"
	"errors"
	"time"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/snapshot"
	"tandem/core/snode"
)

// tender looks after what the account keeps in the network: its device list in
// the public outbox and its snapshot in the private mailbox. Every linked device
// does, because the others may be asleep or gone.
type tender struct {
	at    time.Time // when the next look is due; zero = now
	busy  bool      // one look at a time, or an older list could land last
	again bool      // something changed since the look began
}

const (
	// tendEvery is how often both are read (multi-device.md §3).
	tendEvery = 10 * time.Minute
	// tendAgain is the wait after what could not be read, stored or found again.
	tendAgain = 30 * time.Second
	// restoreAgain is the same while somebody waits for it.
	restoreAgain = 5 * time.Second
	// tendAfter is the wait after a change: more of them may follow.
	tendAfter = 3 * time.Second
)

// errNotThere: what was stored is not what lies there.
var errNotThere = errors.New("client: what was published does not lie in the network")

// tendNow makes a look due at once: there is a newer list, or a newer key.
func (c *Client) tendNow() { c.tender.at, c.tender.again = time.Time{}, c.tender.busy }

// tendSoon makes a look due after a change of what the devices agree on.
func (c *Client) tendSoon() {
	if at := time.Now().Add(tendAfter); c.tender.busy || c.tender.at.After(at) {
		c.tender.at, c.tender.again = at, c.tender.busy
	}
}

// seen is what a look brought.
type seen struct {
	outbox []lodged
	parts  []snode.Message
	err    error
}

// tickTender reads both when they are due: from two nodes each.
func (c *Client) tickTender() {
	p := &c.tender
	if c.account.keys == nil || p.busy || time.Now().Before(p.at) ||
		c.account.book.Standing() == devices.Expelled || c.phase != Main && c.account.restore == nil {
		return
	}
	p.busy, p.again = true, false
	net, shared := c.net, c.account.keys.Shared
	c.beside(func(ctx context.Context) func() {
		var s seen
		if s.outbox, s.err = readLodged(ctx, net, shared.Account.ID(), shared.Reading); s.err == nil {
			s.parts, s.err = readParts(ctx, net, shared.Account)
		}
		return func() { c.looked(s) }
	})
}

// tended ends a look.
func (c *Client) tended(err error) {
	p := &c.tender
	p.busy = false
	switch {
	case p.again: // at is set
	case err != nil && c.account.restore.pending():
		p.at = time.Now().Add(restoreAgain)
	case err != nil:
		p.at = time.Now().Add(tendAgain)
	default:
		p.at = time.Now().Add(tendEvery)
	}
	p.again, c.dirty = false, true
}

// looked takes in what was read, and writes what is missing.
func (c *Client) looked(s seen) {
	if c.account.restore.pending() {
		c.tended(c.lookedToRestore(s))
		return
	}
	if s.err == nil && (c.db == nil || !c.net.Synced()) {
		s.err = ErrNotNow
	}
	if s.err != nil {
		c.tended(s.err)
		return
	}
	var found []snapshot.Found
	err := c.update(func(t *tx) (err error) {
		found, err = c.takeIn(t, s)
		return err
	})
	if err != nil || c.account.keys == nil || c.account.book.Standing() > devices.Listed {
		c.tended(err) // a device that is not listed only reads
		return
	}
	c.write(s, found)
}

// takeIn feeds what was read to the book and the registers. A primary without a
// list signs one, of itself alone: it is how whoever restores the account from
// the words learns of it, and it of them.
func (c *Client) takeIn(t *tx, s seen) ([]snapshot.Found, error) {
	for _, l := range s.outbox {
		if l.signed == nil {
			continue
		}
		if _, err := c.offerList(t, l.signed); err != nil {
			return nil, err
		}
	}
	if c.account.book.Standing() > devices.Listed {
		return nil, nil
	}
	if c.account.list().Epoch == 0 && c.account.signs() && c.account.restore == nil {
		if err := c.takeOver(t, func(core.ID) bool { return false }); err != nil {
			return nil, err
		}
	}
	found, old := c.openParts(s.parts)
	if err := c.mergeParts(t, found); err != nil {
		return nil, err
	}
	c.mergedPeople(t)
	c.sweepRegisters(t)
	c.settleRestore(t)
	return append(found, old...), c.seedRegisters(t)
}

// write brings snapshot and list to where they belong, in this order.
func (c *Client) write(s seen, found []snapshot.Found) {
	parts, err := c.planParts(found)
	if err != nil {
		c.tended(err)
		return
	}
	list, publish := c.listOrder(s.outbox)
	net, account := c.net, c.account.keys.Shared.Account
	c.beside(func(ctx context.Context) func() {
		err := parts.put(ctx, net)
		if err == nil && publish {
			err = publishAndCheck(ctx, net, list)
		}
		if err == nil {
			err = parts.clear(ctx, net, account)
		}
		return func() { c.tended(err) }
	})
}

// marshalEpoch is the value of the register of kind Epoch.
func marshalEpoch(epoch uint64) []byte { return binary.BigEndian.AppendUint64(nil, epoch) }

// knownEpoch is the epoch of the newest list that the devices told each other
// of; 0 = none, or one that cannot be.
func (c *Client) knownEpoch() uint64 {
	value, _ := c.account.state.Get(snapshot.Epoch, "")
	if len(value) != 8 {
		return 0
	}
	epoch := binary.BigEndian.Uint64(value)
	if (devices.List{Epoch: epoch}).CheckAhead(c.now()) != nil {
		return 0
	}
	return epoch
}
