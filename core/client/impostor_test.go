package client_test

import (
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/friends"
	"tandem/core/identity"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// impostor is a stranger with an account of its own, who can write everything
// that a client writes.
type impostor struct {
	*stranger
	root *identity.Root
	keys *ratchet.PreKeys
	list []byte
}

func newImpostor(t *testing.T, net *testnet.Network) *impostor {
	t.Helper()
	x := &impostor{stranger: newStranger(t, net), root: identity.NewRoot()}
	x.keys = ratchet.NewPreKeys(x.now(), x.key)
	x.list = x.signs(x.key)
	return x
}

func (x *impostor) id() core.ID { return x.root.Account().ID() }

func (x *impostor) now() core.Millis { return core.Millis(time.Now().UnixMilli()) }

// signs is a list of the impostor's account with one device.
func (x *impostor) signs(device *identity.Device) []byte {
	x.t.Helper()
	signed, err := devices.Sign(x.now(), devices.List{
		Account: x.id(), Epoch: uint64(x.now()), Issued: x.now(),
		Devices: []devices.Entry{{ID: device.ID(), Ed: device.Ed(), Role: core.Primary, Consent: devices.Consent(device, x.id(), device.ID())}},
	}, x.root.ListKey(), x.root.Account())
	if err != nil {
		x.t.Fatal(err)
	}
	return signed
}

func (x *impostor) request(to core.ID) friends.Request {
	return friends.Request{
		ID: friends.NewRequestID(), From: x.id(), To: to, Created: x.now(), Counter: 1,
		List: x.list, Bundle: x.keys.Bundle(x.now(), false).Marshal(), Name: "Mallory",
	}
}

// asks stores a request in an account's mailbox.
func (x *impostor) asks(to core.ID, signed []byte) {
	x.t.Helper()
	x.store(to, envelope.SealSession(x.root.Account(), to, x.now(), &wire.Content{
		Data: &wire.DataMessage{Body: "Hello", Name: "Mallory"}, Friend: signed,
	}))
}

// begs asks a device for a session, in the name of an account.
func (x *impostor) begs(account, to core.ID, content *wire.Content) {
	x.t.Helper()
	x.store(to, x.seal(to, envelope.Sealed{
		Account: account, Kind: envelope.SessionRequest, Body: wire.Pad(content.Marshal()), Created: x.now(),
	}))
}

// What is no request by a device of the account that sent it shows nothing; what
// is one, is one row, however often it was stored, and under however many ids.
func TestForgedRequestsShowNothing(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		b := open(t, net, "B1")
		bob := b.register("Bob")
		b.listed()
		x, other := newImpostor(t, net), newImpostor(t, net)
		for _, change := range []func(*friends.Request){
			func(r *friends.Request) { r.List = x.signs(other.key) }, // not in its own list
			func(r *friends.Request) { r.List = other.list },
			func(r *friends.Request) { r.List = []byte("list") },
			func(r *friends.Request) { r.Bundle = other.keys.Bundle(x.now(), false).Marshal() },
			func(r *friends.Request) { r.Bundle = []byte("bundle") },
			func(r *friends.Request) { r.From = other.id() },
			func(r *friends.Request) { r.To = other.id() },
			func(r *friends.Request) { r.Created += 11 * core.Minute },
			func(r *friends.Request) { r.Created -= friends.Expiry },
			func(r *friends.Request) { r.Counter = 0 },
		} {
			r := x.request(bob)
			change(&r)
			x.asks(bob, r.Sign(x.key))
			x.asks(bob, r.Sign(other.key))
		}
		x.asks(bob, []byte("junk"))
		wait(time.Minute)
		if v := b.Snapshot(); len(v.Requests) > 0 {
			t.Errorf("it shows %+v", v.Requests)
		}
		for range 20 {
			x.asks(bob, x.request(bob).Sign(x.key))
		}
		b.until("one row", asks(x.id()))
		wait(time.Minute)
		if v := b.Snapshot(); len(v.Requests) != 1 {
			t.Errorf("it shows %+v", v.Requests)
		}
		b.must(b.Decline(x.id()))
		wait(2 * time.Minute)
		if v := b.Snapshot(); len(v.Requests) > 0 {
			t.Errorf("after Decline it shows %+v", v.Requests)
		}
	})
}

// A list that is blown up by what readers skip is valid, and too large to be
// kept: it does not count, wherever it comes from, and breaks nothing.
func TestListsTooLargeToKeep(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.stop()
		x := newLiar(t, q.a1)
		large := wire.AppendBytes(q.a1.signed(func(*devices.List) {}), 99, make([]byte, 12<<10)) // a newer one
		if _, err := devices.Parse(large, q.ada); err != nil {
			t.Fatal(err)
		}
		to := q.b1.id()
		x.begs(to, x.request(large))
		x.says(to, &wire.Content{DeviceList: large})
		stranger := newImpostor(t, net)
		large = wire.AppendBytes(slices.Clone(stranger.list), 99, make([]byte, 12<<10))
		r := stranger.request(q.bob)
		r.List = large
		stranger.asks(q.bob, r.Sign(stranger.key))
		stranger.begs(stranger.id(), to, &wire.Content{Request: &wire.SessionRequest{
			Bundle: stranger.keys.Bundle(x.now(), true).Marshal(), List: large, Created: x.now(), Proof: make([]byte, 32),
		}})
		wait(time.Minute)
		q.b1.reload()
		v := q.b1.until("as before", func(v *client.Snapshot) bool { return friendly(q.ada, 2)(v) && v.Network.LastPoll > 0 })
		if len(v.Requests) > 0 {
			t.Errorf("it shows %+v", v.Requests)
		}
	})
}

// A crowd that asks is bounded, and so is what devices of nobody's leave behind
// who ask for sessions. Nothing of it takes part in what friends do.
func TestACrowdIsBounded(t *testing.T) {
	long(t)
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		b := open(t, net, "B1")
		bob := b.register("Bob")
		b.listed()
		device := b.id()
		x := newImpostor(t, net)
		var first core.ID
		for n := range 260 {
			x.root, x.key = identity.NewRoot(), identity.NewDevice()
			x.keys, x.list = ratchet.NewPreKeys(x.now(), x.key), x.signs(x.key)
			x.asks(bob, x.request(bob).Sign(x.key))
			x.begs(x.id(), device, &wire.Content{Request: &wire.SessionRequest{
				Bundle: x.keys.Bundle(x.now(), true).Marshal(), List: x.list, Created: x.now(),
			}})
			if n == 0 {
				first = x.id()
			}
			wait(10 * time.Millisecond)
		}
		b.until("a crowd", func(v *client.Snapshot) bool { return len(v.Requests) == 256 })
		wait(2 * time.Minute)
		v := b.Snapshot()
		for _, r := range v.Requests {
			if r.Account == first {
				t.Error("the oldest did not make room")
			}
		}
		held := 0
		for _, r := range b.disk.reveal(t) {
			if r.kind == store.Peer {
				held++
			}
		}
		if len(v.Requests) != 256 || held > 256 || b.sessions() > 0 {
			t.Errorf("%d requests, %d held, %d sessions", len(v.Requests), held, b.sessions())
		}
	})
}

// Only a device in the list of who was asked accepts, and only for them.
func TestForgedAcceptancesAreNone(t *testing.T) {
	t.Parallel()
	unacquainted(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.must(q.a1.Befriend(q.bob.Hex(), "Hello"))
		q.b1.until("the request", asks(q.ada))
		var id friends.RequestID
		for account, ask := range q.b1.askedBy(t) {
			if account == q.ada {
				id = ask.IDs[0]
			}
		}
		x, device := newImpostor(t, net), q.a1.id()
		theirs := ownList(t, q.b1)
		for _, list := range [][]byte{x.list, theirs} {
			for _, account := range []core.ID{x.id(), q.bob} {
				accept := friends.Accept{ID: id, From: account, To: q.ada, At: x.now(), List: devices.Hash(list)}
				x.begs(account, device, &wire.Content{
					Request: &wire.SessionRequest{Bundle: x.keys.Bundle(x.now(), true).Marshal(), List: list, Created: x.now()},
					Accept:  accept.Sign(x.key),
				})
				wait(6 * time.Second)
			}
		}
		wait(time.Minute)
		for _, d := range []*tab{q.a1, q.a2} {
			if row := rowOf(d.Snapshot(), q.bob); row.Friendship != client.Asked || len(d.Snapshot().Chats) != 2 || d.sessions() != 1 {
				t.Errorf("%s shows %+v, %d sessions", d.name, row, d.sessions())
			}
		}
		q.b1.must(q.b1.Accept(q.ada))
		q.settled()
	})
}

// askedBy are the requests that wait on a device's disk.
func (d *tab) askedBy(t *testing.T) map[core.ID]friends.Ask {
	t.Helper()
	out := map[core.ID]friends.Ask{}
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.Asked {
			ask, err := friends.ParseAsk(r.value)
			if err != nil {
				t.Fatal(err)
			}
			id, err := core.IDFromBytes([]byte(r.name))
			if err != nil {
				t.Fatal(err)
			}
			out[id] = ask
		}
	}
	return out
}

// ownList is the signed list of a device's own account.
func ownList(t *testing.T, d *tab) []byte {
	t.Helper()
	return newLiar(t, d).list
}

// A friend's device that asks for one session after the other gets one now and
// then.
func TestAStormOfSessionRequests(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a2.stop()
		x := newLiar(t, q.a2)
		before := inbox(net, x.key.ID())
		to := q.b1.id()
		for range 60 {
			x.begs(to, x.request(nil))
			wait(time.Second)
		}
		wait(30 * time.Second)
		if n := news(before, inbox(net, x.key.ID())); n < 1 || n > 12 {
			t.Errorf("%d answers to 60 requests", n)
		}
		q.a2.start()
		q.b1.must(q.b1.Send(q.ada, "after the storm"))
		for _, d := range []*tab{q.a1, q.a2} {
			d.until("the message", says(q.bob, "after the storm"))
		}
	})
}
