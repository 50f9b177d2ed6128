package client_test

import (
	"slices"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// However an attempt ends, the other side is told why, and neither keeps key
// material of it (multi-device.md §11, claim 4).
func TestClaim4_TheOtherSideIsTold(t *testing.T) {
	for _, c := range []struct {
		name string
		// end is done when both show the words.
		end func(p, s *tab, attempt [16]byte)
		// told is what the secondary, and the primary, say about it.
		told, here client.Cause
	}{
		{"Reject", func(p, s *tab, attempt [16]byte) { p.must(p.Reject(attempt)) }, client.CauseRejected, client.CauseRejected},
		{"Cancel", func(p, s *tab, _ [16]byte) { s.must(s.CancelJoin()) }, client.CauseCancelled, client.CauseCancelled},
		{"They differ", func(p, s *tab, _ [16]byte) { s.must(s.Differ()) }, client.CauseDiffer, client.CauseDiffer},
		{"They differ, after Authorise", func(p, s *tab, attempt [16]byte) {
			p.must(p.Authorise(attempt, ""))
			s.until("the grant", join(client.JoinHolding))
			p.must(p.SendNote("for the two of us"))
			s.must(s.Differ())
		}, client.CauseDiffer, client.CauseDiffer},
		{"Cancel, after Authorise", func(p, s *tab, attempt [16]byte) {
			p.must(p.Authorise(attempt, ""))
			s.until("the grant", join(client.JoinHolding))
			s.must(s.CancelJoin())
		}, client.CauseCancelled, client.CauseCancelled},
		{"They differ, while the primary is away", func(p, s *tab, _ [16]byte) {
			p.stop()
			s.must(s.Differ())
			wait(time.Minute)
			if s.Snapshot().Join.Stage != client.JoinEnding {
				s.t.Errorf("nobody was told: %s", s.state())
			}
			p.start()
		}, client.CauseDiffer, client.CauseNone},
		{"dialog closed", func(p, s *tab, _ [16]byte) { p.must(p.CloseDialog()) }, client.CauseClosed, client.CauseClosed},
		{"expiry, both asleep", func(p, s *tab, _ [16]byte) {
			p.stop()
			s.stop()
			wait(11 * time.Minute)
			p.start()
			s.start()
		}, client.CauseExpired, client.CauseNone},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			world(t, func(t *testing.T, net *testnet.Network) {
				p, s := open(t, net, "phone"), open(t, net, "laptop")
				p.disk.remember()
				s.disk.remember()
				p.register("Ada")
				attempt := meet(p, s)
				c.end(p, s, attempt)
				s.until("it is over", join(client.JoinGone))
				p.until("it is over", func(v *client.Snapshot) bool { return v.Phase == client.Main && len(v.Devices) == 1 })
				if got := s.Snapshot().Join.Cause; got != c.told {
					t.Errorf("the secondary says %d, want %d", got, c.told)
				}
				if got := p.Snapshot().Dialog; got.Open && got.Cause != c.here || len(got.Askers) != 0 {
					t.Errorf("the primary says %d, want %d; askers %v", got.Cause, c.here, got.Askers)
				}
				noKeysLeft(t, p, s)
				s.must(s.Acknowledge())
				s.until("a fresh start", phase(client.Welcome))
				if v := s.Snapshot(); v.Phase != client.Welcome || !v.Account.IsZero() {
					t.Errorf("not fresh: %s", s.state())
				}
			})
		})
	}
}

// Two primaries with the same keys, one of them a copy of the other's browser
// profile, both answer: that is a conflict, and all three say so.
func TestClaim4_AConflictIsHeard(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), newTab(t, net, "laptop")
		p.register("Ada")
		thief := newTab(t, net, "thief")
		copyOf(p).restore(thief)
		thief.start()
		p.disk.remember()
		s.disk.remember()
		s.start()
		thief.until("Main", phase(client.Main))
		p.must(p.OpenDialog())
		thief.must(thief.OpenDialog())
		s.until("Welcome", phase(client.Welcome))
		s.must(s.Join(p.account().Hex()))
		s.until("the end", func(v *client.Snapshot) bool {
			return v.Join.Stage >= client.JoinEnding && v.Join.Cause == client.CauseInvalid
		})
		ended := func(causes ...client.Cause) func(v *client.Snapshot) bool {
			return func(v *client.Snapshot) bool {
				return v.Dialog.Stage == client.DialogEnded && slices.Contains(causes, v.Dialog.Cause) && len(v.Dialog.Askers) == 0
			}
		}
		p.until("the end", ended(client.CauseInvalid, client.CauseExpired))
		thief.until("the end", ended(client.CauseInvalid, client.CauseExpired))
		// A copy that reads the reveal for the other's challenge ends the attempt,
		// and its answer is signed by the key that both have: the new device is Gone
		// by it (§12), and has no key left to tell the copy that waits for
		// Authorise. That one ends with its time. Whoever comes first, one hears.
		if p.Snapshot().Dialog.Cause != client.CauseInvalid && thief.Snapshot().Dialog.Cause != client.CauseInvalid {
			t.Error("neither primary heard of the conflict")
		}
		s.until("the end", join(client.JoinGone))
		noKeysLeft(t, p, s)
	})
}

// A request of a device that is linked already is refused, and the primary says
// so, in the dialog or, if there is none, in the next one; it harms nobody.
func TestClaim4_LinkedAlready(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		account := p.account()
		keys := (&traces{records: s.disk.reveal(t)}).keyring(t)
		again := func() []byte { return requestOf(t, net, account, keys.Device, someBundle(net)) }
		pour(t, net, account, again())
		wait(40 * time.Second)
		if d := p.Snapshot().Dialog; d.Notice {
			t.Error("a notice for a device that is linked")
		}
		linkedAlready := func(v *client.Snapshot) bool { return v.Dialog.Open && v.Dialog.Cause == client.CauseLinked }
		p.must(p.OpenDialog())
		p.until("the refusal", linkedAlready)
		p.must(p.CloseDialog())
		p.must(p.OpenDialog())
		if d := p.Snapshot().Dialog; d.Cause != client.CauseNone {
			t.Errorf("it says it again: %d", d.Cause)
		}
		pour(t, net, account, again())
		p.until("the refusal", linkedAlready)
		wait(time.Minute)
		s.must(s.SendNote("still here"))
		p.until("the note", shows("still here"))
		s.until("both", linked(2))
	})
}

// noKeysLeft looks on both disks for what the records of linking ever held in
// secret.
func noKeysLeft(t *testing.T, p, s *tab) {
	t.Helper()
	n := needles{}
	for _, r := range s.disk.history(t) {
		if r.kind == store.Profile && r.name == "join key" {
			n.add("secondary: device key", r.value)
		}
		if r.kind == store.Linking { // linking/secondary_record.go
			n.add("secondary: device key", fields(r.value, 5)...)
			n.add("secondary: ephemeral", fields(r.value, 6)...)
			n.add("secondary: nonce", fields(r.value, 7)...)
			n.add("secondary: prekey secrets", fields(r.value, 8)...)
			n.add("secondary: grant", fields(r.value, 13)...)
			n.add("secondary: session", fields(r.value, 14)...)
		}
	}
	for _, r := range p.disk.history(t) {
		if r.kind == store.Linking { // linking/primary_record.go
			n.add("primary: ephemeral", fields(r.value, 7)...)
			n.add("primary: grant", fields(r.value, 10)...)
		}
	}
	for _, d := range []*tab{p, s} {
		for _, r := range d.disk.history(t) {
			switch r.kind {
			case store.DeviceList, store.Facts:
				n.except(r.value, []byte(r.name))
			case store.Linking:
				n.except(fields(r.value, 2, 3, 16, 17)...)
			}
		}
	}
	if len(n) < 10 {
		t.Fatalf("the check knows %d secrets only", len(n))
	}
	for _, d := range []*tab{p, s} {
		for _, r := range d.disk.reveal(t) {
			for _, found := range n.in(r.value) {
				t.Errorf("%s still has, in a record of kind %v: %s", d.name, r.kind, found)
			}
		}
	}
}
