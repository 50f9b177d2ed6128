package client

import (
	"context"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/wire"
)

const (
	// partingTime is how long Clear Data waits for the network: who wants everything
	// gone does not want to wait for it, and it must work without.
	partingTime = 4 * time.Second
	// partingAtOnce bounds the stores under way.
	partingAtOnce = 6
)

// partingWords tells the other devices of the account and those of friends that
// this secondary leaves (multi-device.md §6), so that no ghost of it stays in
// their lists. What it returns is closed when all of them have a letter; nil: there
// is nobody to tell, or no network. Nothing is stored here: should this device not
// get to erase itself now, it will when the list says that it is gone.
func (c *Client) partingWords() (said chan struct{}) {
	_ = c.do(func() error {
		if c.phase != Main || c.leaving.on() || c.silent() || c.account.role() == core.Primary || c.idle() || c.mail.fails > 0 {
			return nil
		}
		farewell := devices.SignFarewell(c.account.keys.Device, c.account.id(), c.account.list().Epoch, devices.Leaves)
		var orders []courier.StoreOrder
		for _, to := range c.bereaved() {
			if data, err := c.sealTagged(to, &wire.Content{Farewell: farewell}); err == nil {
				orders = append(orders, courier.StoreOrder{
					Mailbox: core.Mailbox{Owner: to, Namespace: core.Inbox}, Data: data, TTL: delivery.Lifetime,
				})
			}
		}
		said = make(chan struct{})
		go storeAll(c.calls, c.net, orders, said)
		return nil
	})
	return said
}

// storeAll tries each order once, in their order, and closes done.
func storeAll(ctx context.Context, net carrier, orders []courier.StoreOrder, done chan struct{}) {
	defer close(done)
	ctx, stop := context.WithTimeout(ctx, partingTime)
	defer stop()
	ended := make(chan struct{}, len(orders))
	for i := range orders {
		if i >= partingAtOnce {
			<-ended
		}
		go func() {
			_, _ = net.Store(ctx, orders[i]) // it is said once, and then nobody is here
			ended <- struct{}{}
		}()
	}
	for range min(len(orders), partingAtOnce) {
		<-ended
	}
}
