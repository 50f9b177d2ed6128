//go:build soak

package client_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// Claim 3 in full: one death, at each commit of each device, right before it and
// right after it, while 30 % of all requests are lost.
func TestSoakKillAtEachCommit(t *testing.T) {
	calm := func(int, store.Batch) fate { return lives }
	for _, end := range []fate{diesBefore, diesAfter} {
		for n, died := 0, true; died; n++ {
			t.Run(fmt.Sprintf("commit %d, fate %d", n, end), func(t *testing.T) {
				deadly := func(at int, _ store.Batch) fate {
					if at == n {
						return end
					}
					return lives
				}
				p, _ := lifeUnderLoss(t, deadly, calm)
				_, s := lifeUnderLoss(t, calm, deadly)
				died = p.deaths+s.deaths > 0
			})
		}
	}
}

func TestSoakNotes(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { chatter(t, 1_000, seed) })
	}
}

// Claim 1 with a laptop that asks for nine minutes.
func TestSoakLinkLongBeforeDialog(t *testing.T) { linkBefore(t, 9*time.Minute, false) }

// Claim 4, expiry, with both awake and the dialog open.
func TestSoakExpiry(t *testing.T) {
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := open(t, net, "phone"), open(t, net, "laptop")
		p.disk.remember()
		s.disk.remember()
		p.register("Ada")
		meet(p, s)
		start := time.Now()
		s.until("the end", join(client.JoinGone))
		p.until("the end", dialog(client.DialogEnded))
		if took := time.Since(start); took < 9*time.Minute || took > 11*time.Minute {
			t.Errorf("it took %v", took)
		}
		if a, b := p.Snapshot().Dialog.Cause, s.Snapshot().Join.Cause; a != client.CauseExpired || b != client.CauseExpired {
			t.Errorf("causes %d and %d", a, b)
		}
		noKeysLeft(t, p, s)
	})
}

func TestSoakFloodOfRequests(t *testing.T) { flood(t, 10_000) }
