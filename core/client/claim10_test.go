package client_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/courier"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/ratchet"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// liar is who holds all that a device of the account held, and does not wipe it.
type liar struct {
	*stranger
	keys     *identity.Keyring
	sessions map[core.ID]*ratchet.Session
	prekeys  *ratchet.PreKeys
	list     []byte // the newest that it knew
}

// newLiar copies a device that is switched off.
func newLiar(t *testing.T, d *tab) *liar {
	t.Helper()
	x := &liar{stranger: newStranger(t, d.net), sessions: map[core.ID]*ratchet.Session{}}
	lists := map[string][]byte{} // by account
	for _, r := range d.disk.reveal(t) {
		var err error
		switch r.kind {
		case store.Keyring:
			x.keys, err = identity.ParseKeyring(r.value)
		case store.PreKeys:
			x.prekeys, err = ratchet.ParsePreKeys(r.value)
		case store.Session:
			var s *ratchet.Session
			if s, err = ratchet.ParseSession(r.value); err == nil {
				x.sessions[s.Peer()] = s
			}
		case store.DeviceList:
			err = wire.Fields(r.value, func(f wire.Field) error {
				if f.Number == 3 {
					lists[r.name] = slices.Clone(f.Bytes)
				}
				return nil
			})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	x.key = x.keys.Device
	account := x.account()
	x.list = lists[string(account[:])]
	return x
}

// says sends content in the session with a device.
func (x *liar) says(to core.ID, content *wire.Content) {
	x.t.Helper()
	// Without a number in the pair, so that no gap in these is seen and asked about.
	content.Header = &wire.Header{OwnEpoch: 1, PeerEpoch: 1, Sent: x.now()}
	if content.Data != nil { // a message of a conversation has a number
		content.Header.Counter = uint64(x.now())
	}
	kind, body, err := x.sessions[to].Encrypt(wire.Pad(content.Marshal()))
	if err != nil {
		x.t.Fatal(err)
	}
	x.tells(to, envelope.Kind(kind), body)
}

// begs sends content that needs no session.
func (x *liar) begs(to core.ID, content *wire.Content) {
	x.t.Helper()
	x.tells(to, envelope.SessionRequest, wire.Pad(content.Marshal()))
}

func (x *liar) tells(to core.ID, kind envelope.Kind, body []byte) {
	x.t.Helper()
	x.store(to, x.seal(to, envelope.Sealed{Account: x.account(), Kind: kind, Body: body, Created: x.now()}))
}

func (x *liar) account() core.ID { return x.keys.Shared.Account.ID() }

func (x *liar) now() core.Millis { return core.Millis(time.Now().UnixMilli()) }

// forged is a list in which the liar is primary, under a list key of its own:
// the account key it has.
func (x *liar) forged(change func(*devices.List)) []byte {
	x.t.Helper()
	l := devices.List{
		Account: x.account(), Epoch: uint64(x.now()) + 1000, Issued: x.now(),
		Devices: []devices.Entry{{
			ID: x.key.ID(), Ed: x.key.Ed(), Role: core.Primary, Consent: devices.Consent(x.key, x.account(), x.key.ID()),
		}},
	}
	change(&l)
	signed, err := devices.Sign(x.now(), l, identity.NewRoot().ListKey(), x.keys.Shared.Account)
	if err != nil {
		x.t.Fatal(err)
	}
	return signed
}

// request is a session request with a fresh bundle.
func (x *liar) request(list []byte) *wire.Content {
	return &wire.Content{Request: &wire.SessionRequest{
		Bundle: x.prekeys.Bundle(x.now(), true).Marshal(), List: list, Created: x.now(), Reason: wire.ReasonNoSession,
	}}
}

// lies is all that a removed device could try with one that stayed.
func (x *liar) lies(to, other core.ID) {
	x.t.Helper()
	account := x.account()
	register := snapshot.Register{
		Kind: snapshot.Device, Name: string(to[:]), Value: snapshot.MarshalFacts(core.Facts{Name: "mine"}),
		Time: x.now(), Device: x.key.ID(),
	}
	usurps := x.forged(func(*devices.List) {})
	for _, content := range []*wire.Content{
		{Ping: true},
		{Sent: &wire.Sent{Conversation: account, Body: "a lie", Sent: x.now(), Counter: 99}},
		{DeviceList: x.list},
		{DeviceList: usurps},
		{Unlinked: x.forged(func(l *devices.List) { l.Removed = []devices.Removed{{ID: to, At: 1}} })},
		{Update: &wire.Update{Registers: [][]byte{register.Marshal()}, Asks: uint64(x.now())}},
	} {
		x.says(to, content)
	}
	x.begs(to, x.request(nil))
	x.begs(to, x.request(x.list))
	x.begs(to, x.request(usurps))
	x.begs(to, &wire.Content{Unlinked: x.forged(func(l *devices.List) { l.Removed = []devices.Removed{{ID: to, At: 1}} })})
	// It cannot say farewell for another device, nor under another account.
	fake := devices.SignFarewell(x.key, account, 1, devices.Leaves)
	forOther, err := wire.ParseSigned(fake)
	if err != nil {
		x.t.Fatal(err)
	}
	id, victim := x.key.ID(), other
	forOther.Body = []byte(strings.Replace(string(forOther.Body), string(id[:]), string(victim[:]), 1))
	x.begs(to, &wire.Content{Farewell: forOther.Marshal()})
}

// usurp overwrites the account's public outbox, which the account key can.
func (x *liar) usurp(signed []byte) {
	x.t.Helper()
	shared := x.keys.Shared
	if _, err := x.net.Store(context.Background(), courier.StoreOrder{
		Mailbox: core.Mailbox{Owner: x.account(), Namespace: core.Outbox},
		Data:    shared.Reading.Seal(signed), TTL: core.Day, Auth: shared.Account,
	}); err != nil {
		x.t.Fatal(err)
	}
}

// inbox are the hashes of all that the network keeps for a device.
func inbox(net *testnet.Network, device core.ID) map[string]bool {
	out := map[string]bool{}
	for _, node := range net.Swarm(device) {
		for _, k := range node.Kept() {
			if k.Mailbox == (core.Mailbox{Owner: device}) {
				out[k.Hash] = true
			}
		}
	}
	return out
}

// After its Unlinked a removed device gets nothing more, whatever it says
// (multi-device.md §11, claim 10): no message, no transcript, no list, no
// session, and nothing that it says changes anything. When it wakes it wipes
// itself, and its farewell is heard.
func TestClaim10_ARemovedDeviceGetsNothingMore(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		l := open(t, net, "tablet")
		add(p, l)
		p.must(p.SendNote("all three"))
		for _, d := range []*tab{p, s, l} {
			d.until("the note", shows("all three"))
			d.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		}
		wait(20 * time.Second) // for what was just set to be told
		gone := s.id()
		s.stop()
		x := newLiar(t, s)
		before := inbox(net, gone)

		p.must(p.Unlink(gone))
		stay := []*tab{p, l}
		for _, d := range stay {
			d.until("two devices", lists(p.id(), l.id()))
			d.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		}
		after := inbox(net, gone)
		if n := news(before, after); n != 1 {
			t.Fatalf("%d messages for the removed device", n)
		}

		x.lies(p.id(), l.id())
		x.lies(l.id(), p.id())
		p.must(p.SendNote("not for the laptop"))
		l.must(l.SendNote("nor this"))
		l.must(l.RenameDevice(l.id(), "Kitchen"))
		x.usurp(x.list)
		wait(11 * time.Minute)
		add(p, open(t, net, "desk")) // another list
		wait(time.Minute)
		if n := news(after, inbox(net, gone)); n != 0 {
			t.Errorf("%d messages for the removed device after its Unlinked", n)
		}
		if got := published(t, net, p); len(got) != 3 || slices.Contains(got, gone) {
			t.Errorf("published: %v", got)
		}
		for _, d := range stay {
			v := d.Snapshot()
			if v.Refused < 10 || len(v.Devices) != 3 || strings.Contains(texts(v), "lie") || v.Devices[0].Facts.Name == "mine" {
				t.Errorf("%s, %d refused: %s", d.name, v.Refused, d.state())
			}
			for _, r := range d.disk.reveal(t) {
				if r.kind == store.Session && r.name == string(gone[:]) {
					t.Errorf("%s has a session with the removed device", d.name)
				}
			}
		}

		// It wakes up.
		refused := p.Snapshot().Refused
		s.start()
		s.until("it goes", func(v *client.Snapshot) bool { return v.Leaving || v.Phase == client.Erased })
		s.until("it is wiped", phase(client.Erased))
		wait(10 * time.Second)
		if n := p.Snapshot().Refused; n != refused {
			t.Errorf("the farewell was refused, or more was said: %d", n-refused)
		}
	})
}

// signed is a list that the account's primary could have signed: its newest one,
// changed.
func (d *tab) signed(change func(l *devices.List)) []byte {
	d.t.Helper()
	t := d.t.(*testing.T)
	x := newLiar(t, d)
	l, err := devices.Parse(x.list, x.account())
	if err != nil {
		t.Fatal(err)
	}
	l.Epoch = max(l.Epoch+1, uint64(x.now()))
	l.Devices = slices.Clone(l.Devices)
	change(&l)
	out, err := devices.Sign(x.now(), l, x.keys.Root.ListKey(), x.keys.Shared.Account)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func without(l *devices.List, id core.ID) {
	l.Devices = slices.DeleteFunc(l.Devices, func(e devices.Entry) bool { return e.ID == id })
}

// A device wipes itself only when a valid higher list names it as removed: not
// for an older one, nor one of another list key, nor for one that merely leaves
// it out. Then it stops sending and keeps everything; named again it goes on, and
// what it wrote meanwhile arrives.
func TestClaim10_AnAbsentDeviceIsNeverWiped(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		s.must(s.SendNote("before"))
		p.until("the note", shows("before"))
		device, primary := s.id(), p.id()
		p.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		p.stop()
		x := newLiar(t, p) // all that the primary can say
		removes := func(l *devices.List) {
			without(l, device)
			l.Removed = []devices.Removed{{ID: device, At: 1}}
		}
		old := p.signed(func(l *devices.List) { removes(l); l.Epoch = 5 })
		foreign := x.forged(func(l *devices.List) { l.Removed = []devices.Removed{{ID: device, At: 1}} })
		absent := p.signed(func(l *devices.List) { without(l, device) })
		for _, signed := range [][]byte{old, foreign} {
			x.says(device, &wire.Content{Unlinked: signed})
			x.says(device, &wire.Content{DeviceList: signed})
			x.begs(device, &wire.Content{Unlinked: signed})
			x.begs(device, x.request(signed))
			x.usurp(signed)
			wait(11 * time.Minute)
			if v := s.Snapshot(); v.Phase != client.Main || v.Leaving || v.Absent || len(v.Devices) != 2 {
				t.Fatalf("it believed that: %s", s.state())
			}
		}
		x.says(device, &wire.Content{Unlinked: absent})
		s.until("it is absent", func(v *client.Snapshot) bool { return v.Absent })
		quiet := inbox(net, primary)
		wait(time.Second)
		s.must(s.SendNote("meanwhile"))
		s.reload()
		s.until("it is absent", func(v *client.Snapshot) bool { return v.Absent && texts(v) == "before|meanwhile" && !v.Leaving })
		for name, err := range map[string]error{"Unlink": s.Unlink(primary), "Rename": s.RenameDevice(primary, "x")} {
			if err == nil {
				t.Errorf("%s by a device that is not listed", name)
			}
		}
		wait(5 * time.Minute)
		if n := news(quiet, inbox(net, primary)); n != 0 {
			t.Errorf("an absent device sent %d messages", n)
		}
		again := p.signed(func(l *devices.List) { l.Epoch = uint64(x.now()) })
		x.begs(device, x.request(again))
		s.until("it is back", func(v *client.Snapshot) bool { return !v.Absent && len(v.Devices) == 2 && v.Network.Queue == 0 })
		p.start()
		p.until("the note", shows("before|meanwhile"))
	})
}

// A device that is absent is linked again by its user: what it holds stays, what
// it wrote arrives once, with a new device key. Cancel changes nothing.
func TestAskToBeAdded(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		if err := s.AskToBeAdded(); err == nil {
			t.Error("a listed device asks")
		}
		s.must(s.SendNote("before"))
		p.until("the note", shows("before"))
		s.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		device := s.id()
		wait(10 * time.Second) // nobody's list is on its way to the outbox any more
		p.stop()
		x := newLiar(t, p)
		absent := p.signed(func(l *devices.List) { without(l, device) })
		x.usurp(absent)
		s.reload() // and reads the outbox
		s.until("it is absent", func(v *client.Snapshot) bool { return v.Absent })
		wait(time.Second) // for the order of the notes
		s.must(s.SendNote("meanwhile"))

		s.must(s.AskToBeAdded())
		s.until("asking", join(client.JoinAsking))
		s.reload()
		s.until("asking", join(client.JoinAsking))
		s.must(s.CancelJoin())
		p.start() // whose newest list is the one in the outbox
		p.until("it is alone", linked(1))
		s.until("told", func(v *client.Snapshot) bool { return v.Phase == client.Main || v.Join.Stage == client.JoinGone })
		if s.Snapshot().Phase == client.Joining {
			s.must(s.Acknowledge())
		}
		s.until("as before", func(v *client.Snapshot) bool { return v.Absent && texts(v) == "before|meanwhile" })

		s.must(s.AskToBeAdded())
		p.must(p.OpenDialog())
		attempt := words(p, s)
		p.must(p.Authorise(attempt, ""))
		s.until("the grant", join(client.JoinHolding))
		s.must(s.Finish())
		v := s.until("linked again", func(v *client.Snapshot) bool {
			return linked(2)(v) && !v.Absent && v.Network.Queue == 0 && texts(v) == "before|meanwhile"
		})
		if s.id() == device {
			t.Error("the same device key")
		}
		for _, m := range v.Logs[v.Account] {
			if (m.Body == "meanwhile") != (m.ID.Device == s.id()) {
				t.Errorf("%q is by %v", m.Body, m.ID.Device)
			}
		}
		p.until("the note", shows("before|meanwhile"))
		p.must(p.SendNote("and on"))
		s.until("the note", shows("before|meanwhile|and on"))
		s.reload()
		s.until("all of it", shows("before|meanwhile|and on"))
	})
}
