package identity

import (
	"bytes"
	"crypto/rand"
	"testing"

	"golang.org/x/crypto/nacl/box"

	"tandem/core"
)

func TestBoxRoundTrip(t *testing.T) {
	d, other := deviceOf(t, 1), deviceOf(t, 2)
	for _, plain := range [][]byte{{}, []byte("x"), bytes.Repeat([]byte("long"), 500)} {
		sealed := SealBox(d.ID(), plain)
		got, err := d.OpenBox(sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Errorf("OpenBox = %d bytes, %v", len(got), err)
		}
		if _, err := other.OpenBox(sealed); err != ErrOpen {
			t.Errorf("another key: %v, want ErrOpen", err)
		}
		for i := range sealed[:min(len(sealed), 64)] {
			if len(plain) != 1 && i%16 != 0 {
				continue // each byte once, some in every box
			}
			changed := bytes.Clone(sealed)
			changed[i] ^= 1
			if _, err := d.OpenBox(changed); err != ErrOpen {
				t.Errorf("byte %d may change: %v", i, err)
			}
		}
		for n := range min(len(sealed), 52) {
			if _, err := d.OpenBox(sealed[:n]); err != ErrOpen {
				t.Errorf("%d bytes: %v, want ErrOpen", n, err)
			}
		}
	}
	if bytes.Equal(SealBox(d.ID(), nil), SealBox(d.ID(), nil)) {
		t.Error("two boxes are equal")
	}
}

// What everybody could open is sealed for nobody, and what everybody could
// have sealed with the zero secret is not opened (multi-device.md §2).
func TestBoxRefusesSmallOrder(t *testing.T) {
	for _, u := range smallOrderX(t) {
		sealed := SealBox(core.IDFromX25519(u), []byte("private"))
		key, nonce := zeroKey(), boxNonce([32]byte(sealed[:32]), u)
		if _, ok := box.OpenAfterPrecomputation(nil, sealed[32:], &nonce, &key); ok {
			t.Errorf("a box for %x opens for everybody", u)
		}
		d := deviceOf(t, 4)
		public, private := d.PublicKey(), [32]byte(d.raw()[:32])
		if _, ok := box.OpenAnonymous(nil, boxFromSmallOrder(d, u), &public, &private); !ok {
			t.Fatalf("a box from %x is not one: the test is wrong", u)
		}
		if _, err := d.OpenBox(boxFromSmallOrder(d, u)); err != ErrOpen {
			t.Errorf("a box from %x: %v, want ErrOpen", u, err)
		}
	}
}

// zeroKey is what x/crypto derives from the all-zero secret.
func zeroKey() (key [32]byte) {
	box.Precompute(&key, &[32]byte{}, &[32]byte{1})
	return key
}

// boxFromSmallOrder is what x/crypto would open: ephemeral u, and the key that
// the all-zero secret gives.
func boxFromSmallOrder(to *Device, u [32]byte) []byte {
	key, nonce := zeroKey(), boxNonce(u, to.PublicKey())
	return box.SealAfterPrecomputation(append([]byte{}, u[:]...), []byte("hello"), &nonce, &key)
}

// x/crypto's crypto_box_seal opens ours and is opened by ours.
func TestBoxAgreesWithXCrypto(t *testing.T) {
	d, plain := deviceOf(t, 6), []byte("plain")
	public, private := d.PublicKey(), [32]byte(d.raw()[:32])
	if got, ok := box.OpenAnonymous(nil, SealBox(d.ID(), plain), &public, &private); !ok || !bytes.Equal(got, plain) {
		t.Error("x/crypto does not open our box")
	}
	sealed, err := box.SealAnonymous(nil, plain, &public, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.OpenBox(sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("a box by x/crypto: %v", err)
	}
}
