package wire

import (
	"bytes"
	"encoding/hex"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// RFC 5869, appendix A, cases 1 and 3 (no salt: ours where none is named).
func TestHKDFVectors(t *testing.T) {
	ikm := bytes.Repeat([]byte{0x0b}, 22)
	for _, c := range []struct {
		salt, info, want string
	}{
		{
			"000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9",
			"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
		},
		{"", "", "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
	} {
		if got := HKDF(ikm, unhex(t, c.salt), string(unhex(t, c.info)), 42); hex.EncodeToString(got) != c.want {
			t.Errorf("HKDF = %x, want %s", got, c.want)
		}
	}
}

// draft-irtf-cfrg-xchacha-03, A.3.1. Its additional data is "PQRS" and eight
// bytes: the purpose and the rest, as ours are joined.
func TestAEADVector(t *testing.T) {
	key := unhex(t, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f")
	sealed := unhex(t, "404142434445464748494a4b4c4d4e4f5051525354555657"+
		"bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"+
		"ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"+
		"21f9664c97637da9768812f615c68b13b52e"+"c0875924c1c7987947deafd8780acf49")
	got, err := OpenAEAD(key, "PQRS", unhex(t, "c0c1c2c3c4c5c6c7"), sealed)
	if err != nil || !bytes.HasPrefix(got, []byte("Ladies and Gentlemen of the class of '99")) {
		t.Errorf("OpenAEAD = %q, %v", got, err)
	}
}

func TestAEAD(t *testing.T) {
	key, other := bytes.Repeat([]byte{1}, KeySize), bytes.Repeat([]byte{2}, KeySize)
	extra, plain := []byte("extra"), []byte("plain")
	sealed := SealAEAD(key, "purpose", extra, plain)
	if len(sealed) != 24+len(plain)+16 {
		t.Errorf("%d bytes", len(sealed))
	}
	if got, err := OpenAEAD(key, "purpose", extra, sealed); err != nil || !bytes.Equal(got, plain) {
		t.Errorf("OpenAEAD = %q, %v", got, err)
	}
	if bytes.Equal(SealAEAD(key, "purpose", extra, plain)[:24], sealed[:24]) {
		t.Error("a nonce comes twice")
	}
	for name, open := range map[string]func() ([]byte, error){
		"another key":     func() ([]byte, error) { return OpenAEAD(other, "purpose", extra, sealed) },
		"another purpose": func() ([]byte, error) { return OpenAEAD(key, "another", extra, sealed) },
		"no purpose":      func() ([]byte, error) { return OpenAEAD(key, "", extra, sealed) },
		"another extra":   func() ([]byte, error) { return OpenAEAD(key, "purpose", []byte("extrb"), sealed) },
		"no extra":        func() ([]byte, error) { return OpenAEAD(key, "purpose", nil, sealed) },
		"one byte more":   func() ([]byte, error) { return OpenAEAD(key, "purpose", extra, append(bytes.Clone(sealed), 0)) },
	} {
		if got, err := open(); err != ErrOpen || got != nil {
			t.Errorf("%s: %q, %v, want ErrOpen", name, got, err)
		}
	}
	for n := range sealed {
		if _, err := OpenAEAD(key, "purpose", extra, sealed[:n]); err != ErrOpen {
			t.Errorf("first %d bytes: %v", n, err)
		}
		changed := bytes.Clone(sealed)
		changed[n] ^= 1
		if _, err := OpenAEAD(key, "purpose", extra, changed); err != ErrOpen {
			t.Errorf("byte %d may change: %v", n, err)
		}
	}
}

func TestLP(t *testing.T) {
	if got := LP([]byte("ab"), nil, []byte{0}); hex.EncodeToString(got) != "000000026162"+"00000000"+"0000000100" {
		t.Errorf("LP = %x", got)
	}
	if LP() != nil {
		t.Error("LP of nothing is something")
	}
	if bytes.Equal(LP([]byte("ab"), []byte("c")), LP([]byte("a"), []byte("bc"))) {
		t.Error("two lists have the same bytes")
	}
	if got := string(Domain("tandem x v1", []byte("body"))); got != "tandem x v1\x00body" {
		t.Errorf("Domain = %q", got)
	}
}
