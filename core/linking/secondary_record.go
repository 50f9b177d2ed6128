package linking

import (
	"slices"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// maxOpaque bounds prekey secrets and session in a record, in bytes; they are
// a few KiB.
const maxOpaque = 64 << 10

// secondaryRecord is what is stored of the attempt. The numbers behind the
// fields are those of the stored form; keeps says which stage has which.
type secondaryRecord struct {
	stage     Stage               // 1
	attempt   Attempt             // 2
	account   core.ID             // 3
	created   core.Millis         // 4
	device    *identity.Device    // 5
	ephemeral *identity.Ephemeral // 6
	nonce     [32]byte            // 7
	secrets   []byte              // 8
	request   []byte              // 9, Signed
	code      *Code               // 10, secret ‖ list hash; nil without a link code
	challenge []byte              // 11, Signed
	reveal    []byte              // 12, Signed
	grant     []byte              // 13, Signed, sealed inside
	session   []byte              // 14
	since     core.Millis         // 15, when this stage was entered
	peer      core.ID             // 16, the primary's device, of the challenge
	peerEd    core.EdKey          // 17
	last      []byte              // 18, Signed: LinkCancel, LinkReject or LinkDone
	reason    Reason              // 19
	short     bool                // 20: nobody may be there to hear the end
	check     bool                // 21: the primary may not have heard it

	words []string // computed, in Revealed and Holding
}

// keeps are the fields of a stage, "stored" in the table of multi-device.md
// §12. All others are destroyed when it is entered.
func (st Stage) keeps() []int {
	switch st {
	case Asking:
		return []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	case Cancelling:
		return []int{1, 2, 3, 4, 5, 18, 19}
	case Revealed:
		return []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17}
	case Holding:
		return []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}
	case Confirming:
		return []int{1, 2, 3, 15, 16, 17, 18}
	case Confirmed:
		return []int{1, 2, 3, 16, 17}
	case Ending:
		return []int{1, 2, 3, 4, 5, 15, 16, 17, 18, 19, 20}
	case Gone:
		return []int{1, 2, 3, 19, 21}
	case Idle, Wiped:
	}
	return nil
}

// optional is the only field that a stage may lack: a link code.
const optional = 10

// marshal writes the fields of the stage and no others.
func (r *secondaryRecord) marshal() []byte {
	var out []byte
	for _, number := range r.stage.keeps() {
		out = r.append(out, number)
	}
	return out
}

func (r *secondaryRecord) append(out []byte, number int) []byte {
	switch number {
	case 1:
		return wire.AppendUint(out, number, uint64(r.stage))
	case 2:
		return wire.AppendBytes(out, number, r.attempt[:])
	case 3:
		return wire.AppendBytes(out, number, r.account[:])
	case 4:
		return wire.AppendUint(out, number, uint64(r.created))
	case 5:
		return wire.AppendBytes(out, number, r.device.MarshalSecret())
	case 6:
		return wire.AppendBytes(out, number, r.ephemeral.MarshalSecret())
	case 7:
		return wire.AppendBytes(out, number, r.nonce[:])
	case 8:
		return wire.AppendBytes(out, number, r.secrets)
	case 9:
		return wire.AppendBytes(out, number, r.request)
	case 10:
		if r.code == nil {
			return out
		}
		return wire.AppendBytes(out, number, slices.Concat(r.code.Secret[:], r.code.ListHash[:]))
	case 11:
		return wire.AppendBytes(out, number, r.challenge)
	case 12:
		return wire.AppendBytes(out, number, r.reveal)
	case 13:
		return wire.AppendBytes(out, number, r.grant)
	case 14:
		return wire.AppendBytes(out, number, r.session)
	case 15:
		return wire.AppendUint(out, number, uint64(r.since))
	case 16:
		return wire.AppendBytes(out, number, r.peer[:])
	case 17:
		return wire.AppendBytes(out, number, r.peerEd[:])
	case 18:
		return wire.AppendBytes(out, number, r.last)
	case 19:
		return wire.AppendUint(out, number, uint64(r.reason))
	case 20:
		return wire.AppendUint(out, number, bit(r.short))
	case 21:
		return wire.AppendUint(out, number, bit(r.check))
	}
	return out
}

func bit(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// parseSecondary reads what marshal wrote: the fields of the stage, all of
// them and no others, and they belong together. Error: ErrRecord.
func parseSecondary(b []byte) (*secondaryRecord, error) {
	var (
		m wire.Message
		r secondaryRecord
	)
	if err := wire.Fields(b, func(f wire.Field) error { return r.field(&m, f) }); err != nil {
		return nil, ErrRecord
	}
	kept := r.stage.keeps()
	if kept == nil {
		return nil, ErrRecord
	}
	for number := 1; number <= 21; number++ {
		if m.Has(number) != slices.Contains(kept, number) && !(number == optional && !m.Has(number)) {
			return nil, ErrRecord
		}
	}
	if !r.coherent() {
		return nil, ErrRecord
	}
	return &r, nil
}

func (r *secondaryRecord) field(m *wire.Message, f wire.Field) error {
	var (
		v   uint64
		b   []byte
		err error
	)
	switch f.Number {
	case 1:
		err = m.Uint(f, &v, uint64(Gone))
		r.stage = Stage(v)
	case 2:
		return m.Fixed(f, r.attempt[:])
	case 3:
		return readID(m, f, &r.account)
	case 4:
		return readTime(m, f, &r.created)
	case 5:
		if err = m.Bytes(f, &b, 32, 32); err == nil {
			r.device, err = identity.ParseDevice(b)
		}
	case 6:
		if err = m.Bytes(f, &b, 32, 32); err == nil {
			r.ephemeral, err = identity.ParseEphemeral(b)
		}
	case 7:
		return m.Fixed(f, r.nonce[:])
	case 8:
		return m.Bytes(f, &r.secrets, 1, maxOpaque)
	case 9:
		return m.Bytes(f, &r.request, 1, wire.MaxSigned)
	case 10:
		if err = m.Bytes(f, &b, 32, 32); err == nil {
			r.code = &Code{Secret: [16]byte(b), ListHash: [16]byte(b[16:])}
		}
	case 11:
		return m.Bytes(f, &r.challenge, 1, wire.MaxSigned)
	case 12:
		return m.Bytes(f, &r.reveal, 1, wire.MaxSigned)
	case 13:
		return m.Bytes(f, &r.grant, 1, wire.MaxSigned)
	case 14:
		return m.Bytes(f, &r.session, 1, maxOpaque)
	case 15:
		return readTime(m, f, &r.since)
	case 16:
		return readID(m, f, &r.peer)
	case 17:
		return m.Fixed(f, r.peerEd[:])
	case 18:
		return m.Bytes(f, &r.last, 1, wire.MaxSigned)
	case 19:
		err = m.Uint(f, &v, uint64(ReasonOwn))
		r.reason = Reason(v)
	case 20:
		err = m.Uint(f, &v, 1)
		r.short = v == 1
	case 21:
		err = m.Uint(f, &v, 1)
		r.check = v == 1
	default:
		return wire.ErrMalformed
	}
	return err
}

// coherent checks that the messages in a record are those of its attempt, and
// computes the words.
func (r *secondaryRecord) coherent() bool {
	if r.code != nil {
		r.code.Account = r.account
	}
	if r.request == nil {
		return true
	}
	q, err := readRequest(r.request)
	if err != nil || !r.about(&q.head) {
		return false
	}
	if r.challenge == nil {
		return true
	}
	a, ok := r.agreement()
	if !ok {
		return false
	}
	r.words = a.words()
	if r.grant == nil {
		return true
	}
	g, err := readGrant(r.grant)
	return err == nil && r.about(&g.head)
}

// about reports whether a message is about this attempt.
func (r *secondaryRecord) about(h *head) bool {
	return h.attempt == r.attempt && h.account == r.account && h.device == r.device.ID()
}

// agreement needs request, challenge and reveal.
func (r *secondaryRecord) agreement() (agreement, bool) {
	q, err1 := readRequest(r.request)
	c, err2 := readChallenge(r.challenge)
	v, err3 := readReveal(r.reveal)
	if err1 != nil || err2 != nil || err3 != nil || !r.about(&c.head) || !r.about(&v.head) {
		return agreement{}, false
	}
	return agree(r.ephemeral, c.ephemeral, q.signed.Body, c.signed.Body, v.signed.Body)
}

// stored is the record as a reload would find it. The machine goes on with
// this copy, so that it forgets what the stage does not keep.
func (r *secondaryRecord) stored() *secondaryRecord {
	next, err := parseSecondary(r.marshal())
	if err != nil {
		panic("linking: internal error: an attempt that cannot be stored")
	}
	return next
}

// ends is when the stage ends by itself, in network time; 0 = never.
func (r *secondaryRecord) ends() core.Millis {
	switch r.stage {
	case Asking, Cancelling, Revealed:
		return r.created + Lifetime
	case Holding:
		return r.since + HoldTime
	case Ending:
		if r.short {
			return r.created + Lifetime
		}
		return r.since + EndingTime
	case Idle, Confirming, Confirmed, Gone, Wiped:
	}
	return 0
}

// letter is the message of the stage, which is repeated; ok = false: none.
func (r *secondaryRecord) letter() (l Letter, ok bool) {
	l.Attempt = r.attempt
	switch r.stage {
	case Asking:
		l.Form, l.To, l.Kind, l.Bytes = ToAccount, r.account, KindRequest, r.request
	case Cancelling:
		l.Form, l.To, l.Kind, l.Bytes = ToAccount, r.account, KindCancel, r.last
	case Revealed:
		l.Form, l.To, l.Kind, l.Bytes = ToDevice, r.peer, KindReveal, r.reveal
	case Confirming:
		l.Form, l.To, l.Kind, l.Bytes = ToDevice, r.peer, KindDone, r.last
	case Ending:
		l.Form, l.To, l.Kind, l.Bytes = ToDevice, r.peer, KindReject, r.last
	case Idle, Holding, Confirmed, Gone, Wiped:
		return Letter{}, false
	}
	return l, true
}
