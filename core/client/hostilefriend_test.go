package client_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/envelope"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// Whoever has all keys of a friend's device can make nobody do much: storms of
// session requests, of messages that do not open, of questions, and envelopes
// that were made for others cost few answers and little room, what is of the far
// future is of now, and the others talk on.
func TestHostileFriend(t *testing.T) {
	t.Parallel()
	offFriends(t, func(t *testing.T, net *testnet.Network, q *quad) {
		c := newCloud(3, weather{})
		c.cabled(q.all()...)
		x := newLiar(t, q.b2) // who stays off
		q.wake(q.a1, q.a2, q.b1)
		victim, gone := q.a1.id(), x.key.ID()
		q.a1.must(q.a1.SendNote("nobody else's"))
		wait(time.Minute)
		answers := func() int {
			c.mu.Lock()
			defer c.mu.Unlock()
			return c.box(core.Mailbox{Owner: gone})[0].stored
		}
		put := func(to core.ID, kind envelope.Kind, body []byte, seal core.ID) {
			t.Helper()
			data := x.seal(seal, envelope.Sealed{Account: x.account(), Kind: kind, Body: body, Created: x.now()})
			c.store(courier.StoreOrder{Mailbox: core.Mailbox{Owner: to}, Data: data, TTL: core.Day})
		}
		var seq uint64 // its place among what x says; 0 = none
		says := func(content *wire.Content) {
			t.Helper()
			content.Header = &wire.Header{LinkSeq: seq, OwnEpoch: 1, PeerEpoch: 1, Sent: x.now(), Counter: uint64(x.now())}
			kind, body, err := x.sessions[victim].Encrypt(wire.Pad(content.Marshal()))
			if err != nil {
				t.Fatal(err)
			}
			put(victim, envelope.Kind(kind), body, victim)
		}
		const little = 50 * time.Millisecond
		noise := make([]byte, 300)
		for name, storm := range map[string]struct {
			one   func()
			pause time.Duration
			most  int // answers to 200 of them, and in the ten minutes after
		}{
			"session requests": {func() { put(victim, envelope.SessionRequest, wire.Pad(x.request(x.list).Marshal()), victim) }, little, 20},
			"what does not open": {func() {
				rand.Read(noise)
				body := slices.Concat([]byte{0x33}, noise)
				put(victim, envelope.Ratchet, body, victim)
				put(victim, envelope.PreKey, body, victim)
				kind, sealed, err := x.sessions[victim].Encrypt(noise)
				if err != nil {
					t.Fatal(err)
				}
				sealed[len(sealed)-1] ^= 1
				put(victim, envelope.Kind(kind), sealed, victim)
			}, little, 4},
			"questions": {func() {
				says(&wire.Content{Ask: &wire.Ask{Author: victim, Low: 0, High: wire.MaxAsked}})
			}, little, 60},
			"gaps": {func() {
				seq += 2
				says(&wire.Content{Ping: true})
			}, 10 * time.Second, 12}, // half an hour of them
			"what was made for others": {func() {
				put(victim, envelope.SessionRequest, wire.Pad(x.request(x.list).Marshal()), q.b1.id())
			}, little, 4},
		} {
			before, records := answers(), len(q.a1.disk.Snapshot())
			for range 200 {
				storm.one()
				wait(storm.pause)
			}
			wait(10 * time.Minute)
			if n := answers() - before; n > storm.most {
				t.Errorf("200 times %s: %d answers", name, n)
			}
			if n := len(q.a1.disk.Snapshot()) - records; n > 500 { // marks of messages, most of all
				t.Errorf("200 times %s: %d more records", name, n)
			}
			text := "after " + name
			q.b1.must(q.b1.Send(q.ada, text))
			start := time.Now()
			q.has(q.a1, text, core.Delivered)
			q.a1.must(q.a1.Send(q.bob, text+", too"))
			q.has(q.b1, text+", too", core.Delivered)
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("after %s a message there and back took %v", name, took)
			}
		}
		says(&wire.Content{Data: &wire.DataMessage{Body: "from next year"}, SigTimestamp: x.now() + 365*core.Day})
		late := q.has(q.a1, "from next year", core.Delivered)
		if late.Sent > x.now()+11*core.Minute {
			t.Errorf("it is of %d", late.Sent)
		}
		wait(11 * time.Minute)
		q.b1.must(q.b1.Send(q.ada, "the newest"))
		q.has(q.a1, "the newest", core.Delivered)
		if all := q.a1.Snapshot().Logs[q.bob]; all[len(all)-1].Body != "the newest" {
			t.Errorf("%s stands last", fmt.Sprint(said(q.a1.Snapshot(), q.bob)))
		}
	})
}
