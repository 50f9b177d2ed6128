package client

import (
	"context"
	"slices"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/snapshot"
	"tandem/core/snode"
)

// maxParts bounds what is read of a mailbox that holders of the account key may
// write to, also those that were removed: 256 parts, and as many that are being
// replaced.
const maxParts = 512

// readParts reads the account's private mailbox from two nodes, each message
// once.
func readParts(ctx context.Context, net carrier, account *identity.Account) ([]snode.Message, error) {
	var out []snode.Message
	seen := map[string]bool{}
	for _, second := range []bool{false, true} {
		order := courier.RetrieveOrder{
			Mailbox: core.Mailbox{Owner: account.ID(), Namespace: core.Private}, Auth: account, Second: second,
		}
		for more, n := true, 0; more && n < maxParts; {
			batch, err := net.Retrieve(ctx, order)
			if err != nil {
				return nil, err
			}
			for _, m := range batch.Messages {
				if !seen[m.Hash] {
					seen[m.Hash] = true
					out = append(out, m)
				}
				order.Cursor = func(core.EdKey) string { return m.Hash }
			}
			more, n, order.From = batch.More, n+len(batch.Messages), batch.Node
		}
	}
	return out, nil
}

// openParts judges what was read. Only parts under the e of the newest list
// count, by devices in it. A device that knows the words opens others as well:
// to delete them once they say nothing new, and, restored, to take what there is
// if there is nothing else.
func (c *Client) openParts(messages []snode.Message) (valid, other []snapshot.Found) {
	list := c.account.list()
	for _, m := range messages {
		e, ok := snapshot.EpochOf(m.Data)
		if !ok || e > uint64(c.now()+devices.MaxAhead) {
			continue
		}
		key, ok := c.snapshotKey(e)
		if !ok {
			continue
		}
		p, err := snapshot.Open(c.now(), key, c.account.id(), nil, m.Data)
		if err != nil {
			continue
		}
		f := snapshot.Found{Hash: m.Hash, Part: p}
		if _, listed := list.Find(p.Device); listed && e == list.SnapshotEpoch {
			valid = append(valid, f)
		} else if c.account.keys.Root != nil {
			other = append(other, f)
		}
	}
	return valid, other
}

// snapshotKey is the key of an e, if this device has it.
func (c *Client) snapshotKey(e uint64) (identity.SnapshotKey, bool) {
	if root := c.account.keys.Root; root != nil {
		return root.SnapshotKey(e), true
	}
	key := c.account.keys.Shared.Snapshot
	return key, key.Epoch == e
}

// mergeParts merges every register of some parts.
func (c *Client) mergeParts(t *tx, parts []snapshot.Found) error {
	for _, f := range parts {
		if err := c.mergeRegisters(t, f.Part.Registers); err != nil {
			return err
		}
	}
	return nil
}

// writing is what is to be done in the private mailbox.
type writing struct {
	store []courier.StoreOrder
	drop  []string // hashes, once all of store lies there
}

// planParts is what this device has to write: nothing, as long as it lacks the
// key of the newest list.
func (c *Client) planParts(found []snapshot.Found) (writing, error) {
	shared := c.account.keys.Shared
	if shared.Snapshot.Epoch != c.account.list().SnapshotEpoch {
		return writing{}, nil
	}
	parts, drop, err := c.account.state.Plan(c.now(), shared.Snapshot.Epoch, found)
	if err != nil {
		return writing{}, err
	}
	w := writing{drop: drop}
	for _, p := range parts {
		w.store = append(w.store, courier.StoreOrder{
			Mailbox: core.Mailbox{Owner: c.account.id(), Namespace: core.Private},
			Data:    p.Seal(shared.Snapshot, c.account.id(), c.account.keys.Device),
			TTL:     snapshot.Lifetime, Auth: shared.Account,
		})
	}
	return w, nil
}

// maxDelete bounds the hashes of one request.
const maxDelete = 64

// put stores the parts.
func (w writing) put(ctx context.Context, net carrier) error {
	for _, order := range w.store {
		if _, err := net.Store(ctx, order); err != nil {
			return err
		}
	}
	return nil
}

// clear deletes what the parts replace.
func (w writing) clear(ctx context.Context, net carrier, account *identity.Account) error {
	box := core.Mailbox{Owner: account.ID(), Namespace: core.Private}
	for hashes := range slices.Chunk(w.drop, maxDelete) {
		if _, err := net.Delete(ctx, box, account, hashes); err != nil {
			return err
		}
	}
	return nil
}

// seedRegisters fills in what only this device knows: its own name and, on the
// device that signs, the account's name and the epoch of its list. The names of
// removed devices go.
func (c *Client) seedRegisters(t *tx) error {
	state, me := c.account.state, c.account.device()
	if _, ok := state.Get(snapshot.Device, string(me[:])); !ok {
		facts := snapshot.MarshalFacts(c.account.facts[me].Facts)
		if err := c.setRegister(t, snapshot.Device, string(me[:]), facts); err != nil {
			return err
		}
	}
	if !c.account.signs() {
		return nil
	}
	// A restored device has the name that somebody typed; the account's own may
	// still turn up.
	if _, ok := state.Get(snapshot.Profile, ""); !ok && c.account.restore == nil {
		if err := c.setRegister(t, snapshot.Profile, "", []byte(c.account.name)); err != nil {
			return err
		}
	}
	for _, r := range c.account.list().Removed {
		if err := c.deleteRegister(t, snapshot.Device, string(r.ID[:])); err != nil {
			return err
		}
	}
	if epoch := c.account.list().Epoch; epoch > c.knownEpoch() {
		return c.setRegister(t, snapshot.Epoch, "", marshalEpoch(epoch))
	}
	return nil
}
