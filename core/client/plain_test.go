package client_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
	"tandem/core/testnet/plain"
)

// ears polls a plain client's mailbox until it is as wanted.
func ears(t *testing.T, twin *plain.Client, what string, want func() bool) {
	t.Helper()
	for range 120 {
		if err := twin.Poll(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want() {
			return
		}
		wait(time.Second)
	}
	t.Fatalf("the plain client waited in vain until %s", what)
}

// bodies are the texts that a plain client has of a conversation, "*" in front
// of those that were read by the other side.
func bodies(twin *plain.Client, with core.ID) (out []string) {
	for _, m := range twin.Chat(with).Messages {
		body := m.Body
		if m.Read {
			body = "*" + body
		}
		out = append(out, body)
	}
	return out
}

// talk: a conversation holds exactly these texts, or names of what cannot be
// shown.
func talk(with core.ID, want ...string) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		var got []string
		for _, m := range s.Logs[with] {
			text := m.Body
			if m.Unable != "" {
				text += "[" + m.Unable + "]"
			}
			got = append(got, text)
		}
		return slices.Equal(got, want)
	}
}

// A plain Session client and an account of two devices: request, acceptance on
// the secondary, messages both ways, receipts, unsend, profile.
func TestPlainContact(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		both := []*tab{p, s}
		ada, ctx := p.account(), t.Context()
		bob := plain.New(net, "Bob")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		say := func(text string) core.Millis {
			t.Helper()
			sent, err := bob.Write(ctx, ada, text)
			must(err)
			return sent
		}
		until := func(what string, want func(*client.Snapshot) bool) {
			t.Helper()
			for _, d := range both {
				d.until(what, want)
			}
		}

		say("hi Ada")
		until("the request", asks(bob.ID()))
		say("are you there?")
		wait(time.Minute)
		for _, d := range both {
			v := d.Snapshot()
			if r := v.Requests; len(r) != 1 || r[0].Name != "Bob" || r[0].Text != "hi Ada" || !r[0].Plain || len(v.Chats) != 1 {
				t.Fatalf("%s shows %+v", d.name, r)
			}
		}
		s.must(s.Accept(bob.ID()))
		until("what Bob wrote", talk(bob.ID(), "hi Ada", "are you there?"))
		for _, d := range both {
			if row := rowOf(d.Snapshot(), bob.ID()); row.Friendship != client.Friends || !row.Plain || row.Name != "Bob" || row.Devices != 0 {
				t.Errorf("%s shows %+v", d.name, row)
			}
		}
		ears(t, bob, "the answer", func() bool { return bob.Chat(ada).ApprovedMe && bob.Chat(ada).Name == "Ada" })

		// Typing is shown for a while, and until it stops or the message is there.
		typing := func(on bool) func(v *client.Snapshot) bool {
			return func(v *client.Snapshot) bool { return rowOf(v, bob.ID()).Typing == on }
		}
		types := func() { // as clients do: again and again, for it counts for seconds
			for _, d := range both {
				for tries := 0; !typing(true)(d.Snapshot()); tries++ {
					if tries > 100 {
						t.Fatalf("%s never shows that Bob types", d.name)
					}
					must(bob.Type(ctx, ada, true))
					wait(2 * time.Second)
				}
			}
		}
		types()
		must(bob.Type(ctx, ada, false))
		until("not typing", typing(false))
		types()
		until("not typing any more", typing(false))

		p.must(p.Send(bob.ID(), "yes"))
		wait(time.Second)
		s.must(s.Send(bob.ID(), "from my laptop"))
		wait(time.Second)
		p.must(p.Send(bob.ID(), "both of me"))
		ears(t, bob, "all that Ada wrote", func() bool { return len(bob.Chat(ada).Messages) == 5 })
		mine := func(s *client.Snapshot) (out []core.Message) {
			for _, m := range s.Logs[bob.ID()] {
				if m.Direction == core.Out {
					out = append(out, m)
				}
			}
			return out
		}
		until("her own", func(v *client.Snapshot) bool { return len(mine(v)) == 3 && !slices.ContainsFunc(mine(v), queued) })

		// Receipts, once Ada wants them; both ways.
		p.must(p.SetReceipts(true))
		until("receipts", func(v *client.Snapshot) bool { return v.Receipts })
		var times []core.Millis
		for _, m := range bob.Chat(ada).Messages[2:] {
			times = append(times, m.Sent)
		}
		must(bob.Read(ctx, ada, times...))
		until("it is read", func(v *client.Snapshot) bool {
			return !slices.ContainsFunc(mine(v), func(m core.Message) bool { return m.Status != core.Read })
		})
		s.Viewing(bob.ID())
		ears(t, bob, "it is read", func() bool { return bodies(bob, ada)[1] == "*are you there?" })
		s.Viewing(core.ID{})
		until("nothing unread", func(v *client.Snapshot) bool { return rowOf(v, bob.ID()).Unread == 0 })

		// Unsend, both ways, and not of what is somebody else's.
		oops := say("oops")
		until("oops", func(v *client.Snapshot) bool { return len(v.Logs[bob.ID()]) == 6 && rowOf(v, bob.ID()).Unread == 1 })
		must(bob.Type(ctx, ada, true))
		must(bob.Unsend(ctx, ada, mine(p.Snapshot())[0].Sent, ada))
		must(bob.Unsend(ctx, ada, oops, bob.ID()))
		until("it is unsent", func(v *client.Snapshot) bool { return len(v.Logs[bob.ID()]) == 5 && len(mine(v)) == 3 })
		s.must(s.Delete(mine(s.Snapshot())[0].ID, true))
		ears(t, bob, "it is unsent", func() bool { return !slices.Contains(bodies(bob, ada), "yes") && len(bodies(bob, ada)) == 5 })
		until("it is deleted", func(v *client.Snapshot) bool { return len(mine(v)) == 2 })

		// What cannot be shown says what it is.
		for _, kind := range []string{plain.Picture, plain.Voice, plain.Call, plain.Invitation, plain.Reaction} {
			must(bob.SendOther(ctx, ada, kind, ""))
		}
		want := []string{"hi Ada", "are you there?", "from my laptop", "both of me", "[attachment]", "[voice message]", "[call]", "[invitation to a group]", "[reaction]"}
		until("the other kinds", func(v *client.Snapshot) bool { return len(v.Logs[bob.ID()]) == len(want) })
		for _, d := range both {
			d.reload()
			d.until("all after a reload", talk(bob.ID(), want...))
		}
		if bob.Refused() != 0 {
			t.Errorf("%d messages that no client of Session takes", bob.Refused())
		}
	})
}

// A device that is linked later knows the plain contact too, and what still
// lies in the account's mailbox; so does it answer.
func TestPlainContactOnANewDevice(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		ada, ctx := p.account(), t.Context()
		bob := plain.New(net, "Bob")
		for _, text := range []string{"one", "two"} {
			if _, err := bob.Write(ctx, ada, text); err != nil {
				t.Fatal(err)
			}
		}
		p.until("the request", asks(bob.ID()))
		p.must(p.Accept(bob.ID()))
		p.until("both", talk(bob.ID(), "one", "two"))
		s.stop()
		third := open(t, net, "tablet")
		add(p, third)
		third.until("both", talk(bob.ID(), "one", "two"))
		third.until("the contact", func(v *client.Snapshot) bool {
			row := rowOf(v, bob.ID())
			return row.Friendship == client.Friends && row.Plain && row.Name == "Bob" && len(v.Requests) == 0
		})
		third.must(third.Send(bob.ID(), "three"))
		ears(t, bob, "three", func() bool { return slices.Equal(bodies(bob, ada), []string{"one", "two", "three"}) })
		p.until("three", talk(bob.ID(), "one", "two", "three"))
		s.start()
		s.until("three", talk(bob.ID(), "one", "two", "three"))
	})
}

func queued(m core.Message) bool { return m.Status == core.Queued }

// Ada asks, by Tandem's request; a plain client shows it as its own kind of
// request, and its answer makes both devices friends. Messages disappear when
// Bob's timer says so: after they were sent, or were read on any device.
func TestPlainAnswerAndTimers(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		ada, ctx := p.account(), t.Context()
		bob, eve := plain.New(net, "Bob"), plain.New(net, "Eve")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		p.until("the network", func(v *client.Snapshot) bool { return v.Network.LastPoll > 0 })
		p.must(p.Befriend(bob.ID().Hex(), "Hello Bob"))
		ears(t, bob, "the request", func() bool { return slices.Equal(bob.Requests(), []core.ID{ada}) && bodies(bob, ada)[0] == "Hello Bob" })
		must(bob.Accept(ctx, ada))
		for _, d := range []*tab{p, s} {
			d.until("friends", func(v *client.Snapshot) bool {
				row := rowOf(v, bob.ID())
				return row.Friendship == client.Friends && row.Plain && row.Name == "Bob"
			})
			d.until("her own words", talk(bob.ID(), "Hello Bob"))
		}

		_, err := bob.WriteWith(ctx, ada, "for a minute", plain.Timer{Kind: 2, Seconds: 120})
		must(err)
		_, err = bob.WriteWith(ctx, ada, "once read", plain.Timer{Kind: 1, Seconds: 60})
		must(err)
		must(bob.SetTimer(ctx, ada, plain.Timer{Kind: 1, Seconds: 60}))
		for _, d := range []*tab{p, s} {
			d.until("both", talk(bob.ID(), "Hello Bob", "for a minute", "once read"))
		}
		s.stop()
		wait(2 * time.Minute)
		p.until("the first is over", talk(bob.ID(), "Hello Bob", "once read"))
		s.start()
		s.until("the first is over", talk(bob.ID(), "Hello Bob", "once read"))
		read := time.Now()
		s.Viewing(bob.ID())
		for _, d := range []*tab{p, s} {
			d.until("its time begins", func(v *client.Snapshot) bool { return len(v.Logs[bob.ID()]) == 2 && v.Logs[bob.ID()][1].Ends != 0 })
		}
		for _, d := range []*tab{p, s} {
			d.until("both are over", talk(bob.ID(), "Hello Bob"))
			if lasted := time.Since(read); lasted < time.Minute || lasted > 75*time.Second {
				t.Errorf("on %s it lasted %s", d.name, lasted)
			}
			d.reload()
			d.until("both are over after a reload", talk(bob.ID(), "Hello Bob"))
		}

		// Who was declined stays quiet, and who is blocked.
		_, err = eve.Write(ctx, ada, "hey")
		must(err)
		p.until("Eve", asks(eve.ID()))
		s.until("Eve", asks(eve.ID()))
		s.must(s.Decline(eve.ID()))
		p.until("declined", func(v *client.Snapshot) bool { return len(v.Requests) == 0 })
		_, err = eve.Write(ctx, ada, "hey!")
		must(err)
		p.must(p.Block(bob.ID()))
		s.until("blocked", func(v *client.Snapshot) bool { return len(v.Blocked) == 1 })
		_, err = bob.Write(ctx, ada, "why?")
		must(err)
		wait(2 * time.Minute)
		for _, d := range []*tab{p, s} {
			if v := d.Snapshot(); len(v.Requests) != 0 || !talk(bob.ID(), "Hello Bob")(v) {
				t.Errorf("%s shows %+v and %q", d.name, v.Requests, said(v, bob.ID()))
			}
		}
	})
}

// Whoever holds the key of an account with a pinned list can still write in
// Session's format: it is shown as what it is, and changes nothing. By one's own
// account it is not even shown.
func TestUnverifiedClient(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		a, b := open(t, net, "A1"), open(t, net, "B1")
		ada := a.register("Ada")
		b.until("Welcome", phase(client.Welcome))
		b.must(b.Register("Bob"))
		words := strings.Join(b.until("the words", phase(client.Words)).Seed, " ")
		b.must(b.ConfirmWords())
		b.must(b.ConfirmKey())
		bob := b.until("Main", phase(client.Main)).Account
		a.listed()
		b.listed()
		a.must(a.Befriend(bob.Hex(), "Hello Bob"))
		b.until("the request", asks(ada))
		b.must(b.Accept(ada))
		a.until("friends", stands(bob, client.Friends, 1))
		b.must(b.Send(ada, "Hello Ada"))
		v := a.until("both", talk(bob, "Hello Bob", "Hello Ada"))

		ctx := t.Context()
		thief, err := plain.Restore(net, "Bobby", words)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must(err)
		_, err = thief.Write(ctx, ada, "it is me")
		must(err)
		must(thief.Accept(ctx, ada))
		must(thief.Unsend(ctx, ada, v.Logs[bob][1].Sent, bob))
		must(thief.Read(ctx, ada, v.Logs[bob][0].Sent))
		must(thief.SendOther(ctx, ada, plain.Picture, "look"))
		_, err = thief.Write(ctx, bob, "a note to me")
		must(err)
		v = a.until("what the thief wrote", talk(bob, "Hello Bob", "Hello Ada", "it is me", "look[attachment]"))
		for i, m := range v.Logs[bob] {
			if m.Unverified != (i >= 2) {
				t.Errorf("message %d is unverified: %v", i, m.Unverified)
			}
		}
		a.must(a.Send(bob, "not for the thief"))
		b.until("it", talk(ada, "Hello Bob", "Hello Ada", "not for the thief"))
		must(thief.Poll(ctx))
		if got := bodies(thief, ada); !slices.Equal(got, []string{"it is me", "Hello Bob"}) {
			t.Errorf("the thief has %q", got)
		}
		wait(time.Minute)
		if row := rowOf(a.Snapshot(), bob); row.Plain || row.Devices != 1 || row.Name != "Bob" || row.Friendship != client.Friends {
			t.Errorf("the row is %+v", row)
		}
		if v := b.Snapshot(); len(v.Requests) != 0 || len(v.Logs[bob]) != 0 {
			t.Errorf("Bob shows %+v and %q", v.Requests, said(v, bob))
		}
	})
}

// Only its user has messages sent to the account of a contact with devices, on
// all devices of the user, and to the devices again.
func TestPlainByChoice(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		mine, his := []*tab{q.a1, q.a2}, []*tab{q.b1, q.b2}
		is := func(plain bool) func(*client.Snapshot) bool {
			return func(v *client.Snapshot) bool {
				row := rowOf(v, q.bob)
				return row.Plain == plain && row.Devices == 2 && row.Friendship == client.Friends
			}
		}
		if err := q.a2.UsePlain(q.bob, false); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("it is so already: %v", err)
		}
		q.a1.must(q.a1.UsePlain(q.bob, true))
		for _, d := range mine {
			d.until("plain", is(true))
		}
		q.a2.reload()
		q.a2.until("the network", func(v *client.Snapshot) bool { return v.Network.LastPoll > 0 })
		q.a2.must(q.a2.Send(q.bob, "to your account"))
		for _, d := range his { // who hold her list
			v := d.until("it", talk(q.ada, "Hello", "to your account"))
			if !v.Logs[q.ada][1].Unverified {
				t.Errorf("%s takes it for hers", d.name)
			}
		}
		q.b1.must(q.b1.Send(q.ada, "from a device"))
		for _, d := range mine {
			d.until("his answer", talk(q.bob, "Hello", "to your account", "from a device"))
		}
		q.a2.must(q.a2.UsePlain(q.bob, false))
		for _, d := range mine {
			d.until("not plain", is(false))
		}
		q.a1.must(q.a1.Send(q.bob, "to your devices"))
		for _, d := range his {
			v := d.until("it", talk(q.ada, "Hello", "to your account", "from a device", "to your devices"))
			if v.Logs[q.ada][3].Unverified {
				t.Errorf("%s takes it for somebody else's", d.name)
			}
		}
	})
}

// What cannot be meant: other people's receipts, times that never were, rubbish.
// A friend under a plain client can disturb nothing by it.
func TestHostilePlainClient(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		ada, ctx := p.account(), t.Context()
		bob, eve := plain.New(net, "Bob"), plain.New(net, "Eve")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		// A stranger says much that is no request.
		must(eve.Accept(ctx, ada))
		must(eve.Type(ctx, ada, true))
		must(eve.Read(ctx, ada, 1, 2, 3))
		must(eve.Unsend(ctx, ada, 1, eve.ID()))
		must(eve.SetTimer(ctx, ada, plain.Timer{Kind: 2, Seconds: 1}))
		must(eve.Store(ctx, ada, []byte("rubbish")))
		bobs, err := bob.WriteWith(ctx, ada, "one", plain.Timer{Kind: 2, Seconds: 600})
		must(err)
		for _, d := range []*tab{p, s} {
			d.until("one request", asks(bob.ID()))
		}
		s.must(s.Accept(bob.ID()))
		p.must(p.SetReceipts(true))
		for _, d := range []*tab{p, s} {
			d.until("the text", func(v *client.Snapshot) bool {
				log := v.Logs[bob.ID()]
				return len(log) == 1 && log[0].Ends == bobs+600_000 && v.Receipts
			})
		}
		// Clocks differ: sent in the same millisecond as "one", what Bob takes back below
		// would be his own.
		wait(time.Minute)
		p.must(p.Send(bob.ID(), "two"))
		s.until("both", talk(bob.ID(), "one", "two"))
		var many []core.Millis
		for i := range 1000 {
			many = append(many, core.Millis(i+1))
		}
		must(bob.Read(ctx, ada, many...))
		must(bob.Unsend(ctx, ada, p.Snapshot().Logs[bob.ID()][1].Sent, bob.ID()))
		must(bob.Unsend(ctx, ada, bobs+1000, bob.ID()))
		sent, err := bob.Send(ctx, ada, []byte{0x0a, 0x7f}) // a length beyond the end
		must(err)
		for _, d := range []*tab{p, s} {
			wait(time.Minute)
			v := d.Snapshot()
			if !talk(bob.ID(), "one", "two")(v) || v.Logs[bob.ID()][1].Status == core.Read || len(v.Requests) != 0 || sent == 0 {
				t.Errorf("%s shows %q, %+v", d.name, said(v, bob.ID()), v.Requests)
			}
		}
		wait(10 * time.Minute)
		for _, d := range []*tab{p, s} {
			d.until("its time is over", talk(bob.ID(), "two"))
			d.reload()
			d.until("its time is over after a reload", talk(bob.ID(), "two"))
		}
	})
}
