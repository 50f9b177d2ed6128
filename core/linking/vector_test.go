package linking

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"tandem/core/wire"
)

// The numbers that core/PROTOCOL.md prints for a second client. Remade with
// python-cryptography 48 from the formulas there.
func TestAgreementVector(t *testing.T) {
	transcript := append([]byte("tandem link v1\x00"), wire.LP([]byte("request"), []byte("challenge"), []byte("reveal"))...)
	a := agreement{z: [32]byte(bytes.Repeat([]byte{0x11}, 32)), transcript: sha256.Sum256(transcript)}
	if got := hex.EncodeToString(a.transcript[:]); got != "f2f5580c26d98dd1801b0e80c3e80b814bde876cccb5f26985b07c9bd3c449fb" {
		t.Errorf("SHA-256(T) = %s", got)
	}
	if got := strings.Join(a.words(), " "); got != "violin vixen bulb" {
		t.Errorf("words = %q", got)
	}
	if got := a.key(); hex.EncodeToString(got[:]) != "dde3f45df226a787eddfb18c0200e1557c33c61fb9953fb5f3f9365ac39f8fa4" {
		t.Errorf("K = %x", got)
	}
}
