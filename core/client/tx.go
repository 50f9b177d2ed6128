package client

import (
	"errors"

	"tandem/core/store"
)

// tx gathers what belongs together: records to save, and what follows once they
// are durable (changes of memory, then sends). Reads through it see its own
// writes.
type tx struct {
	*store.Change
	after []func()
}

func (c *Client) begin() *tx { return &tx{Change: c.db.Change()} }

// then adds what happens once the transaction is durable.
func (t *tx) then(f func()) { t.after = append(t.after, f) }

// commit saves, then lets the rest happen. When the store refuses, nothing
// happens: the error wraps ErrStore and the page says why.
func (c *Client) commit(t *tx) error {
	if !t.Empty() {
		if err := t.Commit(c.ctx); err != nil {
			return c.failed(err)
		}
	}
	c.fault = ""
	for _, f := range t.after {
		f()
	}
	c.dirty = true
	return nil
}

// update runs one transaction: f gathers, commit decides.
func (c *Client) update(f func(t *tx) error) error {
	if c.db == nil {
		if c.phase != Welcome {
			return ErrStore
		}
		if err := c.openStore(); err != nil {
			return err
		}
	}
	t := c.begin()
	if err := f(t); err != nil {
		if fromStore(err) {
			return c.failed(err)
		}
		c.rollback()
		return err
	}
	return c.commit(t)
}

// failed says that the store refused and puts the machines back to what it
// holds.
func (c *Client) failed(err error) error {
	c.fault, c.dirty = storeSentence(err), true
	c.rollback()
	return errors.Join(ErrStore, err)
}

// rollback loads the machines again, because a step that was not saved must
// not have happened. If even that cannot be read, the device stops.
func (c *Client) rollback() {
	if c.account.keys == nil && c.phase != Joining {
		return
	}
	var err error
	if c.account.keys != nil {
		err = c.loadBook()
	}
	if err == nil {
		err = c.loadLinking()
	}
	if err != nil {
		c.phase, c.fault, c.dirty = Broken, storeSentence(err), true
		c.db = nil
	}
}

// fromStore reports whether an error is the store's.
func fromStore(err error) bool {
	for _, kind := range []error{store.ErrFull, store.ErrRefused, store.ErrClosed, store.ErrDamaged, store.ErrNotFound} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// storeSentence says what a person can do about a failing store.
func storeSentence(err error) string {
	switch {
	case errors.Is(err, store.ErrFull):
		return "This browser has no room left for Tandem. Free some space on this device, then try again. Nothing that was saved is lost."
	case errors.Is(err, store.ErrDamaged):
		return "A part of Tandem's storage in this browser is damaged and cannot be read."
	case errors.Is(err, store.ErrClosed):
		return "The browser closed Tandem's storage. Reload this page to go on."
	}
	return "This browser does not let Tandem store anything. A private window or a site setting can be the reason."
}
