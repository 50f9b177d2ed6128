package client_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// add links one more device to an account.
func add(p, s *tab) {
	p.t.Helper()
	attempt := meet(p, s)
	p.must(p.Authorise(attempt, ""))
	s.until("the grant", join(client.JoinHolding))
	s.must(s.Finish())
	n := len(p.Snapshot().Devices)
	s.until("linked", linked(n))
	p.until("linked", linked(n))
}

// id is the device of a tab.
func (d *tab) id() core.ID {
	d.t.Helper()
	for _, row := range d.Snapshot().Devices {
		if row.This {
			return row.ID
		}
	}
	d.t.Fatalf("%s is no device: %s", d.name, d.state())
	return core.ID{}
}

// lists: the device shows exactly these devices, and itself first.
func lists(ids ...core.ID) func(*client.Snapshot) bool {
	return func(s *client.Snapshot) bool {
		return s.Phase == client.Main && len(s.Devices) == len(ids) && !slices.ContainsFunc(s.Devices, func(r client.DeviceRow) bool {
			return !slices.Contains(ids, r.ID)
		})
	}
}

// allShow: every device shows the same notes, each once.
func allShow(notes []string, tabs ...*tab) {
	tabs[0].t.Helper()
	for _, d := range tabs {
		d.until("all notes", func(s *client.Snapshot) bool {
			shown := strings.Split(texts(s), "|")
			slices.Sort(shown)
			want := slices.Clone(notes)
			slices.Sort(want)
			return slices.Equal(shown, want)
		})
	}
	for _, d := range tabs[1:] {
		if a, b := texts(tabs[0].Snapshot()), texts(d.Snapshot()); a != b {
			d.t.Errorf("%s shows %s, %s shows %s", tabs[0].name, a, d.name, b)
		}
	}
}

// Six devices are one account: what any of them writes is on the five others
// exactly once, in one order. A seventh finds no place, also where two race for
// the last one; when one leaves there is a place again. Who is removed learns no
// more, and a name that is given on one is on all.
func TestSixDevicesOfOneAccount(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		all := []*tab{p, s}
		for n := range 3 {
			d := open(t, net, fmt.Sprint("tablet ", n))
			add(p, d)
			all = append(all, d)
		}
		// Two race for the last place.
		a, b := open(t, net, "desk"), open(t, net, "late")
		first := meet(p, a)
		b.until("Welcome", phase(client.Welcome))
		b.must(b.Join(p.account().Hex()))
		b.until("words", join(client.JoinWords))
		p.must(p.Authorise(first, ""))
		second := p.until("the other one's words", func(v *client.Snapshot) bool {
			return v.Dialog.Stage == client.DialogWords && v.Dialog.Askers[0].Attempt != first
		}).Dialog.Askers[0].Attempt
		p.must(p.Authorise(second, ""))
		b.until("the end", join(client.JoinGone))
		if v := b.Snapshot(); v.Join.Cause != client.CauseLimit {
			t.Errorf("the loser hears %d", v.Join.Cause)
		}
		p.until("the limit", func(v *client.Snapshot) bool { return v.Dialog.Cause == client.CauseLimit })
		a.until("the grant", join(client.JoinHolding))
		a.must(a.Finish())
		all = append(all, a)
		var ids []core.ID
		for _, d := range all {
			d.until("six devices", linked(6))
			ids = append(ids, d.id())
		}
		// And who asks now is refused at once.
		b.must(b.Acknowledge())
		b.until("Welcome", phase(client.Welcome))
		b.must(b.Join(p.account().Hex()))
		if v := b.until("the refusal", join(client.JoinGone)); v.Join.Cause != client.CauseLimit {
			t.Errorf("the seventh hears %d", v.Join.Cause)
		}
		b.stop()

		var notes []string
		for round := range 2 {
			for i, d := range all {
				wait(100 * time.Millisecond)
				d.must(d.SendNote(fmt.Sprint(i, " ", round)))
				notes = append(notes, fmt.Sprint(i, " ", round))
			}
		}
		allShow(notes, all...)
		for _, d := range all {
			d.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			lists(ids...)(d.Snapshot())
		}

		// A name from any device.
		s.must(s.RenameDevice(all[3].id(), "Kitchen"))
		for _, d := range all {
			d.until("the name", func(v *client.Snapshot) bool {
				return slices.ContainsFunc(v.Devices, func(r client.DeviceRow) bool { return r.ID == ids[3] && r.Facts.Name == "Kitchen" })
			})
		}
		for name, err := range map[string]error{
			"empty": s.RenameDevice(ids[3], "  "), "long": s.RenameDevice(ids[3], strings.Repeat("x", 65)), "whose": s.RenameDevice(core.ID{5}, "x"),
		} {
			want := map[string]error{"empty": client.ErrNameEmpty, "long": client.ErrDeviceNameLong, "whose": client.ErrNotNow}[name]
			if !errors.Is(err, want) {
				t.Errorf("a name that is %s: %v", name, err)
			}
		}

		// Only the primary removes others, and not itself; the primary does not leave.
		if err := s.Unlink(ids[3]); !errors.Is(err, client.ErrNotPrimary) {
			t.Errorf("a secondary unlinks: %v", err)
		}
		if err := p.Unlink(p.id()); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("the primary unlinks itself: %v", err)
		}
		if err := p.Leave(); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("the primary leaves: %v", err)
		}

		// One is unlinked, one leaves.
		p.must(p.Unlink(ids[2]))
		all[2].until("wiped", phase(client.Erased))
		all[4].must(all[4].Leave())
		all[4].until("wiped", phase(client.Erased))
		stay := []*tab{p, s, all[3], all[5]}
		for _, d := range stay {
			d.until("four", lists(ids[0], ids[1], ids[3], ids[5]))
			d.must(d.SendNote("after " + d.name))
			notes = append(notes, "after "+d.name)
			wait(time.Second)
		}
		allShow(notes, stay...)
		for _, d := range stay {
			d.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			if v := d.Snapshot(); v.Refused != 0 {
				t.Errorf("%s refused %d messages", d.name, v.Refused)
			}
		}
		for _, d := range []*tab{all[2], all[4]} {
			if n := len(d.disk.Snapshot()); n > 3 {
				t.Errorf("%d records are left on %s", n, d.name)
			}
		}
		wait(10 * time.Second)
		if got := published(t, net, p); len(got) != 4 {
			t.Errorf("%d devices are published", len(got))
		}
	})
}
