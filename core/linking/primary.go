package linking

import (
	"tandem/core"
)

// State of an attempt on the primary (multi-device.md §12, P). The numbers are
// those of the stored record. Done is called Linked there, Over is Ended and
// Departed is Unlinked.
//
//	None ──request──▶ Pending ──dialog open──▶ Challenged ──reveal──▶ Words ──Authorise──▶ Authorised ──S speaks──▶ Done
//	  ▲                  │                        │                     │                     │                      │
//	  └─ pushed out ─────┤                        ▼                     ▼                     └──▶ Departed ◀────────┘
//	                     └──────────────────▶  Over  ◀──────────────────┘        (LinkReject from S, Unlink)
type State uint8

// States.
const (
	None       State = 0 // an attempt without a record
	Pending    State = 1
	Challenged State = 2
	Words      State = 3
	Authorised State = 4 // "authorised, not confirmed"
	Done       State = 5 // linked
	Over       State = 6 // ended without a link; remembered until nobody can use its request
	Departed   State = 7 // unlinked
)

// Key is a private key of the primary; the bytes stay with their keeper.
type Key interface {
	ID() core.ID
	Ed() core.EdKey
	Sign(message []byte) []byte
}

// Primary is the machine of the primary device, for all attempts. Not safe for
// concurrent use: the loop owns it.
type Primary struct {
	account Key
	device  Key
	listKey core.EdKey

	attempts map[Attempt]*primaryRecord
	ended    int         // how many of attempts are Over
	dialog   *dialog     // nil = closed
	noticed  core.Millis // when the last notice was given; 0 = never
	noticing bool        // that notice still stands
	crowd    crowd
}

// dialog is one opening of Waiting for Device. It does not outlive a reload.
type dialog struct {
	code       Code
	challenges int
	plain      int  // of them, for devices that do not know the code
	flooded    bool // somebody was told that there are no more
}

// has reports whether there is a challenge left.
func (d *dialog) has(proved bool) bool {
	return d.challenges < MaxChallenges && (proved || d.plain < MaxChallenges-ProvedChallenges)
}

// NewPrimary is the machine without any attempt: of an account, of this device,
// and with the public list key.
func NewPrimary(account, device Key, listKey core.EdKey) *Primary {
	return &Primary{account: account, device: device, listKey: listKey, attempts: map[Attempt]*primaryRecord{}, crowd: crowd{until: map[Attempt]core.Millis{}}}
}

// LoadPrimary reads all records that are saved. The dialog is closed. Error:
// ErrRecord.
func LoadPrimary(account, device Key, listKey core.EdKey, records [][]byte) (*Primary, error) {
	p := NewPrimary(account, device, listKey)
	for _, b := range records {
		r, err := parsePrimary(b)
		if err != nil || p.attempts[r.attempt] != nil {
			return nil, ErrRecord
		}
		p.attempts[r.attempt] = r
		if r.state == Over {
			p.ended++
		}
		p.noticing = p.noticing || r.live() // what waited before the reload does still
	}
	return p, nil
}

// Step moves the machine by one input. Error: ErrNotNow for a command of the
// user that this state does not have, ErrInput; nothing has changed then. An
// Authorise that comes too late is no error: the attempt ends and Outcome.Adopt
// is nil.
func (p *Primary) Step(now core.Millis, in PrimaryInput) (Outcome, error) {
	t := &turn{p: p, now: sane(now)}
	var err error
	switch in := in.(type) {
	case Tick:
		t.tick()
	case Heard:
		t.hear(in)
	case Spoke:
		t.spoke(in.From)
	case OpenDialog:
		err = t.open()
	case CloseDialog:
		err = t.close()
	case Authorise:
		err = t.authorise(in)
	case Reject:
		err = t.reject(in.Attempt)
	case Unlink:
		t.unlink(in.Device)
	default:
		err = ErrInput
	}
	p.noticing = p.noticing && p.waiting()
	return t.out, err
}

// turn is one Step: it gathers the outcome.
type turn struct {
	p     *Primary
	now   core.Millis
	out   Outcome
	saved map[Attempt]int // where in out.Save
}

// become is the only way into a state: it stores the fields that the state
// keeps, forgets the others, and sends the state's first letter.
func (t *turn) become(next primaryRecord, state State) {
	event := Event{What: Changed, Attempt: next.attempt}
	switch state {
	case Done:
		event.What = Linked
	case Over, Departed:
		event.What, event.Reason = Ended, next.reason
	case None, Pending, Challenged, Words, Authorised:
	}
	next.state, next.since = state, t.now
	t.forgetCount(next.attempt)
	r := next.stored()
	if state == Over {
		t.p.ended++
	}
	t.p.attempts[r.attempt] = r
	t.save(r.attempt, r.marshal())
	t.out.Tell = append(t.out.Tell, event)
	if l, ok := r.letter(); ok {
		r.next = t.now + RepeatEvery
		t.out.Send = append(t.out.Send, l.first())
	}
}

// drop makes an attempt unknown. Nobody is told: it comes again, or it was
// over.
func (t *turn) drop(a Attempt) {
	t.forgetCount(a)
	delete(t.p.attempts, a)
	t.save(a, nil)
}

// save asks for one change per attempt: the last one counts.
func (t *turn) save(a Attempt, b []byte) {
	if at, ok := t.saved[a]; ok {
		t.out.Save[at].Bytes = b
		return
	}
	if t.saved == nil {
		t.saved = map[Attempt]int{}
	}
	t.saved[a] = len(t.out.Save)
	t.out.Save = append(t.out.Save, Record{Attempt: a, Bytes: b})
}

func (t *turn) forgetCount(a Attempt) {
	if r := t.p.attempts[a]; r != nil && r.state == Over {
		t.p.ended--
	}
}

// end turns an attempt into Over and tells its device.
func (t *turn) end(r *primaryRecord, reason Reason) {
	next := *r
	next.reason = reason
	t.become(next, Over)
	t.answer(r.attempt, r.device, r.created, reason, true)
}

// answer is the end answer: LinkReject by this device's key. first: it is news
// and must wait for a device that is away; a copy gets a short-lived one.
func (t *turn) answer(a Attempt, device core.ID, created core.Millis, reason Reason, first bool) {
	e := ending{
		head:    head{kind: KindReject, attempt: a, account: t.p.account.ID(), device: device},
		created: created, reason: reason,
	}
	l := Letter{Attempt: a, Form: ToDevice, To: device, Kind: KindReject, Bytes: write(t.p.device, e.head, e.fields()).Marshal()}
	if first {
		l = l.first()
	} else {
		l = l.again()
	}
	t.out.Send = append(t.out.Send, l)
}

// ping answers "I am linked" with one pairwise message.
func (t *turn) ping(r *primaryRecord) {
	t.out.Send = append(t.out.Send, Letter{Attempt: r.attempt, Form: Ping, To: r.device, TTL: keepTime})
}

// depart unlinks a device: the loop signs the list that says so.
func (t *turn) depart(r *primaryRecord, reason Reason) {
	next := *r
	next.reason = reason
	t.become(next, Departed)
	t.out.Remove = r.device
	t.forgetDeparted()
}

// forgetDeparted keeps the number of unlinked devices bounded.
func (t *turn) forgetDeparted() {
	var oldest *primaryRecord
	count := 0
	for _, r := range t.p.attempts {
		if r.state != Departed {
			continue
		}
		count++
		if oldest == nil || r.since < oldest.since {
			oldest = r
		}
	}
	if count > MaxUnlinked {
		t.drop(oldest.attempt)
	}
}

// tick ends and forgets what is over, and repeats what is due.
func (t *turn) tick() {
	t.p.crowd.sweep(t.now)
	for _, r := range t.p.all() {
		if ends := r.ends(); ends != 0 && t.now >= ends {
			if r.state == Over {
				t.drop(r.attempt)
			} else {
				t.end(r, ReasonExpired)
			}
			continue
		}
		if l, ok := r.letter(); ok && due(t.now, r.next) {
			r.next = t.now + RepeatEvery
			t.out.Send = append(t.out.Send, l.again())
		}
	}
	if t.p.dialog == nil && t.p.waiting() {
		t.notice()
	}
}

// Due is the network time at which a Tick is needed; false = never, as things
// are. It may lie in the past.
func (p *Primary) Due(now core.Millis) (at core.Millis, ok bool) {
	if at, ok = p.crowd.due(); p.dialog == nil && !p.noticing && p.waiting() {
		if again := p.noticed + NoticeEvery; !ok || again < at {
			at, ok = again, true
		}
	}
	for _, r := range p.attempts {
		if ends := r.ends(); ends != 0 && (!ok || ends < at) {
			at, ok = ends, true
		}
		if _, repeats := r.letter(); repeats {
			if next := min(r.next, now+RepeatEvery); !ok || next < at {
				at, ok = next, true
			}
		}
	}
	return at, ok
}
