package client_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/courier"
	"tandem/core/devices"
	"tandem/core/envelope"
	"tandem/core/friends"
	"tandem/core/identity"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// says: a message with an account has this text.
func says(account core.ID, text string) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		// Two messages of one millisecond stand in the order of their IDs, so it need
		// not be the last.
		return slices.ContainsFunc(s.Logs[account], func(m core.Message) bool { return m.Body == text })
	}
}

// friendly: the account is a friend with so many devices.
func friendly(account core.ID, devices int) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		row := rowOf(s, account)
		return row.Friendship == client.Friends && row.Devices == devices
	}
}

// A device that is linked later is a friend of all friends, and one that leaves
// or is removed is none to anybody, also to a friend who slept meanwhile.
func TestFriendsFollowTheDeviceList(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.b2.stop()
		a3 := open(t, net, "A3")
		add(q.a1, a3)
		a3.until("Bob is back", friendly(q.bob, 2))
		if v := a3.Snapshot(); rowOf(v, q.bob).Name != "Bob" || len(v.Requests) > 0 {
			t.Errorf("it shows %+v and %+v", rowOf(v, q.bob), v.Requests)
		}
		q.b1.until("three devices", friendly(q.ada, 3))
		q.b1.must(q.b1.Send(q.ada, "to all three"))
		for _, d := range []*tab{q.a1, q.a2, a3} {
			d.until("the message", says(q.bob, "to all three"))
		}
		a3.must(a3.Send(q.bob, "from the third"))
		q.b1.until("the message", says(q.ada, "from the third"))
		q.b2.start()
		q.b2.until("the message", says(q.ada, "from the third"))
		q.b2.until("three devices", friendly(q.ada, 3))

		a3.must(a3.Leave())
		a3.until("gone", phase(client.Erased))
		q.b1.until("two devices", friendly(q.ada, 2))
		q.b2.until("two devices", friendly(q.ada, 2))
		wait(time.Minute)
		q.a1.must(q.a1.Unlink(q.a2.id()))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("one device", friendly(q.ada, 1))
		}
		q.a2.until("wiped", phase(client.Erased))
		q.b1.must(q.b1.Send(q.ada, "to the last"))
		q.a1.until("the message", says(q.bob, "to the last"))
		q.b1.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		for _, d := range []*tab{q.b1, q.b2} {
			wait(10 * time.Second)
			if n, r := d.sessions(), d.Snapshot().Refused; n != 2 || r != 0 {
				t.Errorf("%s has %d sessions and refused %d", d.name, n, r)
			}
		}
	})
}

// What a blocked friend says is not shown, on either device, and the friend is
// not told; afterwards all is as before.
func TestBlockedFriendsAreSilent(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.b1.must(q.b1.Block(q.ada))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("blocked", stands(q.ada, client.Blocked, 0))
		}
		if err := q.b2.Send(q.ada, "x"); !errors.Is(err, client.ErrNotFriends) {
			t.Errorf("writing to who is blocked: %v", err)
		}
		q.a2.must(q.a2.Send(q.bob, "can you hear me"))
		q.a1.until("the transcript", says(q.bob, "can you hear me"))
		wait(time.Minute)
		for _, d := range []*tab{q.b1, q.b2} {
			if got := said(d.Snapshot(), q.ada); !slices.Equal(got, []string{"Hello"}) {
				t.Errorf("%s shows %q", d.name, got)
			}
		}
		q.a1.until("still friends", friendly(q.bob, 2))
		q.b2.must(q.b2.Unblock(q.ada))
		q.b1.until("friends", friendly(q.ada, 2))
		q.a2.must(q.a2.Send(q.bob, "and now"))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("the message", says(q.ada, "and now"))
		}
	})
}

// What says that a message was received is lost while its reader is blocked, and
// asked for afterwards.
func TestReceiptsAreThereAfterABlock(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		wait(2 * time.Minute) // for what is said after a start
		q.a1.stop()
		q.a2.stop()
		q.b1.must(q.b1.Send(q.ada, "are you there?"))
		q.has(q.b1, "are you there?", core.Stored)
		q.b1.must(q.b1.Block(q.ada))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("blocked", stands(q.ada, client.Blocked, 0))
		}
		q.a1.start()
		q.a2.start()
		for _, d := range []*tab{q.a1, q.a2} {
			d.until("the message", says(q.bob, "are you there?"))
		}
		wait(time.Minute)
		for _, d := range []*tab{q.b1, q.b2} {
			q.has(d, "are you there?", core.Stored)
		}
		q.b1.must(q.b1.Unblock(q.ada))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("friends", friendly(q.ada, 2))
			q.has(d, "are you there?", core.Delivered)
		}
	})
}

// account is a request by the liar to be friends, under some list.
func (x *liar) befriends(to core.ID, list []byte, text string) {
	x.t.Helper()
	r := friends.Request{
		ID: friends.NewRequestID(), From: x.account(), To: to, Created: x.now(), Counter: 77,
		List: list, Bundle: x.prekeys.Bundle(x.now(), false).Marshal(), Name: "Ada",
	}
	x.store(to, envelope.SealSession(x.keys.Shared.Account, to, x.now(), &wire.Content{
		Data: &wire.DataMessage{Body: text, Name: "Ada"}, Friend: r.Sign(x.key),
	}))
}

// A device that was removed has the account key and all its sessions, and lies
// to the friends: nothing of it counts, nothing is sent to it any more, and it
// does not turn the contact plain. With a list of its own it makes the account
// answer as two, which is said; the user may trust the other key.
func TestClaim10_ARemovedDeviceLiesToFriends(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		gone := q.a2.id()
		ids := map[*tab]core.ID{q.b1: q.b1.id(), q.b2: q.b2.id()}
		q.a2.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		q.a2.stop()
		x := newLiar(t, q.a2)
		q.a1.must(q.a1.Unlink(gone))
		for d := range ids {
			d.until("one device", friendly(q.ada, 1))
			d.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		}
		safety := rowOf(q.b1.Snapshot(), q.ada).Safety
		after := inbox(net, gone)

		for _, id := range ids {
			for n, content := range []*wire.Content{
				{Data: &wire.DataMessage{Body: "a lie"}, SigTimestamp: x.now()}, {DeviceList: x.list}, {Ping: true},
				{Contact: &wire.Contact{Name: "Mallory"}}, {Contact: &wire.Contact{Reading: identity.NewRoot().ReadingKey().Handover()}},
			} {
				x.says(id, content)
				content.Header = &wire.Header{Counter: uint64(900 + n)}
				x.begs(id, content)
			}
			x.begs(id, x.request(x.list))
			x.begs(id, x.request(nil))
		}
		x.befriends(q.bob, x.list, "a lie by an older list")
		x.store(q.bob, envelope.SealSession(x.keys.Shared.Account, q.bob, x.now(), &wire.Content{
			Plain: wire.Plain{Response: &wire.Response{Approved: true}},
		}))
		q.b1.must(q.b1.Send(q.ada, "not for you"))
		wait(2 * time.Minute)
		for d := range ids {
			v := d.Snapshot()
			row := rowOf(v, q.ada)
			if row.Plain || row.Devices != 1 || row.Safety != safety || row.Second != "" || row.Name != "Ada" || v.Refused < 5 || len(v.Requests) > 0 {
				t.Errorf("%s shows %+v, refused %d, %+v", d.name, row, v.Refused, v.Requests)
			}
			if got := said(v, q.ada); !slices.Equal(got, []string{"Hello", "not for you"}) {
				t.Errorf("%s shows %q", d.name, got)
			}
		}
		if n := news(after, inbox(net, gone)); n != 0 {
			t.Errorf("%d messages for the removed device", n)
		}

		// It signs a list of its own.
		forged := x.forged(func(*devices.List) {})
		x.befriends(q.bob, forged, "believe me")
		for d := range ids {
			v := d.until("the warning", func(v *client.Snapshot) bool { return rowOf(v, q.ada).Second != "" })
			row := rowOf(v, q.ada)
			if row.Safety != safety || row.Second == safety || len(v.Requests) > 0 || len(said(v, q.ada)) != 2 {
				t.Errorf("%s shows %+v", d.name, row)
			}
		}
		if n := news(after, inbox(net, gone)); n != 0 {
			t.Errorf("%d messages for the removed device", n)
		}
		second := rowOf(q.b1.Snapshot(), q.ada).Second
		q.b1.must(q.b1.TrustKey(q.ada)) // the user was told so
		for d := range ids {
			d.until("the other key", func(v *client.Snapshot) bool { return rowOf(v, q.ada).Safety == second })
		}
		if err := q.b2.TrustKey(core.ID{5}); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("trusting nobody: %v", err)
		}
		for d := range ids {
			d.reload()
			d.until("main page", linked(2))
			if row := rowOf(d.Snapshot(), q.ada); row.Safety != second || row.Second != "" {
				t.Errorf("%s shows %+v", d.name, row)
			}
		}
	})
}

// Lists of a contact that break a rule are refused, from whomever: forged, older,
// foreign, oversized, without consent, a day ahead.
func TestClaim10_ContactsListsAreJudged(t *testing.T) {
	t.Parallel()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		x := newLiar(t, q.a1)
		to := keyringOf(t, q.b1).Device.ID()
		held := contactList(t, q.b1, q.ada)
		foreign := q.b1.signed(func(*devices.List) {})
		q.b1.start()
		q.b1.until("main page", func(v *client.Snapshot) bool { return friendly(q.ada, 2)(v) && v.Network.LastPoll > 0 })
		bent := q.a1.signed(func(*devices.List) {})
		bent[len(bent)-1] ^= 1
		for _, list := range [][]byte{
			bent, make([]byte, 9<<10), foreign, // forged, oversized, of another account
			q.a1.signed(func(l *devices.List) { l.Epoch = held.Epoch - 1; without(l, held.Devices[1].ID) }), // older
			consentless(t, x, held),
		} {
			x.says(to, &wire.Content{DeviceList: list})
			x.begs(to, x.request(list))
		}
		x.says(to, &wire.Content{Data: &wire.DataMessage{Body: "after them"}, SigTimestamp: x.now()})
		q.b1.until("what came behind them", says(q.ada, "after them"))
		q.b1.stop()
		if now := contactList(t, q.b1, q.ada); now.Epoch != held.Epoch || len(now.Devices) != 2 {
			t.Errorf("epoch %d became %d, %d devices", held.Epoch, now.Epoch, len(now.Devices))
		}
	})
}

// What one device is shown under a second list key, both say.
func TestClaim10_BothSayThatAnAccountAnswersAsTwo(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a2.stop()
		x := newLiar(t, q.a2)
		x.begs(q.b1.id(), x.request(x.forged(func(*devices.List) {})))
		for _, d := range []*tab{q.b1, q.b2} {
			d.until("the warning", func(v *client.Snapshot) bool { return rowOf(v, q.ada).Second != "" })
			d.reload()
			v := d.until("main page", linked(2))
			if row := rowOf(v, q.ada); row.Second == "" || row.Second == row.Safety || row.Devices != 2 {
				t.Errorf("%s shows %+v", d.name, row)
			}
		}
	})
}

// consentless is a newer list, rightly signed, that names a device which never
// agreed. Sign refuses it, so a good one is bent and signed again.
func consentless(t *testing.T, x *liar, held devices.List) []byte {
	t.Helper()
	held.Epoch = uint64(x.now())
	good, err := devices.Sign(x.now(), held, x.keys.Root.ListKey(), x.keys.Shared.Account)
	if err != nil {
		t.Fatal(err)
	}
	s, err := wire.ParseSigned(good)
	if err != nil {
		t.Fatal(err)
	}
	consent := held.Devices[1].Consent
	at := bytes.Index(s.Body, consent)
	s.Body[at+5] ^= 1
	return wire.SignBody(x.keys.Root.ListKey(), "tandem device list v1", s.Body).Marshal()
}

// contactList is the list of a contact that a device holds.
func contactList(t *testing.T, d *tab, account core.ID) devices.List {
	t.Helper()
	keys := keyringOf(t, d)
	var records [][]byte
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.DeviceList {
			records = append(records, r.value)
		}
	}
	book, err := devices.LoadBook(keys.Shared.Account.ID(), keys.Device.ID(), records)
	if err != nil {
		t.Fatal(err)
	}
	list, ok := book.List(account)
	if !ok {
		t.Fatal("no list of that account")
	}
	return list
}

// Restored from the words when all devices are gone: friends, requests that were
// answered, and who is blocked are back; friends write to it, and it to them.
func TestClaim11_FriendsAreBack(t *testing.T) {
	t.Parallel()
	for _, remove := range []bool{false, true} {
		friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
			enemy := identity.NewDevice().ID()
			q.a2.must(q.a2.Block(enemy))
			words := published2(q.a1)
			for _, d := range q.all() {
				d.stop()
			}
			q.pass(10 * core.Day)
			q.b1.start()
			r := restored(t, net, words, "tablet", client.RestoreFound)
			r.must(r.ConfirmRestore(remove, core.ID{}))
			v := r.until("Bob is back", friendly(q.bob, 2))
			if rowOf(v, q.bob).Name != "Bob" || len(v.Requests) > 0 || !slices.Equal(v.Blocked, []core.ID{enemy}) {
				t.Errorf("it shows %+v, %+v, %v", rowOf(v, q.bob), v.Requests, v.Blocked)
			}
			want := 3
			if remove {
				want = 1
			}
			q.b1.until("its new device", friendly(q.ada, want))
			q.b1.must(q.b1.Send(q.ada, "welcome back"))
			r.until("the message", says(q.bob, "welcome back"))
			r.must(r.Send(q.bob, "thanks"))
			q.b1.until("the message", says(q.ada, "thanks"))
			q.b2.start()
			q.b2.until("the message", says(q.ada, "thanks"))
			q.a1.start()
			if remove {
				q.a1.until("wiped", phase(client.Erased))
			} else {
				q.a1.until("the question", asked)
				q.a1.until("the message", says(q.bob, "thanks"))
			}
		})
	}
}

// Friends who were away for so long that the network has forgotten all that was
// said find each other by the list in the outbox.
func TestAContactsOutboxIsRead(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.b1.stop()
		q.b2.stop()
		wait(10 * time.Second)
		a3 := open(t, net, "A3")
		add(q.a1, a3)
		wait(time.Minute)
		for _, d := range []*tab{q.a1, q.a2, a3} {
			d.stop()
		}
		q.pass(20 * core.Day)
		q.b1.start()
		q.b1.until("three devices", friendly(q.ada, 3))
		q.b1.must(q.b1.Send(q.ada, "are you there"))
		a3.start()
		a3.until("the message", says(q.bob, "are you there"))
	})
}

// Restored when the network has forgotten the snapshot: a friend who asks for a
// session is shown as somebody who was a contact before, and is one again only
// when the user says so. Whom nobody could confirm is marked until heard.
func TestClaim11_AFriendFromBefore(t *testing.T) {
	t.Parallel()
	for _, lost := range []bool{false, true} {
		friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
			words := published2(q.a1)
			q.b1.until("her reading key", func(*client.Snapshot) bool { return reads(t, q.b1) })
			h := newHolder(t, net, q.a1)
			for _, d := range q.all() {
				d.stop()
			}
			wait(time.Minute) // for what nodes still tell each other
			if lost {
				h.emptyAll(core.Outbox)
			} else {
				h.emptyAll(core.Private)
			}
			stage := client.RestoreFound
			if lost {
				stage = client.RestoreAlone
			}
			r := restored(t, net, words, "tablet", stage)
			r.must(r.ConfirmRestore(false, core.ID{}))
			if lost {
				r.until("Bob, perhaps", stands(q.bob, client.ToConfirm, 0))
				q.b1.start()
				q.a1.start() // it has the list
				r.until("Bob, for sure", friendly(q.bob, 2))
				return
			}
			r.until("primary", role(core.Primary, 3))
			wait(time.Minute) // its list is in the outbox
			q.b1.start()
			v := r.until("somebody from before", asks(q.bob))
			if row := v.Requests[0]; !row.Before || row.Plain || row.Text != "" || rowOf(v, q.bob).Friendship != client.NotAsked {
				t.Errorf("it shows %+v", row)
			}
			r.reload()
			r.until("still", func(v *client.Snapshot) bool { return asks(q.bob)(v) && v.Network.LastPoll > 0 })
			r.must(r.Accept(q.bob))
			r.until("friends", func(v *client.Snapshot) bool { return friendly(q.bob, 2)(v) && rowOf(v, q.bob).Name == "Bob" })
			q.b1.must(q.b1.Send(q.ada, "welcome back"))
			r.until("the message", says(q.bob, "welcome back"))
		})
	}
}

// reads reports whether a device has the reading key of its friend.
func reads(t *testing.T, d *tab) bool {
	t.Helper()
	for _, r := range d.disk.reveal(t) {
		if r.kind != store.Register {
			continue
		}
		register, err := snapshot.ParseRegister(r.value)
		if err != nil {
			t.Fatal(err)
		}
		if contact, err := friends.ParseContact(register.Value); register.Kind == snapshot.Contact && err == nil && contact.Reading != nil {
			return true
		}
	}
	return false
}

// emptyAll deletes all that lies in a mailbox of the account, on every node.
func (h *holder) emptyAll(namespace int16) {
	h.t.Helper()
	for range 8 {
		batch, err := h.net.Retrieve(context.Background(), courier.RetrieveOrder{Mailbox: h.box(namespace), Auth: h.keys.Shared.Account})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, m := range batch.Messages {
			if _, err := h.net.Delete(context.Background(), h.box(namespace), h.keys.Shared.Account, []string{m.Hash}); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}

// A device that was left out of the list and is linked again has its friends
// back at once.
func TestAddedAgainWithFriends(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		device := q.a2.id()
		wait(20 * time.Second) // nobody's list is on its way to the outbox any more
		q.a1.stop()
		x := newLiar(t, q.a1)
		x.usurp(q.a1.signed(func(l *devices.List) { without(l, device) }))
		q.a2.reload()
		q.a2.until("it is absent", func(v *client.Snapshot) bool { return v.Absent })
		q.a1.start()
		q.a1.until("alone", func(v *client.Snapshot) bool { return linked(1)(v) && v.Network.LastPoll > 0 })
		q.a2.must(q.a2.AskToBeAdded())
		q.a1.must(q.a1.OpenDialog())
		q.a1.must(q.a1.Authorise(words(q.a1, q.a2), ""))
		q.a2.until("the grant", join(client.JoinHolding))
		q.a2.must(q.a2.Finish())
		q.a2.until("friends", func(v *client.Snapshot) bool { return linked(2)(v) && friendly(q.bob, 2)(v) })
		q.a2.must(q.a2.Send(q.bob, "back again"))
		q.b2.until("the message", says(q.ada, "back again"))
		q.b2.must(q.b2.Send(q.ada, "fine"))
		q.a2.until("the message", says(q.bob, "fine"))
	})
}
