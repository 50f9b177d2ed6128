package client

import (
	"context"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/delivery"
	"tandem/core/identity"
)

// publisher keeps the account's newest device list in its public outbox
// (multi-device.md §6). Only the primary publishes: it is the one that cannot
// be behind.
type publisher struct {
	at   time.Time // when the list is due to be published; zero = never
	busy bool      // one list at a time, or an older one could land last
}

const (
	// publishAgain is the wait after a list could not be published.
	publishAgain = 30 * time.Second
	// publishEvery puts the list back before the network forgets it.
	publishEvery = 7 * 24 * time.Hour
)

// listTTL: a node keeps a message of the public outbox at least this long.
const listTTL = delivery.Lifetime

// publishList makes the newest list due. At a start it is too: the last run may
// have ended between signing it and publishing it.
func (c *Client) publishList() { c.publisher.at = time.Now() }

// tickPublisher publishes the newest list, sealed with the reading key, when it
// is due, and tries until it lies there.
func (c *Client) tickPublisher() {
	p := &c.publisher
	if p.busy || p.at.IsZero() || time.Now().Before(p.at) {
		return
	}
	signed, ok := c.account.book.Signed(c.account.id())
	if !ok {
		p.at = time.Time{}
		return
	}
	shared := c.account.keys.Shared
	order := courier.StoreOrder{
		Mailbox: core.Mailbox{Owner: shared.Account.ID(), Namespace: core.Outbox},
		Data:    shared.Reading.Seal(signed),
		TTL:     listTTL,
		Auth:    shared.Account,
	}
	started := time.Now()
	p.busy = true
	net := c.net
	c.beside(func(ctx context.Context) func() {
		_, err := net.Store(ctx, order)
		return func() {
			p.busy = false
			switch {
			case err != nil:
				p.at = time.Now().Add(publishAgain)
			case !p.at.After(started): // no newer list has come since
				p.at = time.Now().Add(publishEvery)
			}
		}
	})
}

// readOutbox reads the signed lists in an account's public outbox from two
// nodes, because one may be behind or lie.
func readOutbox(ctx context.Context, net *courier.Courier, account core.ID, reading identity.ReadingKey) ([][]byte, error) {
	var lists [][]byte
	for _, second := range []bool{false, true} {
		batch, err := net.Retrieve(ctx, courier.RetrieveOrder{
			Mailbox: core.Mailbox{Owner: account, Namespace: core.Outbox},
			Second:  second,
		})
		if err != nil {
			return nil, err
		}
		for _, m := range batch.Messages {
			if signed, err := reading.Open(m.Data); err == nil {
				lists = append(lists, signed)
			}
		}
	}
	return lists, nil
}
