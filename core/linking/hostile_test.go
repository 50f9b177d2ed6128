package linking

import (
	"bytes"
	"crypto/rand"
	"maps"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// nothing checks that an input changed nothing and was not answered.
func nothing(t *testing.T, name string, out Outcome, err error) {
	t.Helper()
	if err != nil || len(out.Save)+len(out.Send)+len(out.Tell) != 0 || out.Joined != nil || out.Adopt != nil || out.Remove != (core.ID{}) {
		t.Errorf("%s: it does something: %v", name, err)
	}
}

// foreign are all letters of attempts that the one of a story has nothing to do
// with: of another device with the same account, linked before, of one that is
// in words at the same time, and of a device that joined another account.
func (s *story) foreign() []*story {
	s.t.Helper()
	linked := &story{t: s.t, h: s.h, j: newJoiner(s.t), now: s.now}
	linked.confirmed()
	s.h.must(s.now, CloseDialog{})
	return []*story{linked, newStory(s.t).confirmed()}
}

// TestHostileNetwork_Swapped: in every state of both sides, no letter of
// another attempt, device or account changes this one.
func TestHostileNetwork_Swapped(t *testing.T) {
	for place, start := range primaryStates {
		s := newStory(t)
		foreign := s.foreign()
		start.build(s)
		if start.open && s.h.p.dialog == nil {
			s.h.must(s.now, OpenDialog{})
		}
		before, list, signed := s.h.saved[s.attempt], len(s.h.list.Secondaries), s.h.signed
		for _, f := range foreign {
			for _, m := range f.mail() {
				s.h.must(s.now, Heard{Kind: m.kind, Signed: m.signed})
				if !bytes.Equal(s.h.saved[s.attempt], before) || s.h.state(s.attempt) != start.state {
					t.Fatalf("%s: kind %d of another attempt counts", place, m.kind)
				}
			}
		}
		if len(s.h.list.Secondaries) > list || !bytes.Equal(s.h.signed, signed) && start.state != Done {
			// The LinkReject and LinkCancel among the mail are the linked
			// device's own: its word alone unlinks it.
			if len(s.h.list.Secondaries) != list-1 {
				t.Errorf("%s: the list changed", place)
			}
		}
	}
	for stage, build := range secondaryStages {
		s := newStory(t)
		foreign := s.foreign()
		build(s)
		for _, f := range foreign {
			for _, m := range f.mail() {
				if m.kind == KindGrant {
					g := f.granted()
					out, err := s.j.do(s.now, g)
					nothing(t, "the grant of another attempt", out, err)
				}
				out, err := s.j.do(s.now, Heard{Kind: m.kind, Signed: m.signed})
				nothing(t, "a letter of another attempt", out, err)
			}
		}
		if got := s.j.s.View().Stage; got != stage {
			t.Errorf("stage %d became %d", stage, got)
		}
	}
}

// TestHostileNetwork_Changed: the grant and the three short messages, each byte
// changed on the way; claims 1 and 2 do it for the others.
func TestHostileNetwork_Changed(t *testing.T) {
	s := newStory(t).authorised()
	g := s.granted()
	for i := 0; i < len(g.Signed); i += 5 {
		bad := g
		bad.Signed = bytes.Clone(g.Signed)
		bad.Signed[i] ^= 0x10
		out, err := s.j.do(s.now, bad)
		nothing(t, "a changed grant", out, err)
	}
	for _, kind := range []Kind{KindDone, KindReject} {
		good := s.byJoiner(kind)
		for i := range good.Signed {
			bad := good
			bad.Signed = bytes.Clone(good.Signed)
			bad.Signed[i] ^= 0x10
			out, err := s.h.do(s.now, bad)
			nothing(t, "a changed end", out, err)
		}
	}
	words := newStory(t).inWords()
	cancel := words.byJoiner(KindCancel)
	for i := range cancel.Signed {
		bad := cancel
		bad.Signed = bytes.Clone(cancel.Signed)
		bad.Signed[i] ^= 0x10
		out, err := words.h.do(words.now, bad)
		nothing(t, "a changed cancel", out, err)
	}
	end := s.forgeEnd(KindReject, s.h.keys.Device, s.j.device.ID())
	for i := range end.Signed {
		bad := end
		bad.Signed = bytes.Clone(end.Signed)
		bad.Signed[i] ^= 0x10
		out, err := s.j.do(s.now, bad)
		nothing(t, "a changed end answer", out, err)
	}
	s = newStory(t).ask()
	end = s.forgeEnd(KindReject, s.h.keys.Shared.Account, s.j.device.ID())
	for i := range end.Signed {
		bad := end
		bad.Signed = bytes.Clone(end.Signed)
		bad.Signed[i] ^= 0x10
		out, err := s.j.do(s.now, bad)
		nothing(t, "a changed end answer by the account key", out, err)
	}
}

// TestHostileSecondary: what a device can do that follows no rule but holds
// its own key. It never gets further than the words.
func TestHostileSecondary(t *testing.T) {
	open := func() *story { s := newStory(t).ask(); s.h.must(s.now, OpenDialog{}); return s }

	// A reveal before there is a challenge.
	s := newStory(t).pend()
	out, err := s.h.do(s.now, s.forgeReveal(s.j.device, nil))
	nothing(t, "a reveal before the challenge", out, err)

	// Somebody else's signature under the device's name.
	s = newStory(t).revealed()
	out, err = s.h.do(s.now, s.forgeReveal(identity.NewDevice(), func(v *reveal) { v.device = s.j.device.ID() }))
	nothing(t, "a reveal that another device signed", out, err)

	// The account itself as the device that asks: a former device has its key.
	s = open()
	account := s.h.keys.Shared.Account
	q := request{
		head: s.head(KindRequest), bundle: []byte("bundle"), created: s.now,
		consent: account.Sign(consentOf(s.h.id(), s.h.id())),
	}
	q.device = s.h.id()
	l := only(t, s.h.must(s.now, Heard{Kind: KindRequest, Signed: write(account, q.head, q.fields()).Marshal()}), KindReject)
	if e, err := readEnding(KindReject, l.Bytes); err != nil || e.reason != ReasonOwn {
		t.Error("the account may be a device of itself")
	}

	// A commitment to an ephemeral of small order: Z would be known to all.
	// And one over nonce and ephemeral in the wrong order.
	var nonce, zero [32]byte
	rand.Read(nonce[:])
	good := identity.NewEphemeral().Public()
	for name, c := range map[string]struct{ first, second, ephemeral [32]byte }{
		"a small order":   {zero, nonce, zero},
		"the wrong order": {nonce, good, good},
	} {
		s := open()
		asks := s.forgeRequest(s.j.device, func(q *request) { q.commitment = commit(s.attempt, c.first, c.second) })
		challenge, err := readChallenge(only(t, s.h.must(s.now, asks), KindChallenge).Bytes)
		if err != nil {
			t.Fatal(err)
		}
		s.h.must(s.now, s.forgeReveal(s.j.device, func(v *reveal) {
			v.challenge, v.ephemeral, v.nonce = challenge.hash(), c.ephemeral, nonce
		}))
		if r := s.h.p.attempts[s.attempt]; r.state != Over || r.reason != ReasonInvalid {
			t.Errorf("%s: state %d", name, r.state)
		}
	}

	// A proof for another code puts nobody first.
	s, code := coded(t)
	code.Secret[0] ^= 1
	liar := newJoiner(t)
	s.h.must(s.now, heard(t, only(t, liar.must(s.now, liar.link(core.ID{}, &code)), KindRequest)))
	for _, a := range s.h.p.View(s.now).Askers {
		if a.Proved {
			t.Error("a wrong proof counts")
		}
	}

	// A request that waited too long is not challenged any more.
	s = newStory(t).pend()
	if out := s.h.must(s.now+Lifetime, OpenDialog{}); len(out.Send) != 0 {
		t.Error("a challenge for a request that expired")
	}
	if n := len(s.h.list.Secondaries); n != 0 {
		t.Errorf("%d devices were linked", n)
	}
}

// TestHostilePrimary: what a holder of the account key can do who is not the
// primary. S stays where it is, and never joins.
func TestHostilePrimary(t *testing.T) {
	s := newStory(t).ask()
	bad, thief := identity.NewDevice(), newHouse(t)
	for name, in := range map[string]Heard{
		"a device key of another ID": s.forgeChallenge(func(c *challenge) { c.peerEd = bad.Ed() }),
		"the joiner as its own primary": s.forgeChallenge(func(c *challenge) {
			c.peer, c.peerEd = s.j.device.ID(), s.j.device.Ed()
		}),
		"another account": s.forgeChallengeBy(thief.keys.Shared.Account, func(c *challenge) { c.account = thief.id() }),
		"an end of another account": func() Heard {
			e := ending{head: s.head(KindReject), created: s.now, reason: ReasonRejected}
			e.account = thief.id()
			return Heard{Kind: KindReject, Signed: write(thief.keys.Shared.Account, e.head, e.fields()).Marshal()}
		}(),
		"an end that it signed itself": s.forgeEnd(KindReject, s.j.device, s.j.device.ID()),
	} {
		out, err := s.j.do(s.now, in)
		nothing(t, name, out, err)
	}

	// With a link code not even the account key makes a challenge: the proof is
	// there, the list key is another one.
	s, code := coded(t)
	key := bad.Ed()
	in := s.forgeChallenge(func(c *challenge) {
		c.listKey, c.listKeySig = key, s.h.keys.Shared.Account.Sign(wire.Domain(domainListKey, key[:]))
	})
	c, err1 := readChallenge(in.Signed)
	q, err2 := readRequest(s.request.Bytes)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	c.signed.Proof = proofP(code.Secret, q.hash(), c.hash())
	out := s.j.must(s.now, Heard{Kind: KindChallenge, Signed: c.signed.Marshal()})
	if len(out.Send)+len(out.Save) != 0 || s.j.s.View().Stage != Asking {
		t.Error("another list key than the code's")
	}
}

// underK is a LinkGrant sealed under the right K, changed by whoever has it.
func (s *story) underK(by signer, change func(h *head, signed *wire.Signed)) Granted {
	s.t.Helper()
	k, ok := s.h.p.attempts[s.attempt].agreement()
	if !ok {
		s.t.Fatal("no K")
	}
	v := s.h.list
	v.Secondaries = []core.ID{s.j.device.ID()}
	list := signList(s.h.root.ListKey(), v)
	sealed := s.h.keys.Shared.SealGrant(k.key(), k.transcript, Grant{List: list}.marshal())
	h, none := s.head(KindGrant), wire.Signed{}
	change(&h, &none)
	signed := write(by, h, wire.AppendBytes(nil, 6, sealed))
	change(&h, &signed)
	return Granted{From: s.h.keys.Device.ID(), Signed: signed.Marshal(), Session: []byte("session")}
}

// A grant under the right key that the account did not sign, or for another
// attempt, account or device, is not held.
func TestHostilePrimary_Grant(t *testing.T) {
	s := newStory(t).inWords()
	account := s.h.keys.Shared.Account
	as := func(*head, *wire.Signed) {}
	for name, g := range map[string]Granted{
		"signed by the primary's device": s.underK(s.h.keys.Device, as),
		"signed by the joiner":           s.underK(s.j.device, as),
		"a signature that does not hold": s.underK(account, func(_ *head, signed *wire.Signed) {
			if signed.Signature != nil {
				signed.Signature[5] ^= 1
			}
		}),
		"of another attempt": s.underK(account, func(h *head, _ *wire.Signed) { h.attempt[0] ^= 1 }),
		"of another account": s.underK(account, func(h *head, _ *wire.Signed) { h.account = identity.NewDevice().ID() }),
		"for another device": s.underK(account, func(h *head, _ *wire.Signed) { h.device = identity.NewDevice().ID() }),
	} {
		out, err := s.j.do(s.now, g)
		nothing(t, name, out, err)
	}
	s.j.must(s.now, s.underK(account, as))
	if s.j.s.View().Stage != Holding {
		t.Fatal("the grant was bad before it was changed")
	}
}

// Finish believes no list that does not verify, whatever can be read in it, and
// no list of the outbox that is not higher.
func TestFinishBelievesVerifiedListsOnly(t *testing.T) {
	s := newStory(t).holding()
	s.j.must(s.now, Finish{Read: func(b []byte) (ListView, error) {
		v, _ := readList(b)
		return v, errFake
	}})
	if v := s.j.s.View(); v.Stage != Ending || s.j.joined != nil {
		t.Error("joined by a list that does not verify")
	}
	for name, higher := range map[string]bool{"does not verify": true, "is not higher": false} {
		s := newStory(t).holding()
		v := s.h.list
		if v.Removed = []core.ID{s.j.device.ID()}; higher {
			v.Epoch++
		}
		removing := signList(s.h.root.ListKey(), v)
		s.j.must(s.now, Finish{Outbox: [][]byte{removing}, Read: func(b []byte) (ListView, error) {
			v, err := readList(b)
			if bytes.Equal(b, removing) && higher {
				err = errFake
			}
			return v, err
		}})
		if s.j.s.View().Stage != Confirming {
			t.Errorf("a list that %s prevents Finish", name)
		}
	}
}

// A whole linking replayed afterwards, in any order and many times, changes
// nothing on either side: the primary answers, and that is all.
func TestHostileNetwork_Replayed(t *testing.T) {
	s := newStory(t).confirmed()
	all := s.mail()[:5]
	saved, record := maps.Clone(s.h.saved), s.j.record()
	for round := 0; round < 3; round++ {
		for i := range all {
			m := all[(i*3+round)%len(all)]
			out := s.h.must(s.now, Heard{Kind: m.kind, Signed: m.signed})
			for _, l := range out.Send {
				if l.Form != Ping {
					t.Errorf("kind %d is answered with kind %d", m.kind, l.Kind)
				}
			}
			out, err := s.j.do(s.now, Heard{Kind: m.kind, Signed: m.signed})
			nothing(t, "a replayed letter", out, err)
		}
		out, err := s.j.do(s.now, s.granted())
		nothing(t, "the grant again", out, err)
	}
	if !maps.EqualFunc(saved, s.h.saved, bytes.Equal) || !bytes.Equal(record, s.j.record()) || len(s.h.list.Secondaries) != 1 {
		t.Error("a replay changed something")
	}
}

// Eight devices that knew a code have all the places, and none is silent:
// strangers do not push them out.
func TestStrangersDoNotPushOutTheCode(t *testing.T) {
	s := newStory(t)
	s.h.must(s.now, OpenDialog{})
	var knew []Attempt
	for range MaxPending {
		code, err := ParseCode(s.h.p.View(s.now).Code)
		if err != nil {
			t.Fatal(err)
		}
		j := newJoiner(t)
		request := only(t, j.must(s.now, j.link(core.ID{}, &code)), KindRequest)
		s.h.must(s.now, heard(t, request))
		knew = append(knew, request.Attempt)
	}
	s.now += core.Second
	late := s.asker()
	s.h.must(s.now, heard(t, late.request))
	for _, a := range knew {
		if s.h.state(a) != Challenged {
			t.Errorf("a device that knew the code is in state %d", s.h.state(a))
		}
	}
	if s.h.state(late.attempt) != None {
		t.Errorf("the stranger is in state %d", s.h.state(late.attempt))
	}
}
