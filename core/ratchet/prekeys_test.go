package ratchet

import (
	"errors"
	"testing"

	"tandem/core"
)

func TestSignedPreKeysRotateWeekly(t *testing.T) {
	p := newParty(t)
	first := p.keys.Bundle(start, false).SignedID
	for _, step := range []struct {
		after   core.Millis
		changed bool
	}{
		{0, false},
		{RotateAfter - 1, false},
		{RotateAfter, true},
		{RotateAfter + 1, false},
		{2*RotateAfter - 1, false},
		{2 * RotateAfter, true},
	} {
		changed, err := p.keys.Rotate(start+step.after, p.id)
		if err != nil || changed != step.changed {
			t.Errorf("after %d days: changed %t, %v", step.after/core.Day, changed, err)
		}
	}
	if len(p.keys.signed) != 3 || p.keys.Bundle(start, false).SignedID == first {
		t.Errorf("%d signed prekeys; the first is still given away", len(p.keys.signed))
	}
	if _, err := p.keys.Rotate(start, newParty(t).id); !errors.Is(err, ErrIdentity) {
		t.Errorf("rotated by another identity: %v", err)
	}
}

// TestPreKeysAnswerFor42Days: the session begins until the last millisecond,
// whether or not the keys were rotated meanwhile.
func TestPreKeysAnswerFor42Days(t *testing.T) {
	for _, oneTime := range []bool{false, true} {
		alice, bob := newParty(t), newParty(t)
		alice.begin(bob.keys.Bundle(start, oneTime))
		hello := alice.write("hello")
		for day := core.Millis(0); day <= 42; day++ {
			if _, err := bob.keys.Rotate(start+day*core.Day, bob.id); err != nil {
				t.Fatal(err)
			}
		}
		bob.reload()
		if _, err := Open(bob.id, bob.keys, nil, hello.kind, hello.body, start+KeepFor); err != nil {
			t.Errorf("one-time %t, after 42 days: %v", oneTime, err)
		}
		if _, err := Open(bob.id, bob.keys, nil, hello.kind, hello.body, start+KeepFor+1); !errors.Is(err, ErrNoPreKey) {
			t.Errorf("one-time %t, later: %v", oneTime, err)
		}
		if changed, err := bob.keys.Rotate(start+KeepFor+1, bob.id); err != nil || !changed {
			t.Errorf("expired keys were not dropped: %v", err)
		}
		if _, err := Open(bob.id, bob.keys, nil, hello.kind, hello.body, start); !errors.Is(err, ErrNoPreKey) {
			t.Errorf("one-time %t, dropped: %v", oneTime, err)
		}
		if len(bob.keys.signed) != 6 || len(bob.keys.oneTime) != 0 {
			t.Errorf("%d signed and %d one-time prekeys are left", len(bob.keys.signed), len(bob.keys.oneTime))
		}
	}
}

// TestOneTimePreKeyExpires separately from the signed one in the same bundle.
func TestOneTimePreKeyExpires(t *testing.T) {
	alice, bob := newParty(t), newParty(t)
	alice.begin(bob.keys.Bundle(start-core.Day, true))
	hello := alice.write("hello")
	if _, err := Open(bob.id, bob.keys, nil, hello.kind, hello.body, start+KeepFor); !errors.Is(err, ErrNoPreKey) {
		t.Errorf("error %v", err)
	}
}

// TestRotateAfterAWrongClock: keys from the future are taken to be of now, so
// that they do not outlive everything.
func TestRotateAfterAWrongClock(t *testing.T) {
	p := newParty(t)
	early := start - 1000*core.Day
	p.keys.Bundle(start, true)
	if changed, err := p.keys.Rotate(early, p.id); err != nil || !changed {
		t.Fatalf("changed %t, %v", changed, err)
	}
	if changed, err := p.keys.Rotate(early+RotateAfter, p.id); err != nil || !changed {
		t.Errorf("not rotated a week later: %v", err)
	}
	if _, err := p.keys.Rotate(early+KeepFor+1, p.id); err != nil {
		t.Fatal(err)
	}
	if len(p.keys.oneTime) != 0 {
		t.Error("a one-time prekey from the future is kept for ever")
	}
}

// TestPreKeysAreBounded: as many as the parser takes, and the oldest go.
func TestPreKeysAreBounded(t *testing.T) {
	p := newParty(t)
	first := p.keys.Bundle(start, true)
	second := p.keys.Bundle(start, true)
	for range MaxOneTime - 1 {
		p.keys.oneTime = append(p.keys.oneTime, oneTimePreKey{id: p.keys.freshID(), created: start})
	}
	p.keys.oneTime = p.keys.oneTime[:MaxOneTime]
	last := p.keys.Bundle(start, true)
	// A clock that goes to and fro makes more signed prekeys than weeks went by.
	for range 2 * maxSigned {
		for _, now := range []core.Millis{start, start + RotateAfter} {
			if _, err := p.keys.Rotate(now, p.id); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.reload()
	if len(p.keys.oneTime) != MaxOneTime || len(p.keys.signed) != maxSigned {
		t.Fatalf("%d one-time and %d signed prekeys", len(p.keys.oneTime), len(p.keys.signed))
	}
	if p.keys.hasID(first.OneTimeID) || !p.keys.hasID(second.OneTimeID) || !p.keys.hasID(last.OneTimeID) {
		t.Error("not the oldest was dropped")
	}
}

func TestPreKeyIDsFitLibsignal(t *testing.T) {
	p := newParty(t)
	seen := map[uint32]bool{p.keys.newest().id: true}
	for range 500 {
		id := p.keys.Bundle(start, true).OneTimeID
		if id == 0 || id >= idMask || seen[id] {
			t.Fatalf("id %d", id)
		}
		seen[id] = true
	}
}
