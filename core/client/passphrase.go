package client

import (
	"errors"
	"time"
	"unicode/utf8"

	"tandem/core"
	"tandem/core/store"
)

// Bounds of a passphrase. It is taken byte for byte: nothing here knows which
// texts of Unicode are the same, so it must be typed the same way each time.
const (
	minPassphrase = 8     // characters
	maxPassphrase = 1_024 // bytes
)

// vault is what this device knows of its passphrase while it is unlocked, and all
// that it knows while it is locked.
type vault struct {
	on      bool
	minutes int // until it locks itself; 0 = never
	wrong   uint8
	// retry: no passphrase is tried before; zero = now. By the clock that only
	// runs, so that setting the other one does not help.
	retry time.Time
}

// maxWait bounds the wait after wrong passphrases: whoever mistypes their own
// must not give up.
const maxWait = time.Minute

// waitAfter is the wait after so many wrong passphrases in a row.
func waitAfter(wrong uint8) time.Duration {
	return min(time.Second<<min(wrong-1, 10), maxWait)
}

// checkPassphrase bounds a new passphrase.
func checkPassphrase(p string) error {
	switch {
	case len(p) > maxPassphrase:
		return ErrPassphraseLong
	case utf8.RuneCountInString(p) < minPassphrase:
		return ErrPassphraseShort
	}
	return nil
}

// SetPassphrase sets, changes or takes away the passphrase.
func (c *Client) SetPassphrase(old, next string) error {
	if next != "" {
		if err := checkPassphrase(next); err != nil {
			return err
		}
	}
	return c.do(func() error {
		if c.phase != Main || !c.vault.on && next == "" {
			return ErrNotNow
		}
		if c.vault.on {
			err := c.try(c.saveTries, func() error { return c.db.CheckPassphrase(c.ctx, old) })
			if err != nil {
				return err
			}
		}
		if err := c.db.SetPassphrase(c.ctx, next); err != nil {
			return c.failed(&tx{}, err)
		}
		c.passphraseSet(next != "")
		return nil
	})
}

// passphraseSet goes on with a passphrase that is another one now. The minutes of
// an earlier one do not count any more.
func (c *Client) passphraseSet(on bool) {
	c.dirty = true
	if on == c.vault.on {
		return
	}
	c.vault = vault{on: on}
	if on {
		c.vault.minutes = defaultAutoLock
	}
	c.attention.start(c.local(), c.vault.minutes)
	c.soon(func() { _ = c.setMinutes(c.vault.minutes) }) // or those of an earlier one are back after a reload
}

func (c *Client) saveTries(t store.Tries) error { return c.db.SaveTries(c.ctx, t) }

// try lets check decide about a passphrase. A try is counted before it is made,
// so that neither a reload nor a crash makes it free. Errors: ErrPassphraseWait,
// ErrPassphrase, others of check; then nothing else has happened.
func (c *Client) try(save func(store.Tries) error, check func() error) error {
	v := &c.vault
	c.dirty = true
	if time.Now().Before(v.retry) {
		return ErrPassphraseWait
	}
	if v.wrong < 255 {
		v.wrong++
	}
	wait := waitAfter(v.wrong)
	// A full disk must not keep its owner out: the try is then counted in memory.
	_ = save(store.Tries{Wrong: v.wrong, Until: c.local() + core.Millis(wait.Milliseconds())})
	switch err := check(); {
	case errors.Is(err, store.ErrPassphrase):
		v.retry = time.Now().Add(wait)
		return ErrPassphrase
	case err != nil:
		return err
	}
	v.wrong, v.retry = 0, time.Time{}
	_ = save(store.Tries{}) // or the next wrong one costs more
	return nil
}

// Unlock opens what Lock closed.
func (c *Client) Unlock(passphrase string) error {
	return c.do(func() error {
		if c.phase != Locked {
			return ErrNotNow
		}
		return c.unlock(passphrase)
	})
}

// unlock opens the store by a passphrase and goes on as after a reload. What is
// not about the passphrase is as at a start: only a reload helps.
func (c *Client) unlock(passphrase string) error {
	kv, keeper, err := c.cfg.Open(c.ctx)
	if err != nil {
		return c.cannotUnlock(err)
	}
	var db *store.Store
	err = c.try(
		func(t store.Tries) error { return t.Save(c.ctx, kv) },
		func() (err error) {
			if len(passphrase) > maxPassphrase {
				return store.ErrPassphrase // none is so long, and hashing it takes its time
			}
			db, err = store.Unlock(c.ctx, kv, keeper, passphrase)
			return err
		})
	if err != nil {
		_ = kv.Close() // nothing was written that could be lost
		if errors.Is(err, ErrPassphrase) || errors.Is(err, ErrPassphraseWait) {
			return err
		}
		return c.cannotUnlock(err)
	}
	c.db, c.phase = db, Welcome
	if err := c.load(); err != nil {
		return c.cannotUnlock(err)
	}
	if c.vault.minutes, err = c.loadMinutes(); err != nil {
		return c.cannotUnlock(err)
	}
	c.attention.start(c.local(), c.vault.minutes)
	c.answerCalls()
	c.fetchNetworkFile()
	c.show()
	return nil
}

func (c *Client) cannotUnlock(err error) error {
	if c.ctx.Err() != nil {
		return ErrClosed
	}
	sentence := storeSentence(err)
	if errors.Is(err, store.ErrNotFound) {
		sentence = takenSentence
	}
	c.broken(sentence)
	return errors.Join(ErrStore, err)
}
