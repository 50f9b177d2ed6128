package linking

import (
	"bytes"
	"crypto/sha512"
	"fmt"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/wire"
)

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
