package linking

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

// TestClaim1_EitherOrder: Link pressed before, or long before, the primary
// opens its dialog, or after it: both sides show the same words within 5 s,
// with mailboxes polled every 500 ms.
func TestClaim1_EitherOrder(t *testing.T) {
	for name, c := range map[string]struct{ link, open core.Millis }{
		"the dialog is first":              {link: 2 * core.Minute, open: 0},
		"Link is first":                    {link: 0, open: core.Second},
		"Link was nine minutes before":     {link: 0, open: 9 * core.Minute},
		"Link long before, P away at once": {link: 0, open: 5*core.Minute + 17*core.Second},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(t)
			var toP, toS []Letter
			var shown core.Millis
			for now := noon; shown == 0; now += 500 {
				if now > noon+Lifetime {
					t.Fatal("no words at all")
				}
				var out Outcome
				if now == noon+c.link {
					out = s.j.must(now, s.j.link(s.h.id(), nil))
				} else if at, ok := s.j.s.Due(now); ok && at <= now {
					out = s.j.must(now, Tick{})
				}
				toP = append(toP, out.Send...)
				if now == noon+c.open {
					toS = append(toS, s.h.must(now, OpenDialog{}).Send...)
				}
				arrived := toP
				toP = nil
				for _, l := range arrived {
					toS = append(toS, s.h.must(now, heard(t, l)).Send...)
				}
				arrived = toS
				toS = nil
				for _, l := range arrived {
					toP = append(toP, s.j.must(now, heard(t, l)).Send...)
				}
				d := s.h.p.View(now)
				if words := s.j.s.View().Words; len(words) == 3 && len(d.Askers) == 1 && slices.Equal(d.Askers[0].Words, words) {
					shown = now
				}
			}
			if both := noon + max(c.link, c.open); shown > both+5*core.Second {
				t.Fatalf("words only after %d ms", shown-both)
			}
		})
	}
}

// flips are all fields of a body, each with one bit changed, signed anew by
// whoever signed it: the strongest attacker, who holds every key.
func flips(t *testing.T, by signer, kind Kind, signed []byte) map[int]Heard {
	t.Helper()
	s, err := wire.ParseSigned(signed)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]Heard{}
	for number := 1; number <= 11; number++ {
		var body []byte
		changed := false
		err := wire.Fields(s.Body, func(f wire.Field) error {
			if f.Bytes == nil {
				if f.Number == number {
					f.Varint ^= 1
					changed = true
				}
				body = wire.AppendUint(body, f.Number, f.Varint)
				return nil
			}
			b := bytes.Clone(f.Bytes)
			if f.Number == number && len(b) > 0 {
				b[len(b)-1] ^= 1
				changed = true
			}
			body = wire.AppendBytes(body, f.Number, b)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if changed {
			out[number] = Heard{Kind: kind, Signed: wire.SignBody(by, kind.domain(), body).Marshal()}
		}
	}
	return out
}

// sameWords reports whether both sides show words, and the same ones.
func (s *story) sameWords() bool {
	var words []string
	for _, a := range s.h.p.View(s.now).Askers {
		if len(a.Words) == 3 {
			words = a.Words
		}
	}
	return words != nil && slices.Equal(words, s.j.s.View().Words)
}

// TestClaim2_WordsBindEverything: whatever is changed in any of the three
// messages on its way, the words differ or there are none.
func TestClaim2_WordsBindEverything(t *testing.T) {
	if !newStory(t).inWords().sameWords() {
		t.Fatal("the words differ without anybody's help")
	}
	base := newStory(t).inWords()
	requests := flips(t, base.j.device, KindRequest, base.request.Bytes)
	challenges := flips(t, base.h.keys.Shared.Account, KindChallenge, base.challenge.Bytes)
	reveals := flips(t, base.j.device, KindReveal, base.reveal.Bytes)
	if len(requests) != 11 || len(challenges) != 11 || len(reveals) != 8 {
		t.Fatalf("%d, %d and %d fields", len(requests), len(challenges), len(reveals))
	}
	for number := range requests {
		s := newStory(t).ask()
		s.h.must(s.now, OpenDialog{})
		changed := flips(t, s.j.device, KindRequest, s.request.Bytes)[number]
		s.carryOn(s.h.must(s.now, changed))
		if s.sameWords() {
			t.Errorf("request, field %d: the words are the same", number)
		}
	}
	for number := range challenges {
		s := newStory(t).challenged()
		changed := flips(t, s.h.keys.Shared.Account, KindChallenge, s.challenge.Bytes)[number]
		for _, l := range s.j.must(s.now, changed).Send {
			s.h.must(s.now, heard(t, l))
		}
		if s.sameWords() {
			t.Errorf("challenge, field %d: the words are the same", number)
		}
	}
	for number := range reveals {
		s := newStory(t).revealed()
		s.h.must(s.now, flips(t, s.j.device, KindReveal, s.reveal.Bytes)[number])
		if s.sameWords() {
			t.Errorf("reveal, field %d: the words are the same", number)
		}
		// Another challenge's hash, and what does not open the commitment, is
		// no matter of words: the attempt ends.
		if number >= 6 && s.h.state(s.attempt) != Over {
			t.Errorf("reveal, field %d: state %d", number, s.h.state(s.attempt))
		}
	}
}

// T is the three bodies in order, each with its length.
func TestClaim2_TranscriptIsAllThreeBodies(t *testing.T) {
	mine, other := identity.NewEphemeral(), identity.NewEphemeral()
	request, challenge, reveal := []byte("request"), []byte("challenge"), []byte("reveal")
	a, ok := agree(mine, other.Public(), request, challenge, reveal)
	if want := sha256.Sum256(append([]byte("tandem link v1\x00"), wire.LP(request, challenge, reveal)...)); !ok || a.transcript != want {
		t.Fatal("another transcript")
	}
	b, ok := agree(other, mine.Public(), request, challenge, reveal)
	if !ok || !slices.Equal(a.words(), b.words()) || a.key() != b.key() {
		t.Fatal("the two sides do not agree")
	}
	if _, ok := agree(mine, [32]byte{}, request, challenge, reveal); ok {
		t.Fatal("agreed with a point of small order")
	}
}

// carryOn lets an honest joiner answer what the primary sent, and back.
func (s *story) carryOn(out Outcome) {
	s.t.Helper()
	for _, l := range out.Send {
		for _, answer := range s.j.must(s.now, heard(s.t, l)).Send {
			s.h.must(s.now, heard(s.t, answer))
		}
	}
}

// Without any key nothing can be changed at all: each byte of each message.
func TestClaim2_NoByteCanBeChanged(t *testing.T) {
	s := newStory(t).ask()
	s.h.must(s.now, OpenDialog{})
	for i := 0; i < len(s.request.Bytes); i += 3 {
		in := heard(t, s.request)
		in.Signed = bytes.Clone(in.Signed)
		in.Signed[i] ^= 0x10
		if out := s.h.must(s.now, in); len(out.Send) != 0 || len(out.Save) != 0 {
			t.Fatalf("request, byte %d", i)
		}
	}
	s = newStory(t).challenged()
	for i := 0; i < len(s.challenge.Bytes); i += 3 {
		in := heard(t, s.challenge)
		in.Signed = bytes.Clone(in.Signed)
		in.Signed[i] ^= 0x10
		if out := s.j.must(s.now, in); len(out.Send) != 0 || len(out.Save) != 0 {
			t.Fatalf("challenge, byte %d", i)
		}
	}
	s = newStory(t).revealed()
	for i := 0; i < len(s.reveal.Bytes); i += 3 {
		in := heard(t, s.reveal)
		in.Signed = bytes.Clone(in.Signed)
		in.Signed[i] ^= 0x10
		if out := s.h.must(s.now, in); len(out.Send) != 0 || len(out.Save) != 0 {
			t.Fatalf("reveal, byte %d", i)
		}
	}
}

// A man in the middle has to run two linkings, and the words of the two differ.
func TestClaim2_ManInTheMiddle(t *testing.T) {
	victim := newStory(t).ask()
	// He has the account key, so his challenge verifies; his own device asks
	// the real primary under the same id.
	middle := identity.NewDevice()
	ephemeral := identity.NewEphemeral()
	mine := victim.forgeChallenge(func(c *challenge) {
		c.peer, c.peerEd, c.ephemeral = middle.ID(), middle.Ed(), ephemeral.Public()
	})
	only(t, victim.j.must(victim.now, mine), KindReveal)

	other := &story{t: t, h: victim.h, j: newJoiner(t), now: victim.now}
	other.inWords()
	d := victim.h.p.View(victim.now)
	if len(d.Askers) != 1 || slices.Equal(d.Askers[0].Words, victim.j.s.View().Words) {
		t.Fatal("the words agree with somebody in the middle")
	}
}

// One challenge and one reveal per id, ever.
func TestClaim2_SecondChallengeOrRevealEnds(t *testing.T) {
	s := newStory(t).revealed()
	s.j.must(s.now, heard(t, s.challenge))
	if s.j.s.View().Stage != Revealed {
		t.Fatal("the same challenge again is no other challenge")
	}
	s.j.must(s.now, s.forgeChallenge(nil))
	if v := s.j.s.View(); v.Stage != Ending || v.Reason != ReasonInvalid {
		t.Fatal("a second challenge did not end the attempt")
	}
	s = newStory(t).inWords()
	s.h.must(s.now, heard(t, s.reveal))
	if s.h.state(s.attempt) != Words {
		t.Fatal("the same reveal again is no other reveal")
	}
	s.h.must(s.now, s.forgeReveal(s.j.device, nil))
	if s.h.state(s.attempt) != Over {
		t.Fatal("a second reveal did not end the attempt")
	}
	s = newStory(t).revealed()
	s.h.must(s.now, s.forgeReveal(s.j.device, func(v *reveal) {
		v.challenge = sha256.Sum256([]byte("another challenge"))
	}))
	only(t, s.h.must(s.now, heard(t, s.reveal)), KindReject)
	if s.h.state(s.attempt) != Over {
		t.Fatal("a reveal for another challenge did not end the attempt")
	}
	// A reload makes no second challenge.
	s = newStory(t).challenged()
	s.h.reload()
	again := only(t, s.h.must(s.now, Tick{}), KindChallenge)
	s.h.must(s.now, OpenDialog{})
	if out := s.h.must(s.now, heard(t, s.request)); len(out.Send) != 0 || !bytes.Equal(again.Bytes, s.challenge.Bytes) {
		t.Fatal("a second challenge after a reload")
	}
}

// At most 16 fresh challenges per opening of the dialog.
func TestClaim2_SixteenChallenges(t *testing.T) {
	s := newStory(t)
	for round := 0; round < 2; round++ {
		challenges := 0
		s.h.must(s.now, OpenDialog{})
		for i := 0; i < MaxChallenges+4; i++ {
			s.now += core.Second
			challenges += count(s.h.must(s.now, heard(t, s.asker().request)), KindChallenge)
		}
		flooded := 0
		for _, e := range s.h.events {
			if e.What == Flooded {
				flooded++
			}
		}
		if challenges != MaxChallenges || !s.h.p.View(s.now).Flooded || flooded != round+1 {
			t.Fatalf("%d challenges, told %d times", challenges, flooded)
		}
		s.h.must(s.now, CloseDialog{})
		s.h.events = s.h.events[:0]
		for range round + 1 {
			s.h.events = append(s.h.events, Event{What: Flooded})
		}
	}
}

// A place that becomes free gives no seventeenth challenge either.
func TestClaim2_NoChallengeMore(t *testing.T) {
	s := newStory(t)
	s.h.must(s.now, OpenDialog{})
	for i := 0; i < MaxChallenges; i++ {
		a := s.asker()
		if count(s.h.must(s.now, heard(t, a.request)), KindChallenge) != 1 {
			t.Fatalf("challenge %d was not made", i+1)
		}
		s.h.must(s.now, a.byJoiner(KindCancel))
	}
	a := s.asker()
	if out := s.h.must(s.now, heard(t, a.request)); len(out.Send) != 0 || s.h.state(a.attempt) != Pending {
		t.Fatal("a seventeenth challenge")
	}
	// "Close and try again."
	s.h.must(s.now, CloseDialog{})
	only(t, s.h.must(s.now, OpenDialog{}), KindChallenge)
}

func count(out Outcome, kind Kind) (n int) {
	for _, l := range out.Send {
		if l.Kind == kind {
			n++
		}
	}
	return n
}

// traces are all secrets of a story's attempt, on both sides: what must not be
// left anywhere once it has ended.
func (s *story) traces() [][]byte {
	out := [][]byte{s.j.secrets, s.j.bundle}
	if r := s.j.s.rec; r != nil {
		if r.ephemeral != nil {
			out = append(out, r.ephemeral.MarshalSecret(), r.nonce[:])
		}
		out = append(out, r.session)
		if g, err := readGrant(r.grant); err == nil {
			out = append(out, g.sealed)
		}
	}
	if r := s.h.p.attempts[s.attempt]; r != nil {
		if r.ephemeral != nil {
			out = append(out, r.ephemeral.MarshalSecret())
			if c, err := readChallenge(r.challenge); err == nil {
				out = append(out, c.nonce[:])
			}
		}
		out = append(out, r.grant)
		if k, ok := r.agreement2(); ok {
			key := k.key()
			out = append(out, k.z[:], key[:])
		}
	}
	return out
}

func (r *primaryRecord) agreement2() (agreement, bool) {
	if r.reveal == nil {
		return agreement{}, false
	}
	return r.agreement()
}

// TestClaim4_EndsAreTold: after Reject, They differ, Cancel or expiry, on
// whichever side and in whichever state, the other side is told why, and
// neither keeps key material.
func TestClaim4_EndsAreTold(t *testing.T) {
	byJoiner := func(in SecondaryInput) func(*story) []Letter {
		return func(s *story) []Letter { return s.j.must(s.now, in).Send }
	}
	byPrimary := func(in PrimaryInput) func(*story) []Letter {
		return func(s *story) []Letter { return s.h.must(s.now, in).Send }
	}
	reject := func(s *story) []Letter { return s.h.must(s.now, Reject{s.attempt}).Send }
	expire := func(s *story) []Letter {
		s.now += Lifetime
		return append(s.j.must(s.now, Tick{}).Send, s.h.must(s.now, Tick{}).Send...)
	}
	for name, c := range map[string]struct {
		build  func(*story) *story
		end    func(*story) []Letter
		reason Reason
		p      State
	}{
		"Cancel while asking":             {(*story).pend, byJoiner(Cancel{}), ReasonCancelled, Over},
		"Cancel while challenged":         {(*story).challenged, byJoiner(Cancel{}), ReasonCancelled, Over},
		"Cancel with words":               {(*story).inWords, byJoiner(Cancel{}), ReasonCancelled, Over},
		"They differ":                     {(*story).inWords, byJoiner(Differ{}), ReasonDiffer, Over},
		"They differ after Authorise":     {(*story).authorised, byJoiner(Differ{}), ReasonDiffer, Departed},
		"They differ with the grant":      {(*story).holding, byJoiner(Differ{}), ReasonDiffer, Departed},
		"Cancel with the grant":           {(*story).holding, byJoiner(Cancel{}), ReasonCancelled, Departed},
		"Reject":                          {(*story).inWords, reject, ReasonRejected, Over},
		"the dialog is cancelled":         {(*story).inWords, byPrimary(CloseDialog{}), ReasonClosed, Over},
		"the dialog is cancelled, before": {(*story).revealed, byPrimary(CloseDialog{}), ReasonClosed, Over},
		"time, while asking":              {(*story).pend, expire, ReasonExpired, Over},
		"time, with words":                {(*story).inWords, expire, ReasonExpired, Over},
		"time, with the grant":            {(*story).holding, expire, ReasonExpired, Departed},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.build(newStory(t))
			traces := s.traces()
			letters := c.end(s)
			// Every letter arrives, and so do their answers and one repeat.
			for round := 0; round < 4 && (len(letters) > 0 || round == 1); round++ {
				var answers []Letter
				for _, l := range letters {
					answers = append(answers, s.pass(l)...)
				}
				if len(answers) == 0 {
					s.now += RepeatEvery
					answers = append(s.j.must(s.now, Tick{}).Send, s.h.must(s.now, Tick{}).Send...)
				}
				letters = answers
			}
			if v := s.j.s.View(); v.Stage != Gone || v.Reason != c.reason || v.CheckPrimary {
				t.Errorf("S ends in %d for %d, want reason %d", v.Stage, v.Reason, c.reason)
			}
			if p := s.h.state(s.attempt); p != c.p && !(c.p == Over && p == None) {
				t.Errorf("P ends in %d, want %d", p, c.p)
			}
			if !slices.ContainsFunc(s.h.events, func(e Event) bool { return e.What == Ended && e.Reason == c.reason }) {
				t.Error("the user of the primary was not told why")
			}
			if slices.Contains(s.h.list.Secondaries, s.j.device.ID()) {
				t.Error("the device is listed")
			}
			for _, record := range [][]byte{s.j.record(), s.h.saved[s.attempt]} {
				if holds(record, append(traces, s.j.device.MarshalSecret())...) {
					t.Error("key material is left in a record")
				}
			}
			if s.j.s.Device() != nil {
				t.Error("the device key is left")
			}
		})
	}
}

// pass hands a letter to the other side.
func (s *story) pass(l Letter) []Letter {
	s.t.Helper()
	switch {
	case l.To == s.j.device.ID() && l.Form == ToDevice:
		return s.j.must(s.now, heard(s.t, l)).Send
	case l.To == s.h.id() || l.To == s.h.keys.Device.ID():
		return s.h.must(s.now, heard(s.t, l)).Send
	}
	return nil
}

// What is destroyed on the way, not only at the end.
func TestClaim4_KeysAreDestroyedOnEntry(t *testing.T) {
	s := newStory(t).inWords()
	traces := s.traces()
	in := s.authoriseInput()
	out := s.h.must(s.now, in)
	if holds(s.h.saved[s.attempt], traces...) {
		t.Error("Authorised keeps eph_P, nonce_P or K")
	}
	s.grant = only(t, out, KindGrant)
	s.j.receive(s.now, s.h.keys.Device.ID(), s.grant.Bytes)
	traces = append(s.traces(), s.grant.Bytes, s.j.device.MarshalSecret())
	s.done = only(t, s.j.must(s.now, s.finish()), KindDone)
	if holds(s.j.record(), traces...) {
		t.Error("the linked device's record keeps keys of the attempt")
	}
	s.h.must(s.now, heard(t, s.done))
	if holds(s.h.saved[s.attempt], traces...) {
		t.Error("Linked keeps the grant bytes")
	}
	s = newStory(t).holding()
	traces = s.traces()
	s.j.must(s.now, Differ{})
	if holds(s.j.record(), traces...) {
		t.Error("Ending keeps more than the device key")
	}
	if secrets, session := s.j.s.Pairwise(); secrets != nil || session != nil {
		t.Error("Ending keeps pairwise secrets")
	}
	if s.j.s.Device() == nil {
		t.Error("Ending has lost the device key with which it hears the answer")
	}
}

// listSeed is the private list key, as PROTOCOL.md derives it.
func (h *house) listSeed() []byte {
	return wire.HKDF(h.entropy, nil, "tandem device list v1", 32)
}

// everything is all that a linked pair sent and that the secondary has: every
// letter, the opened grant, its records and its keyring.
func (s *story) everything() map[string][]byte {
	s.t.Helper()
	out := map[string][]byte{}
	for _, l := range []Letter{s.request, s.challenge, s.reveal, s.grant, s.done} {
		out[fmt.Sprintf("letter %d", l.Kind)] = l.Bytes
	}
	out["pairwise grant, decrypted"] = s.granted().Signed
	shared := s.j.joined.Shared
	// Sealing under a known key and opening it shows every byte of the grant.
	ring := identity.Keyring{Shared: shared, Device: s.j.joined.Device}
	out["keyring of the secondary"] = ring.MarshalSecret()
	out["rest of the grant"] = s.j.joined.Grant.marshal()
	out["record of the secondary"] = s.j.record()
	out["joined, printed"] = fmt.Appendf(nil, "%v %+v %#v", *s.j.joined, *s.j.joined, *s.j.joined)
	return out
}

// TestClaim5_EntropyAndListKeyStay: neither is in any message, nor in anything
// that the secondary has.
func TestClaim5_EntropyAndListKeyStay(t *testing.T) {
	s := newStory(t).confirmed()
	sum := sha512.Sum512(s.h.listSeed())
	sum[0] &= 248
	sum[31] = sum[31]&63 | 64
	for name, b := range s.everything() {
		if len(b) == 0 {
			t.Errorf("%s: nothing to look at", name)
		}
		if holds(b, s.h.entropy, s.h.listSeed(), sum[:32], sum[32:]) {
			t.Errorf("%s: entropy or list key", name)
		}
	}
	// The test would find what it looks for.
	if !holds(s.h.keys.MarshalSecret(), s.h.entropy) {
		t.Fatal("the entropy is not where it should be")
	}
}

// TestClaim6_NoPrivateKeyIsSent: no letter shows a private key of either side,
// and no record prints as more than a placeholder.
func TestClaim6_NoPrivateKeyIsSent(t *testing.T) {
	s := newStory(t).holding()
	traces := [][]byte{s.h.entropy, s.h.listSeed(), s.j.device.MarshalSecret(), s.h.keys.Device.MarshalSecret(), s.j.secrets}
	for _, secret := range [][]byte{s.j.s.rec.ephemeral.MarshalSecret(), s.j.device.MarshalSecret(), s.h.keys.Device.MarshalSecret()} {
		sum := sha512.Sum512(secret)
		traces = append(traces, secret, sum[:32], sum[32:])
	}
	seed := append(bytes.Clone(s.h.entropy), make([]byte, 16)...)
	account := sha512.Sum512(seed)
	traces = append(traces, account[32:], account[1:31])
	s.done = only(t, s.j.must(s.now, s.finish()), KindDone)
	for _, l := range []Letter{s.request, s.challenge, s.reveal, s.grant, s.done} {
		if holds(l.Bytes, traces...) {
			t.Errorf("letter %d shows a private key", l.Kind)
		}
	}
	// Inside the pairwise message the account key is sealed once more, under K.
	if holds(s.granted().Signed, traces...) {
		t.Error("the grant is not sealed")
	}
	r := Record{Bytes: s.j.device.MarshalSecret()}
	code := newCode(s.h.id(), core.EdKey{})
	printed := []byte(fmt.Sprintf("%v %+v %#v %s %v %+v %#v %s", r, r, r, r, code, code, code, code))
	if holds(printed, []byte(fmt.Sprint(r.Bytes)), []byte(fmt.Sprint(code.Secret)), r.Bytes) {
		t.Error("a secret is printed")
	}
}
