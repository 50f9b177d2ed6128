package client

import (
	"context"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/identity"
)

// publishAgain is the wait after a device list could not be published.
const publishAgain = 30 * time.Second

// publishList puts the newest list, sealed with the reading key, into the
// account's public outbox (multi-device.md §6), and tries until it lies there.
func (c *Client) publishList() {
	signed, ok := c.account.book.Signed(c.account.id())
	if !ok || c.net == nil {
		return
	}
	shared := c.account.keys.Shared
	order := courier.StoreOrder{
		Mailbox: core.Mailbox{Owner: shared.Account.ID(), Namespace: core.Outbox},
		Data:    shared.Reading.Seal(signed),
		TTL:     listTTL,
		Auth:    shared.Account,
	}
	c.link.publish = time.Now().Add(publishAgain)
	net, account := c.net, c.account.id()
	c.beside(func(ctx context.Context) func() {
		_, err := net.Store(ctx, order)
		return func() {
			if err == nil && c.account.keys != nil && c.account.id() == account {
				c.link.publish = time.Time{}
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
			Cursor:  func(core.EdKey) string { return "" },
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
