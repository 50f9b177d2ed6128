package client

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/linking"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

// joiner is the secondary's side of linking: the machine and what the loop must
// know beside it.
type joiner struct {
	machine *linking.Secondary
	target  string           // what was typed; the attempt starts when network time is known
	device  *identity.Device // the key that it starts with; nil = it has started
	handed  bool             // a letter was handed to the transport in this run
	stored  linking.Kind     // the last letter of the attempt that the network took; 0 = none
	failure string           // why the newest letter could not be stored
	again   bool             // what waits is to be sent at once
}

// Profile records of an attempt to link.
const (
	nameTarget = "join"        // joiner.target
	nameKey    = "join key"    // joiner.device
	nameStored = "join stored" // attempt ‖ joiner.stored
)

// Join asks an account to take this device in: Welcome → Joining. target is
// the account's public key or a link code. Errors: core.ErrID…, ErrCode.
func (c *Client) Join(target string) error {
	if _, _, err := parseTarget(target); err != nil {
		return err
	}
	return c.do(func() error {
		if c.phase != Welcome {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			c.beginJoin(t, target)
			return nil
		})
	})
}

// beginJoin makes the key of an attempt, which starts once the network has said
// what time it is: → Joining.
func (c *Client) beginJoin(t *tx, target string) {
	device := identity.NewDevice()
	t.Put(store.Profile, nameTarget, []byte(target))
	t.Put(store.Profile, nameKey, device.MarshalSecret())
	c.setPhase(t, Joining)
	t.then(func() { c.join = joiner{machine: linking.NewSecondary(), target: target, device: device} })
}

// RetryJoin is Try again: whatever waits is sent at once, by another way. An
// attempt that is gone is followed by a fresh one with the same account.
func (c *Client) RetryJoin() error {
	return c.do(func() error {
		if c.phase != Joining {
			return ErrNotNow
		}
		if v := c.join.machine.View(); v.Stage == linking.Gone {
			err := c.update(func(t *tx) error {
				if err := c.stepJoin(t, linking.Acknowledge{}); err != nil {
					return err
				}
				t.Delete(store.Profile, nameStored)
				c.beginJoin(t, v.Account.Hex())
				return nil
			})
			if err != nil {
				return err
			}
		}
		c.rest, c.join.again, c.dirty = time.Time{}, true, true
		c.askNetworkAgain()
		return nil
	})
}

// hurryJoin sends again what could not be stored, now that the network answers.
func (c *Client) hurryJoin() { c.join.again = c.join.again || c.join.failure != "" }

// parseTarget reads what a person pasted.
func parseTarget(target string) (core.ID, *linking.Code, error) {
	if strings.HasPrefix(strings.TrimSpace(target), "tandem-link:") {
		code, err := linking.ParseCode(target)
		return code.Account, &code, err
	}
	id, err := core.ParseID(target)
	return id, nil, err
}

// loadJoin reads the attempt of this device. On a device that has joined, it
// only repeats that it has.
func (c *Client) loadJoin() error {
	records, err := c.blobs(store.Linking)
	if err != nil {
		return err
	}
	old := c.join
	c.join = joiner{machine: linking.NewSecondary(), handed: old.handed, stored: old.stored, failure: old.failure}
	if len(records) > 1 {
		return store.ErrDamaged
	}
	if len(records) == 1 {
		if c.join.machine, err = linking.LoadSecondary(records[0]); err != nil {
			return store.ErrDamaged
		}
		c.join.handed = true // nobody remembers, so be sure
		if c.phase == Joining {
			c.mail.watchJoin(c)
			return c.loadStored()
		}
		return nil
	}
	return c.loadTarget()
}

// loadTarget reads the attempt that has not started.
func (c *Client) loadTarget() error {
	target, err := c.db.Get(c.ctx, store.Profile, nameTarget)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	secret, err := c.db.Get(c.ctx, store.Profile, nameKey)
	if err != nil {
		return err
	}
	if c.join.device, err = identity.ParseDevice(secret); err != nil {
		return store.ErrDamaged
	}
	c.join.target = string(target)
	return nil
}

// loadStored reads what the network had taken of the attempt.
func (c *Client) loadStored() error {
	b, err := c.db.Get(c.ctx, store.Profile, nameStored)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	attempt := c.join.machine.View().Attempt
	if err == nil && len(b) == len(attempt)+1 && bytes.Equal(b[:len(attempt)], attempt[:]) {
		c.join.stored = linking.Kind(b[len(attempt)])
	}
	return err
}

// dueJoin is when the machine wants a Tick.
func (c *Client) dueJoin() core.Millis {
	if c.join.machine == nil || c.silent() {
		return never
	}
	if at, ok := c.join.machine.Due(c.now()); ok {
		return at
	}
	return never
}

// tickJoin starts an attempt once network time is known, and moves one that is
// due.
func (c *Client) tickJoin() {
	if c.join.machine == nil {
		return
	}
	if c.phase == Joining && c.join.target != "" {
		c.startJoin()
		return
	}
	if c.join.again {
		c.join.again = false
		_ = c.moveJoin(linking.Retry{}) // it repeats itself anyway
	}
	if c.dueJoin() <= c.now() {
		_ = c.moveJoin(linking.Tick{}) // what the store refuses is due again
	}
}

// startJoin makes the keys of a fresh attempt.
func (c *Client) startJoin() {
	account, code, err := parseTarget(c.join.target)
	if err != nil {
		return // it was checked when it was typed
	}
	device := c.join.device
	prekeys := ratchet.NewPreKeys(c.now(), device)
	bundle := prekeys.Bundle(c.now(), true)
	// Should the store refuse, it is tried again, with other prekeys.
	_ = c.update(func(t *tx) error {
		t.Delete(store.Profile, nameTarget)
		t.Delete(store.Profile, nameKey)
		t.then(func() { c.join.target, c.join.device = "", nil })
		return c.stepJoin(t, linking.Link{
			Account: account, Code: code, Facts: c.cfg.Facts,
			Device: device, Bundle: bundle.Marshal(), Secrets: prekeys.Marshal(),
		})
	})
}

// moveJoin is one step of the machine in a transaction of its own.
func (c *Client) moveJoin(in linking.SecondaryInput) error {
	return c.update(func(t *tx) error { return c.stepJoin(t, in) })
}

// stepJoin moves the machine and gathers what follows.
func (c *Client) stepJoin(t *tx, in linking.SecondaryInput) error {
	device := c.join.machine.Device() // the machine lets go of it when it ends
	if link, ok := in.(linking.Link); ok {
		device = link.Device
	}
	out, err := c.join.machine.Step(c.now(), in)
	if err != nil {
		return linkingRefusal(err)
	}
	t.linking = true
	saveAttempts(t, out.Save)
	if out.Joined != nil {
		if err := c.joined(t, out.Joined); err != nil {
			return err
		}
	}
	t.then(func() {
		for _, l := range out.Send {
			c.postJoin(l, device)
		}
		for _, e := range out.Tell {
			c.toldJoin(e)
		}
	})
	return nil
}

// linkingRefusal turns the machine's refusal of a command into the client's.
func linkingRefusal(err error) error {
	if errors.Is(err, linking.ErrNotNow) {
		return ErrNotNow
	}
	return err
}

// saveAttempts adds the records of either machine to the transaction.
func saveAttempts(t *tx, records []linking.Record) {
	for _, r := range records {
		if r.Bytes == nil {
			t.Delete(store.Linking, string(r.Attempt[:]))
		} else {
			t.Put(store.Linking, string(r.Attempt[:]), r.Bytes)
		}
	}
}

// postJoin seals a letter and stores it in the network. The machine repeats it,
// so a failure needs nothing but time.
func (c *Client) postJoin(l linking.Letter, device *identity.Device) {
	target := c.join.machine.View().Account
	if c.account.keys != nil {
		device, target = c.account.keys.Device, c.account.id()
	}
	if device == nil {
		return // an attempt that is gone has nothing left to sign with
	}
	if l.Form == linking.Ping {
		c.soon(func() { c.ping(l.To) })
		return
	}
	data, err := c.sealLetter(l, device, target)
	if err != nil {
		return
	}
	c.join.handed = true
	c.storeLetter(l, data, func(err error) { c.storedJoin(l, err) })
}

// storedJoin notes what became of a letter, so that the page can say it, after a
// reload too.
func (c *Client) storedJoin(l linking.Letter, err error) {
	if c.phase != Joining {
		return
	}
	if v := c.join.machine.View(); v.Attempt != l.Attempt || sends(v.Stage) != l.Kind {
		return // of an attempt or a stage that is over
	}
	c.join.failure = ""
	if err != nil {
		c.join.failure = networkSentence(err)
		return
	}
	if c.join.stored == l.Kind {
		return
	}
	// Should the store refuse, the next repeat notes it.
	_ = c.update(func(t *tx) error {
		t.Put(store.Profile, nameStored, append(l.Attempt[:], byte(l.Kind)))
		t.then(func() { c.join.stored = l.Kind })
		return nil
	})
}

// sealLetter seals a linking message for an account's or a device's mailbox.
func (c *Client) sealLetter(l linking.Letter, device *identity.Device, account core.ID) ([]byte, error) {
	if l.Form == linking.ToAccount {
		content, now := l.Content(), c.now()
		content.SigTimestamp = now
		return envelope.SealSession(device, l.To, now, content), nil
	}
	return c.sealLinking(l.To, account, device, l.Content())
}

// storeLetter stores sealed bytes in the inbox of the letter's receiver.
func (c *Client) storeLetter(l linking.Letter, data []byte, then func(error)) {
	order := courier.StoreOrder{
		Mailbox: core.Mailbox{Owner: l.To, Namespace: core.Inbox}, Data: data, TTL: l.TTL,
	}
	net := c.net
	if net == nil { // Cancel right after a reload; what must arrive is repeated
		then(ErrNoNetworkFile)
		return
	}
	c.beside(func(ctx context.Context) func() {
		err := c.overtaken(ctx, func(ctx context.Context) error {
			_, err := net.Store(ctx, order)
			return err
		})
		return func() {
			then(err)
			c.dirty = true
		}
	})
}

// overtaken does what may be done twice, and after overtakeAfter once more beside
// itself: whichever succeeds first ends it, or the failure of both.
func (c *Client) overtaken(ctx context.Context, work func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	start := func() {
		go c.guard(func() { ended <- work(ctx) }, func(cause any) {
			ended <- errPanicked
			c.cfg.Panicked(cause)
		})
	}
	start()
	late := time.NewTimer(overtakeAfter)
	defer late.Stop()
	for running := 1; ; {
		select {
		case <-late.C:
			running++
			start()
		case err := <-ended:
			if running--; err == nil || running == 0 {
				return err
			}
		}
	}
}

// toldJoin reacts to an event of the machine.
func (c *Client) toldJoin(e linking.Event) {
	c.dirty = true
	switch e.What {
	case linking.Linked:
		c.link.success = true
		c.hurryAfterGrant()
	case linking.Wipe: // farewell.go sees to it
	case linking.Changed, linking.Ended, linking.Notice, linking.Flooded:
		c.join.failure = ""
		if c.phase == Joining {
			c.mail.watchJoin(c)
		}
		c.hurryMail()
	}
}

// readJoin handles a message in the mailbox of the device that wants to join.
func (c *Client) readJoin(t *tx, data []byte) (ours bool, err error) {
	device := c.join.machine.Device()
	if device == nil {
		return false, nil
	}
	s, err := envelope.OpenDevice(device, data, c.now())
	if err != nil {
		return false, nil
	}
	switch s.Kind {
	case envelope.Linking:
		return c.linkingToDevice(t, s)
	case envelope.PreKey, envelope.Ratchet:
		return c.readGrant(t, device, s)
	case envelope.SessionRequest:
	}
	return false, nil
}

// readGrant decrypts a pairwise message with the secrets of the attempt. One
// that is not the grant is left for later: the primary writes to a new device
// from Authorise on, and all of it is read again after Finish.
func (c *Client) readGrant(t *tx, device *identity.Device, s envelope.Sealed) (ours bool, err error) {
	secret, held := c.join.machine.Pairwise()
	if secret == nil {
		return false, nil
	}
	prekeys, err := ratchet.ParsePreKeys(secret)
	if err != nil {
		return false, store.ErrDamaged
	}
	var session *ratchet.Session
	if held != nil {
		if session, err = ratchet.ParseSession(held); err != nil {
			return false, store.ErrDamaged
		}
	}
	opened, err := ratchet.Open(device, prekeys, session, ratchet.Kind(s.Kind), s.Body, c.now())
	if err != nil || opened.Duplicate || opened.Session.Peer() != s.Sender {
		return false, nil
	}
	content, err := wire.ParseContent(wire.Unpad(opened.Plain))
	if err != nil {
		return false, nil
	}
	if content.Unlinked != nil {
		return true, c.unlinkedEarly(t, s.Sender, device.ID(), content.Unlinked)
	}
	if content.Linking == nil || linking.Kind(content.Linking.Kind) != linking.KindGrant {
		return false, nil
	}
	granted := linking.Granted{From: s.Sender, Signed: content.Linking.Signed, Session: opened.Session.Marshal()}
	if opened.Keys != nil {
		granted.Secrets = opened.Keys.Marshal()
	}
	return true, c.stepJoin(t, granted)
}
