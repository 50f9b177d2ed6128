package ratchet

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// TestStory is two devices on a bad network: letters are lost, doubled and
// overtake each other, sessions are begun anew in between, both sides reload.
// Every letter that arrives opens exactly once.
func TestStory(t *testing.T) {
	for seed := range uint64(20) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { tellStory(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

func tellStory(t *testing.T, r *rand.Rand) {
	parties := [2]*party{newParty(t), newParty(t)}
	var (
		posts [2][]letter // on the way to each
		old   [2][]letter // opened by each
	)
	for step := range 150 {
		me := r.IntN(2)
		self, peer := parties[me], parties[1-me]
		switch dice := r.IntN(20); {
		case self.session == nil || dice == 0:
			self.begin(peer.keys.Bundle(start, r.IntN(2) == 0))
		case dice == 1:
			self.reload()
		case dice == 2 && len(old[me]) > 0:
			self.dropsSilently(old[me][len(old[me])-1-r.IntN(min(len(old[me]), 8))])
		case dice < 11:
			l := self.write(fmt.Sprintf("%d of %d", step, me))
			if r.IntN(10) < 7 {
				posts[1-me] = append(posts[1-me], l)
			}
		case len(posts[me]) > 0:
			// At most the fourth letter comes first: deeper disorder meets
			// the limits, which have tests of their own.
			at := r.IntN(min(4, len(posts[me])))
			l := posts[me][at]
			posts[me] = append(posts[me][:at], posts[me][at+1:]...)
			self.opens(l)
			old[me] = append(old[me], l)
		}
	}
}

func TestPreKeyMessageIsRepeatedUntilTheFirstReply(t *testing.T) {
	alice, bob := newPair(t)
	early := alice.writeMany(3, "hello?")
	for _, l := range early {
		if l.kind != KindPreKey {
			t.Fatalf("kind %d before any reply", l.kind)
		}
	}
	// Any of them begins the session.
	bob.opens(early[1], early[0])
	reply := bob.write("yes")
	if reply.kind != KindMessage {
		t.Errorf("the responder announces itself: kind %d", reply.kind)
	}
	alice.opens(reply)
	if l := alice.write("good"); l.kind != KindMessage {
		t.Errorf("kind %d after the reply", l.kind)
	}
	bob.opens(early[2])
}

func TestOneTimePreKeyIsConsumed(t *testing.T) {
	alice, bob := newParty(t), newParty(t)
	bundle := bob.keys.Bundle(start, true)
	alice.begin(bundle)
	hello, again := alice.write("hello"), alice.write("again")

	before := bob.saved()
	opened, err := Open(bob.id, bob.keys, nil, hello.kind, hello.body, start)
	if err != nil {
		t.Fatal(err)
	}
	bob.wantSaved(before) // the arguments stay: nothing is lost if saving fails
	if len(bob.keys.oneTime) != 1 || opened.Keys == nil || len(opened.Keys.oneTime) != 0 {
		t.Fatal("the one-time prekey was not taken out of the keys to be saved")
	}
	bob.session, bob.keys = opened.Session, opened.Keys
	bob.opens(again)

	mallory := newParty(t)
	mallory.begin(bundle)
	late := &party{t: t, id: bob.id, keys: bob.keys}
	late.refuses(mallory.write("me too"), ErrNoPreKey)
	late.refuses(hello, ErrNoPreKey)
}

// TestOpenLeavesItsArguments: where saving fails, the session that was given
// goes on as if nothing had come, whatever had.
func TestOpenLeavesItsArguments(t *testing.T) {
	alice, bob := newTalk(t)
	letters := alice.writeMany(4, "x")
	for _, order := range [][]int{{2}, {3, 0}, {1}} { // a new chain, its end, its middle
		for _, i := range order {
			before := bob.saved()
			opened, err := Open(bob.id, bob.keys, bob.session, letters[i].kind, letters[i].body, start)
			if err != nil || opened.Duplicate {
				t.Fatalf("letter %d: %v", i, err)
			}
			bob.wantSaved(before)
			bob.opens(letters[i])
		}
	}
}

func TestReplayOfAPreKeyMessage(t *testing.T) {
	for _, oneTime := range []bool{true, false} {
		t.Run(fmt.Sprintf("one-time prekey %t", oneTime), func(t *testing.T) {
			alice, bob := newParty(t), newParty(t)
			alice.begin(bob.keys.Bundle(start, oneTime))
			hello := alice.write("hello")
			bob.opens(hello)
			bob.dropsSilently(hello)

			// Still, when the session has gone on, when the chain of the message
			// is long retired, and when a newer session took its place.
			for range MaxChains + 1 {
				alice.opens(bob.write("ping"))
				bob.opens(alice.write("pong"))
			}
			bob.dropsSilently(hello)
			bob.begin(alice.keys.Bundle(start, false))
			bob.dropsSilently(hello)
		})
	}
}

// TestReplayUnderAnotherBaseKey adds a point of small order to the base key:
// other bytes that agree on the same secret.
func TestReplayUnderAnotherBaseKey(t *testing.T) {
	alice, bob := newParty(t), newParty(t)
	alice.begin(bob.keys.Bundle(start, false))
	hello := alice.write("hello")
	bob.opens(hello)

	forged, err := parsePreKeyMessage(hello.body)
	if err != nil {
		t.Fatal(err)
	}
	forged.base = addSmallOrder(t, forged.base)
	replay := letter{"hello", KindPreKey, forged.marshal()}
	fresh := &party{t: t, id: bob.id, keys: bob.keys}
	fresh.opens(replay) // it does agree on the same
	bob.dropsSilently(replay)
}

// addSmallOrder adds the point of order 2, (0, -1), to an X25519 public key.
func addSmallOrder(t *testing.T, u [32]byte) [32]byte {
	t.Helper()
	x, err := new(field.Element).SetBytes(u[:])
	if err != nil {
		t.Fatal(err)
	}
	one := new(field.Element).One()
	y := new(field.Element).Subtract(x, one)
	y.Multiply(y, new(field.Element).Invert(new(field.Element).Add(x, one)))
	p, err := new(edwards25519.Point).SetBytes(y.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	minusOne := new(field.Element).Negate(one)
	order2, err := new(edwards25519.Point).SetBytes(minusOne.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(p.Add(p, order2).BytesMontgomery())
}

// TestSimultaneousInitiation: each begins with the other, their first letters
// cross. Both open; one letter that crosses no other unites them.
func TestSimultaneousInitiation(t *testing.T) {
	alice, bob := newParty(t), newParty(t)
	alice.begin(bob.keys.Bundle(start, true))
	bob.begin(alice.keys.Bundle(start, true))

	fromAlice, fromBob := alice.write("me first"), bob.write("no, me")
	alice.opens(fromBob)
	bob.opens(fromAlice)
	// Each now answers in the session of the other, and again they cross.
	fromAlice, fromBob = alice.write("after you"), bob.write("please")
	alice.opens(fromBob)
	bob.opens(fromAlice)

	bob.opens(alice.write("well then"))
	if alice.session.states[0].base != bob.session.states[0].base {
		t.Fatal("the active states differ after a letter that crossed none")
	}
	if len(alice.session.states) != 2 || len(bob.session.states) != 2 {
		t.Fatalf("states: %d and %d, want 2", len(alice.session.states), len(bob.session.states))
	}
	base := alice.session.states[0].base
	for range 3 {
		alice.opens(bob.write("a"))
		bob.opens(alice.write("b"))
	}
	if alice.session.states[0].base != base || bob.session.states[0].base != base {
		t.Fatal("the session changed again")
	}
}

// TestActiveIsTheLastThatOpened: a letter of an archived state makes it active.
func TestActiveIsTheLastThatOpened(t *testing.T) {
	alice, bob := newTalk(t)
	first := alice.session.states[0].base
	late := bob.write("sent before the new session")
	alice.begin(bob.keys.Bundle(start, false))
	if alice.session.states[0].base == first {
		t.Fatal("a new session is not active")
	}
	alice.opens(late)
	if alice.session.states[0].base != first {
		t.Fatal("the state that opened last is not active")
	}
	bob.opens(alice.write("back in the old one"))
}

// TestDamagedLetters changes every byte of a letter in turn. None of the copies
// opens, none changes anything, and then the letter itself opens.
func TestDamagedLetters(t *testing.T) {
	alice, bob := newPair(t)
	hello := alice.write("hello")
	damageEach(t, bob, hello, func(m []byte) { unprotected(t, hello, m) })
	bob.opens(hello)
	alice.opens(bob.write("hi"))
	second := alice.write("how are you?")
	damageEach(t, bob, second, nil)
	bob.opens(second)
}

func damageEach(t *testing.T, p *party, l letter, opened func(changed []byte)) {
	t.Helper()
	for at := range l.body {
		changed := append([]byte{}, l.body...)
		changed[at] ^= 1
		before := p.saved()
		got, err := Open(p.id, p.keys, p.session, l.kind, changed, start)
		switch {
		case err == nil && opened != nil:
			opened(changed)
		case err == nil:
			t.Fatalf("opened %q with byte %d changed", got.Plain, at)
		}
		p.wantSaved(before)
	}
}

// unprotected: the registration id is the one field of a prekey message that
// the secret does not depend on, and that means nothing here.
func unprotected(t *testing.T, l letter, changed []byte) {
	t.Helper()
	a, errA := parsePreKeyMessage(l.body)
	b, errB := parsePreKeyMessage(changed)
	if errA != nil || errB != nil || a.registration == b.registration {
		t.Fatal("a changed prekey message opened")
	}
}

func TestSessionsAreBetweenTwoIdentities(t *testing.T) {
	alice, bob := newTalk(t)
	carol := newParty(t)

	if bob.session.Peer() != alice.id.ID() || alice.session.Peer() != bob.id.ID() {
		t.Error("Peer is not the identity at the other end")
	}
	if _, err := Initiate(carol.id, carol.keys.Bundle(start, true), start); !errors.Is(err, ErrIdentity) {
		t.Errorf("a session with oneself: %v", err)
	}
	if _, err := bob.session.Renew(bob.id, carol.keys.Bundle(start, true), start); !errors.Is(err, ErrIdentity) {
		t.Errorf("another's bundle for this session: %v", err)
	}
	carol.begin(bob.keys.Bundle(start, true))
	bob.refuses(carol.write("I am Alice"), ErrIdentity)

	// A device key that was replaced does not go on with the old sessions.
	stolen := &party{t: t, id: carol.id, keys: carol.keys, session: bob.session}
	stolen.refuses(alice.write("for Bob"), ErrIdentity)

	nobody := newParty(t)
	nobody.refuses(alice.write("what session?"), ErrNoSession)
	nobody.refuses(letter{kind: 9, body: alice.write("what kind?").body}, ErrForm)
}

// TestSmallOrderKeys: keys that agree on zero with everybody are refused
// wherever the peer names one.
func TestSmallOrderKeys(t *testing.T) {
	alice, bob := newPair(t)
	hello := alice.write("hello")
	for name, low := range map[string][32]byte{"0": {}, "1": {1}} {
		outer, err := parsePreKeyMessage(hello.body)
		if err != nil {
			t.Fatal(err)
		}
		outer.base = low
		bob.refuses(letter{"base key " + name, KindPreKey, outer.marshal()}, ErrKey)

		state := bob.stateWith(t, hello)
		m := message{ratchet: low, body: make([]byte, 16)}
		body := m.marshal(keysOf([32]byte{}), alice.id.PublicKey(), bob.id.PublicKey())
		state.refuses(letter{"ratchet key " + name, KindMessage, body}, ErrKey)

		bundle := bob.keys.Bundle(start, true)
		bundle.OneTime = low
		if _, err := Initiate(alice.id, bundle, start); !errors.Is(err, ErrKey) {
			t.Errorf("one-time prekey %s: %v", name, err)
		}
		bundle = bob.keys.Bundle(start, false)
		bundle.Signed, bundle.Signature = low, bob.id.XEdSign(encodeKey(low))
		if _, err := Initiate(alice.id, bundle, start); !errors.Is(err, ErrKey) {
			t.Errorf("signed prekey %s: %v", name, err)
		}
	}
}

// stateWith is p after it opened l, and p itself stays.
func (p *party) stateWith(t *testing.T, l letter) *party {
	t.Helper()
	after := *p
	after.opens(l)
	return &after
}

func TestStale(t *testing.T) {
	alice, bob := newPair(t)
	if alice.session.Stale(start+StaleAfter) || !alice.session.Stale(start+StaleAfter+1) {
		t.Error("an unanswered session is stale after 21 days, not before")
	}
	bob.opens(alice.write("hello"))
	alice.opens(bob.write("hi"))
	if alice.session.Stale(start+1000*StaleAfter) || bob.session.Stale(start+1000*StaleAfter) {
		t.Error("a session that was answered is stale")
	}
}

// What a session could not open is worth another try once it has the chain, and once
// the message is near enough in it.
func TestReaches(t *testing.T) {
	alice, bob := newPair(t)
	reaches := func(p *party, l letter) bool {
		t.Helper()
		place, err := PlaceOf(l.kind, l.body)
		if err != nil {
			t.Fatal(err)
		}
		return p.session.Reaches(place)
	}
	bob.opens(alice.write("hello"))
	if late := alice.write("of the same chain, as a prekey message"); !reaches(bob, late) {
		t.Error("a known chain is not reached")
	}
	alice.opens(bob.write("hi"))
	letters := alice.writeMany(MaxSkip+3, "far")
	last := letters[len(letters)-1]
	if reaches(bob, letters[0]) {
		t.Error("a chain is reached that nobody has")
	}
	bob.opens(letters[0])
	if !reaches(bob, letters[1]) || !reaches(bob, letters[MaxSkip+1]) || reaches(bob, last) {
		t.Error("the session reaches less far than it opens, or farther")
	}
	if _, err := bob.open(last); !errors.Is(err, ErrTooFar) {
		t.Errorf("too far: %v", err)
	}
	bob.opens(letters[100])
	if !reaches(bob, last) || !reaches(bob, letters[1]) {
		t.Error("a message is nearer now, another skipped, and they are not reached")
	}
	bob.opens(last)

	for _, kind := range []Kind{KindMessage, KindPreKey} {
		if _, err := PlaceOf(kind, last.body[1:]); !errors.Is(err, ErrForm) {
			t.Errorf("the place of no message is %v", err)
		}
	}
}

// TestSecretsDoNotPrint looks for key bytes in what fmt and JSON make of the
// types here.
func TestSecretsDoNotPrint(t *testing.T) {
	alice, bob := newPair(t)
	opened, err := bob.open(alice.write("hello"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "[secret]"
	for _, v := range []any{alice.session, bob.keys, bob.keys.signed[0].pair} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			if got := fmt.Sprintf(verb, v); got != want {
				t.Errorf("%T prints %q by %s", v, got, verb)
			}
		}
	}
	if got := fmt.Sprintf("%v %#v", opened, opened); got != "{duplicate: false} {duplicate: false}" {
		t.Errorf("Opened prints %q", got)
	}
}
