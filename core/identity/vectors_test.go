package identity

import (
	"bytes"
	"crypto/ed25519"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"tandem/core"
)

//go:embed testdata/identity.json
var identityVectors []byte

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func rootOf(t testing.TB, entropy string) *Root {
	t.Helper()
	return &Root{entropy: hide([16]byte(unhex(t, entropy)))}
}

func deviceOf(t testing.TB, seed byte) *Device {
	t.Helper()
	d, err := ParseDevice(bytes.Repeat([]byte{seed}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Words, Ed25519 key, X25519 key and ID of network.md §1.
func TestVectors(t *testing.T) {
	var file struct {
		Vectors []struct {
			Mnemonic string
			Entropy  string `json:"entropy_hex"`
			Seed     string `json:"ed25519_seed_hex"`
			Ed       string `json:"ed25519_public_hex"`
			Private  string `json:"x25519_private_hex"`
			X        string `json:"x25519_public_hex"`
			ID       string `json:"session_id"`
		}
	}
	if err := json.Unmarshal(identityVectors, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Vectors) < 6 {
		t.Fatalf("only %d vectors", len(file.Vectors))
	}
	for _, v := range file.Vectors {
		root, err := RootFromWords(v.Mnemonic)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(root.Words(), " "); got != v.Mnemonic {
			t.Errorf("Words = %q, want %q", got, v.Mnemonic)
		}
		fromSeed, err := ParseDevice(unhex(t, v.Seed))
		if err != nil {
			t.Fatal(err)
		}
		for name, p := range map[string]*pair{"account": root.Account().pair, "device of the same seed": fromSeed.pair} {
			if got := p.Ed(); got.Hex() != v.Ed {
				t.Errorf("%s of %s: Ed = %s, want %s", name, v.Entropy, got.Hex(), v.Ed)
			}
			if got := p.PublicKey(); hex.EncodeToString(got[:]) != v.X {
				t.Errorf("%s of %s: PublicKey = %x, want %s", name, v.Entropy, got, v.X)
			}
			if got := p.ID(); got.Hex() != v.ID {
				t.Errorf("%s of %s: ID = %s, want %s", name, v.Entropy, got.Hex(), v.ID)
			}
			if got := hex.EncodeToString(p.raw()[:32]); got != v.Private {
				t.Errorf("%s of %s: wrong scalar", name, v.Entropy)
			}
		}
		id, err := IDFromEd(core.EdKey(unhex(t, v.Ed)))
		if err != nil || id.Hex() != v.ID || !Matches(id, core.EdKey(unhex(t, v.Ed))) {
			t.Errorf("IDFromEd(%s) = %s, %v, want %s", v.Ed, id.Hex(), err, v.ID)
		}
	}
}

// The keys below the entropy (multi-device.md §2). Remade by HKDF and Ed25519
// of python-cryptography 48; core/PROTOCOL.md prints the same numbers.
func TestDerivedKeyVectors(t *testing.T) {
	root := rootOf(t, "00112233445566778899aabbccddeeff")
	for _, c := range []struct {
		name string
		got  []byte
		want string
	}{
		{"list key", edBytes(root.ListKey().Ed()), "2b8cbac4df42ea27835a2ecb97251a1586e529d4883f66e67dd9e2a26caaa6bb"},
		{"reading key", root.ReadingKey().raw(), "fb25c5eb32d984c6c92f8ca20edce09b0608744c8de820535ce0d11b62b09f55"},
		{"snapshot key 0", root.SnapshotKey(0).raw(), "8a3e34b783ea644e41925519229d0d2ce3582cb8672b844fe9bac16b726e48d9"},
		{"snapshot key 72623859790382856", root.SnapshotKey(0x0102030405060708).raw(), "fffabf4774bc1a6885fc6a60c69185043755921e6d5fb6d65cda42b1ce76af78"},
	} {
		if hex.EncodeToString(c.got) != c.want {
			t.Errorf("%s = %x, want %s", c.name, c.got, c.want)
		}
	}
}

func edBytes(k core.EdKey) []byte { return k[:] }

// The pair keys of 2019 (legacy-2019.md A1, A2, A5), signed by the library of
// that time: only verification must agree.
const (
	legacyP = "52b85a43fb992f6bdb122a5a379505a0b99a16f0628ab8840249e2a60e12a413"
	legacyS = "4e1ca8681082dbd9aad1cf6fc89a32254e15cba50c75b5a73ac10a0b96bcbd2a"
)

func TestLegacySignatures(t *testing.T) {
	request := "669ed33d9baf5e7aece410673822fa366943486a0f72e4872cb5edd0b26bc2f8331d07c9f87e89bda6cc1ca9c870a5beebac3e4dadbf391525ac62ae941ce40c"
	grant := "26e649d6f62888e268a7062882eae3de4b83df8afa659ab4639b501803f5a7ff039a326ce2ad9aea5a41faeb68492911bba3ab513a205bb9b9e31b5bddf18501"
	prekey := "8f3b580320e901b25d585349561bc73fc6906a3f7707c27a8638be15d5e043b466d87607032d986f94978b00a563c7b39b5cfdeb02788823cd09332697577909"
	prekeyPublic := "0528f0786bcc35109b89eeb13d8f512c4d70644bf0c0701988df4feeb7ea856932"
	for _, c := range []struct {
		name, by, message, signature string
		want                         bool
	}{
		{"pairing request", legacyS, "05" + legacyP + "01", request, true},
		{"pairing grant", legacyP, "05" + legacyS + "02", grant, true},
		{"signed prekey", legacyS, prekeyPublic, prekey, true},
		{"request with the type byte of a grant", legacyS, "05" + legacyP + "02", request, false},
		{"request by the primary", legacyP, "05" + legacyP + "01", request, false},
		{"grant with the type byte of a request", legacyP, "05" + legacyS + "01", grant, false},
		{"grant by the secondary", legacyS, "05" + legacyS + "02", grant, false},
		{"prekey without its type byte", legacyS, prekeyPublic[2:], prekey, false},
		{"request with the other sign bit", legacyS, "05" + legacyP + "01", request[:126] + "8c", false},
		{"short signature", legacyS, "05" + legacyP + "01", request[:126], false},
		{"long signature", legacyS, "05" + legacyP + "01", request + "00", false},
	} {
		if got := XEdVerify([32]byte(unhex(t, c.by)), unhex(t, c.message), unhex(t, c.signature)); got != c.want {
			t.Errorf("%s: XEdVerify = %v, want %v", c.name, got, c.want)
		}
	}
}

// The expanded form signs byte for byte what the standard library signs from
// the seed, so a secondary device cannot be told apart by its signatures.
func TestSignAgreesWithStandardLibrary(t *testing.T) {
	for i := range 32 {
		seed := bytes.Repeat([]byte{byte(i)}, 32)
		d := deviceOf(t, byte(i))
		private := ed25519.NewKeyFromSeed(seed)
		public := d.Ed()
		if !bytes.Equal(public[:], private.Public().(ed25519.PublicKey)) {
			t.Fatalf("seed %d: another public key", i)
		}
		for _, n := range []int{0, 1, 31, 32, 33, 127, 128, 1000} {
			message := bytes.Repeat([]byte{byte(n)}, n)
			got := d.Sign(message)
			if !bytes.Equal(got, ed25519.Sign(private, message)) {
				t.Fatalf("seed %d, %d bytes: another signature", i, n)
			}
			if !Verify(public, message, got) {
				t.Fatalf("seed %d, %d bytes: own signature refused", i, n)
			}
		}
	}
}
