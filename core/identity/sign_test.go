package identity

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"filippo.io/edwards25519"

	"tandem/core"
)

func TestVerifyRefusesEveryChange(t *testing.T) {
	d, message := deviceOf(t, 7), []byte("a message")
	signature := d.Sign(message)
	if Verify(deviceOf(t, 8).Ed(), message, signature) {
		t.Error("another key verifies")
	}
	if Verify(d.Ed(), message[1:], signature) || Verify(d.Ed(), nil, signature) {
		t.Error("another message verifies")
	}
	for i := range signature {
		changed := bytes.Clone(signature)
		changed[i] ^= 1
		if Verify(d.Ed(), message, changed) {
			t.Errorf("byte %d may change", i)
		}
	}
	for _, wrong := range [][]byte{nil, {}, signature[:63], append(bytes.Clone(signature), 0)} {
		if Verify(d.Ed(), message, wrong) {
			t.Errorf("a signature of %d bytes verifies", len(wrong))
		}
	}
}

// A key of small order makes R = s·B a signature of every message, and the
// standard library says yes to it.
func TestVerifyRefusesKeysOfSmallOrder(t *testing.T) {
	anyone, message := deviceOf(t, 9), []byte("signed by nobody")
	forged := append(edBytes(anyone.Ed()), anyone.scalar().Bytes()...)
	neutral := core.EdKey{1}
	if !ed25519.Verify(neutral[:], message, forged) {
		t.Fatal("the forgery is not one: the test is wrong")
	}
	if Verify(neutral, message, forged) {
		t.Error("Verify accepts a forgery under the neutral element")
	}
	for _, key := range smallOrderEd(t) {
		if Verify(key, message, forged) {
			t.Errorf("Verify accepts a forgery under %s", key.Hex())
		}
	}
}

func TestXEdSign(t *testing.T) {
	signs := map[byte]int{}
	for i := range 16 {
		d, message := deviceOf(t, byte(i)), []byte{5, byte(i)}
		first, second := d.XEdSign(message), d.XEdSign(message)
		if first == second {
			t.Error("two signatures are equal: the nonce is not hedged with randomness")
		}
		signs[first[63]&0x80]++
		if first[63]&0x80 != d.Ed()[31]&0x80 {
			t.Error("the sign bit of the Edwards key is not in the signature")
		}
		for _, s := range [][64]byte{first, second} {
			if !XEdVerify(d.PublicKey(), message, s[:]) {
				t.Errorf("seed %d: own signature refused", i)
			}
		}
		if XEdVerify(deviceOf(t, byte(i+1)).PublicKey(), message, first[:]) {
			t.Errorf("seed %d: another key verifies", i)
		}
		for at := range first {
			if i > 0 && at != 63 {
				continue // one key is enough for what has nothing to do with the sign
			}
			changed := first
			changed[at] ^= 0x80
			if XEdVerify(d.PublicKey(), message, changed[:]) {
				t.Errorf("seed %d: byte %d may change", i, at)
			}
		}
	}
	if len(signs) != 2 {
		t.Errorf("the 16 keys have one sign: %v", signs)
	}
}

// Other encodings of u would be other IDs of one key, and small order has no
// owner.
func TestXEdVerifyRefusesOtherEncodings(t *testing.T) {
	d, message := deviceOf(t, 3), []byte("prekey")
	signature := d.XEdSign(message)
	high := d.PublicKey()
	high[31] |= 0x80
	if XEdVerify(high, message, signature[:]) {
		t.Error("the highest bit of the key is ignored")
	}
	for _, u := range smallOrderX(t) {
		forged := append(edBytes(d.Ed()), d.scalar().Bytes()...)
		for range 2 {
			if XEdVerify(u, message, forged) {
				t.Errorf("a forgery under %x verifies", u)
			}
			forged[63] |= 0x80
		}
	}
}

func TestAgree(t *testing.T) {
	a, b, account := deviceOf(t, 1), deviceOf(t, 2), rootOf(t, "00112233445566778899aabbccddeeff").Account()
	e := NewEphemeral()
	type party interface {
		Agree([32]byte) ([32]byte, error)
	}
	keys := []struct {
		party
		public [32]byte
	}{{a, a.PublicKey()}, {b, b.PublicKey()}, {account, account.PublicKey()}, {e, e.Public()}}
	seen := map[[32]byte]bool{}
	for i, x := range keys {
		for _, y := range keys[:i] {
			one, err := x.Agree(y.public)
			if err != nil {
				t.Fatal(err)
			}
			other, err := y.Agree(x.public)
			if err != nil || one != other {
				t.Errorf("the two sides differ: %v", err)
			}
			if one == [32]byte{} || seen[one] {
				t.Error("secrets are not different")
			}
			seen[one] = true
		}
		for _, u := range smallOrderX(t) {
			if got, err := x.Agree(u); err != ErrKey || got != [32]byte{} {
				t.Errorf("Agree(%x) = %x, %v, want ErrKey", u, got, err)
			}
		}
	}
}

func TestX25519FromEdRefuses(t *testing.T) {
	for _, key := range smallOrderEd(t) {
		if _, err := X25519FromEd(key); err != ErrKey {
			t.Errorf("X25519FromEd(%s): %v, want ErrKey", key.Hex(), err)
		}
	}
	refused := 0
	for low := range 19 {
		// y = p + low: the second encoding of y = low.
		other := core.EdKey{byte(0xed + low)}
		for i := 1; i < 31; i++ {
			other[i] = 0xff
		}
		other[31] = 0x7f
		for range 2 {
			if _, err := X25519FromEd(other); err != ErrKey {
				t.Errorf("X25519FromEd(%s): %v, want ErrKey", other.Hex(), err)
			}
			if _, err := new(edwards25519.Point).SetBytes(other[:]); err == nil {
				refused++
			}
			other[31] |= 0x80
		}
	}
	if refused < 8 {
		t.Errorf("only %d of the encodings are points at all", refused)
	}
	// y = 2 is on no point of the curve.
	if _, err := X25519FromEd(core.EdKey{2}); err != ErrKey {
		t.Errorf("no point: %v, want ErrKey", err)
	}
}

// libsodium's conversion refuses points outside the prime-order group.
func TestIDFromEdRefusesMixedOrder(t *testing.T) {
	d := deviceOf(t, 5)
	own := point(t, d.Ed())
	for _, key := range smallOrderEd(t) {
		low := point(t, key)
		if low.Equal(edwards25519.NewIdentityPoint()) == 1 {
			continue
		}
		mixed := core.EdKey(new(edwards25519.Point).Add(own, low).Bytes())
		if id, err := IDFromEd(mixed); err != ErrKey || !id.IsZero() {
			t.Errorf("key + %s: %v, want ErrKey", key.Hex(), err)
		}
		if Matches(d.ID(), mixed) {
			t.Errorf("key + %s matches the ID", key.Hex())
		}
	}
	if !Matches(d.ID(), d.Ed()) || Matches(deviceOf(t, 6).ID(), d.Ed()) || Matches(core.ID{}, core.EdKey{1}) {
		t.Error("Matches is wrong about plain keys")
	}
}

func point(t *testing.T, key core.EdKey) *edwards25519.Point {
	t.Helper()
	p, err := new(edwards25519.Point).SetBytes(key[:])
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// smallOrderEd is every encoding of a point of order 1, 2, 4 or 8 that decodes.
func smallOrderEd(t *testing.T) []core.EdKey {
	t.Helper()
	var out []core.EdKey
	for _, y := range []string{
		"0100000000000000000000000000000000000000000000000000000000000000",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"0000000000000000000000000000000000000000000000000000000000000000",
		"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
		"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		key := core.EdKey(unhex(t, y))
		for _, sign := range []byte{0, 0x80} {
			key[31] = key[31]&0x7f | sign
			p := point(t, key)
			if p.MultByCofactor(p).Equal(edwards25519.NewIdentityPoint()) != 1 {
				t.Fatalf("%s has no small order", key.Hex())
			}
			out = append(out, key)
		}
	}
	return out
}

// smallOrderX is every encoding of a u of small order, on the curve or its
// twist.
func smallOrderX(t *testing.T) [][32]byte {
	t.Helper()
	var out [][32]byte
	for _, u := range []string{
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	} {
		key := [32]byte(unhex(t, u))
		for _, high := range []byte{0, 0x80} {
			key[31] = key[31]&0x7f | high
			out = append(out, key)
		}
	}
	return out
}
