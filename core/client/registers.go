package client

import (
	"tandem/core"
	"tandem/core/snapshot"
	"tandem/core/store"
)

// loadRegisters reads what the account's devices agree on.
func (c *Client) loadRegisters() error { return c.loadRegistersInto(&c.account) }

func (c *Client) loadRegistersInto(a *account) error {
	saved, err := c.blobs(store.Register)
	if err != nil {
		return err
	}
	if a.state, err = snapshot.Load(saved); err != nil {
		return store.ErrDamaged
	}
	return nil
}

// setRegister changes something that all devices of the account shall know: it
// is kept, told to them, and goes into the account's snapshot. Errors:
// ErrNotNow while nobody knows what time it is; snapshot.ErrRegister.
func (c *Client) setRegister(t *tx, kind snapshot.Kind, name string, value []byte) error {
	if c.net == nil || !c.net.Synced() {
		return ErrNotNow
	}
	r, changed, err := c.account.state.Set(c.now(), c.account.device(), kind, name, value)
	return c.wroteRegister(t, r, changed, err)
}

// deleteRegister leaves a tombstone; otherwise as setRegister.
func (c *Client) deleteRegister(t *tx, kind snapshot.Kind, name string) error {
	if c.net == nil || !c.net.Synced() {
		return ErrNotNow
	}
	r, changed, err := c.account.state.Delete(c.now(), c.account.device(), kind, name)
	return c.wroteRegister(t, r, changed, err)
}

func (c *Client) wroteRegister(t *tx, r snapshot.Register, changed bool, err error) error {
	if err != nil || !changed {
		return err
	}
	if err := c.saveRegisters(t, []snapshot.Register{r}); err != nil {
		return err
	}
	if kind := r.Kind; kind != snapshot.Read {
		t.then(c.tendSoon) // what was read goes into the snapshot when that is written for another reason
	}
	if r.Kind == snapshot.Profile {
		if err := c.tellName(t, string(r.Value), r.Time); err != nil {
			return err
		}
	}
	return c.shareRegisters(t, []snapshot.Register{r})
}

// mergeRegisters takes registers that another device of the account wrote, from
// a part of the snapshot or from a sibling. Old ones change nothing.
func (c *Client) mergeRegisters(t *tx, from []snapshot.Register) error {
	t.registers = true
	return c.saveRegisters(t, c.account.state.Merge(c.now(), from))
}

// saveRegisters keeps registers and lets what they say take effect.
func (c *Client) saveRegisters(t *tx, registers []snapshot.Register) error {
	t.registers = true
	for _, r := range registers {
		t.Put(store.Register, registerName(r), r.Marshal())
		if r.Kind == snapshot.Profile && r.Name == "" && !r.Deleted {
			c.rename(t, string(r.Value))
		}
	}
	if err := c.followReads(t, registers); err != nil {
		return err
	}
	c.followGroups(t, registers)
	return c.followPeople(t, registers)
}

func registerName(r snapshot.Register) string { return string([]byte{byte(r.Kind)}) + r.Name }

// rename is the account's display name, as any of its devices gave it.
func (c *Client) rename(t *tx, name string) {
	name, err := checkName(name)
	if err != nil {
		return
	}
	t.Put(store.Profile, "", []byte(name))
	t.then(func() { c.account.name = name })
}

// deviceFacts is what is known about a device for people's eyes: what was agreed
// on, or else what it said when it was linked.
func (a *account) deviceFacts(device core.ID) core.Facts {
	if value, ok := a.state.Get(snapshot.Device, string(device[:])); ok {
		if f, err := snapshot.ParseFacts(value); err == nil {
			return f
		}
	}
	return a.facts[device].Facts
}

// sweepRegisters forgets tombstones that have done their duty.
func (c *Client) sweepRegisters(t *tx) {
	t.registers = true
	gone := c.account.state.Sweep(c.now())
	for _, r := range gone {
		t.Delete(store.Register, registerName(r))
	}
	if len(gone) > 0 {
		c.indexPeople()
	}
}
