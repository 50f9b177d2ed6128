package wire

import (
	"bytes"
	"crypto/ed25519"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

type signer struct{ ed25519.PrivateKey }

func (s signer) Sign(message []byte) []byte { return ed25519.Sign(s.PrivateKey, message) }

func testSigner() signer { return signer{ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, 32))} }

func TestSignedRoundTrip(t *testing.T) {
	by := testSigner()
	for name, proof := range map[string][]byte{"without proof": nil, "with proof": bytes.Repeat([]byte{9}, ProofSize)} {
		s := SignBody(by, "tandem test v1", []byte("the body"))
		s.Proof = proof
		b := s.Marshal()
		got, err := ParseSigned(b)
		if err != nil || !bytes.Equal(got.Body, s.Body) || !bytes.Equal(got.Signature, s.Signature) || !bytes.Equal(got.Proof, proof) {
			t.Errorf("%s: ParseSigned = %+v, %v", name, got, err)
		}
		if (got.Proof == nil) != (proof == nil) {
			t.Errorf("%s: the proof came or went", name)
		}
		if !bytes.Equal(got.Marshal(), b) {
			t.Errorf("%s: encoded anew it is different", name)
		}
		if !ed25519.Verify(by.Public().(ed25519.PublicKey), []byte("tandem test v1\x00the body"), got.Signature) {
			t.Errorf("%s: the signature is over something else", name)
		}
	}
}

func TestSignedOwnsItsBytes(t *testing.T) {
	b := SignBody(testSigner(), "d", []byte("the body")).Marshal()
	s, err := ParseSigned(b)
	if err != nil {
		t.Fatal(err)
	}
	clear(b)
	if string(s.Body) != "the body" {
		t.Error("the body is a part of the input")
	}
}

func TestParseSignedRefuses(t *testing.T) {
	signature, proof := make([]byte, 64), make([]byte, ProofSize)
	good := Signed{Body: []byte("b"), Signature: signature, Proof: proof}.Marshal()
	body := AppendBytes(nil, 1, []byte("b"))
	sig := AppendBytes(nil, 2, signature)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for name, b := range map[string][]byte{
		"nothing":              {},
		"no body":              sig,
		"no signature":         body,
		"empty body":           join(AppendBytes(nil, 1, nil), sig),
		"short signature":      join(body, AppendBytes(nil, 2, signature[1:])),
		"long signature":       join(body, AppendBytes(nil, 2, append(signature, 0))),
		"short proof":          join(body, sig, AppendBytes(nil, 3, proof[1:])),
		"empty proof":          join(body, sig, AppendBytes(nil, 3, nil)),
		"two bodies":           join(body, good),
		"two signatures":       join(good, sig),
		"two proofs":           join(good, AppendBytes(nil, 3, proof)),
		"body as a number":     join(AppendUint(nil, 1, 7), sig),
		"a group":              join(good, protowire.AppendTag(nil, 9, protowire.StartGroupType)),
		"field 0":              join(good, []byte{0x02, 0x00}),
		"longer than allowed":  join(AppendBytes(nil, 1, make([]byte, MaxSigned)), sig),
		"unknown and too long": join(good, AppendBytes(nil, 99, make([]byte, MaxSigned))),
	} {
		if s, err := ParseSigned(b); err != ErrMalformed || s.Body != nil || s.Signature != nil || s.Proof != nil {
			t.Errorf("%s: %v, want ErrMalformed and nothing", name, err)
		}
	}
	for n := range good {
		// Without field 3 it is whole.
		if n == len(good)-2-ProofSize {
			continue
		}
		if _, err := ParseSigned(good[:n]); err != ErrMalformed {
			t.Errorf("first %d bytes: %v", n, err)
		}
	}
	if _, err := ParseSigned(join(AppendUint(nil, 99, 1), good, AppendBytes(nil, 100, []byte("later")))); err != nil {
		t.Errorf("unknown fields are refused: %v", err)
	}
}

func FuzzParseSigned(f *testing.F) {
	f.Add(SignBody(testSigner(), "d", []byte("body")).Marshal())
	f.Add(Signed{Body: []byte("b"), Signature: make([]byte, 64), Proof: make([]byte, 32)}.Marshal())
	f.Add([]byte{0x0a, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := ParseSigned(b)
		if err != nil {
			if err != ErrMalformed || s.Body != nil {
				t.Fatalf("%v with %d bytes of body", err, len(s.Body))
			}
			return
		}
		if len(s.Body) == 0 || len(s.Signature) != 64 || (s.Proof != nil && len(s.Proof) != ProofSize) {
			t.Fatalf("out of bounds: %d, %d, %d", len(s.Body), len(s.Signature), len(s.Proof))
		}
		again, err := ParseSigned(s.Marshal())
		if err != nil || !bytes.Equal(again.Body, s.Body) || !bytes.Equal(again.Signature, s.Signature) || !bytes.Equal(again.Proof, s.Proof) {
			t.Fatalf("read again it is different: %v", err)
		}
	})
}
