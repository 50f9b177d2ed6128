package linking

import (
	"flag"
	"fmt"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

// For a longer search, and to see one failure again:
//
//	go test ./core/linking -run TestClaim3 -runs 100000
//	go test ./core/linking -run TestClaim3_ReloadAndLoss -seed 4711
var (
	runs = flag.Int("runs", 500, "how many attempts to link are simulated")
	seed = flag.Int64("seed", -1, "the only one of them to run")
)

// eachSeed runs a simulation for each seed, or for the one that was asked for.
func eachSeed(t *testing.T, runs int, simulate func(t *testing.T, seed uint64)) {
	t.Helper()
	if *seed >= 0 {
		simulate(t, uint64(*seed))
		return
	}
	for seed := range uint64(runs) {
		simulate(t, seed)
	}
}

// TestClaim3_ReloadAndLoss: whatever is lost, repeated, reordered or reloaded,
// whoever presses what and when, and whatever the clocks say, both sides end in
// one of the pairs of multi-device.md §12, never half linked.
func TestClaim3_ReloadAndLoss(t *testing.T) { reloadAndLoss(t, *runs) }

func reloadAndLoss(t *testing.T, runs int) {
	t.Helper()
	ends := map[Stage]int{}
	eachSeed(t, runs, func(t *testing.T, seed uint64) {
		w := newWorld(t, seed)
		w.loss, w.twice, w.crash = 0.3, 0.2, 0.1
		w.wantOpen = true
		for i := 0; i < 1+int(seed%3)/2; i++ {
			w.join(w.between(0, core.Minute))
		}
		if seed%2 == 1 {
			w.drift()
		}
		w.plan(w.between(0, 12*core.Minute), w.openDialog)
		if !w.run() {
			w.fail(seed, "not ended after 16 days")
		}
		w.check(seed)
		for _, j := range w.js {
			if j.wiped {
				ends[Wiped]++
			} else {
				ends[j.s.View().Stage]++
			}
		}
	})
	t.Logf("%d linked, %d not, %d unlinked", ends[Confirmed], ends[Gone], ends[Wiped])
	if *seed < 0 && runs >= 40 && (ends[Confirmed] < runs/20 || ends[Gone] < runs/20 || ends[Wiped] == 0) {
		t.Fatal("the simulation shows too little")
	}
}

// TestClaim3_CrashAtEachStep: without other trouble, a crash of the side that
// moves, before or after its transaction, at any one step, still ends linked.
func TestClaim3_CrashAtEachStep(t *testing.T) {
	total := 0
	for how := 0; how <= 3; how++ {
		for at := 1; at == 1 || at <= total; at++ {
			w := newWorld(t, uint64(at))
			w.crashAt, w.crashHow = at, how
			w.wantOpen = true
			j := w.join(core.Second)
			j.planned = everyStage() // nobody hesitates
			j.pplanned = map[State]bool{None: true, Pending: true, Challenged: true, Words: true, Authorised: true, Done: true, Over: true, Departed: true}
			w.plan(5*core.Second, w.openDialog)
			var hurry func()
			hurry = func() {
				if w.h.state(j.attempt) == Words && w.h.p.dialog != nil {
					in, err := w.h.prepare(j.attempt)
					if err != nil {
						t.Fatal(err)
					}
					w.primary(in)
				}
				if j.s.View().Stage == Holding {
					w.secondary(j, Finish{Read: readList, Outbox: [][]byte{w.h.signed}})
				}
				if j.s.View().Stage != Confirmed {
					w.plan(core.Second, hurry)
				}
			}
			w.plan(6*core.Second, hurry)
			if !w.run() || j.s.View().Stage != Confirmed {
				w.fail(uint64(at), fmt.Sprintf("crash %d at step %d: not linked", how, at))
			}
			if w.now > noon+5*core.Minute {
				t.Errorf("crash %d at step %d: linked only after %d s", how, at, (w.now-noon)/core.Second)
			}
			if how == 0 {
				total = w.steps
				break
			}
		}
	}
	if total < 9 {
		t.Fatalf("only %d steps", total)
	}
}

func everyStage() map[Stage]bool {
	m := map[Stage]bool{}
	for s := Idle; s <= Wiped; s++ {
		m[s] = true
	}
	return m
}

// TestClaim3_HostileFormerDevice: a former device of the account has the
// account key, reads the account mailbox, and interferes. It can prevent a
// link; it cannot leave one half made, nor make the words agree.
func TestClaim3_HostileFormerDevice(t *testing.T) { hostileFormerDevice(t, *runs/4) }

func hostileFormerDevice(t *testing.T, runs int) {
	t.Helper()
	linked := 0
	eachSeed(t, runs, func(t *testing.T, seed uint64) {
		w := newWorld(t, 1_000_000+seed)
		w.loss, w.twice, w.crash = 0.3, 0.2, 0.05
		w.wantOpen = true
		j := w.join(core.Second)
		w.plan(w.between(0, 30*core.Second), w.openDialog)
		bad := identity.NewDevice()
		for i := 0; i < 1+w.rng.IntN(3); i++ {
			w.plan(w.between(2*core.Second, 4*core.Minute), func() { w.interfere(j, bad) })
		}
		if !w.run() {
			w.fail(seed, "not ended after 16 days")
		}
		w.check(seed)
		if j.s.View().Stage == Confirmed {
			linked++
		}
	})
	t.Logf("%d linked", linked)
}

// interfere is one thing that a former device can do.
func (w *world) interfere(j *traveller, bad *identity.Device) {
	if j.request.Bytes == nil || j.device == nil {
		return
	}
	s := &story{t: w.t, h: w.h, j: j.joiner, now: w.now, attempt: j.attempt}
	var in Heard
	toPrimary := false
	switch w.rng.IntN(6) {
	case 0: // another challenge, naming the real primary
		in = s.forgeChallenge(nil)
	case 1: // another challenge, naming itself
		in = s.forgeChallenge(func(c *challenge) { c.peer, c.peerEd = bad.ID(), bad.Ed() })
	case 2:
		in = s.forgeEnd(KindReject, w.h.keys.Shared.Account, j.device.ID())
	case 3:
		in, toPrimary = s.forgeRequest(bad, nil), true
	case 4:
		in, toPrimary = s.forgeEnd(KindCancel, bad, bad.ID()), true
	case 5: // the request, back from the mailbox
		in, toPrimary = heard(w.t, j.request), true
	}
	to := j.device.ID()
	if toPrimary {
		to = w.h.id()
	}
	w.note("former device sends kind %d", in.Kind)
	w.post(parcel{letter: Letter{Form: ToDevice, To: to, Kind: in.Kind, Bytes: in.Signed, TTL: keepTime}, toPrimary: toPrimary})
}
