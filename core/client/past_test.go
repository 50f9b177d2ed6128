package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// over: nothing of the past is under way.
func over(s *client.Snapshot) bool { return s.Phase == client.Main && len(s.Past) == 0 }

// everything are the messages of a conversation with all that is shown of them.
func (d *tab) everything(conversation core.ID) string {
	d.t.Helper()
	d.must(d.Newest(conversation))
	for d.Snapshot().Older[conversation] && len(d.Snapshot().Logs[conversation]) < 200 {
		d.must(d.Older(conversation))
	}
	var out strings.Builder
	for _, m := range d.Snapshot().Logs[conversation] {
		fmt.Fprintln(&out, m.ID, m.Direction, m.Sent, m.Body, m.Ends, m.Status)
	}
	return out.String()
}

// A new device gets what was said before it: contacts, then all messages with
// their statuses, by itself, and both sides say so; nobody is told that they
// came.
func TestThePastOnANewDevice(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.must(q.a1.SendNote("milk"))
		q.a1.must(q.a1.Send(q.bob, "Are you there?"))
		q.b2.until("the question", hears(q.ada, "Are you there?"))
		q.b2.must(q.b2.Send(q.ada, "Yes"))
		q.a1.until("the answer", hears(q.bob, "Yes"))
		q.a1.until("no news", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		q.has(q.a1, "Are you there?", core.Delivered)
		before := q.a1.everything(q.bob)

		n := open(t, net, "A3")
		add(q.a1, n)
		n.until("friends", stands(q.bob, client.Friends, 2))
		n.until("the past", over)
		q.a1.until("the end", over)
		if got := n.everything(q.bob); got != before {
			t.Errorf("the new device shows\n%snot\n%s", got, before)
		}
		if got := texts(n.Snapshot()); got != "milk" {
			t.Errorf("notes: %s", got)
		}

		// It takes part like the others, and misses nothing, not even what is written
		// by who does not know it yet.
		q.b1.must(q.b1.Send(q.ada, "And now?"))
		n.until("a message", hears(q.bob, "And now?"))
		n.must(n.Send(q.bob, "Now as well"))
		q.b1.until("its message", hears(q.ada, "Now as well"))
		wait(90 * time.Second)
		if rows := n.Snapshot().Chats; rows[1].Missing != 0 {
			t.Errorf("%d messages are missing", rows[1].Missing)
		}
	})
}

// A new device gets what was chosen when it was authorised: the last 30 days,
// unless it was something else. The dialog says how much that is.
func TestTheChosenPast(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p := open(t, net, "phone")
		p.register("Ada")
		for _, text := range []string{"old", "older"} {
			p.must(p.SendNote(text))
		}
		p.stop()
		wait(31 * 24 * time.Hour)
		p.start()
		p.until("the network", func(v *client.Snapshot) bool { return v.Network.LastPoll > 0 })
		p.must(p.SendNote("new"))
		if p.ChoosePast(client.PastAll) != client.ErrNotNow {
			t.Error("something is chosen for nobody")
		}
		for _, c := range []struct {
			past client.Past
			want string
		}{{client.PastAll, "old|older|new"}, {client.PastMonth, "new"}, {client.PastNone, ""}} {
			s := open(t, net, c.want)
			attempt := meet(p, s)
			v := p.until("the amounts", func(v *client.Snapshot) bool { return v.Dialog.All.Messages == 3 && v.Dialog.Month.Messages == 1 })
			if v.Dialog.Month.Bytes >= v.Dialog.All.Bytes {
				t.Errorf("the dialog: %+v", v.Dialog)
			}
			if c.past != client.PastMonth {
				p.must(p.ChoosePast(c.past))
			}
			p.must(p.Authorise(attempt, ""))
			s.until("the grant", join(client.JoinHolding))
			s.must(s.Finish())
			p.until("linked", linked(len(p.Snapshot().Devices)))
			s.until("the past", over)
			p.until("the end", over)
			if got := texts(s.Snapshot()); got != c.want {
				t.Errorf("choice %d: %q came", c.past, got)
			}
			s.stop()
			if p.Snapshot().Dialog.Open {
				p.must(p.CloseDialog())
			}
		}
	})
}

// hears: a message of a conversation is here.
func hears(account core.ID, text string) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return slices.Contains(said(s, account), text) }
}
