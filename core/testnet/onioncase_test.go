package testnet

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"
)

// layerKey is what opens the answer to one layer.
type layerKey struct {
	enc string
	key []byte
}

// playOnion wraps a case's payload, sends it to the guard, and compares.
func playOnion(m markers, s stand, c *recordedCase, compare bool) []string {
	m.t.Helper()
	r := &c.Request
	var up *upstream
	if r.Upstream != nil {
		if up = s.upstream(r.Upstream); up == nil {
			m.t.Skip("needs a server outside")
		}
		m.port = up.port
	}
	body, keys, plains, of := wrap(m, c)
	if r.BodyHex != nil && hex.EncodeToString(body) != *r.BodyHex {
		return []string{"the request differs from the recorded one"}
	}
	start := time.Now()
	got, err := s.send(r.Guard, &recordedRequest{HTTP: "POST", Path: pathOnion}, body)
	if err != nil {
		return []string{err.Error()}
	}
	if !compare {
		return nil
	}
	cmp := &comparison{t: m.t, tr: m.tr, nodes: s.nodes(), now: m.now, slack: s.slack()}
	took := int(time.Since(start).Round(time.Second) / time.Second)
	if took < c.Seconds-3 || took > c.Seconds+3 && s.slack() == 0 { // on a real clock the machine may be busy
		cmp.fail("time", "took %d s, want %d s", took, c.Seconds)
	}
	cmp.http(c, got)
	if c.Encoding == "plain" {
		cmp.body(c, got.body, of)
	} else {
		cmp.sealed(c, got.body, keys[c.Layer], of)
	}
	if up != nil {
		cmp.upstream(c, up, plains[0])
	}
	return cmp.bad
}

// wrap builds the request by the recipe in the head of onion.json.
func wrap(m markers, c *recordedCase) (body []byte, keys []layerKey, plains [][]byte, of asked) {
	m.t.Helper()
	r := &c.Request
	var blob []byte
	switch {
	case r.PayloadJSON != nil:
		blob = []byte(m.expand(compact(m.t, r.PayloadJSON)))
		q, _ := decode(m.t, blob).(map[string]any)
		of = askedOf(q)
	case r.PayloadHex != "":
		blob = unhex(m.t, r.PayloadHex)
	case r.PayloadFill > 0:
		blob = []byte(strings.Repeat("x", r.PayloadFill))
	default:
		blob = latin1(r.PayloadText)
	}
	var eph string
	for i, l := range r.Layers {
		control := strings.ReplaceAll(m.expand(l.JSON), "{{eph}}", eph)
		plain := frameOf(blob, control, l.LenOverride)
		if l.PlaintextHex != nil {
			plain = unhex(m.t, *l.PlaintextHex)
		}
		var key layerKey
		blob, key, eph = sealLayer(m, c.Name, i, l, plain)
		keys, plains = append(keys, key), append(plains, plain)
	}
	switch {
	case r.BodyText != nil:
		return latin1(*r.BodyText), keys, plains, of
	case r.BodyFill > 0:
		return make([]byte, r.BodyFill), keys, plains, of
	}
	return frameOf(blob, strings.ReplaceAll(m.expand(r.Outer), "{{eph}}", eph), r.OuterLen), keys, plains, of
}

func frameOf(blob []byte, control string, length *uint32) []byte {
	n := uint32(len(blob))
	if length != nil {
		n = *length
	}
	out := binary.LittleEndian.AppendUint32(nil, n)
	return append(append(out, blob...), control...)
}

// hashed is BLAKE2b of n bytes.
func hashed(t testing.TB, n int, text string) []byte {
	t.Helper()
	h, err := blake2b.New(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	h.Write([]byte(text))
	return h.Sum(nil)
}

// sealLayer encrypts for a node with the ephemeral key and the nonce that the
// recipe derives from the case's name.
func sealLayer(m markers, name string, i int, l recordedLayer, plain []byte) ([]byte, layerKey, string) {
	m.t.Helper()
	secret, err := ecdh.X25519().NewPrivateKey(hashed(m.t, 32, fmt.Sprintf("onion eph %s %d", name, i)))
	if err != nil {
		m.t.Fatal(err)
	}
	x := unhex(m.t, m.tr.Network.Nodes[l.For].X)
	node, err := ecdh.X25519().NewPublicKey(x)
	if err != nil {
		m.t.Fatal(err)
	}
	shared, err := secret.ECDH(node)
	if err != nil {
		m.t.Fatal(err)
	}
	k := layerKey{enc: l.Enc}
	if l.Enc == "aes-gcm" {
		mac := hmac.New(sha256.New, []byte("LOKI"))
		mac.Write(shared)
		k.key = mac.Sum(nil)
	} else {
		k.key = hashed(m.t, 32, string(shared)+string(secret.PublicKey().Bytes())+string(x))
	}
	aead := k.aead(m.t)
	iv := hashed(m.t, aead.NonceSize(), fmt.Sprintf("onion iv %s %d", name, i))
	sealed := tamper(m.t, aead.Seal(iv, iv, plain, nil), l.Tamper)
	return sealed, k, hex.EncodeToString(secret.PublicKey().Bytes())
}

func (k layerKey) aead(t testing.TB) cipher.AEAD {
	t.Helper()
	var a cipher.AEAD
	var err error
	if k.enc == "aes-gcm" {
		var b cipher.Block
		if b, err = aes.NewCipher(k.key); err == nil {
			a, err = cipher.NewGCM(b)
		}
	} else {
		a, err = chacha20poly1305.NewX(k.key)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func tamper(t testing.TB, b []byte, how string) []byte {
	t.Helper()
	keep, truncate := strings.CutPrefix(how, "truncate:")
	switch {
	case how == "flip_last_bit":
		b[len(b)-1] ^= 1
	case how == "flip_first_bit":
		b[0] ^= 1
	case how == "empty":
		return nil
	case truncate:
		n, err := strconv.Atoi(keep)
		if err != nil {
			t.Fatal(err)
		}
		return b[:n]
	}
	return b
}

// sealed compares an encrypted answer.
func (c *comparison) sealed(rec *recordedCase, body []byte, k layerKey, of asked) {
	sealed := body
	if rec.Encoding == "base64" {
		var err error
		if sealed, err = base64.StdEncoding.DecodeString(string(body)); err != nil {
			c.fail("body", "not base64: %.100s", body)
			return
		}
	}
	aead := k.aead(c.t)
	if len(sealed) < aead.NonceSize() {
		c.fail("body", "too short: %.100q", sealed)
		return
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil)
	if err != nil {
		c.fail("body", "does not open with the key of layer %d", rec.Layer)
		return
	}
	if rec.PlainCanonical && !isCanonical(c.t, plain) {
		c.fail("plaintext", "is not canonical: %.200s", plain)
	}
	want, _ := decode(c.t, rec.Plaintext).(map[string]any)
	got, _ := decode(c.t, plain).(map[string]any)
	if inner, ok := want["body"].(map[string]any); ok && inner["$json_string"] != nil {
		want["body"] = inner["$json_string"]
		s, _ := got["body"].(string)
		if rec.StringCanonical && !isCanonical(c.t, []byte(s)) {
			c.fail("plaintext.body", "is not canonical: %.200s", s)
		}
		got["body"] = decode(c.t, []byte(s))
	}
	c.json("plaintext", want, got, of, "", nil)
}

// upstream compares what the server outside was sent.
func (c *comparison) upstream(rec *recordedCase, up *upstream, frame []byte) {
	if len(up.received) != len(rec.UpstreamReceived) {
		c.fail("upstream", "was asked %d times, want %d", len(up.received), len(rec.UpstreamReceived))
		return
	}
	for i, want := range rec.UpstreamReceived {
		got := up.received[i]
		if want.TLS {
			if got.Protocol != "https" {
				c.fail("upstream", "was not asked for TLS")
			}
			continue
		}
		if line := "POST " + got.Target + " HTTP/1.1"; line != want.Line {
			c.fail("upstream", "got %q, want %q", line, want.Line)
		}
		for j := range want.Header {
			want.Header[j][1] = strings.ReplaceAll(want.Header[j][1], "<upstream_port>", strconv.Itoa(up.port))
		}
		if !slices.Equal(got.Header, want.Header) {
			c.fail("upstream", "got headers %v, want %v", got.Header, want.Header)
		}
		if strings.HasPrefix(want.BodyIs, "plaintext of layer 0") && string(got.Body) != string(frame) {
			c.fail("upstream", "got a body of %d bytes, want the whole frame of %d", len(got.Body), len(frame))
		}
	}
}
