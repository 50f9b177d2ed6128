package client

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"

	"tandem/core"
	"tandem/core/devices"
	"tandem/core/identity"
)

const (
	// lookOpen is how often the outbox of the contact is read whose conversation
	// is looked at, lookOthers that of the others, at random times: nodes shall not
	// see from when they are read that they are one person's contacts.
	lookOpen   = time.Hour
	lookOthers = 24 * time.Hour
	// lookFirst is the time after the start in which each is read once.
	lookFirst = 15 * time.Minute
)

// tickContacts reads contacts' outboxes, one at a time: a list may have changed
// while nobody could say so (multi-device.md §6).
func (c *Client) tickContacts() {
	if c.people.looking || c.phase != Main || c.account.book.Standing() != devices.Listed {
		return
	}
	now := time.Now()
	for account, contact := range c.people.contacts {
		at, planned := c.people.looks[account]
		if !planned {
			c.people.looks[account] = now.Add(randomly(lookFirst))
			continue
		}
		if slices.Contains(c.viewing(), account) {
			at = at.Add(lookOpen - lookOthers)
		}
		if now.Before(at) || contact.Reading == nil {
			continue
		}
		c.people.looks[account] = now.Add(lookOthers + randomly(lookFirst))
		if key, err := identity.OpenReading(contact.Reading); err == nil {
			c.look(account, key)
			return
		}
	}
}

// lookFor reads a contact's outbox soon: a device writes that no list names.
func (c *Client) lookFor(account core.ID) {
	soon := time.Now().Add(lookAfter)
	if at := c.people.looks[account]; c.friend(account) && at.After(soon) && c.kin.looked.Add(lookAfter).Before(time.Now()) {
		c.people.looks[account], c.kin.looked = time.Time{}, time.Now()
	}
}

func (c *Client) look(account core.ID, key identity.ReadingKey) {
	c.people.looking = true
	net := c.net
	c.beside(func(ctx context.Context) func() {
		lists, _ := readOutbox(ctx, net, account, key) // or the next time
		return func() {
			c.people.looking = false
			if c.idle() {
				return
			}
			for _, signed := range lists {
				_ = c.update(func(t *tx) error {
					_, err := c.offerContactList(t, account, signed)
					return err
				})
			}
		}
	})
}

// randomly is a random span below limit, in whole milliseconds; limit is at most
// 24 days, for the product to fit.
func randomly(limit time.Duration) time.Duration {
	var b [4]byte
	rand.Read(b[:])
	n := int64(binary.BigEndian.Uint32(b[:]))
	return time.Duration(limit.Milliseconds()*n>>32) * time.Millisecond
}
