package client

import (
	"context"
	"errors"
	"time"

	"tandem/core/store"
)

// tx gathers what belongs together: records to save, and what follows once they
// are durable (changes of memory, then sends). Reads through it see its own
// writes.
//
// What follows must not begin another transaction: that is for Client.soon.
type tx struct {
	*store.Change
	after     []func()
	linking   bool // a machine of linking has taken a step
	left      bool // an attempt that was left behind has
	book      bool // the book of device lists has
	registers bool // what the devices agree on has changed
	receipts  []receipt
	early     bool // a status was kept for a message that is to come
}

func (c *Client) begin() *tx { return &tx{Change: c.db.Change()} }

// then adds what happens once the transaction is durable.
func (t *tx) then(f func()) { t.after = append(t.after, f) }

// commit saves, then lets the rest happen. When the store refuses, nothing
// happens: the error wraps ErrStore and the page says why.
func (c *Client) commit(t *tx) error {
	if !t.Empty() {
		if err := t.Commit(c.ctx); err != nil {
			return c.failed(t, err)
		}
		c.fault, c.rest = "", time.Time{}
	}
	for _, f := range t.after {
		f()
	}
	c.dirty = true
	return nil
}

// update runs one transaction: f gathers, commit decides. Errors: those of f;
// ErrStore; ErrClosed when the device is being stopped.
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
	err := f(t)
	if err == nil {
		err = c.sendReceipts(t)
	}
	if err != nil {
		if fromStore(err) {
			return c.failed(t, err)
		}
		c.rollback(t)
		return err
	}
	return c.commit(t)
}

// restAfter is how long the clock's business rests after the store refused it:
// a full disk is not asked a thousand times a second.
const restAfter = 2 * time.Second

// failed says that the store refused and puts the machines back to what it
// holds.
func (c *Client) failed(t *tx, err error) error {
	if c.ctx.Err() != nil {
		return ErrClosed // it refused because the device is being stopped
	}
	c.rest = time.Now().Add(restAfter)
	c.fault, c.dirty = storeSentence(err), true
	if c.taken() {
		c.broken(takenSentence)
	} else {
		c.rollback(t)
	}
	return errors.Join(ErrStore, err)
}

// rollback loads the machines again that have taken a step, because a step that
// was not saved must not have happened. If even that cannot be read, the device
// stops.
func (c *Client) rollback(t *tx) {
	var err error
	if t.book {
		err = c.loadBook()
	}
	if err == nil && t.registers {
		err = c.loadRegisters()
	}
	if err == nil && (t.registers || t.book) {
		err = c.loadPeople()
	}
	if err == nil && t.linking {
		err = c.loadLinking()
	}
	if err == nil && t.left {
		err = c.loadAbandoned()
	}
	if err != nil {
		c.broken(storeSentence(err))
	}
}

// taken reports whether the storage is not there any more: the browser deleted
// it, or somebody had it deleted. Its answer is then a refusal for ever, or
// that there is nothing where there was something.
func (c *Client) taken() bool {
	_, err := c.db.Get(c.ctx, store.Phase, "")
	return errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrClosed) ||
		errors.Is(err, store.ErrNotFound) && c.phase != Welcome
}

// takenSentence is for storage that was there and is not any more.
const takenSentence = "Tandem's storage in this browser was deleted or taken away while this page was open. Reload this page to see what is left."

// broken lets go of everything and says why; only a reload helps.
func (c *Client) broken(sentence string) {
	c.close()
	c.reset()
	c.phase, c.fault = Broken, sentence
}

// fromStore reports whether an error is the store's, or says that it was not
// asked any more.
func fromStore(err error) bool {
	for _, kind := range []error{
		store.ErrFull, store.ErrRefused, store.ErrClosed, store.ErrDamaged, store.ErrNotFound,
		context.Canceled, context.DeadlineExceeded,
	} {
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
	case errors.Is(err, store.ErrDamaged), errors.Is(err, store.ErrNotFound):
		return "A part of Tandem's storage in this browser is damaged and cannot be read."
	case errors.Is(err, store.ErrClosed):
		return "The browser closed Tandem's storage. Reload this page to go on."
	}
	return "This browser does not let Tandem store anything. A private window or a site setting can be the reason."
}
