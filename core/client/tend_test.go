package client_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/courier"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/snapshot"
	"tandem/core/testnet"
)

// holder writes to an account's mailboxes with the account key, as every device
// can that was linked once.
type holder struct {
	*stranger
	keys *identity.Keyring
}

func newHolder(t *testing.T, net *testnet.Network, d *tab) *holder {
	t.Helper()
	return &holder{newStranger(t, net), keyringOf(t, d)}
}

func (h *holder) box(namespace int16) core.Mailbox {
	return core.Mailbox{Owner: h.keys.Shared.Account.ID(), Namespace: namespace}
}

func (h *holder) put(namespace int16, data []byte) {
	h.t.Helper()
	_, err := h.net.Store(context.Background(), courier.StoreOrder{
		Mailbox: h.box(namespace), Data: data, TTL: core.Day, Auth: h.keys.Shared.Account,
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// empty deletes all that lies in a mailbox.
func (h *holder) empty(namespace int16) {
	h.t.Helper()
	batch, err := h.net.Retrieve(context.Background(), courier.RetrieveOrder{Mailbox: h.box(namespace), Auth: h.keys.Shared.Account})
	for _, m := range batch.Messages {
		if _, err := h.net.Delete(context.Background(), h.box(namespace), h.keys.Shared.Account, []string{m.Hash}); err != nil {
			h.t.Fatal(err)
		}
	}
	if err != nil || len(batch.Messages) == 0 {
		h.t.Fatalf("nothing in %d: %v", namespace, err)
	}
}

// kept are the parts of an account's snapshot on one node of its swarm.
func (h *holder) kept(net *testnet.Network) (parts [][]byte) {
	for _, k := range net.Swarm(h.keys.Shared.Account.ID())[0].Kept() {
		if k.Mailbox == h.box(core.Private) {
			parts = append(parts, k.Data)
		}
	}
	return parts
}

// Whatever a former device or a node does to the public outbox, every linked
// device, the secondary too, puts the newest list back, and believes no other.
func TestOutboxIsKeptAlive(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		published2(p)
		h, list := newHolder(t, net, p), listOf(t, p)
		p.stop() // only the secondary is awake
		sign := func(l devices.List, listKey devices.Signer, account *identity.Account) []byte {
			signed, err := devices.Sign(net.Now(), l, listKey, account)
			if err != nil {
				t.Fatal(err)
			}
			return h.keys.Shared.Reading.Seal(signed)
		}
		older, alone := list, list
		older.Epoch, older.Devices = list.Epoch-1, list.Devices[:1]
		alone.Epoch, alone.Devices = list.Epoch+1, list.Devices[:1]
		other := identity.NewKeyring(identity.NewRoot(), 0)
		foreign := devices.List{Account: other.Shared.Account.ID(), Epoch: list.Epoch + 1, Devices: []devices.Entry{{
			ID: other.Device.ID(), Ed: other.Device.Ed(), Role: core.Primary,
			Consent: devices.Consent(other.Device, other.Shared.Account.ID(), other.Device.ID()),
		}}}
		for name, harm := range map[string]func(){
			"missing":        func() { h.empty(core.Outbox) },
			"unreadable":     func() { h.put(core.Outbox, []byte("rubbish")) },
			"older":          func() { h.put(core.Outbox, sign(older, h.keys.Root.ListKey(), h.keys.Shared.Account)) },
			"by another key": func() { h.put(core.Outbox, sign(alone, other.Root.ListKey(), h.keys.Shared.Account)) },
			"foreign":        func() { h.put(core.Outbox, sign(foreign, other.Root.ListKey(), other.Shared.Account)) },
			"nothing at all": func() { h.empty(core.Outbox); h.empty(core.Private) },
			// Nodes do not replace it before another message lies beside it.
			"an older one, and nothing else": func() {
				h.empty(core.Private)
				h.empty(core.Outbox)
				h.put(core.Outbox, sign(older, h.keys.Root.ListKey(), h.keys.Shared.Account))
			},
		} {
			harm()
			if name == "missing" {
				wait(10 * time.Minute) // it looks by itself
			} else {
				s.reload()
			}
			wait(20 * time.Second)
			if got := published(t, net, s); len(got) != 2 || len(h.kept(net)) != 1 {
				t.Errorf("%s: %d devices and %d parts are published", name, len(got), len(h.kept(net)))
			}
			if v := s.Snapshot(); !linked(2)(v) || listOf(t, s).Epoch != list.Epoch {
				t.Errorf("%s: %s", name, s.state())
			}
		}
		s.stop() // longer than the network keeps anything
		wait(31 * 24 * time.Hour)
		if len(h.kept(net)) > 0 {
			t.Error("the network forgets nothing")
		}
		s.start()
		wait(time.Minute)
		if got := published(t, net, s); len(got) != 2 || len(h.kept(net)) != 1 {
			t.Error("a device that slept heals nothing")
		}
		s.stop() // refreshed weekly
		wait(8 * 24 * time.Hour)
		s.start()
		wait(time.Minute)
		for _, k := range net.Swarm(p.account())[0].Kept() {
			if own := k.Mailbox == h.box(core.Outbox) || k.Mailbox == h.box(core.Private); own && k.Expiry < net.Now()+29*core.Day {
				t.Errorf("in %d something expires in %d h", k.Mailbox.Namespace, (k.Expiry-net.Now())/core.Hour)
			}
		}
		if n := len(h.kept(net)); n != 1 {
			t.Errorf("%d parts", n)
		}
	})
}

// A device that slept for 20 days learns from the outbox alone what became of
// the account, also where a node still shows the list of before; and it heals
// that node. The new list could be stored because the snapshot was, before.
func TestADeviceThatSleptHeals(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		published2(p)
		h := newHolder(t, net, p)
		s.stop()
		h.empty(core.Private) // the list is the account's only message
		behind := net.Swarm(p.account())[0].Info().Ed
		net.Faults().Freeze(behind)
		r := open(t, net, "tablet")
		link(p, r)
		wait(time.Minute)
		p.stop()
		r.stop()
		wait(20 * 24 * time.Hour)
		net.Faults().Revive(behind)
		s.start()
		s.until("the third device", func(v *client.Snapshot) bool { return len(v.Devices) == 3 })
		wait(time.Minute)
		if got := published(t, net, s); len(got) != 3 { // on every node the same
			t.Errorf("%d devices are published", len(got))
		}
	})
}

// Claim 10 for the snapshot: a removed device still has the account key and an
// old snapshot key. What it writes is ignored, by the primary and by whoever
// restores; and what it could read is deleted.
func TestClaim10_SnapshotPartsOfARemovedDeviceAreIgnored(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		words := published2(p)
		p.reload() // both wrote at once; the next look leaves one
		wait(20 * time.Second)
		removed := newHolder(t, net, s)
		before := removed.kept(net)
		if _, err := removed.keys.Shared.Snapshot.Open(before[0]); err != nil || len(before) != 1 {
			t.Fatalf("%d parts, %v", len(before), err)
		}
		p.must(p.Unlink(removed.keys.Device.ID()))
		p.until("it is out", linked(1))
		wait(time.Minute)
		after := removed.kept(net)
		if len(after) != 1 || bytes.Equal(after[0], before[0]) {
			t.Errorf("%d parts", len(after))
		}
		if _, err := removed.keys.Shared.Snapshot.Open(after[0]); err == nil {
			t.Error("a removed device reads the new snapshot")
		}
		leaked := keyringOf(t, p).Shared.Snapshot // as if it had the new key, too
		now, err := snapshot.Open(net.Now(), leaked, p.account(), nil, after[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range now.Registers {
			if id := removed.keys.Device.ID(); r.Name == string(id[:]) && !r.Deleted {
				t.Error("the name of a removed device is kept")
			}
		}
		hacked := snapshot.Part{Written: net.Now(), Registers: []snapshot.Register{{
			Kind: snapshot.Profile, Value: []byte("Hacked"), Time: net.Now() + 9*core.Minute, Device: removed.keys.Device.ID(),
		}}}
		account := removed.keys.Shared.Account.ID()
		old := hacked.Seal(removed.keys.Shared.Snapshot, account, removed.keys.Device)
		swapped := append(bytes.Clone(after[0][:8]), old[8:]...)
		stranger := hacked.Seal(leaked, account, identity.NewDevice())
		for _, data := range [][]byte{old, swapped, hacked.Seal(leaked, account, removed.keys.Device), stranger, []byte("rubbish")} {
			removed.put(core.Private, data)
		}
		wait(11 * time.Minute)
		if v := p.Snapshot(); v.Name != "Ada" || v.Fault != "" {
			t.Errorf("the primary: %q, %s", v.Name, p.state())
		}
		r := restored(t, net, words, "tablet", client.RestoreFound)
		if v := r.Snapshot(); v.Name != "Ada" {
			t.Errorf("restored: %q", v.Name)
		}
	})
}
