package client_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/store"
	"tandem/core/testnet"
)

// restored types the words of an account on a fresh device, and waits for what
// the network says about the others.
func restored(t *testing.T, net *testnet.Network, words, name string, want client.RestoreStage) *tab {
	t.Helper()
	r := open(t, net, name)
	r.until("Welcome", phase(client.Welcome))
	r.must(r.Restore(words, "Somebody"))
	r.until("the outbox", func(v *client.Snapshot) bool { return v.Restore.Stage == want })
	return r
}

// published2 waits until list and snapshot of a pair lie in the network.
func published2(p *tab) (words string) {
	p.t.Helper()
	wait(30 * time.Second)
	return strings.Join(words13(p.t.(*testing.T), p), " ")
}

// keyringOf is the keyring on a device's disk.
func keyringOf(t *testing.T, d *tab) *identity.Keyring {
	t.Helper()
	return (&traces{records: d.disk.reveal(t)}).keyring(t)
}

func names(rows []client.DeviceRow) string {
	var out []string
	for _, d := range rows {
		out = append(out, d.Facts.Name)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

// asked: was it you? By name, which may come a moment after the list.
func asked(s *client.Snapshot) bool { return s.Restored != nil && s.Restored.Facts.Name != "" }

func role(role core.Role, devices int) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		return s.Phase == client.Main && s.Role == role && len(s.Devices) == devices && s.Restore.Stage == client.RestoreNone
	}
}

// Restored while the old primary lives, keeping the others: everybody stays, the
// names are back, the old primary stops signing and asks, over reloads too, and
// forgets the words on Yes only.
func TestClaim11_RestoreWhileTheOldPrimaryLives(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		r := restored(t, net, published2(p), "tablet", client.RestoreFound)
		v := r.Snapshot()
		if v.Phase != client.Key || names(v.Restore.Devices) != "laptop phone" || v.Restore.Full || v.Name != "Ada" {
			t.Errorf("found: %q, %+v", v.Name, v.Restore)
		}
		if err := r.OpenDialog(); err == nil {
			t.Error("it takes devices in before it has chosen")
		}
		r.must(r.ConfirmRestore(false, core.ID{}))
		r.until("it is primary", role(core.Primary, 3))
		v = p.until("the question", asked)
		if v.Role != core.Secondary || v.Restored.Facts.Name != "tablet" || len(v.Devices) != 3 {
			t.Errorf("the former primary: %s", p.state())
		}
		s.until("the new list", role(core.Secondary, 3))
		p.reload()
		p.until("the question again", asked)
		if err := p.OpenDialog(); !errors.Is(err, client.ErrNotPrimary) {
			t.Errorf("the former primary takes devices in: %v", err)
		}
		r.reload()
		wait(time.Minute) // nobody signs another one
		if got := published(t, net, r); len(got) != 3 || keyringOf(t, p).Root == nil {
			t.Errorf("%d devices are published", len(got))
		}
		p.must(p.WasItMe(true))
		p.reload()
		v = p.until("secondary for good", role(core.Secondary, 3))
		if asked(v) || keyringOf(t, p).Root != nil || p.WasItMe(false) == nil {
			t.Error("the words are still there")
		}
		r.must(r.SendNote("from the new primary"))
		for _, d := range []*tab{p, s} {
			d.until("the note", shows("from the new primary"))
		}
	})
}

// No takes the account back: under a higher list, without the device that was
// restored, and with another key for the snapshot.
func TestClaim11_TheOldPrimarySaysNo(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		r := restored(t, net, published2(p), "thief", client.RestoreFound)
		thief := keyringOf(t, r).Device.ID()
		r.must(r.ConfirmRestore(false, core.ID{}))
		p.until("the question", asked)
		s.until("the new list", role(core.Secondary, 3))
		p.must(p.WasItMe(false))
		p.reload()
		p.until("primary again", role(core.Primary, 2))
		s.until("it, too", role(core.Secondary, 2))
		r.until("it is out", func(v *client.Snapshot) bool { return v.Phase == client.Erased })
		if list := listOf(t, p); !list.Removes(thief) || list.SnapshotEpoch != list.Epoch {
			t.Error("the thief is not removed")
		}
		link(p, open(t, net, "tablet")) // it signs again
	})
}

// Restored with the others removed: those, and nobody else, are wiped.
func TestClaim11_RestoreAndRemoveTheOthers(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		words := published2(p)
		s.stop()
		r := restored(t, net, words, "tablet", client.RestoreFound)
		r.must(r.ConfirmRestore(true, core.ID{}))
		v := r.until("alone", role(core.Primary, 1))
		if v.Name != "Ada" {
			t.Errorf("its name is %q", v.Name)
		}
		p.until("wiped", phase(client.Erased))
		s.start()
		s.until("wiped", phase(client.Erased))
		link(r, open(t, net, "desktop"))
	})
}

// Restored when all others are gone, offline at first: nothing is signed before
// the outbox was read, the choice waits over a reload, names come back.
func TestClaim11_RestoreWhenAllAreGone(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		words := published2(p)
		s.must(s.RenameDevice(s.Snapshot().Devices[0].ID, "kitchen"))
		wait(5 * time.Second) // the snapshot follows
		p.stop()
		s.stop()
		wait(20 * 24 * time.Hour)
		r := newTab(t, net, "tablet")
		r.line.set(true)
		r.start()
		r.until("Welcome", phase(client.Welcome))
		r.must(r.Restore(words, "Somebody"))
		r.must(r.ConfirmRestore(false, core.ID{}))
		r.reload()
		wait(2 * time.Minute)
		v := r.Snapshot()
		if v.Phase != client.Main || v.Restore.Stage != client.RestoreReading || !v.Restore.Chosen || v.Restored != nil {
			t.Errorf("offline: %s, %+v", r.state(), v.Restore)
		}
		if err := r.OpenDialog(); err == nil {
			t.Error("it takes devices in before it knows the others")
		}
		r.line.set(false)
		v = r.until("it is primary", role(core.Primary, 3))
		if v.Name != "Ada" || names(v.Devices) != "kitchen phone tablet" {
			t.Errorf("back are %q and %q", v.Name, names(v.Devices))
		}
		wait(time.Minute)
		p.start() // found again, much later
		p.until("the question", asked)
		s.start()
		s.until("the list", role(core.Secondary, 3))
	})
}

// A primary that never linked a device is found too, and asked. The name is back
// as long as the snapshot is.
func TestClaim11_RestoreOfASingleDevice(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p := open(t, net, "phone")
		p.register("Ada")
		r := restored(t, net, published2(p), "tablet", client.RestoreFound)
		r.must(r.ConfirmKey())
		if v := r.until("it is primary", role(core.Primary, 2)); v.Name != "Ada" || names(v.Devices) != "phone tablet" {
			t.Errorf("back are %q and %q", v.Name, names(v.Devices))
		}
		p.until("the question", asked)
		p.must(p.WasItMe(true))
		link(r, open(t, net, "laptop"))
	})
}

// Where the network shows no list, because it has none or because it lies, the
// restored device is alone, and signs nothing for a day unless it takes a device
// in. If a list turns up meanwhile, what was chosen is carried out then.
func TestClaim11_RestoreAlone(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		words := published2(p)
		for _, n := range net.Nodes() {
			net.Faults().Lie(n.Ed, testnet.LieEmpty)
		}
		r := restored(t, net, words, "tablet", client.RestoreAlone)
		r.must(r.ConfirmKey())
		r.until("alone", role(core.Primary, 1))
		r.reload() // and looks again
		wait(time.Minute)
		if p.Snapshot().Restored != nil || len(listOf(t, r).Devices) > 0 {
			t.Error("it signs without knowing the others")
		}
		for _, n := range net.Nodes() {
			net.Faults().Lie(n.Ed, 0)
		}
		r.reload()
		if v := r.until("the others", role(core.Primary, 3)); v.Name != "Ada" {
			t.Errorf("its name is %q", v.Name)
		}
		p.until("the question", asked)
		s.until("the list", role(core.Secondary, 3))
	})
	world(t, func(t *testing.T, net *testnet.Network) {
		p := newTab(t, net, "phone")
		p.line.set(true)
		p.start()
		p.register("Ada")
		r := restored(t, net, strings.Join(words13(t, p), " "), "tablet", client.RestoreAlone)
		r.must(r.ConfirmKey())
		r.until("alone", role(core.Primary, 1))
		link(r, open(t, net, "laptop"))
		p.line.set(false)
		v := p.until("it is in no list", func(v *client.Snapshot) bool { return v.Absent })
		if v.Phase != client.Main || p.OpenDialog() == nil {
			t.Errorf("the old one: %s", p.state())
		}
	})
}

// With six devices listed one must be named; the others stay.
func TestClaim11_RestoreOfAFullAccount(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		for _, name := range []string{"three", "four", "five", "six"} {
			d := open(t, net, name)
			link(p, d)
			d.stop()
		}
		words := published2(p)
		r := restored(t, net, words, "tablet", client.RestoreFound)
		v := r.Snapshot()
		if len(v.Restore.Devices) != 6 || !v.Restore.Full {
			t.Fatalf("found: %+v", v.Restore)
		}
		if r.ConfirmRestore(false, core.ID{}) == nil || r.ConfirmRestore(false, identity.NewDevice().ID()) == nil {
			t.Error("seven devices")
		}
		drop := v.Restore.Devices[3].ID
		r.must(r.ConfirmRestore(false, drop))
		r.until("it is primary", role(core.Primary, 6))
		p.until("the question", asked)
		s.until("the list", role(core.Secondary, 6))
		if list := listOf(t, r); !list.Removes(drop) || len(list.Removed) != 1 || list.SnapshotEpoch != list.Epoch {
			t.Error("not just that one is removed")
		}
	})
}

// listOf is the list that a device holds.
func listOf(t *testing.T, d *tab) devices.List {
	t.Helper()
	keys := keyringOf(t, d)
	var records [][]byte
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.DeviceList {
			records = append(records, r.value)
		}
	}
	book, err := devices.LoadBook(keys.Shared.Account.ID(), keys.Device.ID(), records)
	if err != nil {
		t.Fatal(err)
	}
	list, _ := book.List(keys.Shared.Account.ID())
	return list
}

// Where the network shows an older list than the devices told each other of, it
// is asked again; then the restored device goes on from what it knows. Who is
// not in its list is absent, and not wiped.
func TestClaim11_RestoreFromAnOlderList(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		words := published2(p)
		h, newest := newHolder(t, net, p), listOf(t, p)
		p.stop()
		s.stop()
		older := newest
		older.Epoch, older.Devices = newest.Epoch-1, newest.Devices[:1]
		signed, err := devices.Sign(net.Now(), older, h.keys.Root.ListKey(), h.keys.Shared.Account)
		if err != nil {
			t.Fatal(err)
		}
		h.put(core.Outbox, h.keys.Shared.Reading.Seal(signed))
		r := open(t, net, "tablet")
		r.until("Welcome", phase(client.Welcome))
		r.must(r.Restore(words, "Somebody"))
		r.until("a doubt", func(v *client.Snapshot) bool {
			return v.Restore.Stage == client.RestoreReading && v.Restore.Cause != ""
		})
		r.until("what there is", func(v *client.Snapshot) bool { return v.Restore.Stage == client.RestoreFound && v.Restore.Cause == "" })
		r.must(r.ConfirmKey())
		r.until("it is primary", role(core.Primary, 2))
		if got := listOf(t, r).Epoch; got <= newest.Epoch {
			t.Errorf("epoch %d after %d", got, newest.Epoch)
		}
		p.start()
		p.until("the question", asked)
		s.start()
		if v := s.until("it is in no list", func(v *client.Snapshot) bool { return v.Absent }); v.Phase != client.Main {
			t.Errorf("it was not named as removed: %s", s.state())
		}
	})
}

// Restoring, and both answers to the question, survive a death at any moment:
// before and after each time that something of it is stored.
func TestClaim11_RestoreSurvivesEveryDeath(t *testing.T) {
	t.Parallel()
	for _, yes := range []bool{true, false} {
		paired(t, func(t *testing.T, net *testnet.Network) {
			p, s := pair(t, net)
			words := published2(p)
			s.stop()
			r := newTab(t, net, "tablet")
			deaths := r.dies()
			r.start()
			r.insist("it is primary", role(core.Primary, 3), func(v *client.Snapshot) error {
				switch {
				case v.Phase == client.Welcome:
					return r.Restore(words, "Somebody")
				case v.Restore.Stage == client.RestoreFound && v.Phase == client.Key:
					return r.ConfirmRestore(false, core.ID{})
				}
				return nil
			})
			r.survives()
			more := p.dies()
			want := role(core.Secondary, 3)
			if !yes {
				want = role(core.Primary, 2)
			}
			answered := false
			counts := func(v *client.Snapshot) bool { return answered && want(v) && v.Restored == nil }
			p.insist("the answer counts", counts, func(v *client.Snapshot) error {
				if v.Restored == nil {
					return nil
				}
				answered = true
				return p.WasItMe(yes)
			})
			if *deaths < 6 || *more < 2 {
				t.Errorf("only %d and %d deaths", *deaths, *more)
			}
			if root := keyringOf(t, p).Root; (root == nil) != yes {
				t.Errorf("answered %v, and the words are there: %v", yes, root != nil)
			}
		})
	}
}

// dies kills a device each time that it stores something about who it is, in
// turn before and after that.
func (d *tab) dies() *int {
	deaths := new(int)
	d.disk.at(func(_ int, b store.Batch) fate {
		about := func(op store.Op) bool {
			switch store.Kind(op.Key[0]) {
			case store.Phase, store.Keyring, store.Profile, store.DeviceList, store.Register:
				return true
			}
			return false
		}
		if !slices.ContainsFunc(b, about) {
			return lives
		}
		*deaths++
		if *deaths%2 == 1 {
			return diesBefore
		}
		return diesAfter
	})
	return deaths
}

// survives ends dies, and switches a device on that has died meanwhile: what it
// had to tell the others is still to be told.
func (d *tab) survives() {
	d.disk.at(nil)
	if d.disk.died() {
		d.stop()
		d.start()
	}
}

// insist switches a device on again whenever it has died, others too, and acts
// until it is as wanted.
func (d *tab) insist(what string, want func(*client.Snapshot) bool, act func(*client.Snapshot) error, others ...*tab) {
	d.t.Helper()
	for range 3000 {
		for _, one := range append(others, d) {
			if one.disk.died() {
				one.stop()
				one.start()
			}
		}
		v := d.Snapshot()
		if want(v) && !d.disk.died() {
			return
		}
		_ = act(v) // it may die over it
		wait(500 * time.Millisecond)
	}
	d.t.Fatalf("%s insisted in vain until %s: %s", d.name, what, d.state())
}
