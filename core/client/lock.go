package client

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"tandem/core"
	"tandem/core/store"
)

// A device with a passphrase is locked at each start, by Lock, and by itself when
// nobody uses it for a while. Locked, it holds no key and knows nothing of the
// account: the store is closed, the network is not asked, and what people see is
// as after a reload.

// autoLocks are the minutes that people may choose; 0 is never.
func autoLocks() []int { return []int{0, 1, 5, 15, 60} }

// defaultAutoLock is in force until the person chooses.
const defaultAutoLock = 15

// resealPart is how many records are sealed anew at once, between two other jobs:
// a few hundredths of a second in a tab.
const resealPart = 200

// Lock drops every key from memory.
func (c *Client) Lock() error {
	return c.do(func() error {
		if !c.vault.on || c.phase == Locked {
			return ErrNotNow
		}
		c.lock()
		return nil
	})
}

// lock lets go of everything and of every call. A machine that was at something
// goes on after Unlock, as after a reload.
func (c *Client) lock() {
	before := c.vault
	c.hangUp()
	c.close()
	c.reset()
	c.net, c.clock = nil, clock{}
	c.link.forget()
	c.vault = vault{on: true, wrong: before.wrong, retry: before.retry}
	c.attention.start(0, 0)
	c.phase = Locked
	c.show() // whoever asked for it finds nothing any more
}

// bootLocked is what a start knows of a store that needs a passphrase.
func (c *Client) bootLocked(kv store.KV) error {
	tries, err := store.ReadTries(c.ctx, kv)
	if err := errors.Join(err, kv.Close()); err != nil {
		return err
	}
	c.vault = vault{on: true, wrong: tries.Wrong}
	left := time.Duration(tries.Until-c.local()) * time.Millisecond
	if tries.Wrong > 0 && left > 0 {
		c.vault.retry = time.Now().Add(min(left, maxWait)) // the clock may have been set
	}
	c.phase, c.dirty = Locked, true
	return nil
}

// answerCalls lets the network be asked, until hangUp.
func (c *Client) answerCalls() { c.calls, c.hangUp = context.WithCancel(c.ctx) }

// tickLock locks the device when its time is over, and otherwise goes on with
// what a change of the passphrase has left to do.
func (c *Client) tickLock() {
	switch {
	case c.phase == Locked:
		if !c.vault.retry.IsZero() && !time.Now().Before(c.vault.retry) {
			c.vault.retry, c.dirty = time.Time{}, true
		}
	case c.vault.on && c.attention.over(c.local()):
		c.lock()
	case c.resealing():
		if c.db.Reseal(c.ctx, resealPart) != nil {
			c.rest = time.Now().Add(restAfter)
		}
	}
}

// resealing reports whether there is something to seal anew now.
func (c *Client) resealing() bool {
	return c.db != nil && c.db.Resealing() && !time.Now().Before(c.rest)
}

// lockView is what pages may know of the lock.
func (c *Client) lockView() LockView {
	v := LockView{On: c.vault.on, Minutes: c.vault.minutes}
	if left := time.Until(c.vault.retry); left > 0 {
		v.Wait = c.local() + core.Millis(left.Milliseconds())
	}
	return v
}

// SetAutoLock says after how many minutes the device locks itself. Errors:
// ErrNotNow, ErrStore.
func (c *Client) SetAutoLock(minutes int) error {
	return c.do(func() error {
		if c.phase != Main || !c.vault.on || !slices.Contains(autoLocks(), minutes) {
			return ErrNotNow
		}
		return c.setMinutes(minutes)
	})
}

// setMinutes keeps the minutes, and counts from now.
func (c *Client) setMinutes(minutes int) error {
	return c.update(func(t *tx) error {
		t.Put(store.AutoLock, "", []byte{byte(minutes)})
		t.then(func() {
			c.vault.minutes = minutes
			c.attention.start(c.local(), minutes)
		})
		return nil
	})
}

func (c *Client) loadMinutes() (int, error) {
	b, err := c.db.Get(c.ctx, store.AutoLock, "")
	switch {
	case errors.Is(err, store.ErrNotFound):
		return defaultAutoLock, nil
	case err != nil:
		return 0, err
	case len(b) != 1 || !slices.Contains(autoLocks(), int(b[0])):
		return 0, store.ErrDamaged
	}
	return int(b[0]), nil
}

// Active says that somebody is using the page. A page that nobody sees is not
// used.
func (c *Client) Active() {
	if !c.cfg.Hidden() && c.attention.touch(c.local()) {
		go c.later(func() {}) // which locks it at once
	}
}

// attention is when somebody last used the page. Two clocks tell how long that is
// ago, and the longer time counts: the one that only runs may stand still while a
// machine sleeps, and the other may be set back.
type attention struct {
	mu      sync.Mutex // guards the fields below
	limit   core.Millis
	local   core.Millis
	running time.Time
}

// start counts from now; 0 minutes: for ever.
func (a *attention) start(local core.Millis, minutes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.limit = core.Millis(minutes) * core.Minute
	a.local, a.running = local, time.Now()
}

// touch counts from now, unless the time is over already: who comes back to a
// machine that slept has not used it.
func (a *attention) touch(local core.Millis) (over bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.passed(local) {
		return true
	}
	a.local, a.running = local, time.Now()
	return false
}

// over reports whether the time is over.
func (a *attention) over(local core.Millis) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.passed(local)
}

// passed is asked with mu held.
func (a *attention) passed(local core.Millis) bool {
	ran := core.Millis(time.Since(a.running).Milliseconds())
	return a.limit > 0 && max(ran, local-a.local) >= a.limit
}
