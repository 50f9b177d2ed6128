package linking

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/cryptotest"

	"tandem/core"
)

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

	skew        core.Millis // of the primary's network time
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
	approved []string    // the words that the primary's user said yes to
	skew     core.Millis // of this device's network time
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

// drift gives everybody a network time of their own: mostly seconds off, now
// and then more than an attempt lives, and it may jump while they are at it.
func (w *world) drift() {
	w.skew = w.wrong()
	for _, j := range w.js {
		j.skew = w.wrong()
	}
	if w.chance(0.3) {
		w.plan(w.between(0, 15*core.Minute), w.drift)
	}
}

func (w *world) wrong() core.Millis {
	switch {
	case w.chance(0.3):
		return 0
	case w.chance(0.1):
		return w.between(-15*core.Minute, 15*core.Minute)
	}
	return w.between(-20*core.Second, 20*core.Second)
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
	out, err := w.h.do(w.now+w.skew, in)
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
	out, err := j.do(w.now+j.skew, in)
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
				delay = w.between(0, 9*core.Minute)
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

// ended: the pairs at the end, the only ones (multi-device.md §12). Over is forgotten in time.
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
	if at, ok := w.h.p.Due(w.now + w.skew); ok {
		next = min(next, at-w.skew)
	}
	for _, j := range w.js {
		if at, ok := j.s.Due(w.now + j.skew); ok && !j.wiped {
			next = min(next, at-j.skew)
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
	if at, ok := w.h.p.Due(w.now + w.skew); ok && at <= w.now+w.skew {
		w.primary(Tick{})
	}
	for _, j := range w.js {
		if at, ok := j.s.Due(w.now + j.skew); ok && at <= w.now+j.skew && !j.wiped {
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
