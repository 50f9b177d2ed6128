package client_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// A panic in the loop stops the device and says so. The next tab, or a reload,
// goes on with what was saved.
func TestPanicOfTheLoopIsSaid(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := offPair(t, net)
		var panics atomic.Int32
		p.panicked = func(any) { panics.Add(1) }
		p.start()
		s.start()
		p.until("main page", linked(2))
		p.must(p.SendNote("saved"))
		s.until("it", shows("saved"))
		p.disk.setTrap(func([]byte) bool { return true })
		if err := p.SendNote("not saved"); !errors.Is(err, client.ErrClosed) {
			t.Errorf("a command that panics: %v", err)
		}
		v := p.Snapshot()
		if v.Phase != client.Broken || !strings.Contains(v.Fault, "Reload") || panics.Load() != 1 {
			t.Errorf("%d panics were told: %s", panics.Load(), p.state())
		}
		for _, err := range []error{p.SendNote("x"), p.OpenDialog(), p.ClearData()} {
			if !errors.Is(err, client.ErrClosed) {
				t.Errorf("a stopped device: %v", err)
			}
		}
		p.disk.setTrap(nil)
		p.reload()
		p.until("what was saved", shows("saved"))
	})
}

// So does one beside the loop.
func TestPanicBesideTheLoopIsSaid(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, _ := offPair(t, net)
		var panics atomic.Int32
		p.panicked = func(any) { panics.Add(1) }
		p.disk.setTrap(func(key []byte) bool { return key[0] == kindCursor }) // read while a poll is made
		p.start()
		v := p.until("broken", phase(client.Broken))
		if v.Fault == "" || panics.Load() != 1 {
			t.Errorf("%d panics were told: %s", panics.Load(), p.state())
		}
	})
}

// A message that its handler panics over is passed over; those before and
// behind it are not lost.
func TestPanicOverAMessageCostsThatMessage(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := offPair(t, net)
		var panics atomic.Int32
		p.panicked = func(any) { panics.Add(1) }
		s.start()
		s.until("main page", linked(2))
		for _, text := range []string{"one", "two", "three"} {
			s.must(s.SendNote(text))
			wait(3 * time.Second)
		}
		s.until("all out", func(v *client.Snapshot) bool {
			return v.Network.Queue == 0 && v.Logs[v.Account][2].Status == core.Stored
		})
		looked := map[string]bool{} // which messages were looked for, by key
		p.disk.setTrap(func(key []byte) bool {
			if key[0] != kindIndex || looked[string(key)] {
				return false
			}
			looked[string(key)] = true
			return len(looked) == 2
		})
		p.start()
		p.until("the others", shows("one|three"))
		if panics.Load() != 1 || p.Snapshot().Phase != client.Main {
			t.Errorf("%d panics: %s", panics.Load(), p.state())
		}
		s.must(s.SendNote("four"))
		p.until("the next", shows("one|three|four"))
		p.until("what was lost, once more", shows("one|two|three|four"))
		p.reload()
		p.until("history", shows("one|two|three|four"))
	})
}

// core/store's kinds of cursors and of where messages are, as they lie on disks.
const (
	kindCursor = 68
	kindIndex  = 65
)
