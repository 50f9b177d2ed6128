package linking

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/cryptotest"
	"time"

	"tandem/core"
	"tandem/core/identity"
)

// runs can be raised for a long search: go test -run TestClaim3 -args -runs 100000
var runs = flag.Int("runs", 0, "how many simulated attempts to link; 0 = as many as fit into a moment")

// world is one account, its joiners, a network that loses, repeats and
// reorders, people who press buttons, and crashes. Everything follows from the
// seed.
type world struct {
	t       *testing.T
	rng     *rand.Rand
	now     core.Millis
	h       *house
	js      []*traveller
	parcels []parcel
	plans   []plan

	loss, twice float64
	crash       float64 // chance of a crash at each step
	steps       int     // machine steps so far
	crashAt     int     // crash at this step; 0 = never
	crashHow    int
	wantOpen    bool // the user of the primary wants the dialog
	stale       [][]byte
	trace       []string
}

// traveller is a joiner with its user's mind.
type traveller struct {
	*joiner
	attempt  Attempt
	approved []string // the words that the primary's user said yes to
	planned  map[Stage]bool
	pplanned map[State]bool
	request  Letter
}

// parcel is a letter under way.
type parcel struct {
	at, until core.Millis
	letter    Letter
	unlinked  bool // the pairwise message Unlinked
	toPrimary bool
	spoke     core.ID // a pairwise message of this device, to the primary
}

// plan is something that a person will do.
type plan struct {
	at core.Millis
	do func()
}

func newWorld(t *testing.T, seed uint64) *world {
	t.Helper()
	cryptotest.SetGlobalRandom(t, seed)
	w := &world{t: t, rng: rand.New(rand.NewPCG(seed, 1)), now: noon, h: newHouse(t)}
	w.stale = [][]byte{w.h.signed}
	return w
}

func (w *world) chance(p float64) bool { return w.rng.Float64() < p }

func (w *world) between(low, high core.Millis) core.Millis {
	return low + core.Millis(w.rng.Int64N(int64(high-low)))
}

func (w *world) plan(after core.Millis, do func()) {
	w.plans = append(w.plans, plan{at: w.now + after, do: do})
}

func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%8d ", w.now-noon)+fmt.Sprintf(format, args...))
}

// crashes says whether and how this step is cut short: 1 = the transaction
// failed, 2 = nothing was sent after it, 3 = all was sent, then a reload.
func (w *world) crashes() int {
	w.steps++
	if w.crashAt != 0 && w.steps == w.crashAt {
		return w.crashHow
	}
	if w.chance(w.crash) {
		return 1 + w.rng.IntN(3)
	}
	return 0
}

// primary steps the primary.
func (w *world) primary(in PrimaryInput) {
	how := w.crashes()
	saved, list, signed := maps.Clone(w.h.saved), w.h.list, w.h.signed
	out, err := w.h.do(w.now, in)
	if err != nil && err != ErrNotNow {
		w.t.Fatalf("%T: %v", in, err)
	}
	if how == 1 {
		w.h.saved, w.h.list, w.h.signed = saved, list, signed
		w.reloadPrimary()
		return
	}
	if !bytes.Equal(signed, w.h.signed) {
		w.stale = append(w.stale, w.h.signed)
	}
	if len(out.Save) > 0 || how != 0 {
		w.note("P %T crash %d sends %v remove %v", in, how, kinds(out), out.Remove != core.ID{})
	}
	if how != 2 {
		w.send(out, nil)
		if (out.Remove != core.ID{}) {
			w.post(parcel{letter: Letter{To: out.Remove, TTL: keepTime}, unlinked: true})
		}
	}
	for _, j := range w.js {
		if w.h.state(j.attempt) == Departed {
			w.plan(10*core.Minute, func() { w.readOutbox(j) })
		}
	}
	if how != 0 {
		w.reloadPrimary()
	}
	w.think()
}

func (w *world) reloadPrimary() {
	w.h.reload()
	if w.wantOpen {
		w.plan(w.between(core.Second, core.Minute), w.openDialog)
	}
}

func (w *world) openDialog() {
	if w.wantOpen && w.h.p.dialog == nil {
		w.primary(OpenDialog{})
	}
}

// secondary steps a joiner.
func (w *world) secondary(j *traveller, in SecondaryInput) {
	how := w.crashes()
	saved, joined, wiped := maps.Clone(j.saved), j.joined, j.wiped
	out, err := j.do(w.now, in)
	if err != nil && err != ErrNotNow {
		w.t.Fatalf("%T: %v", in, err)
	}
	if how == 1 {
		j.saved, j.joined, j.wiped = saved, joined, wiped
		j.reload()
		return
	}
	if len(out.Save) > 0 || how != 0 {
		w.note("S %T crash %d sends %v stage %d", in, how, kinds(out), j.s.View().Stage)
	}
	if how != 2 {
		w.send(out, j)
	}
	if how != 0 && !j.wiped {
		j.reload()
	}
	w.think()
}

func (w *world) send(out Outcome, from *traveller) {
	for _, l := range out.Send {
		if l.Kind == KindRequest && from != nil {
			from.request = l
		}
		w.post(parcel{letter: l, toPrimary: from != nil && (l.To == w.h.id() || l.To == w.h.keys.Device.ID())})
	}
}

// post puts a letter on its way: lost, late, or twice.
func (w *world) post(p parcel) {
	for {
		if !w.chance(w.loss) {
			delay := w.between(100, 3*core.Second)
			if w.chance(w.twice / 2) {
				delay = w.between(0, 4*core.Minute)
			}
			p.at, p.until = w.now+delay, w.now+max(p.letter.TTL, core.Minute)
			w.parcels = append(w.parcels, p)
		}
		if !w.chance(w.twice) {
			return
		}
	}
}

// deliver hands a parcel to whoever it is for.
func (w *world) deliver(p parcel) {
	if w.now >= p.until {
		return
	}
	if (p.spoke != core.ID{}) {
		w.primary(Spoke{p.spoke})
		return
	}
	if p.toPrimary {
		w.primary(heard(w.t, p.letter))
		return
	}
	for _, j := range w.js {
		if j.device != nil && j.device.ID() == p.letter.To {
			w.arrive(j, p)
		}
	}
}

func (w *world) arrive(j *traveller, p parcel) {
	primary := w.h.keys.Device.ID()
	stage := j.s.View().Stage
	switch {
	case j.wiped:
	case p.unlinked:
		// It can be decrypted only where the prekey secrets or the session are.
		if stage == Revealed || stage == Holding || stage == Confirming || stage == Confirmed {
			w.secondary(j, Unlinked{primary})
		}
	case p.letter.Form == Ping:
		if stage == Confirming || stage == Confirmed {
			w.secondary(j, Spoke{primary})
		}
	case p.letter.Form == ToSession:
		secrets, _ := j.s.Pairwise()
		plain, session, err := fakeDecrypt(secrets, p.letter.Bytes)
		if err != nil {
			return
		}
		w.secondary(j, Granted{From: primary, Signed: linkingIn(w.t, plain), Session: session})
	default:
		w.secondary(j, heard(w.t, p.letter))
	}
}

// think lets people see what is on their screens and plan what to do.
func (w *world) think() {
	for _, j := range w.js {
		if (j.attempt == Attempt{}) {
			continue
		}
		w.joinerThinks(j)
		w.primaryThinks(j)
	}
}

func (w *world) joinerThinks(j *traveller) {
	v := j.s.View()
	if j.planned[v.Stage] {
		return
	}
	j.planned[v.Stage] = true
	switch v.Stage {
	case Asking, Revealed:
		if w.chance(0.1) {
			w.plan(w.between(0, 11*core.Minute), func() { w.press(j, v.Stage, Cancel{}) })
		}
		if v.Stage == Revealed && w.chance(0.05) {
			w.plan(w.between(0, core.Minute), func() { w.press(j, v.Stage, Differ{}) })
		}
	case Holding:
		var in SecondaryInput = Finish{Read: readList, Outbox: [][]byte{w.stale[w.rng.IntN(len(w.stale))], w.h.signed}}
		if w.chance(0.2) {
			in = Finish{Read: readList, Outbox: [][]byte{w.stale[w.rng.IntN(len(w.stale))]}}
		}
		switch {
		case !slices.Equal(v.Words, j.approved), w.chance(0.1):
			in = Differ{}
		case w.chance(0.05):
			in = Cancel{}
		case w.chance(0.05):
			return // walks away
		}
		w.again(j, Holding, in)
	case Confirming, Confirmed:
		if w.chance(0.5) {
			w.plan(w.between(0, core.Minute), func() { w.post(parcel{spoke: j.device.ID(), letter: Letter{TTL: keepTime}}) })
		}
		w.plan(10*core.Minute, func() { w.readOutbox(j) })
	case Idle, Cancelling, Ending, Gone, Wiped:
	}
}

// press is a button on the joiner's screen.
func (w *world) press(j *traveller, at Stage, in SecondaryInput) {
	if j.s.View().Stage == at {
		w.secondary(j, in)
	}
}

// again presses until the screen has changed: the tab may crash under it.
func (w *world) again(j *traveller, at Stage, in SecondaryInput) {
	w.plan(w.between(core.Second, 2*core.Minute), func() {
		w.press(j, at, in)
		if j.s.View().Stage == at {
			w.again(j, at, in)
		}
	})
}

// readOutbox is what a linked device does every ten minutes.
func (w *world) readOutbox(j *traveller) {
	v := j.s.View().Stage
	if j.wiped || v != Confirming && v != Confirmed || !slices.Contains(w.h.list.Removed, j.device.ID()) {
		return
	}
	w.secondary(j, Removed{})
	if !j.wiped {
		w.plan(10*core.Minute, func() { w.readOutbox(j) })
	}
}

func (w *world) primaryThinks(j *traveller) {
	state := w.h.state(j.attempt)
	if j.pplanned[state] {
		return
	}
	j.pplanned[state] = true
	switch state {
	case Words:
		if w.chance(0.05) {
			return // walks away
		}
		w.decide(j)
	case Authorised, Done:
		if w.chance(0.1) {
			w.plan(w.between(0, 20*core.Minute), func() {
				if s := w.h.state(j.attempt); s == Authorised || s == Done {
					w.primary(Unlink{j.device.ID()})
				}
			})
		}
	case None, Pending, Challenged, Over, Departed:
	}
}

// decide compares the words and presses a button; again if the tab crashed.
func (w *world) decide(j *traveller) {
	no, shut := w.chance(0.1), w.chance(0.05)
	w.plan(w.between(core.Second, 2*core.Minute), func() {
		if w.h.state(j.attempt) != Words {
			return
		}
		words := w.h.p.attempts[j.attempt].words
		switch {
		case shut && w.h.p.dialog != nil:
			w.wantOpen = false
			w.primary(CloseDialog{})
		case no, !slices.Equal(words, j.s.View().Words):
			w.primary(Reject{j.attempt})
		case w.h.p.dialog != nil:
			in, err := w.h.prepare(j.attempt)
			if err != nil {
				w.t.Fatal(err)
			}
			j.approved = words
			w.primary(in)
		}
		if w.h.state(j.attempt) == Words {
			w.decide(j)
		}
	})
}

// join adds a joiner that presses Link after a while.
func (w *world) join(after core.Millis) *traveller {
	j := &traveller{joiner: newJoiner(w.t), planned: map[Stage]bool{}, pplanned: map[State]bool{}}
	w.js = append(w.js, j)
	w.plan(after, func() { w.press1(j) })
	return j
}

func (w *world) press1(j *traveller) {
	in := j.link(w.h.id(), nil)
	w.secondary(j, in)
	if v := j.s.View(); v.Stage == Idle {
		w.plan(core.Second, func() { w.press1(j) }) // the tab crashed before anything was stored
	} else {
		j.attempt = v.Attempt
		w.think()
	}
}

// endPairs are the only ones (multi-device.md §12). Over is forgotten in time.
func (w *world) ended(j *traveller) bool {
	s, p := j.s.View().Stage, w.h.state(j.attempt)
	if j.wiped {
		s = Wiped
	}
	switch s {
	case Confirmed:
		return p == Done
	case Gone:
		return p == None || p == Over || p == Departed
	case Wiped:
		return p == Departed
	case Idle, Asking, Cancelling, Revealed, Holding, Confirming, Ending:
	}
	return false
}

// run lets time pass until every pair has ended and nobody plans anything.
// The bool is false if that does not come in 16 days.
func (w *world) run() bool {
	for end := w.now + 16*core.Day; w.now < end; {
		if len(w.plans) == 0 && !slices.ContainsFunc(w.js, func(j *traveller) bool { return !w.ended(j) }) {
			return true
		}
		w.turn()
	}
	return false
}

// turn goes to the next moment at which something happens.
func (w *world) turn() {
	next := w.now + core.Hour
	for _, p := range w.parcels {
		next = min(next, p.at)
	}
	for _, p := range w.plans {
		next = min(next, p.at)
	}
	if at, ok := w.h.p.Due(w.now); ok {
		next = min(next, at)
	}
	for _, j := range w.js {
		if at, ok := j.s.Due(w.now); ok && !j.wiped {
			next = min(next, at)
		}
	}
	w.now = max(next, w.now+1)

	plans := w.plans
	w.plans = nil
	for _, p := range plans {
		if p.at <= w.now {
			p.do()
		} else {
			w.plans = append(w.plans, p)
		}
	}
	parcels := w.parcels
	w.parcels = nil
	w.rng.Shuffle(len(parcels), func(a, b int) { parcels[a], parcels[b] = parcels[b], parcels[a] })
	for _, p := range parcels {
		if p.at <= w.now {
			w.deliver(p)
		} else {
			w.parcels = append(w.parcels, p)
		}
	}
	if at, ok := w.h.p.Due(w.now); ok && at <= w.now {
		w.primary(Tick{})
	}
	for _, j := range w.js {
		if at, ok := j.s.Due(w.now); ok && at <= w.now && !j.wiped {
			w.secondary(j, Tick{})
		}
	}
}

// fail prints how it came to this.
func (w *world) fail(seed uint64, why string) {
	w.t.Helper()
	for _, line := range w.trace[max(0, len(w.trace)-60):] {
		w.t.Log(line)
	}
	for _, j := range w.js {
		w.t.Logf("ends (%d, %d)", j.s.View().Stage, w.h.state(j.attempt))
	}
	w.t.Fatalf("seed %d: %s", seed, why)
}

// check is what must be true at the end, beside the pairs.
func (w *world) check(seed uint64) {
	w.t.Helper()
	for _, j := range w.js {
		listed := slices.Contains(w.h.list.Secondaries, j.device.ID())
		switch s := j.s.View().Stage; {
		case s == Confirmed:
			if !listed || j.joined == nil || j.joined.Shared.Account.ID() != w.h.id() {
				w.fail(seed, "confirmed without the account")
			}
		case listed:
			w.fail(seed, "a device that did not join is listed")
		}
		if r := j.record(); holds(r, j.secrets, j.bundle, w.h.keys.Device.MarshalSecret()) {
			w.fail(seed, "key material is left")
		}
	}
}

// TestClaim3_ReloadAndLoss: whatever is lost, repeated, reordered or reloaded,
// and whoever presses what and when, both sides end in one of the pairs of
// multi-device.md §12, never half linked.
func TestClaim3_ReloadAndLoss(t *testing.T) {
	linked, unlinked := 0, 0
	seed := uint64(0)
	for start := time.Now(); more(start, seed); seed++ {
		w := newWorld(t, seed)
		w.loss, w.twice, w.crash = 0.3, 0.2, 0.1
		w.wantOpen = true
		for i := 0; i < 1+int(seed%3)/2; i++ {
			w.join(w.between(0, core.Minute))
		}
		w.plan(w.between(0, 12*core.Minute), w.openDialog)
		if !w.run() {
			w.fail(seed, "not ended after 16 days")
		}
		w.check(seed)
		for _, j := range w.js {
			switch j.s.View().Stage {
			case Confirmed:
				linked++
			case Gone:
				unlinked++
			case Idle, Asking, Cancelling, Revealed, Holding, Confirming, Ending, Wiped:
			}
		}
	}
	t.Logf("%d runs, %d linked, %d not", seed, linked, unlinked)
	if linked == 0 || unlinked == 0 {
		t.Fatal("the simulation shows nothing")
	}
}

// more says whether there is time for another run. At least a few dozen are
// made however slow the machine is.
func more(start time.Time, done uint64) bool {
	if *runs > 0 {
		return done < uint64(*runs)
	}
	return done < 40 || time.Since(start) < 1500*time.Millisecond && done < 5000
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
func TestClaim3_HostileFormerDevice(t *testing.T) {
	linked, seed := 0, uint64(0)
	for start := time.Now(); more(start, seed); seed++ {
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
	}
	t.Logf("%d runs, %d linked", seed, linked)
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
