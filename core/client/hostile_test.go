package client_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// stranger can write to any inbox.
type stranger struct {
	t   *testing.T
	net *courier.Courier
	key *identity.Device
}

func newStranger(t *testing.T, net *testnet.Network) *stranger {
	t.Helper()
	file, err := courier.ParseNetworkFile(net.NetworkFile("local", "/gateway"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := courier.New(courier.Config{
		Transport: net.Transport(), Net: file,
		LocalNow: func() core.Millis { return core.Millis(time.Now().UnixMilli()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return &stranger{t: t, net: c, key: identity.NewDevice()}
}

func (x *stranger) store(to core.ID, data []byte) {
	x.t.Helper()
	_, err := x.net.Store(context.Background(), courier.StoreOrder{
		Mailbox: core.Mailbox{Owner: to}, Data: data, TTL: core.Day,
	})
	if err != nil {
		x.t.Fatal(err)
	}
}

// seal makes a sealed message between devices.
func (x *stranger) seal(to core.ID, s envelope.Sealed) []byte {
	x.t.Helper()
	data, err := envelope.SealDevice(x.key, to, s)
	if err != nil {
		x.t.Fatal(err)
	}
	return data
}

// junk is what a stranger can think of, for a device and for an account.
func (x *stranger) junk(device, account core.ID) (toDevice, toAccount [][]byte) {
	now := core.Millis(time.Now().UnixMilli())
	noise := make([]byte, 700)
	rand.Read(noise)
	linking := func(kind uint64) []byte {
		return wire.Pad((&wire.Content{Linking: &wire.Linking{Kind: kind, Signed: noise}}).Marshal())
	}
	toDevice = [][]byte{noise, {0}, bytes.Repeat([]byte{0xff}, 70_000)}
	for kind := range envelope.Kind(6) {
		for i, body := range [][]byte{noise, {0x33}, bytes.Repeat([]byte{0x33}, 60_000), linking(uint64(kind)), linking(200)} {
			created := []core.Millis{now, now + tenYears, 1, now, now}[i]
			toDevice = append(toDevice, x.seal(device, envelope.Sealed{Account: account, Kind: kind, Body: body, Created: created}))
		}
	}
	toAccount = [][]byte{noise}
	for _, content := range []*wire.Content{
		{}, {Ping: true}, {DeviceList: noise}, {Unlinked: noise}, {Data: &wire.DataMessage{Body: "hello"}},
		{Sent: &wire.Sent{Conversation: account, Body: "not yours", Counter: 1}},
		{Linking: &wire.Linking{Kind: 1, Signed: noise}}, {Linking: &wire.Linking{Kind: 6, Signed: noise}},
	} {
		content.SigTimestamp = now
		toAccount = append(toAccount, envelope.SealSession(x.key, account, now, content))
	}
	return toDevice, toAccount
}

// What strangers put into the mailboxes stands in nobody's way: what comes
// behind it is read, it shows nothing, it is read once from each node, and
// leaves nothing on the disk.
func TestHostileMailBlocksNothing(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		device, account := p.Snapshot().Devices[0].ID, p.account()
		x := newStranger(t, net)
		toDevice, toAccount := x.junk(device, account)
		wait(10 * time.Second)
		before := len(p.disk.Snapshot())
		for _, data := range toDevice {
			x.store(device, data)
		}
		for _, data := range toAccount {
			x.store(account, data)
		}
		s.must(s.SendNote("behind all of it"))
		start := time.Now()
		v := p.until("the note", shows("behind all of it"))
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
		if v.Fault != "" || v.Dialog.Notice || len(v.Dialog.Askers) > 0 {
			t.Errorf("it shows: %s", p.state())
		}
		wait(2 * time.Minute) // some nodes of both swarms are asked
		if after := len(p.disk.Snapshot()); after > before+40 {
			t.Errorf("%d records became %d", before, after)
		}
		kinds := map[store.Kind]int{}
		for _, r := range p.disk.reveal(t) {
			kinds[r.kind]++
		}
		if kinds[store.Linking] > 1 { // that of the laptop
			t.Errorf("%d attempts to link", kinds[store.Linking])
		}
	})
}
