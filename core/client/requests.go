package client

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

// askAfter are the waits after the first requests for a session with one device;
// then it is once a day, for as long as the network keeps each.
var askAfter = [...]core.Millis{10 * core.Second, core.Minute, 10 * core.Minute, core.Hour}

const (
	// askFirst is how long the device with the greater ID lets the other one ask
	// first, so that a pair does not begin two sessions.
	askFirst = 5 * core.Second
	// askBroken is the least time between two requests because of messages that
	// cannot be opened.
	askBroken = core.Hour
	// holdFor and maxHeld bound the requests of devices that no list names yet.
	holdFor = 14 * core.Day
	maxHeld = 256
	// lookAfter is the least time between two readings of the outbox because of
	// devices that no list names: anybody can say that it is one.
	lookAfter = 5 * time.Minute
)

// tickRequests asks the devices with whom there is no session, or none that
// works, for one (multi-device.md §7.5).
func (c *Client) tickRequests() {
	now, me := c.now(), c.account.device()
	for _, id := range c.peers() {
		p := c.kin.peers[id]
		if c.kin.sessions[id] && !c.kin.broken[id] || now < p.next || c.post.entries[p.entry] != nil {
			continue
		}
		reason := uint64(wire.ReasonUnreadable)
		if !c.kin.sessions[id] {
			reason = wire.ReasonNoSession
			if !c.kin.ready[id] && bytes.Compare(me[:], id[:]) > 0 {
				c.kin.ready[id] = true
				p.next = now + askFirst
				c.kin.peers[id] = p
				continue
			}
		}
		_ = c.update(func(t *tx) error { return c.askSession(t, id, reason) }) // or at the next tick
	}
}

// askSession sends a device a bundle made for it.
func (c *Client) askSession(t *tx, to core.ID, reason uint64) error {
	prekeys, err := c.prekeys(t)
	if err != nil {
		return err
	}
	now := c.now()
	bundle := prekeys.Bundle(now, true)
	t.Put(store.PreKeys, "", prekeys.Marshal())
	list, _ := c.account.book.Signed(c.account.id())
	content := &wire.Content{Request: &wire.SessionRequest{
		Bundle: bundle.Marshal(), List: list, Created: now, Reason: reason,
	}}
	if account, known := c.accountOf(to); known && account != c.account.id() {
		content.Accept, _ = c.acceptance(account)
		content.Request.Proof = c.proveFriend(account, to, now)
	}
	p, err := c.peer(t, to)
	if err != nil {
		return err
	}
	if p.entry, err = c.enqueueTagged(t, to, content); err != nil {
		return err
	}
	if p.tries == 0 {
		p.first = now
	}
	wait := core.Day
	if p.tries < uint64(len(askAfter)) {
		wait = askAfter[p.tries]
	}
	if reason == wire.ReasonUnreadable {
		wait = max(wait, askBroken)
	}
	p.tries, p.next = p.tries+1, now+wait
	c.savePeer(t, to, p)
	t.then(func() { delete(c.kin.broken, to) })
	return nil
}

// enqueueTagged puts a message into the outbox that needs no session: it is
// sealed and tagged from device to device.
func (c *Client) enqueueTagged(t *tx, to core.ID, content *wire.Content) (entry uint64, err error) {
	data, err := c.sealTagged(to, content)
	if err != nil {
		return 0, err
	}
	return c.enqueueSealed(t, to, data)
}

// enqueueSealed puts one sealed copy for one device into the outbox.
func (c *Client) enqueueSealed(t *tx, to core.ID, data []byte) (number uint64, err error) {
	if number, err = t.Next(c.ctx, counterOutbox); err != nil {
		return 0, err
	}
	now := c.now()
	entry := &delivery.Entry{Number: number, Created: now, Copies: []delivery.Copy{
		{To: to, State: delivery.Waiting, Data: data, Next: now},
	}}
	t.then(func() { c.post.put(entry) })
	return number, c.saveEntry(t, entry)
}

// receiveTagged handles a message between devices that have no session:
// a session request, a farewell, or the list that removes the receiver.
func (c *Client) receiveTagged(t *tx, s envelope.Sealed) (ours bool, err error) {
	if s.Sender == c.account.device() {
		return false, nil
	}
	content, err := wire.ParseContent(wire.Unpad(s.Body))
	if err != nil {
		return false, nil
	}
	if content.Farewell != nil {
		return c.receiveFarewell(t, s.Account, s.Sender, content.Farewell)
	}
	if gone, err := c.refuseOf(t, s.Account, s.Sender); gone || err != nil {
		return gone, err
	}
	switch {
	case s.Account != c.account.id():
		if content.Request == nil {
			return false, nil
		}
		return c.contactRequest(t, s.Account, s.Sender, content)
	case content.Unlinked != nil:
		verdict, err := c.offerList(t, content.Unlinked)
		return verdict == devices.Newer, err
	case content.Request != nil:
		return c.receiveRequest(t, s.Sender, content.Request)
	}
	return false, nil
}

// receiveRequest answers a sibling that asks for a session. One that no list
// names is held: a list may come.
func (c *Client) receiveRequest(t *tx, from core.ID, r *wire.SessionRequest) (ours bool, err error) {
	p, err := c.peer(t, from)
	if err != nil || r.Created <= p.handled {
		return err == nil, err
	}
	verdict := devices.Older
	if r.List != nil {
		if verdict, err = c.offerList(t, r.List); err != nil || c.account.unlisted() {
			return true, err
		}
	}
	if !c.account.sibling(from) {
		request := *r
		request.List = nil // the book has it, or does not want it
		return c.hold(t, core.ID{}, from, &wire.Content{Request: &request})
	}
	return true, c.answer(t, from, r, verdict == devices.Older)
}

// answer begins a session with the asker. Its first message says what the asker
// lacks, or nothing.
func (c *Client) answer(t *tx, to core.ID, r *wire.SessionRequest, older bool) error {
	bundle, err := ratchet.ParseBundle(r.Bundle)
	if err != nil || core.IDFromX25519(bundle.Identity) != to {
		return nil
	}
	if begun, err := c.initiate(t, bundle); err != nil || !begun {
		return err
	}
	// A time ahead of ours would make it deaf for later requests.
	c.savePeer(t, to, peer{handled: min(r.Created, c.now())})
	account, _ := c.accountOf(to)
	content := c.introductionTo(account)
	if signed, ok := c.account.book.Signed(c.account.id()); ok && older {
		content.DeviceList = signed
	}
	t.then(func() { c.sealWaiting(to) })
	_, err = c.enqueue(t, []core.ID{to}, content, core.Message{})
	return err
}

// initiate begins a session with the maker of a bundle, beside one that there
// is. false: not with this bundle.
func (c *Client) initiate(t *tx, bundle ratchet.Bundle) (begun bool, err error) {
	session, err := c.loadSession(t, core.IDFromX25519(bundle.Identity))
	if err != nil {
		return false, err
	}
	if session == nil {
		session, err = ratchet.Initiate(c.account.keys.Device, bundle, c.now())
	} else {
		session, err = session.Renew(c.account.keys.Device, bundle, c.now())
	}
	if err != nil {
		return false, nil
	}
	c.saveSession(t, session)
	return true, nil
}

// hold keeps the newest request of a device until a list names it, or somebody
// was asked; of too many the oldest makes room. The account's outbox may know
// more. account: that it says it is of; zero = this one.
func (c *Client) hold(t *tx, account, from core.ID, content *wire.Content) (ours bool, err error) {
	p, err := c.peer(t, from)
	if err != nil {
		return false, err
	}
	p.held, p.heldAt, p.account = content.Marshal(), c.now(), account
	c.savePeer(t, from, p)
	t.then(func() {
		if account.IsZero() && time.Since(c.kin.looked) >= lookAfter {
			c.kin.looked = time.Now()
			c.tendNow()
		}
		c.soon(c.lookAgain)
	})
	return true, nil
}

// lookAgain looks at the held requests, newest first, after the list or their
// number has changed: those of devices that a list names now are answered; those
// that were held for too long, or are too many, are dropped.
func (c *Client) lookAgain() {
	var held []core.ID
	for id, p := range c.kin.peers {
		if p.held != nil {
			held = append(held, id)
		}
	}
	slices.SortFunc(held, func(a, b core.ID) int {
		return cmp.Or(cmp.Compare(c.kin.peers[b].heldAt, c.kin.peers[a].heldAt), bytes.Compare(a[:], b[:]))
	})
	for i, id := range held {
		p := c.kin.peers[id]
		if i < maxHeld && c.now()-p.heldAt <= holdFor && !c.decidable(id, p) {
			continue
		}
		_ = c.update(func(t *tx) error { return c.letGo(t, id, p) }) // or the next time
	}
}

// letGo answers a request that was held, if it may be answered now, and forgets
// it.
func (c *Client) letGo(t *tx, id core.ID, p peer) error {
	held, account := p.held, p.account
	p.held, p.heldAt, p.account = nil, 0, core.ID{}
	c.savePeer(t, id, p)
	content, err := wire.ParseContent(held)
	if err != nil || content.Request == nil {
		return nil
	}
	switch {
	case !account.IsZero() && (c.friend(account) || content.Accept != nil):
		_, err = c.answerContact(t, account, id, content)
	case account.IsZero() && c.account.sibling(id):
		_, err = c.receiveRequest(t, id, content.Request)
	}
	return err
}

// decidable reports whether what is held of a device need not be held any
// longer.
func (c *Client) decidable(id core.ID, p peer) bool {
	if p.account.IsZero() {
		return c.account.sibling(id) || c.account.list().Removes(id)
	}
	if whose, known := c.accountOf(id); known {
		return whose == p.account
	}
	_, state := c.asked(p.account)
	return state != 0
}

// opened: a message of a device came through, so nothing is asked any more.
func (c *Client) opened(t *tx, from core.ID) error {
	p, err := c.peer(t, from)
	if err != nil {
		return err
	}
	if p.tries != 0 {
		c.savePeer(t, from, peer{handled: p.handled})
	}
	t.then(func() { delete(c.kin.broken, from) })
	return nil
}
