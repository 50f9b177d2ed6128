package identity_test

import (
	"testing"

	"tandem/core/identity"
)

// What is remembered of a peer is what would be computed, from both sides, and
// nothing of a key that is none.
func TestStanding(t *testing.T) {
	mine := identity.NewDevice()
	for range 300 { // more than are remembered
		peer := identity.NewDevice()
		want, err := mine.Agree(peer.PublicKey())
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got, err := mine.Standing(peer.PublicKey())
			back, err2 := peer.Standing(mine.PublicKey())
			if got != want || back != want || err != nil || err2 != nil {
				t.Fatalf("another secret: %v, %v", err, err2)
			}
		}
	}
	for range 2 {
		if _, err := mine.Standing([32]byte{}); err == nil {
			t.Error("a point of small order")
		}
	}
}
