package client_test

import (
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/testnet"
)

// Either side may be first (multi-device.md §11, claim 1): wherever Link was
// pressed, the words are on both screens 5 s after the dialog was opened.
func TestClaim1_LinkBeforeDialog(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		before time.Duration
		asleep bool // the lid of the laptop was closed in between
	}{
		{"a moment before", 200 * time.Millisecond, false},
		{"in between two polls", 40 * time.Second, false},
		{"long before", 9 * time.Minute, true}, // awake all the time: make soak
		{"after the dialog", -2 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) { linkBefore(t, c.before, c.asleep) })
	}
}

// linkBefore presses Link and, so much later, opens the dialog.
func linkBefore(t *testing.T, before time.Duration, asleep bool) {
	world(t, func(t *testing.T, net *testnet.Network) {
		// A slow mobile network: four links there, four back.
		net.Faults().Everywhere(testnet.Trouble{Delay: 40, Jitter: 20})
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		account := p.register("Ada")
		s.until("Welcome", phase(client.Welcome))
		wait(10 * time.Second)
		if before < 0 {
			p.must(p.OpenDialog())
			wait(-before)
		}
		s.must(s.Join(account.Hex()))
		start := time.Now()
		if before >= 0 {
			if asleep {
				wait(20 * time.Second)
				s.stop()
				wait(before - 30*time.Second)
				s.start()
				wait(10 * time.Second)
			} else {
				wait(before)
			}
			start = time.Now()
			p.must(p.OpenDialog())
		}
		words(p, s)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("the words took %v", took)
		}
	})
}

// A request that gets stuck has ten seconds, and the words have five: another one
// is made beside it meanwhile.
func TestClaim1_AStuckRequestDelaysNoWords(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		account := p.register("Ada")
		s.until("Welcome", phase(client.Welcome))
		s.must(s.Join(account.Hex()))
		s.until("the request lies there", func(v *client.Snapshot) bool { return v.Join.Stored })
		wait(10 * time.Second)
		start := time.Now()
		p.line.stick(2) // of two mailboxes
		s.line.stick(1)
		p.must(p.OpenDialog())
		words(p, s)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("the words took %v", took)
		}
		if n := p.line.stuck(); n > 0 {
			t.Fatalf("%d requests did not get stuck: this shows nothing", n)
		}
	})
}
