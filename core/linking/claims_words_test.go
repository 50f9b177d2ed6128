package linking

import (
	"bytes"
	"crypto/sha256"
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

// At most 16 fresh challenges per opening of the dialog, 12 of them for devices
// that do not know its code.
func TestClaim2_SixteenChallenges(t *testing.T) {
	s := newStory(t)
	for round := 0; round < 2; round++ {
		plain, challenges := 0, 0
		s.h.must(s.now, OpenDialog{})
		for i := 0; i < MaxChallenges+4; i++ {
			s.now += core.Second
			plain += count(s.h.must(s.now, heard(t, s.asker().request)), KindChallenge)
		}
		challenges = plain
		for i := 0; i < MaxChallenges; i++ {
			s.now += core.Second
			challenges += count(s.h.must(s.now, heard(t, s.coder().request)), KindChallenge)
		}
		if plain != MaxChallenges-ProvedChallenges {
			t.Fatalf("%d challenges for devices without the code", plain)
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
		if i >= MaxChallenges-ProvedChallenges {
			a = s.coder()
		}
		if count(s.h.must(s.now, heard(t, a.request)), KindChallenge) != 1 {
			t.Fatalf("challenge %d was not made", i+1)
		}
		s.h.must(s.now, a.byJoiner(KindCancel))
	}
	for _, a := range []*story{s.coder(), s.asker()} {
		if out := s.h.must(s.now, heard(t, a.request)); len(out.Send) != 0 || s.h.state(a.attempt) != Pending {
			t.Fatal("a seventeenth challenge")
		}
		s.h.must(s.now, a.byJoiner(KindCancel))
	}
	s.h.must(s.now, heard(t, s.asker().request))
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
