package client_test

import (
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/ratchet"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// taggedFor is content that needs no session, of a device that says it is of an
// account.
func taggedFor(account core.ID, now core.Millis, content *wire.Content) envelope.Sealed {
	return envelope.Sealed{
		Account: account, Kind: envelope.SessionRequest, Body: wire.Pad(content.Marshal()), Created: now,
	}
}

// forget removes records from a device that is switched off.
func (d *tab) forget(kind store.Kind, names ...core.ID) {
	d.edit(func(_ *store.Store, c *store.Change) {
		for _, id := range names {
			c.Delete(kind, string(id[:]))
		}
		if len(names) == 0 {
			c.DeleteKind(kind)
		}
	})
}

// keepList puts an older device list back on a disk.
func (d *tab) keepList(t *testing.T, old []record) {
	for _, r := range old {
		if r.kind == store.DeviceList {
			d.edit(func(_ *store.Store, c *store.Change) { c.Put(store.DeviceList, r.name, r.value) })
		}
	}
}

// A device that lost its session with a sibling, or whose messages that one
// cannot open any more, gets a new one, also where both ask at once, and where
// the sibling sleeps for days; what was written meanwhile arrives once.
func TestSessionsHeal(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s, l := trio(t, net)
		a, b := s.id(), l.id()
		s.stop()
		l.stop()
		s.forget(store.Session, b) // both at once
		l.forget(store.Session, a)
		s.start()
		s.must2(s.SendNote, "to whom it may concern")
		l.start()
		l.must2(l.SendNote, "likewise")
		allShow([]string{"three", "to whom it may concern", "likewise"}, p, s, l)

		// One of them only, and the other one's messages cannot be opened.
		s.stop()
		s.forget(store.Session, b)
		l.must(l.SendNote("unreadable")) // is lost to it: there is no resend yet
		l.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		s.start()
		s.until("asks", func(v *client.Snapshot) bool { return v.Network.LastPoll > 0 })
		wait(time.Minute)
		l.must(l.SendNote("readable"))
		s.until("the note", func(v *client.Snapshot) bool { return has(v, "readable") })

		// A session that does not match: it is noticed by what cannot be opened.
		s.stop()
		l.stop()
		stale := newLiar(t, l).sessions[a].Marshal()
		l.start()
		s.start()
		l.must2(l.SendNote, "x")
		for range 2 { // both turn the ratchet
			s.must2(s.SendNote, "y")
			wait(10 * time.Second)
			l.must(l.SendNote("z"))
			wait(10 * time.Second)
		}
		l.stop()
		l.edit(func(_ *store.Store, c *store.Change) { c.Put(store.Session, string(a[:]), stale) })
		l.start()
		l.until("main page", linked(3))
		s.must(s.SendNote("of a chain that it does not know")) // lost, too
		wait(2 * time.Minute)
		s.must(s.SendNote("in a new one"))
		l.until("the note", func(v *client.Snapshot) bool { return has(v, "in a new one") })
		l.must(l.SendNote("and back"))
		s.until("the note", func(v *client.Snapshot) bool { return has(v, "and back") })

		// One sleeps: the other asks again and again, less and less often.
		l.stop()
		s.stop()
		s.forget(store.Session, b)
		p.stop()
		before := inbox(net, b)
		s.start()
		s.until("online", func(v *client.Snapshot) bool { return v.Phase == client.Main && v.Network.LastPoll > 0 })
		s.line.set(true) // no second request before the first lies in the network
		s.must(s.SendNote("sleep well"))
		wait(3 * time.Minute)
		if n := s.Snapshot().Network.Queue; n > 4 { // two copies of the note, one request, and how many were sent so far
			t.Errorf("%d wait to go out", n)
		}
		s.line.set(false)
		asked := 3 // at once, after 10 s, and after a minute
		wait(3 * time.Minute)
		for range 4 { // after 10 minutes, after an hour, and then daily
			if n := news(before, inbox(net, b)); n != asked {
				t.Errorf("%d requests, not %d", n, asked)
			}
			asked++
			s.stop()
			wait(24 * time.Hour)
			s.start()
			s.until("main page", linked(3))
			wait(time.Minute)
		}
		p.start()
		l.start()
		l.until("the note", func(v *client.Snapshot) bool { return has(v, "sleep well") })
		s.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
	})
}

// news is how many are in now and were not in before.
func news(before, now map[string]bool) (n int) {
	for hash := range now {
		if !before[hash] {
			n++
		}
	}
	return n
}

// has: the note is shown once.
func has(s *client.Snapshot, text string) bool {
	n := 0
	for _, m := range s.Logs[s.Account] {
		if m.Body == text {
			n++
		}
	}
	return n == 1
}

// A request of a device that the list does not name is held, and answered when a
// list does; a copy, an older one, and one with another device's bundle are not
// answered at all. Strangers' requests are bounded, and none is answered.
func TestRequestsAreHeld(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := offPair(t, net)
		old := s.disk.reveal(t)
		p.start()
		s.start()
		l := open(t, net, "tablet")
		add(p, l)
		asker, device := l.id(), s.until("three", linked(3)).Devices[0].ID
		wait(time.Minute)
		for _, d := range []*tab{p, s, l} {
			d.stop()
		}
		x := newLiar(t, l)
		// The laptop as it was before the tablet came, in a network that has
		// forgotten all.
		wait(31 * 24 * time.Hour)
		s.forget(store.Session, asker)
		s.forget(store.Peer)
		s.keepList(t, old)
		s.start()
		s.until("it has forgotten the tablet", linked(2))
		x.begs(device, x.request(nil))
		x.begs(device, &wire.Content{Request: &wire.SessionRequest{ // somebody else's bundle, newer
			Bundle: newBundle(net), Created: x.now() + 1, Reason: 1,
		}})
		strangers := 300
		for n := range strangers {
			y := &stranger{t: t, net: x.net, key: identity.NewDevice()}
			y.store(device, y.seal(device, taggedFor(x.account(), net.Now(), &wire.Content{
				Request: &wire.SessionRequest{Bundle: newBundle(net), Created: core.Millis(n + 1)},
			})))
		}
		wait(2 * time.Minute)
		if n := len(inbox(net, asker)); n != 0 {
			t.Errorf("%d answers before any list", n)
		}
		s.reload()
		s.until("main page", linked(2))
		wait(10 * time.Second)
		held := 0
		for _, r := range s.disk.reveal(t) {
			if r.kind == store.Peer {
				held++
			}
		}
		if held < 200 || held > 257 {
			t.Errorf("%d requests are held", held)
		}
		s.stop()
		wait(15 * 24 * time.Hour)
		s.start()
		s.until("main page", linked(2))
		wait(10 * time.Second)
		for _, r := range s.disk.reveal(t) {
			if r.kind == store.Peer {
				t.Fatal("a request is held for ever")
			}
		}
		x.begs(device, x.request(nil)) // the newest of the asker
		wait(time.Minute)
		p.start()
		p.must2(p.SendNote, "I have a newer list")
		s.until("the list", linked(3))
		wait(time.Minute)
		answered := len(inbox(net, asker))
		if answered == 0 {
			t.Error("no answer")
		}
		p.stop()
		old1 := x.request(nil)
		old1.Request.Created -= core.Hour
		x.begs(device, old1)
		wrong := x.request(nil) // with a bundle that is not the asker's
		wrong.Request.Bundle = newBundle(net)
		x.begs(device, wrong)
		wait(time.Minute)
		if n := len(inbox(net, asker)); n != answered {
			t.Errorf("an older request was answered, or one with another device's bundle")
		}
		s.stop()
		s.forget(store.Session, asker) // and where there is no session yet
		s.start()
		s.until("main page", linked(3))
		wrong = x.request(nil)
		wrong.Request.Bundle = newBundle(net)
		x.begs(device, wrong)
		wait(time.Minute)
		s.stop()
		for _, r := range s.disk.reveal(t) {
			if r.kind == store.Session && r.name != string(asker[:]) && r.name != string(p.idOff(t)) {
				t.Error("a stranger has a session")
			}
		}
	})
}

// idOff is the device of a tab that is switched off.
func (d *tab) idOff(t *testing.T) []byte {
	id := newLiar(t, d).key.ID()
	return id[:]
}

// newBundle is a bundle of nobody.
func newBundle(net *testnet.Network) []byte {
	return ratchet.NewPreKeys(net.Now(), identity.NewDevice()).Bundle(net.Now(), true).Marshal()
}

// A device whose list is older is told by any sibling that hears it, and so is
// one that lacks the snapshot key; the primary is not needed, nor the outbox.
func TestSiblingsHealEachOther(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s, l := trio(t, net)
		desk := open(t, net, "desk")
		add(p, desk)
		wait(time.Minute)
		s.until("four", linked(4))
		l.until("four", linked(4))
		s.stop()
		old := s.disk.reveal(t)
		p.must(p.Unlink(desk.id()))
		desk.until("wiped", phase(client.Erased))
		desk.stop()
		l.until("three", linked(3))
		wait(time.Minute)
		s.start()
		s.until("three", linked(3))
		wait(time.Minute)
		primary := p.id()
		for _, d := range []*tab{p, s, l} {
			d.stop()
		}
		key := newLiar(t, s).keys.Shared.Snapshot
		wait(31 * 24 * time.Hour) // no mailbox holds anything any more
		s.keepList(t, old)
		for _, r := range old {
			if r.kind == store.Keyring {
				s.edit(func(_ *store.Store, c *store.Change) { c.Put(store.Keyring, "", r.value) })
			}
		}
		s.start()
		s.until("the old list", linked(4))
		l.start()
		start := time.Now()
		l.must2(l.SendNote, "have you heard")
		s.until("the new list", func(v *client.Snapshot) bool { return len(v.Devices) == 3 })
		if took := time.Since(start); took > 2*time.Minute { // the outbox is read every ten
			t.Errorf("it took %v", took)
		}
		wait(time.Minute)
		s.stop()
		l.stop()
		x := newLiar(t, s)
		part := snapshot.Part{}.Seal(key, x.account(), x.key)
		if _, err := x.keys.Shared.Snapshot.Open(part); err != nil {
			t.Error("it lacks the snapshot key")
		}
		list, err := devices.Parse(x.list, x.account())
		if err != nil || list.Primary().ID != primary || len(list.Removed) != 1 {
			t.Errorf("its list: %v", err)
		}
	})
}

// What a listed device says is taken whole or not at all, and only what is its
// to say: a snapshot key of another e, or in place of one that is there, is not,
// nor is anything that it says for another account.
func TestSiblingsAreNotBelievedEverything(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s, l := trio(t, net)
		wait(20 * time.Second)
		ids := [3]core.ID{p.id(), s.id(), l.id()}
		s.stop()
		x := newLiar(t, s)
		list, err := devices.Parse(x.list, x.account())
		if err != nil {
			t.Fatal(err)
		}
		key := x.keys.Shared.Snapshot
		fake := identity.NewRoot()
		name := func(text string, device core.ID) []byte {
			r := snapshot.Register{
				Kind: snapshot.Device, Name: string(device[:]), Value: snapshot.MarshalFacts(core.Facts{Name: text}),
				Time: x.now() + core.Minute, Device: x.key.ID(),
			}
			return r.Marshal()
		}
		for _, to := range ids[:] {
			if to == ids[1] {
				continue
			}
			x.says(to, &wire.Content{Update: &wire.Update{Key: fake.SnapshotKey(list.SnapshotEpoch).Handover()}})
			x.says(to, &wire.Content{Update: &wire.Update{Key: fake.SnapshotKey(list.SnapshotEpoch + 1).Handover()}})
			x.says(to, &wire.Content{Update: &wire.Update{Key: []byte("no key")}})
			x.says(to, &wire.Content{Update: &wire.Update{Registers: [][]byte{name("half", ids[0]), []byte("no register")}}})
			kind, body, err := x.sessions[to].Encrypt(wire.Pad((&wire.Content{Sent: &wire.Sent{
				Conversation: x.account(), Body: "of another account", Sent: x.now(), Counter: 50,
			}}).Marshal()))
			if err != nil {
				t.Fatal(err)
			}
			x.store(to, x.seal(to, envelope.Sealed{Account: ids[1], Kind: envelope.Kind(kind), Body: body, Created: x.now()}))
			request := taggedFor(ids[1], x.now(), x.request(nil))
			x.store(to, x.seal(to, request))
			x.says(to, &wire.Content{Update: &wire.Update{Registers: [][]byte{name("whole", ids[1])}}})
		}
		answered := inbox(net, ids[1])
		for _, d := range []*tab{p, l} {
			v := d.until("the name", func(v *client.Snapshot) bool {
				return slices.ContainsFunc(v.Devices, func(r client.DeviceRow) bool { return r.ID == ids[1] && r.Facts.Name == "whole" })
			})
			for _, r := range v.Devices {
				if r.Facts.Name == "half" {
					t.Errorf("%s takes half an update", d.name)
				}
			}
			if texts(v) != "three" {
				t.Errorf("%s shows %s", d.name, texts(v))
			}
			part := snapshot.Part{}.Seal(key, x.account(), x.key)
			if _, err := keyringOf(t, d).Shared.Snapshot.Open(part); err != nil {
				t.Errorf("%s has another snapshot key", d.name)
			}
		}
		wait(time.Minute) // the epoch of its header is old, so each sends it the list
		if n := news(answered, inbox(net, ids[1])); n > 2 {
			t.Errorf("%d messages: a request for another account was answered", n)
		}
	})
}
