package client

import (
	"bytes"
	"context"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/identity"
	"tandem/core/snode"
)

// lodged is what one node showed of an account's public outbox.
type lodged struct {
	sealed, signed []byte // nil: nothing that opens
	expires        core.Millis
}

// readOutbox reads the signed lists in an account's public outbox from two
// nodes, because one may be behind or lie.
func readOutbox(ctx context.Context, net carrier, account core.ID, reading identity.ReadingKey) ([][]byte, error) {
	nodes, err := readLodged(ctx, net, account, reading)
	var lists [][]byte
	for _, l := range nodes {
		if l.signed != nil {
			lists = append(lists, l.signed)
		}
	}
	return lists, err
}

// readLodged is what two nodes have, one entry for each message, and one for a
// node that has none.
func readLodged(ctx context.Context, net carrier, account core.ID, reading identity.ReadingKey) ([]lodged, error) {
	var out []lodged
	box := core.Mailbox{Owner: account, Namespace: core.Outbox}
	for _, second := range []bool{false, true} {
		batch, err := net.Retrieve(ctx, courier.RetrieveOrder{Mailbox: box, Second: second})
		if err != nil {
			return nil, err
		}
		if len(batch.Messages) == 0 {
			out = append(out, lodged{})
		}
		for _, m := range batch.Messages {
			l := lodged{expires: m.Expires}
			if signed, err := reading.Open(m.Data); err == nil {
				l.sealed, l.signed = m.Data, signed
			}
			out = append(out, l)
		}
	}
	return out, nil
}

const (
	// outboxTTL is as long as a node keeps what is not in an inbox.
	outboxTTL = 30 * core.Day
	// outboxFresh: with less than this left to live a list is put back, which
	// makes it weekly.
	outboxFresh = outboxTTL - 7*core.Day
)

// listOrder puts the newest list into the outbox, if a node that was asked lacks
// it or will forget it soon. The bytes that lie there already are put back as
// they are, so that devices do not replace each other's. false: all is well.
func (c *Client) listOrder(there []lodged) (courier.StoreOrder, bool) {
	signed, ok := c.account.book.Signed(c.account.id())
	if !ok {
		return courier.StoreOrder{}, false
	}
	var sealed []byte
	well := true
	for _, l := range there {
		same := bytes.Equal(l.signed, signed)
		if same {
			sealed = l.sealed
		}
		well = well && same && l.expires >= c.now()+outboxFresh
	}
	shared := c.account.keys.Shared
	if sealed == nil {
		sealed = shared.Reading.Seal(signed)
	}
	return courier.StoreOrder{
		Mailbox: core.Mailbox{Owner: shared.Account.ID(), Namespace: core.Outbox},
		Data:    sealed, TTL: outboxTTL, Auth: shared.Account,
	}, !well
}

// publishAndCheck stores a list and reads it back: where it is the account's
// only message, a node says yes and keeps the old one (storage server 2.8.0).
func publishAndCheck(ctx context.Context, net carrier, order courier.StoreOrder) error {
	if _, err := net.Store(ctx, order); err != nil {
		return err
	}
	hash := snode.MessageHash(order.Mailbox.Owner, order.Mailbox.Namespace, order.Data)
	for _, second := range []bool{false, true} {
		batch, err := net.Retrieve(ctx, courier.RetrieveOrder{Mailbox: order.Mailbox, Second: second})
		if err != nil {
			return err
		}
		for _, m := range batch.Messages {
			if m.Hash == hash {
				return nil
			}
		}
	}
	return errNotThere
}
