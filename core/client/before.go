package client

import (
	"crypto/hmac"
	"encoding/binary"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/friends"
	"tandem/core/identity"
	"tandem/core/wire"
)

// An account that has lost what it knew, because no snapshot was left when it
// was restored, is still a contact of its friends: their devices ask for
// sessions, and prove that they have its reading key. It is the one case in which
// a session request shows something to a person (multi-device.md §7.5).

// friendMessage is what a proof is about.
func friendMessage(asker, device, receiver core.ID, created core.Millis) []byte {
	return binary.BigEndian.AppendUint64(wire.LP(asker[:], device[:], receiver[:]), uint64(created))
}

// proveFriend proves to a contact's device that this account was given its
// reading key; nil: it was not.
func (c *Client) proveFriend(account, to core.ID, created core.Millis) []byte {
	key, err := identity.OpenReading(c.people.contacts[account].Reading)
	if err != nil {
		return nil
	}
	return key.Proves(friendMessage(c.account.id(), c.account.device(), to, created))
}

// wasFriend shows who asks for a session, is nobody that this account knows, and
// proves to have been a friend.
func (c *Client) wasFriend(t *tx, account, from core.ID, r *wire.SessionRequest) error {
	id := friends.BeforeID(account)
	_, waits := c.people.asks[account]
	if waits || r.Proof == nil || r.List == nil || c.friend(account) || c.people.blocked[account] || c.answered(account) > 0 {
		return nil
	}
	if _, state := c.asked(account); state != 0 {
		return nil
	}
	message := friendMessage(account, from, c.account.device(), r.Created)
	if !hmac.Equal(r.Proof, c.account.keys.Shared.Reading.Proves(message)) {
		return nil
	}
	list, err := devices.Parse(r.List, account)
	if err != nil || len(r.List) > friends.MaxList || list.CheckAhead(c.now()) != nil {
		return nil
	}
	if _, listed := list.Find(from); !listed {
		return nil
	}
	c.saveAsk(t, account, friends.Ask{Sent: min(r.Created, c.now()), IDs: []friends.RequestID{id}, List: r.List})
	t.then(func() { c.soon(c.boundAsks) })
	return nil
}

// acceptBefore makes a friend again of somebody who was one. What its devices
// asked for is answered then.
func (c *Client) acceptBefore(t *tx, account core.ID, ask friends.Ask) error {
	if err := c.befriended(t, account, "", ask.List); err != nil {
		return err
	}
	return c.settleRequests(t, account, ask, friends.Accepted)
}
