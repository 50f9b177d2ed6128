package linking

import (
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

func TestCodeSurvivesText(t *testing.T) {
	h := newHouse(t)
	c := newCode(h.id(), h.root.ListKey().Ed())
	text := c.Encode()
	if !strings.HasPrefix(text, "tandem-link:") || len(text) != len("tandem-link:")+88 {
		t.Fatalf("a code of %d characters", len(text))
	}
	got, err := ParseCode("\n  " + text + " \t")
	if err != nil || got != c {
		t.Fatalf("another code: %v", err)
	}
	for name, bad := range map[string]string{
		"nothing":          "",
		"a public key":     h.id().Hex(),
		"no prefix":        text[len("tandem-link:"):],
		"one short":        text[:len(text)-1],
		"one long":         text + "A",
		"in two lines":     text[:40] + "\n" + text[40:],
		"another alphabet": text[:20] + "+" + text[21:],
		"a later version":  "tandem-link:Ag" + text[len("tandem-link:")+2:],
		"no account id":    "tandem-link:AQA" + text[len("tandem-link:")+3:],
	} {
		if _, err := ParseCode(bad); err != ErrCode {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// coded is a story that begins with the link code of the open dialog.
func coded(t *testing.T) (*story, Code) {
	t.Helper()
	s := newStory(t)
	s.h.must(s.now, OpenDialog{})
	code, err := ParseCode(s.h.p.View(s.now).Code)
	if err != nil {
		t.Fatal(err)
	}
	s.request = only(t, s.j.must(s.now, s.j.link(core.ID{}, &code)), KindRequest)
	s.attempt = s.request.Attempt
	if s.j.s.View().Account != s.h.id() {
		t.Fatal("the code names another account")
	}
	return s, code
}

func TestLinkByCode(t *testing.T) {
	s, code := coded(t)
	s.j.reload()
	s.challenge = only(t, s.h.must(s.now, heard(t, s.request)), KindChallenge)
	d := s.h.p.View(s.now)
	if !d.Askers[0].Proved || d.Code == code.Encode() {
		t.Fatal("the code was not used up")
	}
	reveal := only(t, s.j.must(s.now, heard(t, s.challenge)), KindReveal)
	s.h.must(s.now, heard(t, reveal))
	if !s.sameWords() {
		t.Fatal("the words are not shown with a code")
	}
}

// A challenge without proof_P, or with another list key, is refused: the
// device goes on asking, and the right one still counts.
func TestCodeRefusesOtherChallenges(t *testing.T) {
	s, _ := coded(t)
	thief := identity.NewDevice()
	key := thief.Ed()
	for name, in := range map[string]Heard{
		"no proof": s.forgeChallenge(nil),
		"another list key": s.forgeChallenge(func(c *challenge) {
			c.listKey = key
			c.listKeySig = s.h.keys.Shared.Account.Sign(append([]byte(domainListKey+"\x00"), key[:]...))
		}),
	} {
		if out := s.j.must(s.now, in); len(out.Send) != 0 || s.j.s.View().Stage != Asking {
			t.Errorf("%s: accepted", name)
		}
	}
	// A proof for another challenge is none for this one.
	other, _ := coded(t)
	proof, err := readChallenge(only(t, other.h.must(other.now, heard(t, other.request)), KindChallenge).Bytes)
	if err != nil {
		t.Fatal(err)
	}
	c, err := readChallenge(s.forgeChallenge(nil).Signed)
	if err != nil {
		t.Fatal(err)
	}
	c.signed.Proof = proof.signed.Proof
	if s.j.must(s.now, Heard{Kind: KindChallenge, Signed: c.signed.Marshal()}); s.j.s.View().Stage != Asking {
		t.Error("a proof for another challenge was accepted")
	}
	s.challenge = only(t, s.h.must(s.now, heard(t, s.request)), KindChallenge)
	only(t, s.j.must(s.now, heard(t, s.challenge)), KindReveal)
	// From then on a challenge without proof is noise, not other bytes.
	s.j.must(s.now, s.forgeChallenge(nil))
	if s.j.s.View().Stage != Revealed {
		t.Error("somebody without the code ended the attempt")
	}
}

// A code is for one device and one opening of the dialog.
func TestCodeIsUsedOnce(t *testing.T) {
	s, code := coded(t)
	second := &story{t: t, h: s.h, j: newJoiner(t), now: s.now}
	second.request = only(t, second.j.must(s.now, second.j.link(core.ID{}, &code)), KindRequest)
	only(t, s.h.must(s.now, heard(t, s.request)), KindChallenge)
	late := only(t, s.h.must(s.now, heard(t, second.request)), KindChallenge)
	if second.j.must(s.now, heard(t, late)); second.j.s.View().Stage != Asking {
		t.Error("one code for two devices")
	}

	s, _ = coded(t)
	s.h.must(s.now, CloseDialog{})
	s.h.must(s.now, heard(t, s.request))
	s.challenge = only(t, s.h.must(s.now, OpenDialog{}), KindChallenge)
	if s.h.p.View(s.now).Askers[0].Proved {
		t.Error("the code of a dialog that was closed still counts")
	}
	if s.j.must(s.now, heard(t, s.challenge)); s.j.s.View().Stage != Asking {
		t.Error("a challenge without proof was taken")
	}
}

// Nor does it count when the request waited because the opening had no more
// challenges, and the next opening shows a fresh code that is not used up.
func TestCodeOfTheOpeningBefore(t *testing.T) {
	s := newStory(t)
	s.h.must(s.now, OpenDialog{})
	for i := 0; i < MaxChallenges; i++ {
		a := s.asker()
		if i >= MaxChallenges-ProvedChallenges {
			a = s.coder()
		}
		s.h.must(s.now, heard(t, a.request))
		s.h.must(s.now, a.byJoiner(KindCancel))
	}
	s.h.must(s.now, heard(t, s.coder().request))
	if d := s.h.p.View(s.now); len(d.Askers) != 1 || !d.Askers[0].Proved || d.Askers[0].State != Pending {
		t.Fatal("the request with the code does not wait")
	}
	s.h.must(s.now, CloseDialog{})
	s.h.must(s.now, OpenDialog{})
	if d := s.h.p.View(s.now); d.Askers[0].Proved || d.Askers[0].State != Challenged {
		t.Fatal("an old code counts as the new one")
	}
}

func FuzzParseCode(f *testing.F) {
	h := newHouse(f)
	f.Add(newCode(h.id(), h.root.ListKey().Ed()).Encode())
	f.Add("tandem-link:")
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := ParseCode(text)
		if err == nil && c.Encode() != strings.TrimSpace(text) {
			t.Fatal("two texts for one code")
		}
	})
}
