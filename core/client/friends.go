package client

import (
	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/friends"
	"tandem/core/snapshot"
	"tandem/core/wire"
)

// Befriend sends a friend request with its first message. If they asked already,
// it accepts.
func (c *Client) Befriend(account, text string) error {
	to, err := core.ParseID(account)
	if err != nil {
		return err
	}
	if err := checkText(text); err != nil {
		return err
	}
	return c.member(func() error {
		_, state := c.asked(to)
		ask, asks := c.people.asks[to]
		switch {
		case to == c.account.id():
			return ErrOwnAccount
		case c.people.blocked[to]:
			return ErrBlocked
		case c.friend(to), state == friends.Pending:
			return ErrAlready
		}
		return c.update(func(t *tx) error {
			if !asks {
				return c.askFriend(t, to, text)
			}
			if err := c.acceptAsk(t, to, ask); err != nil {
				return err
			}
			return c.compose(t, to, text)
		})
	})
}

// askFriend sends a request and files its text as the first message. Error:
// ErrOffline, before the account's device list could be signed.
func (c *Client) askFriend(t *tx, to core.ID, text string) error {
	list, ok := c.account.book.Signed(c.account.id())
	if !ok {
		return ErrOffline
	}
	prekeys, err := c.prekeys(t)
	if err != nil {
		return err
	}
	counter, err := t.Next(c.ctx, counterMessages)
	if err != nil {
		return err
	}
	now := c.now()
	request := friends.Request{
		ID: friends.NewRequestID(), From: c.account.id(), To: to, Created: now, Counter: counter,
		List: list, Bundle: prekeys.Bundle(now, false).Marshal(), Name: c.account.name,
	}
	record := friends.Record{State: friends.Pending, Account: to, Out: true, Created: now}
	if err := c.setRegister(t, snapshot.Request, string(request.ID[:]), record.Marshal()); err != nil {
		return err
	}
	first := core.Message{
		ID: core.MessageID{Device: c.account.device(), Counter: counter}, Conversation: to,
		Direction: core.Out, Status: core.Queued, Sent: now, Body: text,
	}
	if err := c.postRequest(t, request, first); err != nil {
		return err
	}
	c.saveMessage(t, first)
	return nil
}

// postRequest puts a request into the outbox: for the other account's mailbox,
// in Session's format, and its text for the siblings.
func (c *Client) postRequest(t *tx, request friends.Request, first core.Message) error {
	data := envelope.SealSession(c.account.keys.Shared.Account, request.To, first.Sent, &wire.Content{
		Data:   &wire.DataMessage{Body: first.Body, Name: request.Name},
		Friend: request.Sign(c.account.keys.Device),
	})
	sent := &wire.Content{Sent: &wire.Sent{
		Conversation: request.To, Body: first.Body, Sent: first.Sent, Counter: first.ID.Counter,
	}}
	_, err := c.enqueueWith(t, c.account.siblings(), sent, first,
		delivery.Copy{To: request.To, State: delivery.Waiting, Data: data, Next: c.now()})
	return err
}

// Accept makes friends with whoever asked.
func (c *Client) Accept(account core.ID) error {
	return c.member(func() error {
		ask, ok := c.people.asks[account]
		if !ok {
			return ErrNotNow
		}
		return c.update(func(t *tx) error { return c.acceptAsk(t, account, ask) })
	})
}

func (c *Client) acceptAsk(t *tx, account core.ID, ask friends.Ask) error {
	if ask.List != nil {
		return c.acceptBefore(t, account, ask)
	}
	if ask.Signed == nil {
		return c.acceptPlain(t, account, ask)
	}
	return c.accept(t, account, ask)
}

// Decline answers a request with silence: the siblings are told, the sender is
// not.
func (c *Client) Decline(account core.ID) error {
	return c.member(func() error {
		ask, ok := c.people.asks[account]
		if !ok {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			if err := c.settleRequests(t, account, ask, friends.Declined); err != nil {
				return err
			}
			c.dropAsk(t, account)
			return nil
		})
	})
}

// Block ignores an account from now on.
func (c *Client) Block(account core.ID) error {
	return c.member(func() error {
		if account == c.account.id() {
			return ErrOwnAccount
		}
		return c.update(func(t *tx) error {
			return c.setRegister(t, snapshot.Block, string(account[:]), nil)
		})
	})
}

// Unblock ends Block.
func (c *Client) Unblock(account core.ID) error {
	return c.member(func() error {
		return c.update(func(t *tx) error { return c.deleteRegister(t, snapshot.Block, string(account[:])) })
	})
}

// TrustKey pins the second list key of a contact.
func (c *Client) TrustKey(account core.ID) error {
	return c.member(func() error {
		contact, ok := c.people.contacts[account]
		if !ok {
			return ErrNotNow
		}
		return c.update(func(t *tx) error {
			t.book = true
			out, err := c.account.book.Step(c.now(), devices.Repinned{Account: account})
			if err != nil {
				return ErrNotNow // it does not answer as two
			}
			if err := c.followContactList(t, account, out); err != nil {
				return err
			}
			contact.List, _ = c.account.book.Signed(account)
			contact.Trust, contact.Reading, contact.Second, contact.Named = contact.Trust+1, nil, nil, 0
			return c.saveContact(t, account, contact)
		})
	})
}

// settleRequests writes what became of all requests of a person.
func (c *Client) settleRequests(t *tx, account core.ID, ask friends.Ask, state friends.State) error {
	for _, id := range ask.IDs {
		record := friends.Record{State: state, Account: account, Created: ask.Sent}
		if err := c.setRegister(t, snapshot.Request, string(id[:]), record.Marshal()); err != nil {
			return err
		}
	}
	return nil
}
