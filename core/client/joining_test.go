package client_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/identity"
	"tandem/core/store"
	"tandem/core/testnet"
)

// ticks are the six stages of joining, as the contract says that a snapshot
// tells them.
func ticks(s *client.Snapshot) (done int) {
	j := s.Join
	for _, over := range []bool{
		s.Phase == client.Joining, j.Sent, j.Stored,
		j.Stage == client.JoinWords || j.Stage == client.JoinHolding,
		j.Stage == client.JoinHolding, j.Stage == client.JoinHolding,
	} {
		if !over {
			return done
		}
		done++
	}
	return done
}

func ticked(n int) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return s.Phase == client.Joining && ticks(s) == n }
}

func troubled(text string) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool { return strings.Contains(s.Join.Trouble, text) }
}

// left is how long a page counts down.
func left(d *tab) time.Duration {
	at := d.Snapshot().Join.Deadline
	if at == 0 {
		return 0
	}
	return time.Duration(at-d.skew.now()) * time.Millisecond
}

// Whatever is in the way, the page knows how far the attempt has come and what
// it waits for, after a reload too; Try again goes on from there and begins
// nothing new.
func TestStagesOfJoining(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), newTab(t, net, "laptop")
		account := p.register("Ada")
		s.skew.set(-3 * core.Hour) // a page counts by its own clock

		// Nothing answers: the key is made, and kept.
		s.line.set(true)
		s.start()
		s.until("Welcome", phase(client.Welcome))
		s.must(s.Join("  " + account.Hex() + " "))
		wait(20 * time.Second)
		s.until("why", troubled("gateway"))
		if v := s.Snapshot(); ticks(v) != 1 || v.Join.Target != account || v.Join.Deadline != 0 {
			t.Errorf("without a network: %d stages, %+v", ticks(v), v.Join)
		}
		key := s.joinKey(t)
		s.reload()
		s.until("why, after a reload", troubled("gateway"))

		// The network is back, but no node of the account's swarm keeps anything.
		for _, n := range net.Swarm(account) {
			net.Faults().Freeze(n.Info().Ed)
		}
		s.line.set(false)
		s.must(s.RetryJoin())
		s.until("it begins", func(v *client.Snapshot) bool { return ticks(v) == 2 && v.Join.Deadline != 0 })
		if c := left(s); c < 9*time.Minute+55*time.Second || c > 10*time.Minute {
			t.Errorf("the countdown begins at %v", c)
		}
		s.until("why", func(v *client.Snapshot) bool { return v.Join.Trouble != "" })
		attempt := s.attempt(t)
		if got := (&traces{records: s.disk.reveal(t)}).joining(t); got != key {
			t.Error("the key is not the one that was made")
		}
		s.reload()
		s.until("it is where it was", ticked(2))
		if s.attempt(t) != attempt {
			t.Fatal("a second attempt")
		}

		// The swarm is back: the request is stored at once, and stays stored in the
		// eyes of the page when the line is cut and the page is loaded again.
		for _, n := range net.Swarm(account) {
			net.Faults().Revive(n.Info().Ed)
		}
		start := time.Now()
		s.must(s.RetryJoin())
		s.until("the request is stored", ticked(3))
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("storing took %v", took)
		}
		s.line.set(true)
		s.until("why", troubled("gateway"))
		s.reload()
		s.until("why, after a reload", troubled("gateway"))
		if v := s.Snapshot(); ticks(v) != 3 {
			t.Errorf("cut off after storing: %d stages", ticks(v))
		}
		if c := left(s); c < 8*time.Minute || c > 10*time.Minute {
			t.Errorf("after a reload without a network the countdown shows %v", c)
		}

		// The words come as soon as the line does.
		p.must(p.OpenDialog())
		p.until("the request", dialog(client.DialogChallenge))
		s.line.set(false)
		start = time.Now()
		s.must(s.RetryJoin())
		if words(p, s) != attempt {
			t.Fatal("another attempt")
		}
		if took := time.Since(start); took > 15*time.Second { // all ways were given up
			t.Errorf("the words took %v", took)
		}
		if v := s.Snapshot(); ticks(v) != 4 || v.Join.Trouble != "" {
			t.Errorf("with the words: %d stages, %q", ticks(v), v.Join.Trouble)
		}

		// With the grant in hand, Finish without a network says so and loses nothing.
		p.must(p.Authorise(attempt, ""))
		s.until("the grant", ticked(6))
		s.line.set(true)
		if err := s.Finish(); !errors.Is(err, client.ErrOffline) {
			t.Errorf("Finish without a network: %v", err)
		}
		s.reload()
		s.until("the grant", ticked(6))
		if err := s.Finish(); !errors.Is(err, client.ErrOffline) {
			t.Errorf("Finish without a network, after a reload: %v", err)
		}
		s.until("why", troubled("gateway"))
		s.line.set(false)
		s.must(s.RetryJoin())
		s.until("the network", func(v *client.Snapshot) bool { return v.Network.Synced })
		s.must(s.Finish())
		s.until("the end", linked(2))
		for _, r := range s.disk.reveal(t) {
			if r.kind == store.Profile && strings.HasPrefix(r.name, "join") {
				t.Errorf("%q is left on the disk", r.name)
			}
		}
	})
}

// joinKey is the device whose key waits for the attempt to begin.
func (d *tab) joinKey(t *testing.T) core.ID {
	t.Helper()
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.Profile && r.name == "join key" {
			key, err := identity.ParseDevice(r.value)
			if err != nil {
				t.Fatal(err)
			}
			return key.ID()
		}
	}
	t.Fatal("no key was made")
	return core.ID{}
}

// attempt is the id of the attempt on a device's disk.
func (d *tab) attempt(t *testing.T) (id [16]byte) {
	t.Helper()
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.Linking {
			copy(id[:], r.name)
		}
	}
	return id
}

// A full disk, and a code that was used: the page says so, and goes on.
func TestTroubleOfJoining(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s, other := open(t, net, "phone"), open(t, net, "laptop"), open(t, net, "tablet")
		p.register("Ada")
		p.must(p.OpenDialog())
		code := p.until("a code", func(v *client.Snapshot) bool { return v.Dialog.Code != "" }).Dialog.Code
		other.until("Welcome", phase(client.Welcome))
		other.must(other.Join(code))
		words(p, other)
		if d := p.Snapshot().Dialog; d.Code == code || !d.Askers[0].Proved {
			t.Errorf("the code is not used up: %+v", d)
		}
		s.until("Welcome", phase(client.Welcome))
		s.must(s.Join(code))
		s.until("why", troubled("a code works once"))
		if v := p.Snapshot().Dialog; len(v.Askers) != 2 || v.Askers[1].Proved {
			t.Errorf("a used code counts: %+v", v.Askers)
		}
		s.must(s.CancelJoin())
		s.until("the end", join(client.JoinGone))
		// After the end, Try again is a fresh attempt with the bare key.
		was := s.attempt(t)
		s.must(s.RetryJoin())
		s.until("words", join(client.JoinWords))
		if s.attempt(t) == was {
			t.Error("the same attempt")
		}

		// The disk is full when the challenge has to be kept.
		x := open(t, net, "desk")
		x.until("Welcome", phase(client.Welcome))
		x.disk.refusal = store.ErrFull
		x.disk.at(func(n int, b store.Batch) fate {
			for _, op := range b {
				if store.Kind(op.Key[0]) == store.Linking && n > 2 {
					return refuses
				}
			}
			return lives
		})
		x.must(x.Join(p.account().Hex()))
		x.until("why", troubled("no room left"))
		x.disk.at(nil)
		x.must(x.RetryJoin())
		x.until("words", join(client.JoinWords))
		x.until("no trouble", func(v *client.Snapshot) bool { return v.Join.Trouble == "" })
	})
}

// The page is free as soon as the person has read the end, whatever comes next;
// the primary is told all the same, across reloads, and then nothing is left.
func TestAnEndingIsLeftBehind(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		p.register("Ada")
		p.must(p.Authorise(meet(p, s), ""))
		s.until("the grant", join(client.JoinHolding))
		p.stop()
		s.must(s.Differ())
		s.until("it is told", func(v *client.Snapshot) bool { return v.Join.Stage == client.JoinEnding && v.Join.Stored })
		s.must(s.RetryJoin())
		s.must(s.Acknowledge())
		s.until("a fresh start", phase(client.Welcome))
		// Another one, cancelled before anybody answered.
		s.must(s.Join(p.Snapshot().Account.Hex()))
		s.until("the request is stored", ticked(3))
		s.must(s.CancelJoin())
		s.until("cancelling", join(client.JoinEnding))
		s.must(s.Acknowledge())
		s.reload()
		bob := s.register("Bob")
		posts := s.line.count()
		wait(11 * time.Minute)
		if n := s.count(t, store.Abandoned); n != 1 {
			t.Errorf("%d attempts are left behind: the cancelled one is over by now", n)
		}
		// 12 polls of a device a minute, 2 of an account, and of what is left behind
		// 2 polls and 2 repeats; a poll is sometimes two requests.
		if n := s.line.count() - posts; n > 11*(12+2+2+4)*3/2 {
			t.Errorf("%d requests in eleven minutes", n)
		}
		s.reload()
		s.until("Main", phase(client.Main))
		s.must(s.SendNote("meanwhile"))
		p.start()
		p.until("it is told", linked(1))
		s.until("all is over", func(*client.Snapshot) bool { return s.count(t, store.Abandoned) == 0 })
		if v := s.Snapshot(); v.Account != bob || len(v.Devices) != 1 || v.Phase != client.Main {
			t.Errorf("the account suffered: %s", s.state())
		}
		wait(time.Minute)
		posts = s.line.count()
		wait(2 * time.Minute)
		if n := s.line.count() - posts; n > 2*(12+2)*3/2 {
			t.Errorf("%d requests in two minutes, for nobody", n)
		}
	})
}

// count is how many records of a kind are on a disk.
func (d *tab) count(t *testing.T, kind store.Kind) (n int) {
	t.Helper()
	for _, r := range d.disk.reveal(t) {
		if r.kind == kind {
			n++
		}
	}
	return n
}

// Attempts that nobody ever answers are bounded in number, and end after 14 days
// with every key.
func TestAbandonedAttemptsEnd(t *testing.T) {
	long(t)
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		s := open(t, net, "laptop")
		s.disk.remember()
		for range 9 { // accounts whose primaries never come back
			p := open(t, net, "phone")
			p.register("Ada")
			meet(p, s)
			p.stop()
			s.must(s.Differ())
			s.must(s.Acknowledge())
			s.until("a fresh start", phase(client.Welcome))
		}
		if n := s.count(t, store.Abandoned); n != 8 {
			t.Errorf("%d attempts are left behind", n)
		}
		wait(time.Hour)
		s.stop()
		wait(13*24*time.Hour + 22*time.Hour)
		s.start()
		wait(2 * time.Minute)
		if n := s.count(t, store.Abandoned); n != 8 {
			t.Errorf("on the last day %d are left", n)
		}
		wait(time.Hour)
		keys := needles{}
		for _, r := range s.disk.history(t) {
			if r.kind == store.Abandoned || r.kind == store.Linking { // linking/secondary_record.go
				keys.add("a device key", fields(r.value, 5)...)
			}
		}
		for _, r := range s.disk.reveal(t) {
			if found := keys.in(r.value); len(found) > 0 || r.kind == store.Abandoned || r.kind == store.Linking {
				t.Errorf("after 14 days there is a record of kind %v with %v", r.kind, found)
			}
		}
		if len(keys) < 9 {
			t.Errorf("the check knows %d keys", len(keys))
		}
	})
}
