package linking

import (
	"crypto/rand"
	"slices"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// open: the dialog opens, and who waits is challenged, best first.
func (t *turn) open() error {
	if t.p.dialog != nil {
		return ErrNotNow
	}
	t.p.dialog = &dialog{code: newCode(t.p.account.ID(), t.p.listKey)}
	// Whoever opens the dialog has seen the notice; what asks after this opening
	// deserves another.
	t.p.noticed, t.p.noticing = 0, false
	t.out.Tell = append(t.out.Tell, Event{What: Changed})
	for _, r := range t.p.places(t.now) {
		if r.state == Pending && t.now < r.ends() {
			// A proof is for the code of one opening.
			r.proved = false
			t.challenge(r)
		}
	}
	return nil
}

// close: the user cancelled the dialog, and with it every attempt in it.
func (t *turn) close() error {
	if t.p.dialog == nil {
		return ErrNotNow
	}
	t.p.dialog = nil
	t.out.Tell = append(t.out.Tell, Event{What: Changed})
	for _, r := range t.p.places(t.now) {
		if r.state != Pending {
			t.end(r, ReasonClosed)
		}
	}
	return nil
}

// challenge makes the one challenge that an id ever gets; it is stored before
// it is sent. The dialog is open.
func (t *turn) challenge(r *primaryRecord) {
	d := t.p.dialog
	if !d.has(r.proved) {
		t.flooded()
		return
	}
	d.challenges++
	if !r.proved {
		d.plain++
	}
	next := *r
	next.ephemeral = identity.NewEphemeral()
	c := challenge{
		head:       head{kind: KindChallenge, attempt: r.attempt, account: t.p.account.ID(), device: r.device},
		peer:       t.p.device.ID(),
		peerEd:     t.p.device.Ed(),
		listKey:    t.p.listKey,
		listKeySig: t.p.account.Sign(wire.Domain(domainListKey, t.p.listKey[:])),
		ephemeral:  next.ephemeral.Public(),
	}
	rand.Read(c.nonce[:])
	c.signed = write(t.p.account, c.head, c.fields())
	if r.proved {
		c.signed.Proof = proofP(d.code.Secret, r.q.hash(), c.hash())
		d.code = newCode(t.p.account.ID(), t.p.listKey) // single use
	}
	next.challenge = c.signed.Marshal()
	t.become(next, Challenged)
}

// inWords is an attempt whose words are shown.
func (p *Primary) inWords(a Attempt) (*primaryRecord, error) {
	r := p.attempts[a]
	if r == nil || r.state != Words {
		return nil, ErrNotNow
	}
	return r, nil
}

// Candidate is all that is needed to sign a list with the device in it and to
// make a session with it.
type Candidate struct {
	Attempt Attempt
	Device  core.ID
	Ed      core.EdKey
	Consent []byte // 64 bytes, verified
	Bundle  []byte // as the device sent it; the words cover it
	Facts   core.Facts
}

// Candidate is the device of an attempt in Words. Error: ErrNotNow.
func (p *Primary) Candidate(a Attempt) (Candidate, error) {
	r, err := p.inWords(a)
	if err != nil {
		return Candidate{}, err
	}
	return Candidate{
		Attempt: a, Device: r.device, Ed: r.q.ed, Facts: r.q.facts,
		Consent: slices.Clone(r.q.consent), Bundle: slices.Clone(r.q.bundle),
	}, nil
}

// SealGrant makes the LinkGrant of an attempt in Words and changes nothing. The
// loop adds its header, pads the content, encrypts it in the session and passes
// the ciphertext to Authorise. Errors: ErrNotNow; ErrInput for what does not
// fit or is another account.
func (p *Primary) SealGrant(a Attempt, shared identity.Shared, g Grant) (*wire.Content, error) {
	r, err := p.inWords(a)
	if err != nil {
		return nil, err
	}
	if !g.fits() || shared.Account == nil || shared.Account.ID() != p.account.ID() {
		return nil, ErrInput
	}
	k, ok := r.agreement()
	if !ok {
		return nil, ErrNotNow
	}
	sealed := shared.SealGrant(k.key(), k.transcript, g.marshal())
	h := head{kind: KindGrant, attempt: a, account: p.account.ID(), device: r.device}
	signed := write(p.account, h, wire.AppendBytes(nil, 6, sealed))
	return Letter{Kind: KindGrant, Bytes: signed.Marshal()}.Content(), nil
}

// authorise is the commit point: list and grant bytes in one transaction, or
// the end of the attempt.
func (t *turn) authorise(in Authorise) error {
	r, err := t.p.inWords(in.Attempt)
	if err != nil || t.p.dialog == nil {
		return ErrNotNow
	}
	if len(in.List) == 0 || len(in.List) > maxList || len(in.Pairwise) == 0 || len(in.Pairwise) > maxPairwise {
		return ErrInput
	}
	if reason := t.refusal(r.q, in.Roster); reason != ReasonNone {
		t.end(r, reason)
		return nil
	}
	next := *r
	next.grant = in.Pairwise
	t.become(next, Authorised)
	t.out.Adopt = in.List
	return nil
}

func (t *turn) reject(a Attempt) error {
	r, err := t.p.inWords(a)
	if err != nil {
		return err
	}
	t.end(r, ReasonRejected)
	return nil
}

// unlink removes a device. One that joined before this machine existed, in a
// restored account, has no record here and is removed all the same.
func (t *turn) unlink(device core.ID) {
	t.out.Remove = device
	if r := t.p.linked(device); r != nil {
		t.depart(r, ReasonUnlinked)
	}
}

// Open reports whether both mailboxes should be polled quickly: the dialog is
// open, an attempt is under way, or a grant was sent within the last minute
// (multi-device.md §3).
func (p *Primary) Open(now core.Millis) bool {
	if p.dialog != nil {
		return true
	}
	for _, r := range p.attempts {
		switch r.state {
		case Challenged, Words:
			return true
		case Authorised:
			if now < r.since+core.Minute {
				return true
			}
		case None, Pending, Done, Over, Departed:
		}
	}
	return false
}

// Asker is one attempt as the dialog shows it.
type Asker struct {
	Attempt  Attempt
	State    State
	Device   core.ID
	Facts    core.Facts  // until Authorised; then the loop has them
	Words    []string    // three, in Words
	Asked    core.Millis // when the device asked, by its own account; 0 from Authorised on
	Deadline core.Millis // network time; 0 = none
	Proved   bool        // it knows the link code that the dialog shows
}

// Dialog is what the dialog Waiting for Device shows.
type Dialog struct {
	Open    bool
	Code    string  // the link code; empty when closed
	Flooded bool    // "Too many requests. Close and try again."
	Notice  bool    // somebody asks and the dialog is closed
	Askers  []Asker // best first: Words, Challenged and Pending; then Authorised within HoldTime
	More    int     // requests that are alive and found no place, up to MaxCrowd
}

// View is what the dialog shows at network time now.
func (p *Primary) View(now core.Millis) Dialog {
	d := Dialog{More: p.crowd.size(), Notice: p.dialog == nil && p.noticing && p.waiting()}
	for _, r := range p.places(now) {
		d.Askers = append(d.Askers, r.asker())
	}
	for _, r := range p.all() {
		// Its person has had time to press Finish; it is in the list of devices.
		if r.state == Authorised && now < r.since+HoldTime {
			d.Askers = append(d.Askers, r.asker())
		}
	}
	if p.dialog != nil {
		d.Open, d.Code = true, p.dialog.code.Encode()
		d.Flooded = p.dialog.flooded
	}
	return d
}

func (r *primaryRecord) asker() Asker {
	a := Asker{
		Attempt: r.attempt, State: r.state, Device: r.device, Words: slices.Clone(r.words),
		Asked: r.created, Deadline: r.ends(), Proved: r.proved,
	}
	if r.q != nil {
		a.Facts = r.q.facts
	}
	return a
}

// Unconfirmed are the devices that are authorised, not confirmed.
func (p *Primary) Unconfirmed() []core.ID {
	var out []core.ID
	for _, r := range p.all() {
		if r.state == Authorised {
			out = append(out, r.device)
		}
	}
	return out
}
