package identity

import (
	"crypto/ed25519"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

//go:embed testdata/sogs.json
var sogsVectors []byte

//go:embed testdata/published_sogs_blinded15.json
var published15 []byte

//go:embed testdata/published_blinding.json
var publishedBlinding []byte

func read(t *testing.T, file []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(file, into); err != nil {
		t.Fatal(err)
	}
}

func accountOf(t *testing.T, seed string) *Account {
	t.Helper()
	return &Account{newPair(unhex(t, seed))}
}

// The ids of published tests of the server and of the library of other clients.
func TestPublishedBlindedIDs(t *testing.T) {
	var server struct {
		Server  string `json:"server_pubkey"`
		Vectors []struct {
			Seed string `json:"ed25519_seed"`
			ID   string `json:"blinded15_id"`
		}
	}
	read(t, published15, &server)
	for _, v := range server.Vectors {
		b := accountOf(t, v.Seed).Blind([32]byte(unhex(t, server.Server)))
		if got := "15" + b.Ed().Hex(); got != v.ID {
			t.Errorf("%s, want %s", got, v.ID)
		}
	}
	var library struct {
		SK1 string `json:"sk1_64"`
		SK2 string `json:"sk2_64"`
		IDs []struct {
			Kind   string
			SK     int
			Server string `json:"server_pk"`
			ID     string
		}
		Signatures []struct {
			Kind, Message, Signature string
			SK                       int
			Server                   string `json:"server_pk"`
		}
	}
	read(t, publishedBlinding, &library)
	blind := func(sk int, server string) *Blinded {
		secret := map[int]string{1: library.SK1, 2: library.SK2}[sk]
		return accountOf(t, secret[:64]).Blind([32]byte(unhex(t, server)))
	}
	seen := 0
	for _, v := range library.IDs {
		if v.Kind != "15" {
			continue
		}
		seen++
		key := blind(v.SK, v.Server).Ed()
		if secret := map[int]string{1: library.SK1, 2: library.SK2}[v.SK]; accountOf(t, secret[:64]).Ed()[31]&0x80 != 0 {
			key[31] ^= 0x80 // the library's are made of the account ID, which has no sign
		}
		if got := "15" + key.Hex(); got != v.ID {
			t.Errorf("%s, want %s", got, v.ID)
		}
	}
	for _, v := range library.Signatures {
		if v.Kind != "15" {
			continue
		}
		seen++
		b := blind(v.SK, v.Server)
		// Theirs differ in the nonce; each verifies as the other's.
		if !Verify(b.Ed(), []byte(v.Message), unhex(t, v.Signature)) {
			t.Error("a published signature does not verify")
		}
		if key := b.Ed(); !ed25519.Verify(key[:], []byte(v.Message), b.Sign([]byte(v.Message))) {
			t.Error("the standard library refuses our signature")
		}
	}
	if len(server.Vectors) < 10 || seen < 4 {
		t.Fatalf("only %d and %d vectors", len(server.Vectors), seen)
	}
}

// Signatures of requests, blinded and plain, byte for byte.
func TestVectorsOfOpenGroups(t *testing.T) {
	type headers struct {
		Pubkey    string `json:"X-SOGS-Pubkey"`
		Signature string `json:"X-SOGS-Signature"`
	}
	var file struct {
		Seed     string `json:"user_ed25519_seed_hex"`
		Server   string `json:"server_pubkey_hex"`
		Requests []struct {
			ToSign    string  `json:"to_sign_hex"`
			Blinded   headers `json:"blinded15"`
			Unblinded headers
		}
	}
	read(t, sogsVectors, &file)
	a := accountOf(t, file.Seed)
	b := a.Blind([32]byte(unhex(t, file.Server)))
	if len(file.Requests) < 3 {
		t.Fatal("too few vectors")
	}
	for _, r := range file.Requests {
		message := unhex(t, r.ToSign)
		if got := base64.StdEncoding.EncodeToString(b.Sign(message)); got != r.Blinded.Signature || "15"+b.Ed().Hex() != r.Blinded.Pubkey {
			t.Errorf("blinded: %s", got)
		}
		if got := base64.StdEncoding.EncodeToString(a.Sign(message)); got != r.Unblinded.Signature || "00"+a.Ed().Hex() != r.Unblinded.Pubkey {
			t.Errorf("plain: %s", got)
		}
	}
}

// The signature of a post in a room that does not blind: its highest bit is
// never set, and it verifies against the ID, whatever the key's sign.
func TestXEdSignEven(t *testing.T) {
	signs := map[byte]int{}
	for i := range 16 {
		a := accountOf(t, hex.EncodeToString([]byte(fmt.Sprintf("%032d", i))))
		signs[a.Ed()[31]>>7]++
		message := []byte("to everybody")
		sig := a.XEdSignEven(message)
		if sig[63]&0x80 != 0 || !XEdVerify(a.PublicKey(), message, sig) || XEdVerify(a.PublicKey(), []byte("to nobody"), sig) {
			t.Errorf("seed %d", i)
		}
		key := a.Ed()
		key[31] &= 0x7f
		if !ed25519.Verify(key[:], message, sig) {
			t.Error("the standard library refuses it")
		}
	}
	if len(signs) < 2 {
		t.Error("all keys have one sign")
	}
}

// Nothing of a blinded key prints.
func TestBlindedIsSecret(t *testing.T) {
	b := accountOf(t, strings.Repeat("07", 32)).Blind([32]byte{1})
	for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%x", "%s"} {
		if got := fmt.Sprintf(verb, b); got != placeholder {
			t.Errorf("%s prints %q", verb, got)
		}
	}
}
