package client

import (
	"errors"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/store"
	"tandem/core/wire"
)

// restoring is a device that was made from the words of an account that may
// have other devices. It signs nothing before the account's public outbox was
// read and its person has chosen what becomes of the others.
type restoring struct {
	choice choice
	drop   core.ID     // to be removed although the others stay; zero = none
	done   core.Millis // when the choice was carried out; 0 = not yet

	// Of this run only:
	stage RestoreStage
	cause string
	reads int // looks that found less than the devices told each other of
}

// choice is what shall become of the other devices. The numbers are on disks.
type choice uint8

const (
	undecided choice = 0
	keepAll   choice = 1
	removeAll choice = 2
)

const (
	// nameRestore is the profile record that keeps restoring.
	nameRestore = "restore"
	// restoreSettles is how long a list that was signed without knowledge of a
	// restored device makes that one sign again. Later it is merely absent.
	restoreSettles = core.Day
	// restoreReads is how often the outbox is read again where the snapshot
	// knows of a newer list: nodes differ, and may lie by leaving out.
	restoreReads = 4
)

// pending: the choice is not carried out yet. nil is a device that was not
// restored.
func (r *restoring) pending() bool { return r != nil && r.done == 0 }

// marshal writes {1 choice, 2 drop, 3 done}.
func (r *restoring) marshal() []byte {
	out := wire.AppendUint(nil, 1, uint64(r.choice))
	out = wire.AppendBytes(out, 2, r.drop[:])
	return wire.AppendUint(out, 3, uint64(r.done))
}

func parseRestoring(b []byte) (*restoring, error) {
	var (
		r            = restoring{stage: RestoreReading}
		m            wire.Message
		chosen, done uint64
	)
	err := wire.Fields(b, func(f wire.Field) error {
		switch f.Number {
		case 1:
			return m.Uint(f, &chosen, uint64(removeAll))
		case 2:
			return m.Fixed(f, r.drop[:])
		case 3:
			return m.Uint(f, &done, 1<<62)
		}
		return nil
	})
	r.choice, r.done = choice(chosen), core.Millis(done)
	return &r, err
}

func (c *Client) loadRestore() error {
	b, err := c.db.Get(c.ctx, store.Profile, nameRestore)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.account.restore, err = parseRestoring(b); err != nil {
		return store.ErrDamaged
	}
	return nil
}

// saveRestore keeps r; nil = it is settled.
func (c *Client) saveRestore(t *tx, r *restoring) {
	if r == nil {
		t.Delete(store.Profile, nameRestore)
	} else {
		t.Put(store.Profile, nameRestore, r.marshal())
	}
	t.then(func() { c.account.restore = r })
}

// Restore makes a device of an account from its 13 words: Welcome → Key. It
// writes nothing to the network before ConfirmRestore.
func (c *Client) Restore(seed, name string) error {
	root, err := identity.RootFromWords(seed)
	if err != nil {
		return err
	}
	if name, err = checkName(name); err != nil {
		return err
	}
	return c.do(func() error {
		if c.phase != Welcome {
			return ErrNotNow
		}
		return c.adopt(identity.NewKeyring(root, 0), name, Key, &restoring{stage: RestoreReading})
	})
}

// ConfirmRestore decides about the other devices of a restored account: Key →
// Main. Error: ErrNotNow, also where a device must be named and is not.
func (c *Client) ConfirmRestore(remove bool, drop core.ID) error {
	return c.do(func() error { return c.choose(remove, drop) })
}

func (c *Client) choose(remove bool, drop core.ID) error {
	r := c.account.restore
	if c.phase != Key || !r.pending() {
		return ErrNotNow
	}
	_, listed := c.account.list().Find(drop)
	if r.stage == RestoreFound && !remove && drop.IsZero() == c.full() || !drop.IsZero() && !listed {
		return ErrNotNow
	}
	next := *r
	next.choice, next.drop = keepAll, drop
	if remove {
		next.choice = removeAll
	}
	return c.update(func(t *tx) error {
		c.saveRestore(t, &next)
		c.setPhase(t, Main)
		t.then(c.tendNow)
		return nil
	})
}

// full: the account has no place for a device that is not listed.
func (c *Client) full() bool {
	list, ok := c.account.book.List(c.account.id())
	return ok && len(list.Devices) >= devices.MaxDevices
}

// lookedToRestore goes on with what the outbox and the snapshot of the account
// held: shows it, and carries out what was chosen.
func (c *Client) lookedToRestore(s seen) error {
	r := c.account.restore
	if s.err == nil && !c.net.Synced() {
		s.err = ErrNotNow
	}
	if s.err != nil {
		r.cause = restoreSentence
		return s.err
	}
	if err := c.update(func(t *tx) error { return c.takeBack(t, s) }); err != nil {
		return err
	}
	r.cause = ""
	if c.account.list().Epoch < c.knownEpoch() && r.reads < restoreReads {
		r.reads++
		r.cause = staleSentence
		return errNotThere
	}
	if r.stage = RestoreAlone; c.account.list().Epoch > 0 {
		r.stage = RestoreFound
	}
	if r.choice == undecided {
		return nil
	}
	return c.update(c.carryOut)
}

// Sentences of Restore.Cause.
const (
	restoreSentence = "The network cannot be asked for the account's other devices. It is tried again."
	staleSentence   = "The network shows an older list of the account's devices than there is. It is tried again."
)

// takeBack feeds what was read to the book and the registers. Without parts
// under the e of the list, everything that opens counts.
func (c *Client) takeBack(t *tx, s seen) error {
	for _, l := range s.outbox {
		if l.signed == nil {
			continue
		}
		if _, err := c.offerList(t, l.signed); err != nil {
			return err
		}
	}
	valid, other := c.openParts(s.parts)
	_, listed := c.account.book.List(c.account.id())
	known := map[core.ID]bool{}
	for account := range c.people.contacts {
		known[account] = true
	}
	unsure := len(valid) == 0 || !listed
	if len(valid) == 0 {
		list := c.account.list()
		for _, f := range other {
			if !list.Removes(f.Part.Device) {
				valid = append(valid, f)
			}
		}
	}
	if err := c.mergeParts(t, valid); err != nil {
		return err
	}
	c.mergedPeople(t)
	if unsure {
		if err := c.doubt(t, known); err != nil {
			return err
		}
	}
	if _, ok := c.account.book.List(c.account.id()); ok {
		return nil
	}
	e := c.account.keys.Shared.Snapshot.Epoch
	for _, f := range valid {
		e = max(e, f.Part.Epoch)
	}
	if e != c.account.keys.Shared.Snapshot.Epoch {
		renewed := *c.account.keys
		renewed.Shared.Snapshot = renewed.Root.SnapshotKey(e)
		c.replaceKeys(t, &renewed)
	}
	return nil
}

// doubt marks the contacts that were not known before as such that nobody has
// confirmed: the parts that they were in may be old, or by a device that was
// removed.
func (c *Client) doubt(t *tx, known map[core.ID]bool) error {
	for account, contact := range c.people.contacts {
		if known[account] || contact.Unsure {
			continue
		}
		contact.Unsure = true
		if err := c.saveContact(t, account, contact); err != nil {
			return err
		}
	}
	return nil
}

// carryOut makes this device the primary of its account: by a list, if there was
// one. Alone it signs none for a while, because the network may only have
// forgotten the others' (takeIn).
func (c *Client) carryOut(t *tx) error {
	r := *c.account.restore
	r.done = c.now()
	if c.account.list().Epoch == 0 {
		c.saveRestore(t, &r)
		c.turnLinker(t, true)
		t.then(c.tendNow)
		return nil
	}
	err := c.takeOver(t, func(d core.ID) bool { return r.choice == removeAll || d == r.drop })
	if errors.Is(err, devices.ErrFull) { // a device was linked since it was asked
		return c.askAgain(t)
	}
	if err != nil {
		return err
	}
	c.saveRestore(t, &r)
	c.turnLinker(t, true)
	return nil
}

// askAgain leads back to the page that asks what becomes of the others.
func (c *Client) askAgain(t *tx) error {
	c.saveRestore(t, &restoring{stage: RestoreFound})
	c.setPhase(t, Key)
	return nil
}

// followRestore minds a list that does not name a device that was restored: it
// was hidden, or signed by somebody who did not know, and the choice is carried
// out again.
func (c *Client) followRestore(t *tx, out devices.Outcome) {
	r := c.account.restore
	if c.account.keys.Root == nil || c.account.book.Standing() != devices.Absent || r.pending() {
		return
	}
	if r != nil && c.now() < r.done+restoreSettles {
		c.saveRestore(t, &restoring{choice: r.choice, drop: r.drop, stage: RestoreReading})
	} else if out.SignAgain {
		c.saveRestore(t, &restoring{choice: keepAll, stage: RestoreReading})
	}
}

// settleRestore forgets a restore that nobody disputes any more.
func (c *Client) settleRestore(t *tx) {
	if r := c.account.restore; r != nil && c.now() >= r.done+restoreSettles {
		c.saveRestore(t, nil)
	}
}

// restoreView is what the page Key shows after Restore.
func (c *Client) restoreView() Restore {
	r := c.account.restore
	if !r.pending() {
		return Restore{}
	}
	v := Restore{Stage: r.stage, Cause: r.cause, Chosen: r.choice != undecided}
	if r.stage == RestoreFound {
		v.Full = c.full()
		for _, row := range c.deviceRows() {
			if !row.This {
				v.Devices = append(v.Devices, row)
			}
		}
	}
	return v
}
