package client

import (
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/delivery"
	"tandem/core/ratchet"
	"tandem/core/wire"
)

// Where the copies of a message are; and when nobody got it, the other devices of
// the account hear that, until it is sent again or somebody has it.
func TestCopiesAndWhatFailedElsewhere(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	account, phone := m.friend()
	session, err := ratchet.Initiate(m.account.keys.Device, ratchet.NewPreKeys(m.now(), m.other).Bundle(m.now(), false), m.now())
	if err != nil {
		t.Fatal(err)
	}
	m.tells(func(t *tx) error { m.saveSession(t, session); return nil })
	m.tells(func(t *tx) error { return m.compose(t, account, "Hello") })
	id := m.log.rows[account][0].ID
	settle := func(f func(e *delivery.Entry)) {
		e := m.post.entries[m.post.order[0]].Clone()
		f(e)
		m.tells(func(t *tx) error { return m.settle(t, e) })
	}
	settle(func(e *delivery.Entry) { e.Taken(1) })
	want := []CopyRow{{phone, false, CopyWaiting}, {m.sibling, true, CopyStored}}
	if got := m.copies(id); !slices.Equal(got, want) {
		t.Errorf("the copies: %+v", got)
	}
	if m.copies(core.MessageID{}) != nil {
		t.Error("what is no message has copies")
	}
	waiting := len(m.post.order)
	settle(func(e *delivery.Entry) { e.Copies[0].State = delivery.Expired })
	if got := m.log.rows[account][0]; got.Status != core.Failed || len(m.post.order) != waiting {
		t.Errorf("%+v, %d wait", got, len(m.post.order))
	}
	last := m.post.entries[m.post.order[len(m.post.order)-1]]
	if last.Message.Counter != 0 || len(last.Copies) != 1 || last.Copies[0].To != m.sibling {
		t.Errorf("the sibling is told by %+v", last)
	}

	// What the sibling says of its own messages.
	his := core.Message{ID: core.MessageID{Device: m.sibling, Counter: 7}, Conversation: account, Sent: 9, Body: "his"}
	status := func() core.Status {
		for _, row := range m.log.rows[account] {
			if row.ID == his.ID {
				return row.Status
			}
		}
		return 0
	}
	failed := func(id core.MessageID) {
		m.tells(func(t *tx) error {
			return m.receiveFromSibling(t, m.sibling, &wire.Content{Failed: &wire.Deletion{Message: id, Conversation: account}})
		})
	}
	failed(id)
	failed(his.ID)
	m.tells(func(t *tx) error { // what was missing comes
		return m.receiveHistory(t, m.account.id(), m.sibling, &wire.History{Author: m.sibling, Low: 6, High: 7, Items: []wire.Item{
			{Counter: 7, Conversation: account, Sent: 9, Body: "his"},
		}})
	})
	if status() != core.Failed {
		t.Errorf("what failed before it was here is %v", status())
	}
	m.tells(func(t *tx) error { return m.receiveFromSibling(t, m.sibling, transcript(his)) })
	if status() != core.Stored {
		t.Errorf("sent again, it is %v", status())
	}
	if failed(his.ID); status() != core.Failed {
		t.Errorf("failed once more, it is %v", status())
	}
	m.tells(func(t *tx) error {
		return m.receiveReceipt(t, account, core.ID{}, &wire.Receipt{Kind: wire.ReceiptDelivered, Messages: []core.MessageID{his.ID}})
	})
	if failed(his.ID); status() != core.Delivered {
		t.Errorf("delivered, it is %v", status())
	}
	if got := m.log.rows[account][1]; got.ID != id || got.Cause != unreached {
		t.Errorf("the sibling has a say about %+v", got)
	}
}

// What another device says of its own messages that wait there: in which order it
// comes, and whether the message is here yet, does not matter in the end; and only
// the device that wrote it has a say.
func TestWhatWaitsElsewhere(t *testing.T) {
	t.Parallel()
	m := newMember(t)
	account, _ := m.friend()
	counter := uint64(0)
	for _, c := range []struct {
		said string // m: the message, w: it waits, n: it waits no more, d: it is delivered, x: another device says that it waits
		want core.Status
	}{
		{"mw", core.Queued}, {"wm", core.Queued}, {"mwn", core.Stored}, {"mnw", core.Stored}, {"wmn", core.Stored}, {"nmw", core.Stored},
		{"wnm", core.Stored}, {"nwm", core.Stored}, {"mwd", core.Delivered}, {"mdw", core.Delivered}, {"mwdn", core.Delivered},
		{"mx", core.Stored}, {"mnwmw", core.Queued},
	} {
		counter++
		his := core.Message{ID: core.MessageID{Device: m.sibling, Counter: counter}, Conversation: account, Sent: core.Millis(counter), Body: c.said}
		about := &wire.Deletion{Message: his.ID, Conversation: account}
		for _, what := range c.said {
			m.tells(func(t *tx) error {
				switch what {
				case 'm':
					return m.receiveFromSibling(t, m.sibling, transcript(his))
				case 'w':
					return m.receiveFromSibling(t, m.sibling, &wire.Content{Queued: about})
				case 'n':
					return m.receiveFromSibling(t, m.sibling, &wire.Content{Stored: about})
				case 'x':
					return m.receiveFromSibling(t, core.ID{5, 9}, &wire.Content{Queued: about})
				}
				return m.receiveReceipt(t, account, core.ID{}, &wire.Receipt{Kind: wire.ReceiptDelivered, Messages: []core.MessageID{his.ID}})
			})
		}
		for _, row := range m.log.rows[account] {
			if row.ID == his.ID && row.Status != c.want {
				t.Errorf("%q: it is %v, want %v", c.said, row.Status, c.want)
			}
		}
	}
	if n := len(m.log.rows[account]); n != int(counter) {
		t.Errorf("%d messages of %d", n, counter)
	}
}
