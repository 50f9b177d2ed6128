package client_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

const passphrase = "a bärtige Katze 🐈"

// locked is a phone with a passphrase, locked, and its laptop.
func locked(t *testing.T, net *testnet.Network) (p, s *tab) {
	t.Helper()
	p, s = pair(t, net)
	p.must(p.SetPassphrase("", passphrase))
	p.must(p.Lock())
	return p, s
}

func onlyLocked(v *client.Snapshot) bool {
	return reflect.DeepEqual(v, &client.Snapshot{Phase: client.Locked, Lock: client.LockView{On: true, Wait: v.Lock.Wait}})
}

// A locked device shows nothing, asks nothing, writes nothing and does nothing,
// and goes on where it was.
func TestLocked(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		if err := p.Lock(); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("Lock without a passphrase: %v", err)
		}
		p.must(p.SendNote("before"))
		s.until("the note", shows("before"))
		p.must(p.SetPassphrase("", passphrase))
		p.until("the passphrase", func(v *client.Snapshot) bool {
			return v.Phase == client.Main && v.Lock.On && v.Lock.Minutes == 15 && texts(v) == "before"
		})
		wait(7 * time.Second) // in the middle of its polls
		p.line.set(true)
		p.must(p.SendNote("not sent yet"))
		p.line.set(false)

		p.must(p.Lock())
		wait(time.Millisecond) // for calls that were just about to begin, and are told that they need not
		posts, writes, told := p.line.count(), p.disk.Applied(), 0
		defer p.Watch(func() { told++ })()
		if v := p.Snapshot(); !onlyLocked(v) {
			t.Errorf("locked, it shows %+v", v)
		}
		wait(time.Second)
		s.must(s.SendNote("meanwhile"))
		for name, command := range map[string]func() error{
			"Register":       func() error { return p.Register("Eve") },
			"ConfirmWords":   p.ConfirmWords,
			"ConfirmKey":     p.ConfirmKey,
			"ConfirmRestore": func() error { return p.ConfirmRestore(true, core.ID{}) },
			"WasItMe":        func() error { return p.WasItMe(true) },
			"Join":           func() error { return p.Join(s.account().Hex()) },
			"CancelJoin":     p.CancelJoin,
			"Finish":         p.Finish,
			"Differ":         p.Differ,
			"RetryJoin":      p.RetryJoin,
			"Acknowledge":    p.Acknowledge,
			"OpenDialog":     p.OpenDialog,
			"CloseDialog":    p.CloseDialog,
			"Authorise":      func() error { return p.Authorise([16]byte{}, "") },
			"Reject":         func() error { return p.Reject([16]byte{}) },
			"RenameDevice":   func() error { return p.RenameDevice(core.ID{}, "x") },
			"Unlink":         func() error { return p.Unlink(core.ID{}) },
			"Leave":          p.Leave,
			"AskToBeAdded":   p.AskToBeAdded,
			"SetPassphrase":  func() error { return p.SetPassphrase(passphrase, "") },
			"SetAutoLock":    func() error { return p.SetAutoLock(0) },
			"Lock":           p.Lock,
			"SendNote":       func() error { return p.SendNote("x") },
			"Send":           func() error { return p.Send(s.account(), "x") },
			"RebuildPath":    p.RebuildPath,
		} {
			if command() == nil {
				t.Errorf("locked, it does %s", name)
			}
		}
		p.Active()
		wait(10 * time.Minute)
		if v := p.Snapshot(); !onlyLocked(v) {
			t.Errorf("later it shows %+v", v)
		}
		if a, b := p.line.count()-posts, p.disk.Applied()-writes; a+b > 0 || told > 0 {
			t.Errorf("locked, it asked the network %d times, wrote %d times, told the page %d times", a, b, told)
		}

		p.must(p.Unlock(passphrase))
		if v := p.Snapshot(); v.Phase != client.Main || texts(v) != "before|not sent yet" {
			t.Errorf("unlocked: %s", p.state())
		}
		p.until("what came meanwhile", shows("before|not sent yet|meanwhile"))
		s.until("what waited", func(v *client.Snapshot) bool { return strings.Contains(texts(v), "not sent yet") })
		p.until("all of it", func(v *client.Snapshot) bool {
			return v.Lock.Minutes == 15 && v.Network.State == client.Online && v.Network.Queue == 0
		})

		// Taken away, it is as before there was one, also after a reload.
		p.must(p.SetPassphrase(passphrase, ""))
		p.reload()
		if v := p.until("Main", phase(client.Main)); v.Lock != (client.LockView{}) {
			t.Errorf("without a passphrase: %+v", v.Lock)
		}
	})
}

// A reload starts locked, offline too; the right passphrase opens it there.
func TestReloadStartsLocked(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		p.must(p.SetPassphrase("", passphrase))
		p.must(p.SetAutoLock(60))
		p.must(p.SendNote("a note"))
		s.until("the note", shows("a note"))
		p.line.set(true)
		p.reload()
		wait(time.Second) // the last words of the run before
		if v := p.until("the lock", phase(client.Locked)); !onlyLocked(v) {
			t.Errorf("it shows %+v", v)
		}
		if n := p.line.count(); n == 0 {
			t.Fatal("nothing was ever posted: the check is wrong")
		} else if wait(time.Minute); p.line.count() != n {
			t.Errorf("it asked the network before it was unlocked")
		}
		p.must(p.Unlock(passphrase))
		if v := p.Snapshot(); texts(v) != "a note" || v.Lock.Minutes != 60 {
			t.Errorf("offline: %s, %+v", p.state(), v.Lock)
		}
		p.must(p.SendNote("written offline"))
		p.line.set(false)
		s.until("both", shows("a note|written offline"))
	})
}

// A wrong passphrase costs time, more each time and at most a minute, by a clock
// that nobody can set and across reloads, and loses nothing.
func TestWrongPassphraseCostsTime(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, _ := locked(t, net)
		var waits []time.Duration
		for range 8 {
			if err := p.Unlock("not this one"); !errors.Is(err, client.ErrPassphrase) {
				t.Fatalf("a wrong passphrase: %v", err)
			}
			v := p.until("the wait", func(v *client.Snapshot) bool { return v.Lock.Wait != 0 })
			left := time.Duration(v.Lock.Wait-p.skew.now()) * time.Millisecond
			waits = append(waits, left)
			p.skew.set(core.Hour)
			for _, try := range []string{passphrase, "another"} {
				if err := p.Unlock(try); !errors.Is(err, client.ErrPassphraseWait) {
					t.Fatalf("tried before the wait was over: %v", err)
				}
			}
			p.skew.set(0)
			if len(waits)%2 == 0 { // a reload does not help
				p.reload()
				p.until("the lock", phase(client.Locked))
				wait(left / 2)
				if err := p.Unlock(passphrase); !errors.Is(err, client.ErrPassphraseWait) {
					t.Errorf("after a reload: %v", err)
				}
			}
			p.until("the end of the wait", func(v *client.Snapshot) bool { return v.Lock.Wait == 0 })
		}
		for i, want := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
			if want *= time.Second; waits[i] > want || waits[i] < want-50*time.Millisecond {
				t.Errorf("wait %d was %v, want %v", i, waits[i], want)
			}
		}
		// A clock that was set back does not make it longer than a minute.
		if err := p.Unlock("wrong"); !errors.Is(err, client.ErrPassphrase) {
			t.Error(err)
		}
		p.skew.set(-core.Day)
		p.reload()
		wait(61 * time.Second)
		p.must(p.Unlock(passphrase))
		if v := p.Snapshot(); v.Phase != client.Main || len(v.Devices) != 2 {
			t.Errorf("after all: %s", p.state())
		}

		// Neither is the old passphrase guessed on an unlocked device.
		if err := p.SetPassphrase("a guess", "something else"); !errors.Is(err, client.ErrPassphrase) {
			t.Errorf("a wrong old one: %v", err)
		}
		if err := p.SetPassphrase(passphrase, "something else"); !errors.Is(err, client.ErrPassphraseWait) {
			t.Errorf("the right one too early: %v", err)
		}
		wait(time.Second)
		p.must(p.SetPassphrase(passphrase, "something else"))
		p.must(p.Lock())
		if err := p.Unlock(passphrase); !errors.Is(err, client.ErrPassphrase) {
			t.Errorf("the one before: %v", err)
		}
		wait(time.Second)
		p.must(p.Unlock("something else"))
	})
}

func TestPassphraseBounds(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, _ := pair(t, net)
		for _, c := range []struct {
			next string
			want error
		}{
			{"seven77", client.ErrPassphraseShort},
			{"ÄÖÜäöüß", client.ErrPassphraseShort}, // characters, not bytes
			{strings.Repeat("x", 1025), client.ErrPassphraseLong},
			{"", client.ErrNotNow}, // there is none to take away
			{strings.Repeat("ü", 512), nil},
		} {
			if err := p.SetPassphrase("", c.next); !errors.Is(err, c.want) {
				t.Errorf("%.10q: %v, want %v", c.next, err, c.want)
			}
		}
		for _, minutes := range []int{-1, 2, 61, 256} {
			if err := p.SetAutoLock(minutes); !errors.Is(err, client.ErrNotNow) {
				t.Errorf("%d minutes: %v", minutes, err)
			}
		}
		p.must(p.Lock())
		start := time.Now()
		if err := p.Unlock(strings.Repeat("ü", 1<<20)); !errors.Is(err, client.ErrPassphrase) || time.Since(start) > 0 {
			t.Errorf("a passphrase of 2 MB: %v", err)
		}
		wait(time.Second)
		p.must(p.Unlock(strings.Repeat("ü", 512)))
	})
}

// A device locks itself when nobody has used it for as long as was chosen. A
// hidden page is not used, a clock that is set back does not help, and a machine
// that slept past the time is locked before anything is done.
func TestAutoLock(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		s.stop()
		p.must(p.SetPassphrase("", passphrase))
		p.hidden.Store(true)
		touch := func() {
			p.hidden.Store(false)
			p.Active()
			p.hidden.Store(true)
		}
		open := func(want bool, when string) {
			t.Helper()
			if got := p.Snapshot().Phase == client.Main; got != want {
				t.Errorf("%s: open is %t", when, got)
			}
		}
		for _, minutes := range []int{1, 5, 15, 60} {
			p.must(p.SetAutoLock(minutes))
			limit := time.Duration(minutes) * time.Minute
			if minutes < 15 {
				wait(limit - 2*time.Second)
				touch()
				open(true, "in use")
			}
			wait(limit / 2)
			p.Active()
			wait(limit/2 - 2*time.Second)
			open(true, "not yet")
			wait(4 * time.Second)
			open(false, "hidden")
			touch()
			open(false, "locked, and somebody comes")
			p.must(p.Unlock(passphrase))
			if got := p.Snapshot().Lock.Minutes; got != minutes {
				t.Errorf("%d minutes became %d", minutes, got)
			}
		}
		p.must(p.SetAutoLock(5))
		wait(time.Minute)
		p.skew.set(-core.Day)
		wait(3 * time.Minute)
		open(true, "set back")
		wait(62 * time.Second)
		open(false, "set back")

		p.must(p.Unlock(passphrase))
		p.skew.set(-core.Day + 6*core.Minute) // it slept
		if err := p.SendNote("from whoever opened the lid"); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("after it slept: %v", err)
		}
		open(false, "after it slept")
		p.must(p.Unlock(passphrase))
		p.skew.set(0)
		touch() // the first thing that the page hears when it wakes up
		wait(time.Millisecond)
		open(false, "after it slept, and was touched")

		p.must(p.Unlock(passphrase))
		p.must(p.SetAutoLock(0))
		wait(61 * time.Minute)
		open(true, "never")
	})
}

// An open attempt to link does not keep a device open, and goes on afterwards.
func TestAutoLockWhileLinking(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, _ := pair(t, net)
		x := open(t, net, "tablet")
		p.must(p.SetPassphrase("", passphrase))
		p.must(p.SetAutoLock(1))
		attempt := meet(p, x)
		p.until("the lock", onlyLocked)
		wait(2 * time.Minute)
		p.must(p.Unlock(passphrase))
		if again := words(p, x); again != attempt {
			t.Error("another attempt")
		}
		p.must(p.OpenDialog()) // as after a reload
		p.until("the time", func(v *client.Snapshot) bool { return v.Network.Synced })
		p.must(p.Authorise(attempt, ""))
		p.must(p.Lock()) // the grant may have gone out, or not
		wait(time.Minute)
		p.must(p.Unlock(passphrase))
		x.until("the grant", join(client.JoinHolding))
		x.must(x.Finish())
		x.until("the end", linked(3))
		p.until("the end", linked(3))
	})
}

// Two tabs, and Clear Data, of a locked device.
func TestLockedTabs(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := locked(t, net)
		second := newTab(t, net, "second tab")
		second.disk, second.locks = p.disk, p.locks
		second.start()
		second.until("the other tab", phase(client.Elsewhere))
		p.stop()
		second.until("the lock", onlyLocked)
		second.must(second.Unlock(passphrase))
		second.until("main page", linked(2))
		second.must(second.SendNote("from the second"))
		s.until("the note", shows("from the second"))
		second.must(second.Lock())

		second.must(second.ClearData()) // forgotten
		if v := second.Snapshot(); v.Phase != client.Welcome || v.Lock.On || len(second.disk.Snapshot()) > 0 {
			t.Errorf("after Clear Data: %s", second.state())
		}
		second.register("Ada, again")
		second.until("the network", func(v *client.Snapshot) bool { return v.Network.Synced })
		second.reload()
		second.until("no lock", phase(client.Main))
	})
}

// A device that dies at any commit of a change of its passphrase has the old one
// or the new one, and all that it had. A full disk neither changes it nor keeps
// its owner out, and a storage that is gone is said to be.
func TestPassphraseOnABadDisk(t *testing.T) {
	long(t)
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		for n := range 3 {
			for _, how := range []fate{diesBefore, diesAfter} {
				p, _ := offPair(t, net)
				p.start()
				p.until("main page", linked(2))
				p.must(p.SendNote("a note"))
				wait(10 * time.Second)
				p.disk.at(func(i int, _ store.Batch) fate {
					if i == n {
						return how
					}
					return lives
				})
				err := p.SetPassphrase("", passphrase)
				wait(time.Second)
				if !p.disk.died() {
					t.Fatalf("it did not die at %d", n)
				}
				p.disk.at(nil)
				p.reload()
				v := p.until("a start", func(v *client.Snapshot) bool { return v.Phase == client.Main || v.Phase == client.Locked })
				if err == nil && v.Phase != client.Locked {
					t.Errorf("dead at %d: set, and not there", n)
				}
				if v.Phase == client.Locked {
					p.must(p.Unlock(passphrase))
				}
				p.until("all of it", func(v *client.Snapshot) bool { return linked(2)(v) && texts(v) == "a note" })
				p.stop()
			}
		}
		p, _ := pair(t, net)
		p.disk.FailAfter(0, store.ErrFull)
		if err := p.SetPassphrase("", passphrase); !errors.Is(err, client.ErrStore) || p.Snapshot().Lock.On {
			t.Errorf("on a full disk: %v", err)
		}
		p.disk.Heal()
		p.must(p.SetPassphrase("", passphrase))
		wait(5 * time.Second)
		p.must(p.Lock())
		p.disk.FailAfter(0, store.ErrFull)
		if err := p.Unlock("wrong"); !errors.Is(err, client.ErrPassphrase) {
			t.Errorf("a wrong one on a full disk: %v", err)
		}
		if err := p.Unlock(passphrase); !errors.Is(err, client.ErrPassphraseWait) {
			t.Errorf("at once, on a full disk: %v", err)
		}
		wait(time.Second)
		p.must(p.Unlock(passphrase))
		p.disk.Heal()
		p.must(p.Lock())
		p.disk.Restore(nil)
		if err := p.Unlock(passphrase); !errors.Is(err, client.ErrStore) {
			t.Errorf("of a storage that is gone: %v", err)
		}
		if v := p.until("broken", phase(client.Broken)); v.Fault == "" {
			t.Error("no word")
		}
	})
}
