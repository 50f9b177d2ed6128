package identity

import (
	"crypto/ecdh"
	"crypto/rand"
	"testing"
)

// The pairs of RFC 7748 §5.2 and the two sides of §6.1.
func TestX25519Vectors(t *testing.T) {
	for _, c := range []struct{ private, peer, want string }{
		{
			"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
			"e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
			"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
		}, {
			"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
			"e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
			"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957",
		}, {
			"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
			"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
			"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
		}, {
			"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
			"8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
			"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
		},
	} {
		got, err := X25519([32]byte(unhex(t, c.private)), [32]byte(unhex(t, c.peer)))
		if err != nil || got != [32]byte(unhex(t, c.want)) {
			t.Errorf("X25519(%s, %s) = %x, %v, want %s", c.private, c.peer, got, err, c.want)
		}
	}
	for private, want := range map[string]string{
		"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a": "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
		"5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb": "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
	} {
		if got := X25519Public([32]byte(unhex(t, private))); got != [32]byte(unhex(t, want)) {
			t.Errorf("X25519Public(%s) = %x, want %s", private, got, want)
		}
	}
}

// The iterations of RFC 7748 §5.2: the result is the next private key, and the
// last private key the next peer.
func TestX25519Iterations(t *testing.T) {
	want := map[int]string{
		1:    "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079",
		1000: "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51",
	}
	k, u := [32]byte{9}, [32]byte{9}
	for i := 1; i <= 1000; i++ {
		next, err := X25519(k, u)
		if err != nil {
			t.Fatal(err)
		}
		k, u = next, k
		if text, ok := want[i]; ok && k != [32]byte(unhex(t, text)) {
			t.Fatalf("after %d iterations: %x, want %s", i, k, text)
		}
	}
}

// For random keys, whether clamped or not and whether on the curve or on its
// twist, and for the extremes of a private key, it is crypto/ecdh's function.
func TestX25519AgreesWithStandardLibrary(t *testing.T) {
	for i := range 200 {
		var private, peer [32]byte
		rand.Read(private[:])
		rand.Read(peer[:])
		switch i {
		case 0:
			private = [32]byte{}
		case 1:
			for at := range private {
				private[at] = 0xff
			}
		}
		key, public := ecdhKeys(t, private, peer)
		if got := X25519Public(private); got != [32]byte(key.PublicKey().Bytes()) {
			t.Fatalf("X25519Public(%x) = %x, want %x", private, got, key.PublicKey().Bytes())
		}
		want, err := key.ECDH(public)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := X25519(private, peer); err != nil || got != [32]byte(want) {
			t.Fatalf("X25519(%x, %x) = %x, %v, want %x", private, peer, got, err, want)
		}
	}
}

func ecdhKeys(t testing.TB, private, peer [32]byte) (*ecdh.PrivateKey, *ecdh.PublicKey) {
	t.Helper()
	key, err := ecdh.X25519().NewPrivateKey(private[:])
	if err != nil {
		t.Fatal(err)
	}
	public, err := ecdh.X25519().NewPublicKey(peer[:])
	if err != nil {
		t.Fatal(err)
	}
	return key, public
}

// Peers that are no canonical numbers are the numbers modulo p (RFC 7748 §5).
func TestX25519TakesNumbersModuloP(t *testing.T) {
	private := deviceOf(t, 9).private()
	for low := range 17 {
		small, other := [32]byte{byte(low + 2)}, [32]byte{byte(0xed + low + 2)}
		for i := 1; i < 31; i++ {
			other[i] = 0xff
		}
		other[31] = 0x7f
		want, err := X25519(private, small)
		if err != nil {
			t.Fatal(err)
		}
		for _, high := range []byte{0, 0x80} {
			other[31] = other[31]&0x7f | high
			if got, err := X25519(private, other); err != nil || got != want {
				t.Errorf("X25519 of %x = %x, %v, want %x as of %x", other, got, err, want, small)
			}
		}
	}
}

func TestX25519RefusesSmallOrder(t *testing.T) {
	for i, u := range smallOrderX(t) {
		private := deviceOf(t, byte(i)).private()
		if got, err := X25519(private, u); err != ErrKey || got != [32]byte{} {
			t.Errorf("X25519 of %x = %x, %v, want ErrKey", u, got, err)
		}
	}
}

// The first two belong side by side: ours must not be the slower one, neither
// natively nor in the browser.
func BenchmarkX25519(b *testing.B) {
	private, peer := [32]byte{1}, [32]byte{9}
	for b.Loop() {
		if _, err := X25519(private, peer); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkX25519OfStandardLibrary(b *testing.B) {
	private, public := ecdhKeys(b, [32]byte{1}, [32]byte{9})
	for b.Loop() {
		if _, err := private.ECDH(public); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkX25519Public(b *testing.B) {
	private := [32]byte{1}
	for b.Loop() {
		X25519Public(private)
	}
}
