package ratchet

import (
	"errors"
	"testing"
)

func TestJumpOf2000(t *testing.T) {
	alice, bob := newTalk(t)
	letters := alice.writeMany(MaxSkip+2, "x")
	bob.refuses(letters[MaxSkip+1], ErrTooFar)
	bob.opens(letters[MaxSkip])
	if got := len(bob.session.states[0].receiving[1].skipped); got != MaxSkip {
		t.Errorf("%d skipped keys, want %d", got, MaxSkip)
	}
	bob.reload()
	// All 2,000 open late, in any order; then there is nothing left to skip.
	for i := range MaxSkip {
		bob.opens(letters[(i*7)%MaxSkip])
	}
	bob.opens(letters[MaxSkip+1])
	bob.dropsSilently(letters[17])
}

// TestJumpOf2000ByThePreKeyMessage is the same limit before any session.
func TestJumpOf2000ByThePreKeyMessage(t *testing.T) {
	alice, bob := newPair(t)
	letters := alice.writeMany(MaxSkip+2, "x")
	bob.refuses(letters[MaxSkip+1], ErrTooFar)
	bob.opens(letters[MaxSkip], letters[MaxSkip+1], letters[0])
}

// TestSkippedKeysOfAChain: 2,000 are kept; one more pushes out the oldest.
func TestSkippedKeysOfAChain(t *testing.T) {
	alice, bob := newTalk(t)
	letters := alice.writeMany(MaxSkip+3, "x")
	bob.opens(letters[MaxSkip]) // keeps 0 … 1999
	bob.opens(letters[MaxSkip+2])
	if got := len(bob.session.states[0].receiving[1].skipped); got != MaxSkip {
		t.Fatalf("%d skipped keys, want %d", got, MaxSkip)
	}
	bob.reload()
	bob.dropsSilently(letters[0])
	bob.opens(letters[1], letters[MaxSkip+1], letters[MaxSkip-1])
}

// TestFiveChains: a letter may be four turns late, not five.
func TestFiveChains(t *testing.T) {
	for _, turns := range []int{MaxChains - 1, MaxChains} {
		alice, bob := newTalk(t)
		late, seen := alice.write("late"), alice.write("seen")
		bob.opens(seen)
		for range turns {
			alice.opens(bob.write("ping"))
			bob.opens(alice.write("pong"))
		}
		bob.reload()
		if got := len(bob.session.states[0].receiving); got != min(turns+2, MaxChains) {
			t.Errorf("%d chains after %d turns", got, turns)
		}
		if turns < MaxChains {
			bob.dropsSilently(seen)
			bob.opens(late)
			continue
		}
		// What is missing from a chain that is gone cannot be told from what came.
		bob.refuses(late, ErrNoState)
		bob.refuses(seen, ErrNoState)
	}
}

// TestRetiredChains: of chains on which nothing is missing, letters that come
// again are known as such for 64 turns more, and those after the end are not.
func TestRetiredChains(t *testing.T) {
	alice, bob := newTalk(t)
	seen, after := alice.write("seen"), alice.write("after")
	bob.opens(seen)
	turn := func() {
		alice.opens(bob.write("ping"))
		bob.opens(alice.write("pong"))
	}
	for range MaxChains {
		turn()
	}
	bob.reload()
	bob.dropsSilently(seen)
	bob.refuses(after, ErrNoState)
	for range maxRetired - 1 {
		turn()
	}
	bob.reload()
	bob.dropsSilently(seen)
	turn()
	bob.refuses(seen, ErrNoState)
}

// TestFortyArchivedStates: with the 41st archived the least recently used goes.
func TestFortyArchivedStates(t *testing.T) {
	alice, bob := newTalk(t)
	inFirst := bob.write("in the first")
	renewed := func() letter {
		bob.begin(alice.keys.Bundle(start, false))
		l := bob.write("in the next")
		alice.opens(l)
		return l
	}
	inSecond := renewed()
	for range MaxArchived - 1 {
		renewed()
	}
	alice.reload()
	if got := len(alice.session.states); got != 1+MaxArchived {
		t.Fatalf("%d states, want %d", got, 1+MaxArchived)
	}
	alice.opens(inFirst) // the 40th archived is still there, now it is active
	renewed()
	if got := len(alice.session.states); got != 1+MaxArchived {
		t.Fatalf("%d states, want %d", got, 1+MaxArchived)
	}
	// The second state was the least recently used. That it is forgotten shows in
	// that its message, which asks for no one-time prekey, begins it once more.
	alice.opens(inSecond)
}

func TestLongMessages(t *testing.T) {
	alice, bob := newPair(t)
	longest := alice.write(string(make([]byte, MaxPlain)))
	if len(longest.body) > MaxMessage {
		t.Fatalf("%d bytes, more than the network takes", len(longest.body))
	}
	bob.opens(longest, alice.write(""))
	before := alice.saved()
	if _, _, err := alice.session.Encrypt(make([]byte, MaxPlain+1)); !errors.Is(err, ErrSize) {
		t.Errorf("error %v", err)
	}
	alice.wantSaved(before)
	bob.refuses(letter{"a longer one", KindMessage, make([]byte, MaxMessage+1)}, ErrForm)
}

func TestChainsEndBeforeTheyComeAround(t *testing.T) {
	alice, bob := newTalk(t)
	last := *alice.session.states[0]
	last.sendKey.index = lastCounter
	alice.session.states[0] = &last
	bob.refuses(alice.write("far ahead"), ErrTooFar)
	if _, _, err := alice.session.Encrypt(nil); !errors.Is(err, ErrNoSession) {
		t.Errorf("after the last number: %v", err)
	}
}

// TestRetireKeepsOtherCopies: two steps from one saved state share no memory
// that either writes.
func TestRetireKeepsOtherCopies(t *testing.T) {
	saved := state{retired: make([]numbered, 1, 4)}
	first, second := saved, saved
	first.retire(receiving{ratchet: [32]byte{1}})
	second.retire(receiving{ratchet: [32]byte{2}})
	if first.retired[1].key != [32]byte{1} || second.retired[1].key != [32]byte{2} {
		t.Error("one step wrote over the other")
	}
}
