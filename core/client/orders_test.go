package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/friends"
	"tandem/core/identity"
	"tandem/core/ratchet"
	"tandem/core/snapshot"
	"tandem/core/store"
	"tandem/core/store/memkv"
	"tandem/core/wire"
)

// member is a device of an account with a sibling, without its loop: it does
// nothing but take in what it is told.
type member struct {
	*Client
	t       testing.TB
	sibling core.ID
	other   *identity.Device // the sibling's keys
}

func newMember(t testing.TB) *member {
	t.Helper()
	disk, keeper := &memkv.Disk{}, memkv.NewKeeper()
	c := New(Config{
		Open:   func(context.Context) (store.KV, store.Keeper, error) { return disk.Open(), keeper, nil },
		Hidden: func() bool { return false },
	})
	c.ctx = t.Context()
	keys, other := identity.NewKeyring(identity.NewRoot(), 0), identity.NewDevice()
	if err := c.adopt(keys, "Ada", Main, nil); err != nil {
		t.Fatal(err)
	}
	account, now := c.account.id(), c.now()
	entry := func(d *identity.Device, role core.Role) devices.Entry {
		return devices.Entry{ID: d.ID(), Ed: d.Ed(), Role: role, Added: now, Consent: devices.Consent(d, account, d.ID())}
	}
	list, err := devices.Sign(now, devices.List{
		Account: account, Epoch: uint64(now), Issued: now,
		Devices: []devices.Entry{entry(keys.Device, core.Primary), entry(other, core.Secondary)},
	}, keys.Root.ListKey(), keys.Shared.Account)
	if err == nil {
		_, err = c.account.book.Step(now, devices.Trusted{Signed: list})
	}
	if err != nil {
		t.Fatal(err)
	}
	m := &member{c, t, other.ID(), other}
	m.tells(func(t *tx) error {
		return m.mergeRegisters(t, []snapshot.Register{{
			Kind: snapshot.Setting, Name: settingReceipts, Value: []byte{1}, Time: now, Device: m.sibling,
		}})
	})
	return m
}

// friend is a contact with a device, with which there is a session.
func (m *member) friend() (account, device core.ID) {
	m.t.Helper()
	bob, now := identity.NewKeyring(identity.NewRoot(), 0), m.now()
	account, device = bob.Shared.Account.ID(), bob.Device.ID()
	list, err := devices.Sign(now, devices.List{Account: account, Epoch: uint64(now), Issued: now, Devices: []devices.Entry{
		{ID: device, Ed: bob.Device.Ed(), Role: core.Primary, Added: now, Consent: devices.Consent(bob.Device, account, device)},
	}}, bob.Root.ListKey(), bob.Shared.Account)
	if err == nil {
		_, err = m.account.book.Step(now, devices.Offered{Account: account, Signed: list})
	}
	if err != nil {
		m.t.Fatal(err)
	}
	m.people.contacts[account] = friends.Contact{List: list}
	m.indexDevices()
	session, err := ratchet.Initiate(m.account.keys.Device, ratchet.NewPreKeys(now, bob.Device).Bundle(now, false), now)
	if err != nil {
		m.t.Fatal(err)
	}
	m.tells(func(t *tx) error { m.saveSession(t, session); return nil })
	return account, device
}

func (m *member) tells(f func(t *tx) error) {
	m.t.Helper()
	if err := m.update(f); err != nil {
		m.t.Fatal(err)
	}
}

// news is what siblings and a contact say about one conversation, each in a
// transaction of its own. Counters begin behind base.
func (m *member) news(contact core.ID, base uint64) []func(t *tx) error {
	bob := core.ID{5, 0xb}
	at := func(sent core.Millis, device core.ID, n uint64) core.Message {
		return core.Message{
			ID: core.MessageID{Device: device, Counter: base + n}, Conversation: contact, Sent: sent, Body: fmt.Sprint(n),
		}
	}
	sent, first, second, third := at(100, m.sibling, 1), at(200, bob, 2), at(150, bob, 3), at(300, bob, 4)
	receipt := func(kind uint64) func(t *tx) error {
		return func(t *tx) error {
			return m.receiveReceipt(t, contact, core.ID{}, &wire.Receipt{Kind: kind, Messages: []core.MessageID{sent.ID}})
		}
	}
	return []func(t *tx) error{
		func(t *tx) error { return m.receiveFromSibling(t, m.sibling, transcript(sent)) },
		receipt(wire.ReceiptRead),
		receipt(wire.ReceiptDelivered),
		func(t *tx) error { return m.incoming(t, first) },
		func(t *tx) error { // the sibling deletes it
			return m.receiveFromSibling(t, m.sibling, &wire.Content{
				Header:   &wire.Header{Counter: base + 5},
				Deletion: &wire.Deletion{Message: first.ID, Conversation: contact},
			})
		},
		func(t *tx) error { // and has read up to there
			return m.mergeRegisters(t, []snapshot.Register{{
				Kind: snapshot.Read, Name: string(contact[:]), Value: marshalPosition(store.PositionOf(first)),
				Time: m.now(), Device: m.sibling,
			}})
		},
		func(t *tx) error { return m.receiveFromContact(t, contact, bob, heard(second)) },
		func(t *tx) error { return m.receiveFromContact(t, contact, bob, heard(third)) },
	}
}

// heard is a message as it comes from a contact.
func heard(m core.Message) *wire.Content { return spoken(m) }

// shows is all that people see of a conversation, without the counters' base.
func (m *member) shows(conversation core.ID, base uint64) string {
	page, err := m.db.Page(m.ctx, conversation, store.Position{}, 100)
	if err != nil {
		m.t.Fatal(err)
	}
	out := ""
	for _, row := range page {
		out += fmt.Sprint(row.ID.Counter-base, " ", row.Direction, " ", row.Status, " ", row.Body, ", ")
	}
	n := m.unread(conversation)
	if n.n > 0 {
		out += fmt.Sprint("from ", n.first.Counter-base, " ")
	}
	return fmt.Sprint(out, n.n, " unread, tip ", m.log.tip[conversation].Body)
}

// orders calls f with all orders of n numbers.
func orders(n int, f func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var place func(k int)
	place = func(k int) {
		if k == n {
			f(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			place(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	place(0)
}

// converge says the first so many news in all orders, each in a conversation of
// its own, and then all of them in as many random ones: what people see in the
// end is always the same.
func converge(t *testing.T, news, random int) {
	m := newMember(t)
	want, base := map[int]string{}, uint64(0)
	say := func(order []int) {
		if base += 10; base%20_000 == 0 {
			m = newMember(t) // a disk in memory is slow when it is full
		}
		contact := core.ID{5, 0xc, byte(base >> 24), byte(base >> 16), byte(base >> 8), byte(base)}
		m.people.contacts[contact] = friends.Contact{}
		all := m.news(contact, base)
		for _, i := range order {
			m.tells(all[i])
			n := m.unread(contact) // as it was kept up with the news
			m.changed(contact)
			if again := m.unread(contact); again != n {
				t.Fatalf("in the order %v: %+v are unread, counted again %+v", order, n, again)
			}
		}
		got := m.shows(contact, base)
		if want[len(order)] == "" {
			want[len(order)] = got
		}
		if got != want[len(order)] {
			t.Fatalf("in the order %v: %s, not %s", order, got, want[len(order)])
		}
	}
	orders(news, say)
	dice := rand.New(rand.NewPCG(1, 2))
	for range random {
		say(dice.Perm(8))
	}
	if got := want[8]; random > 0 && got != "4 1 delivered 4, 3 1 delivered 3, 1 2 read 1, from 4 1 unread, tip 4" {
		t.Errorf("in the end: %s", got)
	}
}

// Statuses, deletions and read marks come to the same in every order.
func TestNewsInEveryOrder(t *testing.T) {
	t.Parallel()
	converge(t, 6, 200)
}

// What hostile devices say about messages changes nothing that is not theirs.
func TestHostileNews(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	bob, eve, phone := core.ID{5, 0xb}, core.ID{5, 0xe}, core.ID{5, 0xe, 1}
	m.people.contacts[bob], m.people.contacts[eve] = friends.Contact{}, friends.Contact{}
	mine := core.Message{
		ID: core.MessageID{Device: m.account.device(), Counter: 1}, Conversation: bob, Direction: core.Out, Status: core.Stored, Sent: 1, Body: "to Bob",
	}
	his := core.Message{ID: core.MessageID{Device: core.ID{5, 0xb, 1}, Counter: 1}, Conversation: bob, Sent: 2, Body: "of Bob"}
	m.tells(func(t *tx) error { m.saveMessage(t, mine); return m.incoming(t, his) })
	hers := core.MessageID{Device: phone, Counter: 7}
	for name, c := range map[string]*wire.Content{
		"a receipt for a message to somebody else": {Receipt: &wire.Receipt{Kind: wire.ReceiptRead, Messages: []core.MessageID{mine.ID}}},
		"a deletion of a message to somebody else": {Header: &wire.Header{Counter: 3}, Deletion: &wire.Deletion{Message: mine.ID}},
		"a deletion of somebody else's message":    {Header: &wire.Header{Counter: 4}, Deletion: &wire.Deletion{Message: his.ID, Conversation: bob}},
		"a transcript":                             {Sent: &wire.Sent{Conversation: bob, Body: "forged", Counter: 5, Sent: 3}},
		"a history of another device":              {History: &wire.History{Author: his.ID.Device, High: 9, Items: []wire.Item{{Counter: 8, Conversation: bob, Body: "forged"}}}},
		"a history of another account":             {History: &wire.History{Author: phone, High: 9, Items: []wire.Item{{Counter: 7, Conversation: bob, Body: "hers", Sent: 4}}}},
		"more messages than there can be":          {Ping: true, Header: &wire.Header{Messages: 1 << 61, Last: 1 << 62}},
		"a message of the far future":              {Data: &wire.DataMessage{Body: "late"}, SigTimestamp: m.now() + 365*core.Day, Header: &wire.Header{Counter: 9}},
	} {
		before := m.shows(bob, 0)
		m.tells(func(t *tx) error { return m.receiveFromContact(t, eve, phone, c) })
		if after := m.shows(bob, 0); after != before {
			t.Errorf("%s: %s became %s", name, before, after)
		}
	}
	rows, err := m.db.Page(m.ctx, eve, store.Position{}, 9)
	if err != nil || len(rows) != 2 || rows[0].Body != "late" || rows[0].Sent > m.now()+sentAhead || rows[1].ID != hers || rows[1].Direction != core.In {
		t.Errorf("her conversation: %+v, %v", rows, err)
	}
	for n := range uint64(2 * maxEarly) { // receipts for what was never written
		m.tells(func(t *tx) error {
			return m.keepEarly(t, eve, core.MessageID{Device: m.sibling, Counter: n + 1}, core.Read)
		})
	}
	if m.talks.early > maxEarly {
		t.Errorf("%d statuses are kept", m.talks.early)
	}
}

// A device is told only what was addressed to it: a contact's device what this
// device sent to its account since it is there, a sibling what is younger than
// it; and nobody asks without end.
func TestHistoryIsForWhoItWasSentTo(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	account, phone := m.friend()
	me, linked := m.account.device(), m.now()
	save := func(n uint64, to core.ID, sent core.Millis) {
		m.tells(func(t *tx) error {
			m.saveMessage(t, core.Message{ID: core.MessageID{Device: me, Counter: n}, Conversation: to, Direction: core.Out, Sent: sent, Body: fmt.Sprint(n)})
			return nil
		})
	}
	save(1, account, linked-1000) // before the phone was linked
	save(2, account, linked+1)
	save(3, core.ID{5, 0xe}, linked+2)
	save(4, m.account.id(), linked+3)
	save(5, account, linked+4)
	asked := func(whose, from core.ID, a *wire.Ask) (counters []uint64) {
		m.tells(func(t *tx) error {
			h, err := m.history(t, whose, from, a)
			if h == nil {
				return err
			}
			for _, i := range h.Items {
				counters = append(counters, i.Counter)
			}
			return err
		})
		return counters
	}
	for name, c := range map[string]struct {
		whose, from, author core.ID
		want                string
	}{
		"a contact":                {account, phone, me, "[2 5]"},
		"a contact, of a sibling":  {account, phone, m.sibling, "[]"},
		"a device of no list":      {account, core.ID{5, 7}, me, "[]"},
		"a sibling":                {m.account.id(), m.sibling, me, "[2 3 4 5]"},
		"a sibling of a contact's": {m.account.id(), m.sibling, phone, "[]"},
	} {
		if got := fmt.Sprint(asked(c.whose, c.from, &wire.Ask{Author: c.author, High: 100})); got != c.want {
			t.Errorf("%s gets %s, not %s", name, got, c.want)
		}
	}
	m.tells(func(t *tx) error { return m.answerAsk(t, account, phone, &wire.Ask{Author: me, High: 100}) })
	if m.post.queue() != 1 {
		t.Errorf("%d answers", m.post.queue())
	}
	n := 0
	for range 1000 {
		if m.mayAsk(phone) {
			n++
		}
	}
	if n != maxLookups {
		t.Errorf("%d questions at once", n)
	}
}

// What no node took for fourteen days has failed, says why, and is sent again by
// hand, by the device that wrote it; what a device of the contact says stands,
// whatever becomes of the other copies.
func TestFailedAndSentAgain(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	account, phone := m.friend()
	m.tells(func(t *tx) error { return m.compose(t, account, "Hello") })
	shown := func() core.Message { return m.log.rows[account][0] }
	id := shown().ID
	if shown().Status != core.Queued || len(m.post.order) != 1 {
		t.Fatalf("%+v", shown())
	}
	again := func() (err error) {
		return m.update(func(t *tx) error { return m.retry(t, id) })
	}
	if err := again(); !errors.Is(err, ErrNotNow) {
		t.Errorf("sent again before it failed: %v", err)
	}
	giveUp := func() {
		e := m.post.entries[m.post.order[0]].Clone()
		for i := range e.Copies {
			e.Copies[i].State = delivery.Expired
		}
		m.tells(func(t *tx) error { return m.settle(t, e) })
	}
	giveUp()
	if shown().Status != core.Failed || shown().Cause == "" || len(m.post.order) != 0 {
		t.Fatalf("given up: %+v", shown())
	}
	if err := again(); err != nil || shown().Status != core.Queued || shown().Cause != "" || shown().ID != id {
		t.Errorf("sent again: %v, %+v", err, shown())
	}
	if l := m.lines[phone]; l.Sent != 1 || l.Last != id.Counter {
		t.Errorf("counted twice: %+v", l)
	}
	m.tells(func(t *tx) error {
		return m.receiveReceipt(t, account, core.ID{}, &wire.Receipt{Kind: wire.ReceiptDelivered, Messages: []core.MessageID{id}})
	})
	if giveUp(); shown().Status != core.Delivered {
		t.Errorf("delivered and given up: %+v", shown())
	}
	his := core.Message{ID: core.MessageID{Device: m.sibling, Counter: 1}, Conversation: account, Direction: core.Out, Status: core.Failed}
	m.tells(func(t *tx) error { m.saveMessage(t, his); return nil })
	if err := m.update(func(t *tx) error { return m.retry(t, his.ID) }); !errors.Is(err, ErrNotNow) {
		t.Errorf("another device's message: %v", err)
	}
}

// A device that no session came to be with for three messages, fourteen days each,
// gets none until it is heard from, unless there is no other; what it did not get
// counts as sent, so that it sees that.
func TestSilentDevices(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	a, b := core.ID{5, 1}, core.ID{5, 2}
	to := func(counter uint64) (out []core.ID) {
		m.tells(func(t *tx) (err error) {
			out, err = m.awake(t, []core.ID{a, b}, counter)
			return err
		})
		return out
	}
	for n := range uint64(3) {
		if len(to(n+1)) != 2 {
			t.Fatal("silent too early")
		}
		m.tells(func(t *tx) error { return m.starve(t, a, n+1) })
	}
	if got := to(9); len(got) != 1 || got[0] != b {
		t.Errorf("a message goes to %v", got)
	}
	if l := m.lines[a]; l.Sent != 4 || l.Last != 9 {
		t.Errorf("it will hear of %+v", l)
	}
	for n := range uint64(3) {
		m.tells(func(t *tx) error { return m.starve(t, b, n+1) })
	}
	if len(to(10)) != 2 {
		t.Error("nobody gets a message")
	}
	m.tells(func(t *tx) error { return m.heard(t, a, &wire.Content{Ping: true, Header: &wire.Header{}}) })
	if got := to(11); len(got) != 1 || got[0] != a {
		t.Errorf("then it goes to %v", got)
	}
}

func FuzzParseTalk(f *testing.F) {
	f.Add(talk{draft: "draft", sent: string(make([]byte, 2*tokenSize)), read: store.Position{Sent: 5, ID: core.MessageID{Device: core.ID{5}, Counter: 6}}}.marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := parseTalk(b)
		if err != nil {
			return
		}
		if again, err := parseTalk(k.marshal()); err != nil || again != k {
			t.Fatalf("%+v became %+v, %v", k, again, err)
		}
	})
}

func FuzzParseDeletion(f *testing.F) {
	d := deletion{conversation: core.ID{5, 1}, message: core.MessageID{Device: core.ID{5, 2}, Counter: 3}, everyone: true, at: 4}
	f.Add(d.marshal())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := parseDeletion(core.MessageID{}, b)
		if err != nil {
			return
		}
		if again, err := parseDeletion(core.MessageID{}, d.marshal()); err != nil || again != d {
			t.Fatalf("%+v became %+v, %v", d, again, err)
		}
	})
}
