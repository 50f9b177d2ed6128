package client_test

import (
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// Each side is loaded anew, or cut off for a while, after each of the nine
// steps of linking, between Authorise and Finish too; it goes on where it was
// and ends linked (multi-device.md §5, and §11, claim 3).
func TestClaim3_EveryStepResumes(t *testing.T) {
	long(t)
	t.Parallel()
	reload := func(all ...*tab) {
		for _, d := range all {
			d.reload()
		}
	}
	offline := func(all ...*tab) {
		for _, d := range all {
			d.line.set(true)
		}
		wait(20 * time.Second)
		for _, d := range all {
			d.line.set(false)
		}
	}
	for name, mishap := range map[string]func(p, s *tab){
		"the primary is reloaded":   func(p, _ *tab) { reload(p) },
		"the secondary is reloaded": func(_, s *tab) { reload(s) },
		"both are reloaded":         func(p, s *tab) { reload(p, s) },
		"both are offline":          func(p, s *tab) { offline(p, s) },
	} {
		t.Run(name, func(t *testing.T) { everyStep(t, mishap) })
	}
}

func everyStep(t *testing.T, mishap func(p, s *tab)) {
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		account := p.register("Ada")
		s.until("Welcome", phase(client.Welcome))

		s.must(s.Join(account.Hex())) // 1
		s.until("the attempt", func(v *client.Snapshot) bool { return v.Join.Deadline != 0 })
		attempt := s.attempt(t)
		mishap(p, s)
		s.until("the request is stored", ticked(3))
		p.until("the notice", func(v *client.Snapshot) bool { return v.Dialog.Notice }) // 2
		mishap(p, s)
		p.until("the notice, again", func(v *client.Snapshot) bool { return v.Phase == client.Main && v.Dialog.Notice })
		p.must(p.OpenDialog()) // 3
		mishap(p, s)
		p.reopen()
		s.until("words", join(client.JoinWords)) // 4
		mishap(p, s)
		p.reopen()
		p.until("words", dialog(client.DialogWords)) // 5
		mishap(p, s)
		p.reopen()
		if words(p, s) != attempt { // 6
			t.Error("another attempt")
		}
		mishap(p, s)
		p.reopen()
		words(p, s)
		p.until("the time", func(v *client.Snapshot) bool { return v.Network.Synced })
		p.must(p.Authorise(attempt, "")) // 7
		mishap(p, s)
		s.until("the grant", ticked(6)) // 8
		mishap(p, s)
		s.until("the grant, again", func(v *client.Snapshot) bool { return ticks(v) == 6 && v.Network.Synced && v.Join.Trouble == "" })
		s.must(s.Finish()) // 9
		mishap(p, s)
		s.until("the end", linked(2))
		p.until("the end", linked(2))
		if n := s.count(t, store.Linking); n != 1 {
			t.Errorf("%d attempts on the secondary", n)
		}
		s.must(s.SendNote("both are here"))
		p.until("the note", shows("both are here"))
	})
}

// reopen opens the dialog that a reload has closed.
func (d *tab) reopen() {
	d.t.Helper()
	if v := d.until("Main", phase(client.Main)); !v.Dialog.Open {
		d.must(d.OpenDialog())
	}
}
