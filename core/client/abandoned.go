package client

import (
	"slices"

	"tandem/core"
	"tandem/core/envelope"
	"tandem/core/linking"
	"tandem/core/store"
	"tandem/core/wire"
)

// abandoned is an attempt to link that is over for whoever sits here, while the
// primary device is still being told (multi-device.md §12, Ending and
// Cancelling). It goes on by itself, whatever this device is by now, until the
// primary answers or its time is over; then nothing is left of it.
type abandoned struct {
	machine *linking.Secondary
	box     *box
}

// maxAbandoned bounds them. One more pushes out the one that would end first;
// its last word lies in the primary's mailbox for 14 days.
const maxAbandoned = 8

// loadAbandoned reads what was left behind.
func (c *Client) loadAbandoned() error {
	records, err := c.blobs(store.Abandoned)
	if err != nil {
		return err
	}
	old := c.left
	c.left = nil
	for _, b := range records {
		machine, err := linking.LoadSecondary(b)
		if err != nil {
			return store.ErrDamaged
		}
		c.addAbandoned(machine, old)
	}
	return nil
}

// addAbandoned takes an attempt up, or again from the store after a rollback.
func (c *Client) addAbandoned(machine *linking.Secondary, old []*abandoned) {
	for _, a := range old {
		if a.machine.View().Attempt == machine.View().Attempt {
			a.machine = machine
			c.left = append(c.left, a)
			return
		}
	}
	a := &abandoned{machine: machine}
	device := machine.Device()
	a.box = &box{
		mailbox: core.Mailbox{Owner: device.ID()}, auth: device, slow: true,
		read: func(t *tx, data []byte) (bool, error) { return c.readAbandoned(t, a, data) },
	}
	c.left = append(c.left, a)
}

// abandon leaves the attempt of this device behind.
func (c *Client) abandon(t *tx) error {
	attempt := c.join.machine.View().Attempt
	record, err := t.Get(c.ctx, store.Linking, string(attempt[:]))
	if err != nil {
		return err
	}
	t.Delete(store.Linking, string(attempt[:]))
	t.Put(store.Abandoned, string(attempt[:]), record)
	if len(c.left) >= maxAbandoned {
		c.forget(t, slices.MinFunc(c.left, func(a, b *abandoned) int {
			return int(a.machine.View().Deadline - b.machine.View().Deadline)
		}))
	}
	machine := c.join.machine
	t.then(func() { c.addAbandoned(machine, nil) })
	return nil
}

// forget destroys all that is left of an attempt.
func (c *Client) forget(t *tx, a *abandoned) {
	attempt := a.machine.View().Attempt
	t.Delete(store.Abandoned, string(attempt[:]))
	t.then(func() { c.left = slices.DeleteFunc(c.left, func(o *abandoned) bool { return o == a }) })
}

// readAbandoned takes the end answer: nothing else matters any more.
func (c *Client) readAbandoned(t *tx, a *abandoned, data []byte) (ours bool, err error) {
	device := a.machine.Device()
	if device == nil {
		return false, nil
	}
	s, err := envelope.OpenDevice(device, data, c.now())
	if err != nil || s.Kind != envelope.Linking {
		return false, nil
	}
	content, err := wire.ParseContent(wire.Unpad(s.Body))
	if err != nil || content.Linking == nil {
		return false, nil
	}
	return true, c.stepAbandoned(t, a, linking.Heard{
		Kind: linking.Kind(content.Linking.Kind), Signed: content.Linking.Signed,
	})
}

func (c *Client) stepAbandoned(t *tx, a *abandoned, in linking.SecondaryInput) error {
	device, account := a.machine.Device(), a.machine.View().Account
	out, err := a.machine.Step(c.now(), in)
	if err != nil {
		return linkingRefusal(err)
	}
	t.left = true
	if a.machine.View().Stage == linking.Gone {
		c.forget(t, a)
		return nil
	}
	t.then(func() {
		for _, l := range out.Send {
			if data, err := c.sealLetter(l, device, account); err == nil {
				c.storeLetter(l, data, func(error) {}) // it repeats itself
			}
		}
	})
	return nil
}

func (c *Client) dueAbandoned() core.Millis {
	due := never
	for _, a := range c.left {
		if at, ok := a.machine.Due(c.now()); ok {
			due = min(due, at)
		}
	}
	return due
}

func (c *Client) tickAbandoned() {
	for _, a := range slices.Clone(c.left) {
		if at, ok := a.machine.Due(c.now()); ok && at <= c.now() {
			_ = c.update(func(t *tx) error { return c.stepAbandoned(t, a, linking.Tick{}) })
		}
	}
}
