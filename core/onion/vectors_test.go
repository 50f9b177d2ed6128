package onion

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"testing"

	"tandem/core"
	"tandem/core/identity"
)

var (
	//go:embed testdata/onion.json
	onionJSON []byte
	//go:embed testdata/published_onion.json
	publishedJSON []byte
	//go:embed testdata/onion_v4_encoding.json
	v4JSON []byte
)

func load[T any](t testing.TB, b []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func key32of(t testing.TB, s string) [32]byte { t.Helper(); return [32]byte(unhex(t, s)) }

// private is a NodeKey from raw bytes.
type private struct{ *identity.Ephemeral }

func privateOf(t testing.TB, s string) private {
	t.Helper()
	k, err := identity.ParseEphemeral(unhex(t, s))
	if err != nil {
		t.Fatal(err)
	}
	return private{k}
}

func (p private) PublicKey() [32]byte { return p.Public() }

type layerVector struct {
	Key        string `json:"key_hex"`
	IV         string `json:"iv_hex"`
	Nonce      string `json:"nonce_hex"`
	Ciphertext string `json:"ciphertext_hex"`
	PostBody   string `json:"post_body_hex"`
}

type onionVectors struct {
	OneHop struct {
		EphPrivate  string      `json:"ephemeral_private_hex"`
		EphPublic   string      `json:"ephemeral_public_hex"`
		NodePrivate string      `json:"node_x25519_private_hex"`
		NodePublic  string      `json:"node_x25519_public_hex"`
		Shared      string      `json:"shared_secret_hex"`
		Request     string      `json:"request_body"`
		Inner       string      `json:"inner_plaintext_hex"`
		GCM         layerVector `json:"aes_gcm"`
		XChaCha     layerVector `json:"xchacha20"`
		Response    struct {
			Plaintext  string `json:"plaintext"`
			IV         string `json:"iv_hex"`
			Ciphertext string `json:"ciphertext_hex"`
			HTTP       string `json:"http_body_base64"`
		} `json:"response"`
	} `json:"one_hop"`
	TwoHop struct {
		GuardPrivate string `json:"guard_x25519_private_hex"`
		GuardPublic  string `json:"guard_x25519_public_hex"`
		EphPrivate   string `json:"outer_ephemeral_private_hex"`
		Next         string `json:"next_node_ed25519_hex"`
		Relay        string `json:"relay_plaintext_hex"`
		IV           string `json:"iv_hex"`
		Ciphertext   string `json:"outer_ciphertext_hex"`
		PostBody     string `json:"post_body_hex"`
	} `json:"two_hop_aes_gcm"`
}

// The builder's own frames, under the vectors' ephemeral keys and nonces, are
// the vectors byte for byte.
func TestVectorBuild(t *testing.T) {
	v := load[onionVectors](t, onionJSON)
	one, two := v.OneHop, v.TwoHop

	inner := frame([]byte(one.Request), control{Headers: map[string]string{"Content-Type": "application/json"}}.bytes())
	if !bytes.Equal(inner, unhex(t, one.Inner)) {
		t.Fatalf("inner frame: %q", inner)
	}
	s, ch, err := sealWith(privateOf(t, one.EphPrivate), unhex(t, one.GCM.IV), key32of(t, one.NodePublic), inner)
	if err != nil || !bytes.Equal(s.Blob, unhex(t, one.GCM.Ciphertext)) || ch.key != key32of(t, one.GCM.Key) {
		t.Fatalf("one hop: %v %x", err, s.Blob)
	}
	body, _, err := wrap(nil, s, control{})
	if err != nil || !bytes.Equal(body, unhex(t, one.GCM.PostBody)) {
		t.Fatalf("post body: %v %q", err, body)
	}

	relay := frame(s.Blob, control{Destination: two.Next, Ephemeral: one.EphPublic}.bytes())
	if !bytes.Equal(relay, unhex(t, two.Relay)) {
		t.Fatalf("relay frame: %q", relay)
	}
	s, _, err = sealWith(privateOf(t, two.EphPrivate), unhex(t, two.IV), key32of(t, two.GuardPublic), relay)
	if err != nil || !bytes.Equal(s.Blob, unhex(t, two.Ciphertext)) {
		t.Fatalf("two hops: %v %x", err, s.Blob)
	}
	if body, _, err = wrap(nil, s, control{}); err != nil || !bytes.Equal(body, unhex(t, two.PostBody)) {
		t.Fatalf("post body: %v %q", err, body)
	}
}

// The node's half opens the vectors, in both ciphers and through two layers.
func TestVectorPeel(t *testing.T) {
	v := load[onionVectors](t, onionJSON)
	node := privateOf(t, v.OneHop.NodePrivate)
	for _, post := range []string{v.OneHop.GCM.PostBody, v.OneHop.XChaCha.PostBody} {
		s, err := ParseBody(unhex(t, post))
		if err != nil {
			t.Fatal(err)
		}
		l, err := Peel(node, s)
		if err != nil || l.Kind != ForMe || string(l.Payload) != v.OneHop.Request {
			t.Errorf("%v: %v %d %q", s.Enc, err, l.Kind, l.Payload)
		}
	}

	s, err := ParseBody(unhex(t, v.TwoHop.PostBody))
	if err != nil {
		t.Fatal(err)
	}
	guard, err := Peel(privateOf(t, v.TwoHop.GuardPrivate), s)
	if err != nil || guard.Kind != ToNode || guard.To != core.EdKey(key32of(t, v.TwoHop.Next)) {
		t.Fatalf("guard: %v %d %v", err, guard.Kind, guard.To)
	}
	if l, err := Peel(node, guard.Next); err != nil || string(l.Payload) != v.OneHop.Request {
		t.Errorf("second layer: %v %q", err, l.Payload)
	}
}

func TestVectorReply(t *testing.T) {
	v := load[onionVectors](t, onionJSON).OneHop
	ch := derive(AESGCM, key32of(t, v.Shared), key32of(t, v.EphPublic), key32of(t, v.NodePublic))
	status, body, err := (Reply{dest: ch}).Open([]byte(v.Response.HTTP))
	if err != nil || status != 200 || string(body) != `{"hf":[19,4],"t":1700000000000,"timestamp":1700000000000,"version":[2,8,0]}` {
		t.Fatalf("%v %d %s", err, status, body)
	}
	sealed := ch.sealWith(unhex(t, v.Response.IV), []byte(v.Response.Plaintext))
	if got := base64.StdEncoding.EncodeToString(sealed); got != v.Response.HTTP {
		t.Errorf("sealed answer %s", got)
	}
}

func TestVectorPublished(t *testing.T) {
	v := load[struct {
		Vectors []struct {
			Public     string `json:"client_pub"`
			ServerPriv string `json:"server_priv"`
			Plaintext  string `json:"plaintext"`
			GCM        string `json:"aes_gcm"`
			XChaCha    string `json:"xchacha20"`
		} `json:"vectors"`
		Framed struct {
			ServerPriv string `json:"server_priv"`
			GCM        string `json:"aes_gcm"`
			Plaintext  string `json:"plaintext"`
		} `json:"framed"`
	}](t, publishedJSON)
	for _, one := range v.Vectors {
		node := privateOf(t, one.ServerPriv)
		for enc, sealed := range map[Enc]string{AESGCM: one.GCM, XChaCha20: one.XChaCha} {
			s := Sealed{Blob: unhex(t, sealed), Ephemeral: key32of(t, one.Public), Enc: enc}
			if plain, _, err := Open(node, s); err != nil || string(plain) != one.Plaintext {
				t.Errorf("%v: %v %q", enc, err, plain)
			}
		}
	}
	s, err := ParseBody(unhex(t, v.Framed.GCM))
	if err != nil {
		t.Fatal(err)
	}
	if plain, _, err := Open(privateOf(t, v.Framed.ServerPriv), s); err != nil || string(plain) != v.Framed.Plaintext {
		t.Errorf("framed: %v %q", err, plain)
	}
}

func TestVectorV4(t *testing.T) {
	v := load[struct {
		Request  struct{ JSON, Body, Encoded string } `json:"request"`
		Response struct {
			Encoded string
			Code    int
			Body    string
		} `json:"response"`
	}](t, v4JSON)
	r := V4Request{Method: "POST", Endpoint: "/some/thing", Headers: map[string]string{"Some-Header": "a"}, Body: []byte(v.Request.Body)}
	if got := EncodeV4Request(r); string(got) != v.Request.Encoded {
		t.Errorf("request %s", got)
	}
	back, err := DecodeV4Request([]byte(v.Request.Encoded))
	if err != nil || string(back.Body) != v.Request.Body || back.Endpoint != r.Endpoint || back.Headers["Some-Header"] != "a" {
		t.Errorf("decoded %v %+v", err, back)
	}
	a, err := DecodeV4Response([]byte(v.Response.Encoded))
	if err != nil || a.Code != v.Response.Code || string(a.Body) != v.Response.Body || a.Headers["content-type"] != "application/json" {
		t.Errorf("response %v %+v", err, a)
	}
}
