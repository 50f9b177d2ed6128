package client

import (
	"context"

	"tandem/core"
	"tandem/core/client/courier"
)

// carrier is the way to the network as the loop uses it: a courier.Courier, or
// in tests of very many messages a model of one, whose mailboxes need no onions.
type carrier interface {
	Store(ctx context.Context, o courier.StoreOrder) (hash string, err error)
	Retrieve(ctx context.Context, o courier.RetrieveOrder) (courier.Batch, error)
	Delete(ctx context.Context, from core.Mailbox, auth courier.Signer, hashes []string) (deleted []string, err error)
	Withheld(owner core.ID, node core.EdKey)

	Sync(ctx context.Context) error
	Synced() bool
	Now() core.Millis
	Doubt()

	Status() courier.Status
	Rebuild()
}

var _ carrier = (*courier.Courier)(nil)
