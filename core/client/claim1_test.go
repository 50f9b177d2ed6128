package client_test

import (
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

// Either side may be first (multi-device.md §11, claim 1): wherever Link was
// pressed, the words are on both screens 5 s after the dialog was opened.
func TestClaim1_LinkBeforeDialog(t *testing.T) {
	for _, c := range []struct {
		name   string
		before time.Duration
	}{
		{"a moment before", 200 * time.Millisecond},
		{"in between two polls", 40 * time.Second},
		{"long before", 9 * time.Minute},
		{"after the dialog", -2 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			world(t, func(t *testing.T, net *testnet.Network) {
				// A slow mobile network: four links there, four back.
				net.Faults().Everywhere(testnet.Trouble{Delay: 40, Jitter: 20 * core.Millis(1)})
				p, s := open(t, net, "phone"), open(t, net, "laptop")
				account := p.register("Ada")
				s.until("Welcome", phase(client.Welcome))
				wait(10 * time.Second)
				if c.before < 0 {
					p.must(p.OpenDialog())
					wait(-c.before)
				}
				s.must(s.Join(account.Hex()))
				start := time.Now()
				if c.before >= 0 {
					wait(c.before)
					start = time.Now()
					p.must(p.OpenDialog())
				}
				words(p, s)
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("the words took %v", took)
				}
			})
		})
	}
}
