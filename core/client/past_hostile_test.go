package client

import (
	"fmt"
	"testing"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/wire"
)

// old is a message of a contact's device as the past brings it.
func old(conversation, author core.ID, n uint64) wire.Item {
	return wire.Item{
		Author: author, Counter: n, Conversation: conversation, In: true, Sent: core.Millis(1000 + n), Body: fmt.Sprint(n),
	}
}

// brings has a sibling say something about the past.
func (m *member) brings(p *wire.Past) {
	m.t.Helper()
	m.tells(func(t *tx) error { return m.receiveFromSibling(t, m.sibling, &wire.Content{Past: p}) })
	m.drain()
}

// bodies are the messages of a conversation, newest first.
func (m *member) bodies(conversation core.ID) (out string) {
	m.t.Helper()
	page, err := m.db.Page(m.ctx, conversation, store.Position{}, 100)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, r := range page {
		out += r.Body + " "
	}
	return out
}

// Only the device that took this one in gives it a past; it neither changes nor
// brings back anything, it tells no contact, and its times are as bounded as any.
func TestHostilePasts(t *testing.T) {
	m := newMember(t)
	contact, device := m.friend()
	chunk := func(n uint64, items ...wire.Item) *wire.Past {
		return &wire.Past{Run: 1, Number: n, Total: 1 << 62, Items: items}
	}
	m.brings(chunk(1, old(contact, device, 1)))
	m.brings(&wire.Past{Items: []wire.Item{old(contact, device, 1)}}) // passed on by a secondary device
	m.tells(func(t *tx) error {
		return m.receiveFromContact(t, contact, device, &wire.Content{Past: chunk(1, old(contact, device, 1))})
	})
	if got := m.bodies(contact); got != "" {
		t.Fatalf("nobody gives this device a past: %s", got)
	}

	m.tells(func(t *tx) error { m.saveTaking(t, &delivery.Taking{From: m.sibling}); return nil })
	present := core.Message{ID: core.MessageID{Device: device, Counter: 7}, Conversation: contact, Sent: 1, Body: "here"}
	m.tells(func(t *tx) error { return m.incoming(t, present) })
	m.tells(func(t *tx) error {
		return m.bury(t, deletion{id: core.MessageID{Device: device, Counter: 9}, conversation: contact, message: core.MessageID{Device: device, Counter: 8}})
	})
	queued := len(m.post.entries)
	newest := m.post.order[queued-1]
	mine, future, ended := old(contact, m.account.device(), 2), old(contact, device, 3), old(contact, device, 4)
	future.Sent, ended.Ends = m.now()+core.Day, 5
	m.brings(chunk(1, old(contact, device, 7), old(contact, device, 8), mine, future, ended))
	m.brings(chunk(1, old(contact, device, 10)))                 // another one under the same number
	m.brings(chunk(2+wire.PastWindow, old(contact, device, 11))) // beyond the window
	if got := m.bodies(contact); got != "3 here " {
		t.Errorf("after hostile chunks: %s", got)
	}
	if at := m.log.tip[contact].Sent; at > m.now()+sentAhead {
		t.Errorf("a time is %d ms ahead", at-m.now())
	}
	for _, e := range m.post.entries {
		if e.Copies[0].To != m.sibling && e.Number > newest {
			t.Errorf("a contact is told: %+v", e)
		}
	}

	// What came as the past was not sent to this device: it fills no hole. Of five
	// that were, 7, 9 and 25 are here.
	m.brings(chunk(2, old(contact, device, 20), old(contact, device, 22)))
	m.tells(func(t *tx) error {
		return m.receiveFromContact(t, contact, device, &wire.Content{
			Data: &wire.DataMessage{Body: "new"}, SigTimestamp: 2000, Header: &wire.Header{Counter: 25, Messages: 5, Last: 25},
		})
	})
	if n := m.lines[device].Missing(m.now() + delivery.Patience); n != 2 {
		t.Errorf("%d messages are missing", n)
	}

	// After the end nothing comes any more.
	m.brings(&wire.Past{State: wire.PastStopped})
	m.brings(chunk(3, old(contact, device, 30)))
	if got := m.bodies(contact); got != "3 new 22 20 here " || m.pasts.taking.Got != 2 {
		t.Errorf("after the end: %s, %+v", got, m.pasts.taking)
	}
}

// What failed on another device is not shown as sent on one that learns of it later,
// until it is sent again there.
func TestWhatFailedIsNotGivenAsSent(t *testing.T) {
	m := newMember(t)
	contact, _ := m.friend()
	failed := old(contact, m.sibling, 5)
	failed.In, failed.Status = false, core.Failed
	m.tells(func(t *tx) error { m.saveTaking(t, &delivery.Taking{From: m.sibling}); return nil })
	m.brings(&wire.Past{Run: 1, Number: 1, Total: 1, Items: []wire.Item{failed}})
	id := core.MessageID{Device: m.sibling, Counter: 5}
	status := func() core.Message {
		got, err := m.begin().Message(m.ctx, id)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := status(); got.Status != core.Failed || got.Cause == "" {
		t.Errorf("it is %v: %q", got.Status, got.Cause)
	}
	removed := old(contact, core.ID{5, 77}, 6)
	removed.In, removed.Status = false, core.Queued
	waits := old(contact, m.sibling, 7)
	waits.In, waits.Status = false, core.Queued
	m.brings(&wire.Past{Run: 1, Number: 2, Total: 3, Items: []wire.Item{removed, waits}})
	for at, want := range map[core.MessageID]core.Status{
		{Device: removed.Author, Counter: 6}: core.Failed, {Device: m.sibling, Counter: 7}: core.Stored,
	} {
		got, err := m.begin().Message(m.ctx, at)
		if got = m.resolved(got); err != nil || got.Status != want {
			t.Errorf("what waited is %v: %q, %v", got.Status, got.Cause, err)
		}
	}
	m.tells(func(t *tx) error { return m.sentAgain(t, id) })
	if got := status(); got.Status != core.Stored || got.Cause != "" {
		t.Errorf("sent again it is %v: %q", got.Status, got.Cause)
	}
}

// Who was promised nothing is told so, however often it asks in a minute.
func TestNobodyTakesAPast(t *testing.T) {
	m := newMember(t)
	contact, device := m.friend()
	m.tells(func(t *tx) error {
		return m.incoming(t, core.Message{ID: core.MessageID{Device: device, Counter: 1}, Conversation: contact, Body: "secret"})
	})
	queued := len(m.post.entries)
	for range 3 * maxLookups {
		m.tells(func(t *tx) error {
			return m.receiveFromContact(t, contact, device, &wire.Content{Past: &wire.Past{}})
		})
	}
	if n := len(m.post.entries) - queued; n != 0 {
		t.Errorf("a contact gets %d answers", n)
	}
	session, err := ratchet.Initiate(m.account.keys.Device, ratchet.NewPreKeys(m.now(), m.other).Bundle(m.now(), false), m.now())
	if err != nil {
		t.Fatal(err)
	}
	m.tells(func(t *tx) error { m.saveSession(t, session); return nil })
	for range 3 * maxLookups {
		m.brings(&wire.Past{})
	}
	if n := len(m.post.entries) - queued; n != maxLookups || len(m.pasts.giving) != 0 {
		t.Errorf("%d answers", n)
	}
}
