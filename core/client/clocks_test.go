package client_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/testnet"
)

const tenYears = 3653 * core.Day

// Local clocks ten years off, in either direction: devices link, send and
// receive, and times that people see are right.
func TestClocksTenYearsOff(t *testing.T) {
	t.Parallel()
	world(t, func(t *testing.T, net *testnet.Network) {
		p, s := newTab(t, net, "phone"), newTab(t, net, "laptop")
		p.skew.set(tenYears)
		s.skew.set(-tenYears)
		p.start()
		s.start()
		p.register("Ada")
		attempt := meet(p, s)
		left := time.Duration(s.Snapshot().Join.Deadline-s.skew.now()) * time.Millisecond
		if left < 9*time.Minute || left > 10*time.Minute {
			t.Errorf("the countdown shows %v", left)
		}
		p.must(p.Authorise(attempt, ""))
		s.until("the grant", join(client.JoinHolding))
		s.must(s.Finish())
		s.until("the end", linked(2))
		p.must(p.SendNote("from the future"))
		s.until("the note", shows("from the future"))
		wait(time.Second)
		s.must(s.SendNote("from the past"))
		v := p.until("the answer", shows("from the future|from the past"))
		for _, m := range v.Logs[v.Account] {
			if ago := net.Now() - m.Sent; ago < 0 || ago > core.Minute {
				t.Errorf("%q was sent %d ms ago", m.Body, ago)
			}
		}
	})
}

// The local clock is set while an attempt to link is under way, and again: the
// attempt does not expire, nothing that waits is given up, and messages bear
// the right time.
func TestClockJumpsWhileLinking(t *testing.T) {
	t.Parallel()
	for _, jump := range []core.Millis{core.Hour, -tenYears} {
		t.Run(fmt.Sprint(jump), func(t *testing.T) {
			world(t, func(t *testing.T, net *testnet.Network) {
				p, s := open(t, net, "phone"), open(t, net, "laptop")
				p.register("Ada")
				s.until("Welcome", phase(client.Welcome))
				s.must(s.Join(p.account().Hex()))
				wait(3 * time.Second)
				s.skew.set(jump)
				wait(3 * time.Second)
				p.must(p.OpenDialog())
				p.skew.set(-jump)
				attempt := words(p, s)
				s.skew.set(-jump)
				wait(5 * time.Second)
				p.must(p.Authorise(attempt, ""))
				s.until("the grant", join(client.JoinHolding))
				s.skew.set(jump)
				wait(3 * time.Second)
				s.must(s.Finish())
				s.until("the end", linked(2))
				p.until("the end", linked(2))

				p.line.set(true)
				p.must(p.SendNote("waits"))
				p.skew.set(20 * core.Day) // longer than a copy is tried
				wait(15 * time.Second)
				p.line.set(false)
				v := s.until("the note", shows("waits"))
				if ago := net.Now() - v.Logs[v.Account][0].Sent; ago < 0 || ago > 5*core.Minute {
					t.Errorf("it was sent %d ms ago", ago)
				}
				p.until("it is out", func(v *client.Snapshot) bool { return v.Logs[v.Account][0].Status == core.Stored })
			})
		})
	}
}
