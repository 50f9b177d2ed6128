package ratchet

import "testing"

// The figures to compare with (messages a second, one tab): 661 of Olm in
// wasm, 1,088 of libsignal natively. GOOS=js GOARCH=wasm runs them too.

// BenchmarkPingPong: every message turns the ratchet.
func BenchmarkPingPong(b *testing.B) {
	alice, bob := newTalk(b)
	perSecond(b)
	for b.Loop() {
		bob.opens(alice.write("ping"))
		alice, bob = bob, alice
	}
}

// BenchmarkOneChain: one side talks.
func BenchmarkOneChain(b *testing.B) {
	alice, bob := newTalk(b)
	perSecond(b)
	for b.Loop() {
		bob.opens(alice.write("and another thing"))
	}
}

// BenchmarkSaved is a ping-pong in which every step goes through the store.
func BenchmarkSaved(b *testing.B) {
	alice, bob := newTalk(b)
	perSecond(b)
	for b.Loop() {
		bob.opens(alice.write("ping"))
		alice.reload()
		bob.reload()
		alice, bob = bob, alice
	}
}

// BenchmarkBegin: a bundle, a session, its first message on both sides.
func BenchmarkBegin(b *testing.B) {
	perSecond(b)
	for b.Loop() {
		alice, bob := newPair(b)
		bob.opens(alice.write("hello"))
	}
}

// BenchmarkJump: a message after 2,000 that are missing.
func BenchmarkJump(b *testing.B) {
	alice, bob := newTalk(b)
	last := alice.writeMany(MaxSkip+1, "x")[MaxSkip]
	for b.Loop() {
		if _, err := Open(bob.id, bob.keys, bob.session, last.kind, last.body, start); err != nil {
			b.Fatal(err)
		}
	}
}

func perSecond(b *testing.B) {
	b.Cleanup(func() { b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s") })
}
