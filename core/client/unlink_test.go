package client_test

import (
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/devices"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// trio is a pair and a tablet, all of which have sessions with each other.
func trio(t *testing.T, net *testnet.Network) (p, s, l *tab) {
	t.Helper()
	p, s = pair(t, net)
	l = open(t, net, "tablet")
	add(p, l)
	s.until("the tablet", linked(3))
	s.must(s.SendNote("three"))
	for _, d := range []*tab{p, s, l} {
		d.until("the note", shows("three"))
		d.until("all is out", func(v *client.Snapshot) bool { return len(v.Devices) == 3 && v.Network.Queue == 0 })
	}
	return p, s, l
}

// holds reports whether a batch writes a kind of record.
func holds(b store.Batch, kind store.Kind) bool {
	return slices.ContainsFunc(b, func(op store.Op) bool { return op.Verb == store.Put && store.Kind(op.Key[0]) == kind })
}

// Whoever dies at the commit that unlinks a device, or at that in which it learns
// of it, before or after: the next start goes on, and all of them end as they
// should.
func TestUnlinkSurvivesEveryDeath(t *testing.T) {
	long(t)
	t.Parallel()
	for _, c := range []struct {
		name     string
		dies     fate
		primary  bool
		unlinked bool // the command was carried out
	}{
		{"the primary before", diesBefore, true, false},
		{"the primary after", diesAfter, true, true},
		{"the device before", diesBefore, false, true},
		{"the device after", diesAfter, false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			paired(t, func(t *testing.T, net *testnet.Network) {
				p, s, l := trio(t, net)
				gone := s.id()
				victim, kind := s, store.Departure
				if c.primary {
					victim, kind = p, store.DeviceList
				}
				victim.disk.at(func(_ int, b store.Batch) fate {
					if holds(b, kind) {
						return c.dies
					}
					return lives
				})
				err := p.Unlink(gone)
				if (err == nil) == c.primary {
					t.Errorf("Unlink: %v", err)
				}
				<-victim.ended
				victim.disk.at(nil)
				victim.reload()
				p.until("main page", phase(client.Main))
				if !c.unlinked {
					wait(time.Minute)
					if v := s.Snapshot(); len(p.Snapshot().Devices) != 3 || v.Leaving || v.Phase != client.Main {
						t.Errorf("half unlinked: %s", s.state())
					}
					p.must(p.Unlink(gone))
				}
				s.until("it is wiped", phase(client.Erased))
				for _, d := range []*tab{p, l} {
					d.until("two devices", lists(p.id(), l.id()))
					d.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
				}
				wait(time.Minute)
				if got := published(t, net, p); len(got) != 2 {
					t.Errorf("published: %v", got)
				}
				s.reload()
				s.until("still wiped", phase(client.Erased))
			})
		})
	}
}

// A device that leaves is gone for its siblings at once, before any list says
// so; the primary's next list confirms it, and nobody is left with a ghost.
func TestLeave(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s, l := trio(t, net)
		gone, primary, other := s.id(), p.id(), l.id()
		p.stop()
		start := time.Now()
		s.must(s.Leave())
		s.until("it goes", func(v *client.Snapshot) bool { return v.Leaving || v.Phase == client.Erased })
		for name, err := range map[string]error{
			"a note": s.SendNote("x"), "Leave again": s.Leave(), "Rename": s.RenameDevice(gone, "x"), "Unlink": s.Unlink(other),
		} {
			if err == nil {
				t.Errorf("%s from a device that leaves", name)
			}
		}
		s.until("wiped", phase(client.Erased))
		if took := time.Since(start); took > 15*time.Second {
			t.Errorf("it took %v", took)
		}
		l.until("it is gone", lists(primary, other))
		before := inbox(net, gone)
		l.must(l.SendNote("without it"))
		l.reload()
		l.until("it is gone, over a reload", lists(primary, other))
		l.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		if n := news(before, inbox(net, gone)); n != 0 {
			t.Errorf("%d messages for a device that left", n)
		}
		p.start()
		p.until("it is gone", lists(primary, other))
		p.until("the note", shows("three|without it"))
		wait(time.Minute)
		if got := published(t, net, p); len(got) != 2 {
			t.Errorf("published: %v", got)
		}
		if n := news(before, inbox(net, gone)); n != 0 { // it needs no Unlinked
			t.Errorf("%d messages for a device that left", n)
		}
		l.until("the list", func(v *client.Snapshot) bool { return len(v.Devices) == 2 })
		for _, d := range []*tab{p, l} {
			for _, r := range d.disk.reveal(t) {
				if r.name == string(gone[:]) {
					t.Errorf("%s still holds a %v of the device that left", d.name, r.kind)
				}
			}
		}
	})
}

// Without the network a device that leaves is wiped after a minute, over reloads
// and whatever its clock says. Its siblings do not know, so the primary removes
// it.
func TestLeaveOffline(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s, l := trio(t, net)
		gone := s.id()
		s.line.set(true)
		start := time.Now()
		s.must(s.Leave())
		s.until("leaving", func(v *client.Snapshot) bool { return v.Leaving })
		wait(25 * time.Second)
		s.reload()
		s.until("still leaving", func(v *client.Snapshot) bool { return v.Leaving })
		wait(25 * time.Second)
		s.reload()
		s.until("wiped", phase(client.Erased))
		if took := time.Since(start); took < 50*time.Second || took > 70*time.Second {
			t.Errorf("wiped after %v", took)
		}
		// With its clock set back, it is a minute of each run.
		l.line.set(true)
		l.must(l.Leave())
		l.skew.set(-core.Hour)
		start = time.Now()
		l.until("wiped", phase(client.Erased))
		if took := time.Since(start); took > 70*time.Second {
			t.Errorf("wiped after %v", took)
		}
		if v := p.Snapshot(); len(v.Devices) != 3 {
			t.Errorf("the primary knows of it: %s", p.state())
		}
		p.must(p.Unlink(gone))
		p.until("two devices", linked(2))
	})
}

// A leave is obeyed only if the device itself says it, and never for the
// primary. A farewell for another reason changes nothing.
func TestOnlyADeviceItselfLeaves(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s, l := trio(t, net)
		s.stop()
		x := newLiar(t, s)
		x.begs(l.id(), &wire.Content{Farewell: devices.SignFarewell(x.key, x.account(), 1, devices.Obeys)})
		other := newStranger(t, net)
		x.begs(l.id(), &wire.Content{Farewell: devices.SignFarewell(other.key, x.account(), 1, devices.Leaves)})
		other.store(l.id(), other.seal(l.id(), taggedFor(x.account(), net.Now(), &wire.Content{
			Farewell: devices.SignFarewell(x.key, x.account(), 1, devices.Leaves), // replayed by somebody else
		})))
		p.stop()
		y := newLiar(t, p)
		y.begs(l.id(), &wire.Content{Farewell: devices.SignFarewell(y.key, y.account(), 1, devices.Leaves)})
		wait(time.Minute)
		if v := l.Snapshot(); len(v.Devices) != 3 {
			t.Errorf("it believed that: %s", l.state())
		}
	})
}

// A device that was authorised and has not finished is unlinked too: it is told,
// ends, and holds no key; and so does one that could not be told before.
func TestUnlinkBeforeFinish(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		for _, asleep := range []bool{false, true} {
			l := open(t, net, "tablet")
			p.must(p.Authorise(meet(p, l), ""))
			l.until("the grant", join(client.JoinHolding))
			p.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			var fresh core.ID
			for _, row := range p.Snapshot().Devices {
				if row.Unconfirmed {
					fresh = row.ID
				}
			}
			if asleep {
				l.stop()
			} else { // a list that does not remove it ends nothing
				p.stop()
				newLiar(t, p).says(fresh, &wire.Content{Unlinked: p.signed(func(l *devices.List) { without(l, fresh) })})
				wait(20 * time.Second)
				l.until("the grant", join(client.JoinHolding))
				skip(t, p, fresh)
				p.start()
				p.until("online", func(v *client.Snapshot) bool { return v.Network.Synced })
			}
			p.must(p.Unlink(fresh))
			if asleep {
				wait(time.Minute)
				l.start()
			}
			v := l.until("the end", join(client.JoinGone))
			if v.Join.Cause != client.CauseUnlinked {
				t.Errorf("asleep %v, the cause is %d", asleep, v.Join.Cause)
			}
			for _, r := range l.disk.reveal(t) {
				if r.kind == store.Keyring || r.kind == store.Session {
					t.Errorf("a %v is left", r.kind)
				}
			}
			for _, d := range []*tab{p, s} {
				d.until("two devices", lists(p.id(), s.id()))
			}
			l.stop()
			if p.Snapshot().Dialog.Open {
				p.must(p.CloseDialog())
			}
		}
	})
}

// skip moves a device's session on, as if it had sent what a liar with a copy
// has sent.
func skip(t *testing.T, d *tab, to core.ID) {
	t.Helper()
	s := newLiar(t, d).sessions[to]
	if _, _, err := s.Encrypt([]byte("x")); err != nil {
		t.Fatal(err)
	}
	d.edit(func(_ *store.Store, c *store.Change) { c.Put(store.Session, string(to[:]), s.Marshal()) })
}
