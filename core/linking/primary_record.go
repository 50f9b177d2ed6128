package linking

import (
	"slices"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// maxPairwise bounds the encrypted grant, in bytes: what the network stores.
const maxPairwise = 76_800

// primaryRecord is what is stored of an attempt. The numbers behind the fields
// are those of the stored form; keeps says which state has which.
type primaryRecord struct {
	state     State               // 1
	attempt   Attempt             // 2
	device    core.ID             // 3, the one that wants to join
	created   core.Millis         // 4, of the request
	since     core.Millis         // 5, when this state was entered
	request   []byte              // 6, Signed
	ephemeral *identity.Ephemeral // 7
	challenge []byte              // 8, Signed; nonce_P is in it
	reveal    []byte              // 9, Signed
	grant     []byte              // 10, the pairwise ciphertext
	reason    Reason              // 11
	arrived   core.Millis         // 12, when the request got its place

	q      *request    // parsed request
	words  []string    // computed, in Words
	proved bool        // the request has the proof for the open dialog's code
	next   core.Millis // when the letter is repeated; 0 = at once
}

// keeps are the fields of a state, "stored" in the table of multi-device.md
// §12. All others are destroyed when it is entered. The new list and the
// session of Authorised, and the list and snapshot key of Departed, are stored
// by the loop where lists and sessions are.
func (st State) keeps() []int {
	switch st {
	case Pending:
		return []int{1, 2, 3, 4, 6, 12}
	case Challenged:
		return []int{1, 2, 3, 4, 5, 6, 7, 8, 12}
	case Words:
		return []int{1, 2, 3, 4, 6, 7, 8, 9, 12}
	case Authorised:
		return []int{1, 2, 3, 5, 10}
	case Done:
		return []int{1, 2, 3}
	case Over:
		return []int{1, 2, 4, 11}
	case Departed:
		return []int{1, 2, 3, 5}
	case None:
	}
	return nil
}

func (r *primaryRecord) marshal() []byte {
	var out []byte
	for _, number := range r.state.keeps() {
		out = r.append(out, number)
	}
	return out
}

func (r *primaryRecord) append(out []byte, number int) []byte {
	switch number {
	case 1:
		return wire.AppendUint(out, number, uint64(r.state))
	case 2:
		return wire.AppendBytes(out, number, r.attempt[:])
	case 3:
		return wire.AppendBytes(out, number, r.device[:])
	case 4:
		return wire.AppendUint(out, number, uint64(r.created))
	case 5:
		return wire.AppendUint(out, number, uint64(r.since))
	case 6:
		return wire.AppendBytes(out, number, r.request)
	case 7:
		return wire.AppendBytes(out, number, r.ephemeral.MarshalSecret())
	case 8:
		return wire.AppendBytes(out, number, r.challenge)
	case 9:
		return wire.AppendBytes(out, number, r.reveal)
	case 10:
		return wire.AppendBytes(out, number, r.grant)
	case 11:
		return wire.AppendUint(out, number, uint64(r.reason))
	case 12:
		return wire.AppendUint(out, number, uint64(r.arrived))
	}
	return out
}

// parsePrimary reads what marshal wrote: the fields of the state, all of them
// and no others, and they belong together. Error: ErrRecord.
func parsePrimary(b []byte) (*primaryRecord, error) {
	var (
		m wire.Message
		r primaryRecord
	)
	if err := wire.Fields(b, func(f wire.Field) error { return r.field(&m, f) }); err != nil {
		return nil, ErrRecord
	}
	kept := r.state.keeps()
	if kept == nil {
		return nil, ErrRecord
	}
	for number := 1; number <= 12; number++ {
		if m.Has(number) != slices.Contains(kept, number) {
			return nil, ErrRecord
		}
	}
	if !r.coherent() {
		return nil, ErrRecord
	}
	return &r, nil
}

func (r *primaryRecord) field(m *wire.Message, f wire.Field) error {
	var (
		v   uint64
		b   []byte
		err error
	)
	switch f.Number {
	case 1:
		err = m.Uint(f, &v, uint64(Departed))
		r.state = State(v)
	case 2:
		return m.Fixed(f, r.attempt[:])
	case 3:
		return readID(m, f, &r.device)
	case 4:
		return readTime(m, f, &r.created)
	case 5:
		return readTime(m, f, &r.since)
	case 6:
		return m.Bytes(f, &r.request, 1, wire.MaxSigned)
	case 7:
		if err = m.Bytes(f, &b, 32, 32); err == nil {
			r.ephemeral, err = identity.ParseEphemeral(b)
		}
	case 8:
		return m.Bytes(f, &r.challenge, 1, wire.MaxSigned)
	case 9:
		return m.Bytes(f, &r.reveal, 1, wire.MaxSigned)
	case 10:
		return m.Bytes(f, &r.grant, 1, maxPairwise)
	case 11:
		err = m.Uint(f, &v, uint64(ReasonOwn))
		r.reason = Reason(v)
	case 12:
		return readTime(m, f, &r.arrived)
	default:
		return wire.ErrMalformed
	}
	return err
}

// coherent checks that the messages in a record are those of its attempt, and
// computes the words.
func (r *primaryRecord) coherent() bool {
	if r.request == nil {
		return true
	}
	var err error
	if r.q, err = readRequest(r.request); err != nil || !r.about(&r.q.head) || r.q.created != r.created {
		return false
	}
	if r.challenge == nil {
		return true
	}
	c, err := readChallenge(r.challenge)
	if err != nil || !r.about(&c.head) {
		return false
	}
	r.proved = c.signed.Proof != nil
	if r.reveal == nil {
		return true
	}
	a, ok := r.agreement()
	if !ok {
		return false
	}
	r.words = a.words()
	return true
}

// about reports whether a message is about this attempt and its device.
func (r *primaryRecord) about(h *head) bool {
	return h.attempt == r.attempt && h.device == r.device
}

// agreement needs request, challenge and reveal.
func (r *primaryRecord) agreement() (agreement, bool) {
	c, err1 := readChallenge(r.challenge)
	v, err2 := readReveal(r.reveal)
	if r.q == nil || err1 != nil || err2 != nil || !r.about(&v.head) {
		return agreement{}, false
	}
	return agree(r.ephemeral, v.ephemeral, r.q.signed.Body, c.signed.Body, v.signed.Body)
}

// stored is the record as a reload would find it. The machine goes on with
// this copy, so that it forgets what the state does not keep.
func (r *primaryRecord) stored() *primaryRecord {
	next, err := parsePrimary(r.marshal())
	if err != nil {
		panic("linking: internal error: an attempt that cannot be stored")
	}
	return next
}

// ends is when the state ends by itself, in network time; 0 = never.
func (r *primaryRecord) ends() core.Millis {
	switch r.state {
	case Pending, Challenged, Words, Over:
		return r.created + Lifetime
	case None, Authorised, Done, Departed:
	}
	return 0
}

// letter is the message of the state, which is repeated; ok = false: none.
func (r *primaryRecord) letter() (Letter, bool) {
	switch r.state {
	case Challenged:
		return Letter{Attempt: r.attempt, Form: ToDevice, To: r.device, Kind: KindChallenge, Bytes: r.challenge}, true
	case Authorised:
		return Letter{Attempt: r.attempt, Form: ToSession, To: r.device, Kind: KindGrant, Bytes: r.grant}, true
	case None, Pending, Words, Done, Over, Departed:
	}
	return Letter{}, false
}

// live reports whether the attempt takes one of the places.
func (r *primaryRecord) live() bool {
	return r.state == Pending || r.state == Challenged || r.state == Words
}
