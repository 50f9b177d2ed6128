package plain

import (
	"slices"
	"testing"
	"testing/synctest"

	"tandem/core"
	"tandem/core/envelope"
	"tandem/core/identity"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// Two of them go through request, acceptance, messages, receipts and unsend.
func TestTwoPlainClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net, err := testnet.New(testnet.Options{Seed: [32]byte{1}})
		if err != nil {
			t.Fatal(err)
		}
		defer net.Close()
		ctx := t.Context()
		ann, bob := New(net, "Ann"), New(net, "Bob")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		first, err := ann.Write(ctx, bob.ID(), "hi Bob")
		must(err)
		must(bob.Poll(ctx))
		if got := bob.Requests(); !slices.Equal(got, []core.ID{ann.ID()}) || bob.Chat(ann.ID()).Name != "Ann" {
			t.Fatalf("Bob's requests are %v", got)
		}
		must(bob.Accept(ctx, ann.ID()))
		must(bob.Read(ctx, ann.ID(), first))
		second, err := bob.WriteWith(ctx, ann.ID(), "hi Ann", Timer{2, 60})
		must(err)
		must(bob.Type(ctx, ann.ID(), true))
		must(ann.Poll(ctx))
		chat := ann.Chat(bob.ID())
		if !chat.ApprovedMe || chat.Name != "Bob" || !chat.Typing || len(ann.Requests())+len(bob.Requests()) != 0 ||
			!slices.Equal(chat.Messages, []Message{
				{Author: ann.ID(), Sent: first, Body: "hi Bob", Read: true},
				{Author: bob.ID(), Sent: second, Body: "hi Ann", Timer: Timer{2, 60}},
			}) {
			t.Errorf("Ann has %+v", chat)
		}
		must(bob.Unsend(ctx, ann.ID(), first, ann.ID())) // it is not Bob's
		must(bob.Unsend(ctx, ann.ID(), second, bob.ID()))
		must(bob.SetTimer(ctx, ann.ID(), Timer{1, 10}))
		must(bob.Type(ctx, ann.ID(), false))
		must(ann.Store(ctx, ann.ID(), []byte("rubbish")))
		must(ann.Poll(ctx))
		must(ann.Poll(ctx))
		if chat := ann.Chat(bob.ID()); len(chat.Messages) != 1 || chat.Typing || chat.Timer != (Timer{1, 10}) || ann.Refused() != 1 {
			t.Errorf("Ann has %+v, %d refused", chat, ann.Refused())
		}
	})
}

// Tandem's own reading and writing of the format, and this one, are two.
func TestBothWritings(t *testing.T) {
	c, other := New(nil, "Ann"), identity.NewRoot().Account()
	data := c.seal(other.ID(), 7, uintField(timed(bytesField(nil, 1, c.data("hi")), Timer{2, 60}), 15, 7))
	got, err := envelope.OpenSession(other, data)
	if err != nil || got.Sender != c.ID() || got.Sent != 7 || got.Content.Data.Body != "hi" || got.Content.Data.Name != "Ann" ||
		*got.Content.Timer != (wire.Timer{Kind: wire.TimerAfterSend, Seconds: 60}) {
		t.Errorf("Tandem reads %+v, %v", got, err)
	}
	l, err := c.open(envelope.SealSession(other, c.ID(), 8, &wire.Content{Data: &wire.DataMessage{Body: "ho", Name: "Bob"}, Ping: true}))
	if err != nil || l.from != other.ID() || l.sent != 8 {
		t.Fatalf("the plain client reads %+v, %v", l, err)
	}
	c.receive(l)
	if chat := c.Chat(other.ID()); chat.Name != "Bob" || len(chat.Messages) != 1 || chat.Messages[0].Body != "ho" {
		t.Errorf("the plain client has %+v", chat)
	}
}

func FuzzOpen(f *testing.F) {
	c := New(nil, "Ann")
	f.Add([]byte("rubbish"))
	f.Add(c.seal(c.ID(), 7, timed(bytesField(nil, 1, c.data("hi")), Timer{})))
	f.Fuzz(func(t *testing.T, data []byte) {
		if l, err := c.open(data); err == nil {
			c.receive(l)
		} else if err != errLetter {
			t.Fatal(err)
		}
	})
}
