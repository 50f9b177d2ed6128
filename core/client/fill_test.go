package client_test

import (
	"context"
	"testing"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/store"
)

// edit changes the records of a device that is switched off.
func (d *tab) edit(f func(db *store.Store, c *store.Change)) {
	d.t.Helper()
	kv, keeper, err := d.disk.open()
	if err != nil {
		d.t.Fatal(err)
	}
	db, err := store.Open(context.Background(), kv, keeper)
	if err != nil {
		d.t.Fatal(err)
	}
	c := db.Change()
	f(db, c)
	if err := c.Commit(context.Background()); err != nil {
		d.t.Fatal(err)
	}
}

// fillOutbox puts entries into the outbox of a device that is switched off.
func fillOutbox(t *testing.T, d *tab, n int) {
	t.Helper()
	d.edit(func(_ *store.Store, c *store.Change) {
		for range n {
			number, err := c.Next(context.Background(), "outbox")
			if err != nil {
				t.Fatal(err)
			}
			e := delivery.Entry{
				Number: number, Created: d.net.Now(),
				Copies: []delivery.Copy{{To: core.IDFromX25519([32]byte{9}), State: delivery.Waiting, Data: []byte{1}}},
			}
			if err := c.PutOutbox(context.Background(), store.OutboxEntry{ID: number, Data: e.Marshal()}); err != nil {
				t.Fatal(err)
			}
		}
	})
}
