package devices

import (
	"crypto/sha256"
	"fmt"
	"math/big"
	"testing"

	"tandem/core"
)

// The number that Safety writes by hand is the one of the definition.
func TestSafetyIsTheNumberOfTheDefinition(t *testing.T) {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(30), nil)
	for i := range 300 {
		account, key := core.IDFromX25519([32]byte{byte(i), byte(i >> 8)}), core.EdKey{31: byte(i)}
		sum := sha256.Sum256([]byte("tandem safety v1" + string(account[:]) + string(key[:])))
		n := new(big.Int).SetBytes(sum[:])
		want := fmt.Sprintf("%030s", n.Mod(n, limit))
		if got := Safety(account, key); got != want {
			t.Fatalf("%d: %s, want %s", i, got, want)
		}
	}
}
