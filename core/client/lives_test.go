package client_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/delivery"
	"tandem/core/devices"
	"tandem/core/identity"
	"tandem/core/linking"
	"tandem/core/ratchet"
	"tandem/core/store"
	"tandem/core/testnet"
)

// Clear Data leaves nothing behind, in any state, and the device can join
// again: the same account, with new keys.
func TestClearDataThenLink(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		before := s.Snapshot().Devices[0].ID
		s.until("it reads its mail", func(v *client.Snapshot) bool { return v.Network.Synced && v.Network.LastPoll > 0 })
		s.must(s.ClearData())
		if v := s.Snapshot(); v.Phase != client.Welcome || !v.Account.IsZero() || len(v.Logs) > 0 {
			t.Errorf("after Clear Data: %s", s.state())
		}
		wait(10 * time.Second)
		if n := len(s.disk.Snapshot()); n > 0 {
			t.Errorf("%d records are left", n)
		}
		p.until("its goodbye", linked(1))
		p.must(p.SendNote("for nobody"))
		p.must(p.OpenDialog())
		attempt := meet(p, s)
		p.must(p.Authorise(attempt, ""))
		s.until("the grant", join(client.JoinHolding))
		s.must(s.Finish())
		v := s.until("the end", linked(2))
		if v.Devices[0].ID == before {
			t.Error("the same device key again")
		}
		p.until("the end", linked(2))
		s.must(s.SendNote("back again"))
		p.until("the note", shows("for nobody|back again"))

		// While it is linking, too.
		s.must(s.ClearData())
		meet(p, s)
		s.must(s.ClearData())
		s.until("Welcome", phase(client.Welcome))
		wait(time.Second) // for what was on its way
		posts := s.line.count()
		wait(time.Minute)
		if n := s.line.count() - posts; n > 0 {
			t.Errorf("a device without an account asks the network %d times", n)
		}
	})
}

// Cleared while the network is asked for the first time, and does not answer, a
// device still reaches it later.
func TestClearDataBeforeTheNetwork(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		for _, n := range net.Nodes() {
			net.Faults().Freeze(n.Ed)
		}
		s := open(t, net, "laptop")
		s.register("Ada")
		wait(time.Second)
		s.must(s.ClearData())
		s.register("Ada again")
		wait(2 * time.Minute)
		for _, n := range net.Nodes() {
			net.Faults().Revive(n.Ed)
		}
		s.until("online", func(v *client.Snapshot) bool { return v.Network.State == client.Online && v.Network.LastPoll > 0 })
	})
}

// What the primary writes between Authorise and Finish is not lost, however
// often the device that joins has looked into its mailbox meanwhile.
func TestNotesBeforeFinish(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		p.register("Ada")
		p.must(p.Authorise(meet(p, s), ""))
		s.until("the grant", join(client.JoinHolding))
		p.must(p.SendNote("while you were thinking"))
		p.until("it is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		p.stop()
		wait(time.Minute) // every node of the swarm was asked
		s.must(s.Finish())
		s.until("the note", shows("while you were thinking"))
	})
}

// words13 reads the recovery phrase from a disk.
func words13(t *testing.T, d *tab) []string {
	t.Helper()
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.Keyring {
			k, err := identity.ParseKeyring(r.value)
			if err != nil {
				t.Fatal(err)
			}
			return k.Root.Words()
		}
	}
	t.Fatal("no keyring")
	return nil
}

// published are the devices in the list that lies in the outbox of a device's
// account, on every node of its swarm.
func published(t *testing.T, net *testnet.Network, d *tab) []core.ID {
	t.Helper()
	keys := (&traces{records: d.disk.reveal(t)}).keyring(t)
	account := keys.Shared.Account.ID()
	var out []core.ID
	for _, node := range net.Swarm(account) {
		var here []core.ID
		for _, k := range node.Kept() {
			if k.Mailbox.Namespace != core.Outbox {
				continue
			}
			signed, err := keys.Shared.Reading.Open(k.Data)
			if err != nil {
				continue // somebody else's account
			}
			list, err := devices.Parse(signed, account)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range list.Devices {
				here = append(here, e.ID)
			}
		}
		if out != nil && !slices.Equal(out, here) {
			t.Errorf("nodes keep %v and %v", out, here)
		}
		out = here
	}
	return out
}

// A primary that dies between signing a list and publishing it publishes it at
// its next start.
func TestAListIsPublishedAfterACrash(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		p.register("Ada")
		attempt := meet(p, s)
		p.disk.at(func(_ int, b store.Batch) fate {
			if slices.ContainsFunc(b, func(op store.Op) bool { return store.Kind(op.Key[0]) == store.DeviceList }) {
				return diesAfter
			}
			return lives
		})
		if err := p.Authorise(attempt, ""); err == nil {
			t.Fatal("it lives")
		}
		p.stop()
		if got := published(t, net, p); len(got) != 1 {
			t.Fatalf("published too early: %v", got)
		}
		p.disk.at(nil)
		p.start()
		s.until("the grant", join(client.JoinHolding))
		wait(10 * time.Second)
		if got := published(t, net, p); len(got) != 2 {
			t.Errorf("published: %v", got)
		}
		// They differ takes the device out again, in public too.
		s.must(s.Differ())
		s.until("the end", join(client.JoinGone))
		wait(10 * time.Second)
		if got := published(t, net, p); len(got) != 1 {
			t.Errorf("published after They differ: %v", got)
		}
	})
}

// What had not gone out to a device when it was removed never does.
func TestARemovedDeviceGetsNothingMore(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, l := pair(t, net)
		l.stop()
		s := open(t, net, "tablet")
		var far []*testnet.Node // the nodes that keep the tablet's mailbox, and nobody else's
		kept := []core.ID{p.account(), p.Snapshot().Devices[0].ID, p.Snapshot().Devices[1].ID}
		for len(far) == 0 {
			p.must(p.Authorise(meet(p, s), ""))
			s.until("the grant", join(client.JoinHolding))
			p.until("all is out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			device := (&traces{records: s.disk.reveal(t)}).joining(t)
			far = net.Swarm(device)
			if slices.ContainsFunc(kept, func(id core.ID) bool { return net.Swarm(id)[0] == far[0] }) {
				far = nil
				s.must(s.CancelJoin())
				s.until("the end", join(client.JoinGone))
				s.must(s.Acknowledge())
				p.must(p.CloseDialog()) // an opening has a limit of challenges
			}
		}
		for _, n := range far {
			net.Faults().Freeze(n.Info().Ed)
		}
		p.must(p.SendNote("not for the tablet"))
		wait(time.Second)
		s.must(s.Differ())
		v := p.until("it is removed", linked(2))
		if m := v.Logs[v.Account][0]; len(v.Devices) != 2 || m.Status == core.Failed {
			t.Errorf("%v: %s", m.Status, p.state())
		}
		wait(time.Minute)
		if v := p.Snapshot(); v.Network.Queue > 1 {
			t.Errorf("something waits for a device that is removed: %s", p.state())
		}
		for _, r := range p.disk.reveal(t) {
			if r.kind != store.Kind(66) { // the outbox: due ‖ entry (core/store)
				continue
			}
			if e, err := delivery.Parse(r.value[8:]); err != nil || e.Message != (core.MessageID{}) {
				t.Errorf("what waits is more than its Unlinked: %+v, %v", e, err)
			}
		}
	})
}

// joining is the device that a disk's attempt to link is about.
func (tr *traces) joining(t *testing.T) core.ID {
	t.Helper()
	m, err := linking.LoadSecondary(tr.of(store.Linking)[0].value)
	if err != nil {
		t.Fatal(err)
	}
	return m.Device().ID()
}

// An attempt that is over leaves no mailbox that is read, and no goroutine.
func TestNothingIsReadForAnAttemptThatIsOver(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, _ := pair(t, net)
		s := open(t, net, "tablet")
		attempt := meet(p, s)
		p.must(p.Reject(attempt))
		s.until("the end", join(client.JoinGone))
		p.must(p.CloseDialog())
		wait(2 * time.Second)
		posts, calm := s.line.count(), p.line.count()
		wait(2 * time.Minute)
		if n := s.line.count() - posts; n > 0 {
			t.Errorf("%d requests after the end", n)
		}
		// In two minutes 24 polls of the device's mailbox and 4 of the account's, each
		// perhaps one more at the edges. Perhaps outbox and snapshot are tended, which
		// is once in ten minutes: each read from two nodes, stored, read back from
		// two, the old deleted. In a hurry it would be about 500.
		if n := p.line.count() - calm; n > 24+1+4+1+2*6 {
			t.Errorf("the primary is in a hurry for nobody: %d requests in two minutes", n)
		}
		p.stop()
		s.reload()
		s.until("the cause", join(client.JoinGone))
		wait(2 * time.Second)
		posts = s.line.count()
		wait(5 * time.Minute)
		if n := s.line.count() - posts; n > 0 {
			t.Errorf("%d requests after a reload", n)
		}
		s.must(s.Acknowledge())
	})
}

// A command that is not possible now changes nothing: not the dialog, not the
// attempt in it.
func TestRefusedCommandsChangeNothing(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, l := pair(t, net)
		s := open(t, net, "tablet")
		attempt := meet(p, s)
		for name, err := range map[string]error{
			"the dialog, twice":        p.OpenDialog(),
			"another attempt":          p.Authorise([16]byte{1}, ""),
			"rejecting another":        p.Reject([16]byte{1}),
			"Finish without a grant":   s.Finish(),
			"Acknowledge too early":    s.Acknowledge(),
			"a note of no account":     s.SendNote("x"),
			"registering while linked": p.Register("Eve"),
			"joining while linked":     p.Join(p.account().Hex()),
			"They differ on the phone": p.Differ(),
		} {
			if !errors.Is(err, client.ErrNotNow) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if err := l.OpenDialog(); !errors.Is(err, client.ErrNotPrimary) {
			t.Errorf("a secondary links: %v", err)
		}
		if again := words(p, s); again != attempt || !p.Snapshot().Dialog.Open {
			t.Errorf("the attempt changed: %s", p.state())
		}
		p.must(p.Authorise(attempt, ""))
		s.until("the grant", join(client.JoinHolding))
	})
}

// A device that is switched off in the middle of anything leaves no goroutine
// (the bubble would notice), even where nothing answers.
func TestEverythingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		for _, n := range net.Nodes() {
			net.Faults().Freeze(n.Ed)
		}
		p.must(p.OpenDialog())
		for range 6 {
			p.must(p.SendNote("into the void"))
		}
		finished := make(chan error, 1)
		go func() { finished <- s.SendNote("as well") }()
		wait(3 * time.Second)
		start := time.Now()
		p.stop()
		s.stop()
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if err := <-finished; err != nil {
			t.Error(err)
		}
	})
}

// At a start, and then now and then, prekeys are renewed and marks of messages
// that the network has forgotten are swept.
func TestChores(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		s.must(s.SendNote("leaves a mark"))
		p.until("the note", shows("leaves a mark"))
		count := func() (marks int, prekeys []byte) {
			for _, r := range p.disk.reveal(t) {
				switch r.kind.String() {
				case "seen mark":
					marks++
				case "prekeys":
					prekeys = r.value
				}
			}
			return marks, prekeys
		}
		marks, old := count()
		if marks == 0 {
			t.Fatal("no mark")
		}
		p.stop()
		s.stop()
		wait(16 * 24 * time.Hour)
		p.start()
		p.until("online", func(v *client.Snapshot) bool { return v.Network.LastPoll > 0 })
		wait(5 * time.Second)
		marks, renewed := count()
		if marks != 0 {
			t.Errorf("%d marks are left", marks)
		}
		id := (&traces{records: p.disk.reveal(t)}).keyring(t).Device
		was, err1 := ratchet.ParsePreKeys(old)
		is, err2 := ratchet.ParsePreKeys(renewed)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		if a, b := was.Bundle(net.Now(), false), is.Bundle(net.Now(), false); a.SignedID == b.SignedID || b.Identity != id.PublicKey() {
			t.Error("the signed prekey is the old one")
		}
		// The pair goes on with its session all the same.
		s.start()
		s.must2(s.SendNote, "after sixteen days")
		p.until("the note", shows("leaves a mark|after sixteen days"))
	})
}

// must2 waits for the main page before a command.
func (d *tab) must2(command func(string) error, text string) {
	d.t.Helper()
	d.until("main page", phase(client.Main))
	d.must(command(text))
}

// A note for a sibling that this device has no session with waits for one, over
// reloads, and is sealed at rest; it goes out when there is a session.
func TestANoteWaitsForASession(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, l := pair(t, net)
		s := open(t, net, "tablet") // knows the laptop, and has no session with it
		link2(p, s)
		s.disk.remember()
		s.must(s.SendNote(canaryNote))
		p.until("the note", shows(canaryNote))
		s.until("one copy waits", func(v *client.Snapshot) bool {
			return v.Network.Queue == 1 && v.Logs[v.Account][0].Status == core.Stored
		})
		s.reload()
		s.until("it still waits", func(v *client.Snapshot) bool { return v.Network.Queue == 1 })
		var raw [][]byte
		for _, pair := range s.disk.written() {
			raw = append(raw, pair.Value)
		}
		n := needles{}
		n.add("the note", []byte(canaryNote))
		find(t, "the tablet's disk", n, raw)

		// A session comes to be, and the laptop gets the newest list.
		p.stop()
		l.stop()
		s.stop()
		begin(t, s, l)
		copyList(t, p, l)
		l.start()
		s.start()
		l.until("the note", shows(canaryNote))
		s.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
	})
}

// link2 is link with a primary that has linked before.
func link2(p, s *tab) {
	p.t.Helper()
	attempt := meet(p, s)
	p.must(p.Authorise(attempt, ""))
	s.until("the grant", join(client.JoinHolding))
	s.must(s.Finish())
	s.until("the end", linked(3))
	p.until("the end", linked(3))
}

// begin makes a session from one device to another, both switched off, from a
// bundle of the other.
func begin(t *testing.T, from, to *tab) {
	t.Helper()
	me := (&traces{records: from.disk.reveal(t)}).keyring(t).Device
	var bundle ratchet.Bundle
	to.edit(func(db *store.Store, c *store.Change) {
		secret, err := db.Get(context.Background(), store.PreKeys, "")
		if err != nil {
			t.Fatal(err)
		}
		prekeys, err := ratchet.ParsePreKeys(secret)
		if err != nil {
			t.Fatal(err)
		}
		bundle = prekeys.Bundle(to.net.Now(), true)
		c.Put(store.PreKeys, "", prekeys.Marshal())
	})
	session, err := ratchet.Initiate(me, bundle, from.net.Now())
	if err != nil {
		t.Fatal(err)
	}
	from.edit(func(_ *store.Store, c *store.Change) {
		peer := session.Peer()
		c.Put(store.Session, string(peer[:]), session.Marshal())
	})
}

// copyList gives one device what another knows of device lists.
func copyList(t *testing.T, from, to *tab) {
	t.Helper()
	for _, r := range from.disk.reveal(t) {
		if r.kind == store.DeviceList {
			to.edit(func(_ *store.Store, c *store.Change) { c.Put(store.DeviceList, r.name, r.value) })
		}
	}
}

// A copy that never gets a session is given up after fourteen days, and leaves
// the disk.
func TestANoteWaitsNotForEver(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, l := pair(t, net)
		s := open(t, net, "tablet")
		link2(p, s)
		s.must(s.SendNote("for the laptop"))
		s.until("one copy waits", func(v *client.Snapshot) bool { return v.Network.Queue == 1 })
		p.stop()
		l.stop()
		s.stop()
		wait(time.Duration(delivery.Lifetime) * time.Millisecond)
		s.start()
		s.until("it is given up", func(v *client.Snapshot) bool {
			return v.Phase == client.Main && v.Network.LastPoll > 0 && v.Network.Queue == 0
		})
		s.stop()
		for _, r := range s.disk.reveal(t) {
			if r.kind.String() == "outbox" {
				t.Error("it is still on the disk")
			}
		}
	})
}
