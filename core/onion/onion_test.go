package onion

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tandem/core/identity"
)

// way is a path of fresh nodes and a destination behind it.
type way struct {
	keys []*identity.Device // guard first, destination last
	hops []Hop
}

func newWay(n int) way {
	var w way
	for range n {
		d := identity.NewDevice()
		w.keys = append(w.keys, d)
		w.hops = append(w.hops, Hop{Ed: d.Ed(), X: d.PublicKey()})
	}
	return w
}

func (w way) build(t testing.TB, rpc []byte) ([]byte, Reply) {
	t.Helper()
	last := len(w.hops) - 1
	body, reply, err := Build(w.hops[:last], w.hops[last], rpc)
	if err != nil {
		t.Fatal(err)
	}
	return body, reply
}

// carry takes body through the nodes until one keeps it.
func (w way) carry(t testing.TB, body []byte) Layer {
	t.Helper()
	s, err := ParseBody(body)
	if err != nil {
		t.Fatal(err)
	}
	for i, k := range w.keys {
		l, err := Peel(k, s)
		if err != nil {
			t.Fatalf("node %d: %v", i, err)
		}
		if l.Kind != ToNode {
			return l
		}
		if l.To != w.hops[i+1].Ed {
			t.Fatalf("node %d forwards to the wrong node", i)
		}
		s = l.Next
	}
	t.Fatal("nobody keeps it")
	return Layer{}
}

func TestRoundTrip(t *testing.T) {
	for n := 1; n <= MaxHops; n++ {
		w := newWay(n)
		rpc := fmt.Appendf(nil, `{"method":"info","params":{},"n":%d}`, n)
		body, reply := w.build(t, rpc)
		l := w.carry(t, body)
		if l.Kind != ForMe || !bytes.Equal(l.Payload, rpc) {
			t.Fatalf("%d nodes: kind %d, %q", n, l.Kind, l.Payload)
		}
		answer := `{"t":1,"text":"<&>\u2028ü"}`
		status, got, err := reply.Open(l.SealReply(421, []byte(answer)))
		if err != nil || status != 421 || string(got) != answer {
			t.Errorf("%d nodes: %v %d %s", n, err, status, got)
		}
	}
}

// Nothing in what a node forwards can be linked to what it received: every
// layer has its own ephemeral key, and two requests share none.
func TestFreshKeys(t *testing.T) {
	w := newWay(4)
	seen := map[[32]byte]bool{}
	for range 20 {
		body, _ := w.build(t, []byte("{}"))
		s, err := ParseBody(body)
		for i := 0; err == nil && i < len(w.keys); i++ {
			if seen[s.Ephemeral] {
				t.Fatal("an ephemeral key came twice")
			}
			seen[s.Ephemeral] = true
			if s.Enc != AESGCM || strings.Contains(string(body), "enc_type") {
				t.Fatal("the client names a cipher")
			}
			var l Layer
			if l, err = Peel(w.keys[i], s); err == nil {
				s = l.Next
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestServerRoundTrip(t *testing.T) {
	w, server := newWay(3), identity.NewDevice()
	to := Server{X: server.PublicKey(), Host: "open.example", Target: "/oxen/v4/lsrpc", Protocol: "http", Port: 8080}
	ask := V4Request{Method: "GET", Endpoint: "/room/a?x=1", Headers: map[string]string{}}
	body, reply, err := BuildServer(w.hops, to, EncodeV4Request(ask))
	if err != nil {
		t.Fatal(err)
	}
	l := w.carry(t, body)
	if l.Kind != ToServer || l.Server.Host != to.Host || l.Server.Port != 8080 || l.Server.Protocol != "http" || l.Server.Target != to.Target {
		t.Fatalf("%d %+v", l.Kind, l.Server)
	}
	s, err := ParseBody(l.Frame) // the server reads the same frame
	if err != nil {
		t.Fatal(err)
	}
	plain, ch, err := Open(server, s)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeV4Request(plain)
	if err != nil || got.Endpoint != ask.Endpoint || got.Body != nil {
		t.Fatalf("%v %+v", err, got)
	}
	a, err := reply.Open(ch.Seal(EncodeV4Response(V4Response{Code: 404, Body: []byte{0, 'e', ':'}})))
	if err != nil || a.Code != 404 || !bytes.Equal(a.Body, []byte{0, 'e', ':'}) {
		t.Fatalf("%v %+v", err, a)
	}
	if _, err = reply.Open([]byte("not sealed")); !errors.Is(err, ErrSealed) {
		t.Errorf("garbage: %v", err)
	}
}

func TestServerDefaults(t *testing.T) {
	w := newWay(1)
	body, reply, err := BuildServer(w.hops, Server{X: identity.NewDevice().PublicKey(), Host: "h", Target: "/loki/v3/lsrpc"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := w.carry(t, body)
	if l.Kind != ToServer || l.Server.Protocol != "https" || l.Server.Port != 443 {
		t.Errorf("%+v", l.Server)
	}
	// The node refuses in the server's place: only its layer's key can say so.
	var hop *HopError
	if _, err = reply.Open(l.SealReply(400, []byte("Invalid url"))); !errors.As(err, &hop) || hop.Hop != 0 || hop.Status != 400 {
		t.Errorf("refusal of the last node: %v", err)
	}
}

// A node of the path that answers itself is named by its place.
func TestHopError(t *testing.T) {
	w := newWay(4)
	body, reply := w.build(t, []byte("{}"))
	s, err := ParseBody(body)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		l, err := Peel(w.keys[i], s)
		if err != nil {
			t.Fatal(err)
		}
		var hop *HopError
		if _, _, err = reply.Open(l.SealReply(400, []byte("Invalid json"))); !errors.As(err, &hop) || hop.Hop != i || hop.Status != 400 {
			t.Errorf("node %d: %v", i, err)
		}
		s = l.Next
	}
}

func TestReplyForms(t *testing.T) {
	w := newWay(1)
	body, reply := w.build(t, []byte("{}"))
	l := w.carry(t, body)
	seal := func(plain string) []byte {
		return []byte(base64Of(l.reply.Seal([]byte(plain))))
	}
	for _, c := range []struct {
		plain  string
		status int
		body   string
		err    error
	}{
		{`{"status":200,"body":"{\"a\":1}"}`, 200, `{"a":1}`, nil},
		{`{"status":200,"body":{"a":1}}`, 200, `{"a":1}`, nil},
		{`{"status":406,"body":"clock","more":1}`, 406, "clock", nil},
		{`{"status":200}`, 0, "", ErrReply},
		{`{"body":""}`, 0, "", ErrReply},
		{`{"Status":200,"Body":""}`, 0, "", ErrReply},
		{`{"status":"200","body":""}`, 0, "", ErrReply},
		{`{"status":0,"body":""}`, 0, "", ErrReply},
		{`{"status":1000,"body":""}`, 0, "", ErrReply},
		{`null`, 0, "", ErrReply},
		{`[]`, 0, "", ErrReply},
		{``, 0, "", ErrReply},
	} {
		status, body, err := reply.Open(seal(c.plain))
		if !errors.Is(err, c.err) || status != c.status || string(body) != c.body {
			t.Errorf("%s: %d %q %v", c.plain, status, body, err)
		}
	}
	good := seal(`{"status":200,"body":""}`)
	for name, b := range map[string][]byte{
		"empty":      {},
		"text":       []byte("<html>502</html>"),
		"cut":        good[:len(good)-4],
		"bit":        append([]byte{good[0] ^ 1}, good[1:]...),
		"other keys": []byte(base64Of(make([]byte, 60))),
	} {
		if _, _, err := reply.Open(b); !errors.Is(err, ErrSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := reply.Open(make([]byte, MaxBody+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("too large: %v", err)
	}
}

func TestLimits(t *testing.T) {
	w := newWay(2)
	if _, _, err := Build(make([]Hop, MaxHops), w.hops[0], nil); !errors.Is(err, ErrPath) {
		t.Errorf("17 nodes: %v", err)
	}
	if _, _, err := BuildServer(nil, Server{}, nil); !errors.Is(err, ErrPath) {
		t.Errorf("no node before a server: %v", err)
	}
	if _, _, err := Build(nil, w.hops[0], make([]byte, MaxBody+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("payload: %v", err)
	}
	if _, _, err := Build(w.hops[:1], w.hops[1], make([]byte, MaxBody-100)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("payload with its layers: %v", err)
	}
	if _, err := ParseBody(make([]byte, MaxBody+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("body: %v", err)
	}
	if _, _, err := Build(nil, Hop{}, nil); !errors.Is(err, ErrKey) {
		t.Errorf("a key of zeros: %v", err)
	}
}

// aes-cbc is for old clients only; its padding says nothing about the key.
func TestCBC(t *testing.T) {
	ch := Channel{enc: AESCBC, key: [32]byte{1}}
	for n := range 40 {
		plain := bytes.Repeat([]byte{7}, n)
		if got, err := ch.Open(ch.Seal(plain)); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes: %v %x", n, err, got)
		}
	}
	sealed := ch.Seal([]byte("0123456789abcdef"))
	for _, bad := range [][]byte{nil, sealed[:15], sealed[:16], sealed[:33], (Channel{enc: AESCBC}).Seal(nil)} {
		if _, err := ch.Open(bad); !errors.Is(err, ErrCiphertext) {
			t.Errorf("%d bytes: %v", len(bad), err)
		}
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	w := newWay(2)
	_, reply := w.build(t, []byte("{}"))
	_, server, err := BuildServer(w.hops, Server{X: w.hops[0].X, Host: "h", Target: "/oxen/lsrpc"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []any{reply, server, reply.dest, &reply} {
		for _, f := range []string{"%v", "%+v", "%#v", "%s"} {
			if s := fmt.Sprintf(f, v); !strings.Contains(s, "[secret]") || strings.Contains(s, "key") {
				t.Errorf("%s of %T: %s", f, v, s)
			}
		}
	}
}

// 3 hops and the destination, as every request of the client.
func BenchmarkOnion1KB(b *testing.B) {
	w := newWay(4)
	rpc := bytes.Repeat([]byte{'x'}, 1024)
	b.Run("build and open", func(b *testing.B) {
		for b.Loop() {
			_, reply := w.build(b, rpc)
			sealed := []byte(base64Of(reply.dest.Seal(fmt.Appendf(nil, `{"status":200,"body":"%s"}`, rpc))))
			if _, _, err := reply.Open(sealed); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("peel", func(b *testing.B) {
		body, _ := w.build(b, rpc)
		for b.Loop() {
			w.carry(b, body)
		}
	})
}

// FuzzPeel: whatever a stranger sends, a node refuses or carries on, and its
// answer opens with the layer's key only.
func FuzzPeel(f *testing.F) {
	w := newWay(3)
	node := w.keys[0]
	body, _ := w.build(f, []byte(`{"method":"info","params":{}}`))
	f.Add(body)
	f.Add([]byte{})
	f.Add([]byte("\x00\x00\x00\x00{\"ephemeral_key\":\"zz\"}"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := ParseBody(b); err == nil {
			if _, err := Peel(node, s); err != nil && !errors.Is(err, ErrCiphertext) {
				t.Fatal(err)
			}
		}
		// The same bytes as the inside of a layer that does open.
		s, _, err := seal(w.hops[0].X, b)
		if err != nil {
			t.Fatal(err)
		}
		l, err := Peel(node, s)
		if err != nil {
			t.Fatal(err)
		}
		if l.Kind == Refused && l.Status != 400 {
			t.Fatalf("refused with %d", l.Status)
		}
		if out := l.SealReply(200, b); len(out) == 0 {
			t.Fatal("no answer")
		}
	})
}

// FuzzReply: whatever a path answers is an answer or one of the errors.
func FuzzReply(f *testing.F) {
	w := newWay(3)
	_, reply := w.build(f, []byte("{}"))
	f.Add([]byte(`{"status":200,"body":"{}"}`))
	f.Add([]byte(`{"status":200,"body":{"a":[1,2]}}`))
	f.Add([]byte("AAAA"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, _, err := reply.Open(b); err == nil {
			t.Fatal("opened without the key")
		}
		for i, ch := range append([]Channel{reply.dest}, reply.hops...) {
			status, _, err := reply.Open([]byte(base64Of(ch.Seal(b))))
			var hop *HopError
			switch {
			case i == 0 && err == nil:
				if status < 100 || status > 599 {
					t.Fatalf("status %d", status)
				}
			case i == 0:
				if !errors.Is(err, ErrReply) && !errors.Is(err, ErrTooLarge) {
					t.Fatal(err)
				}
			case !errors.As(err, &hop) || hop.Hop != i-1:
				t.Fatalf("hop %d: %v", i-1, err)
			}
		}
	})
}

// FuzzV4: what decodes encodes to something that decodes the same.
func FuzzV4(f *testing.F) {
	f.Add([]byte(`l58:{"code":200,"headers":{"content-type":"application/json"}}11:{"id": 123}e`))
	f.Add([]byte(`l33:{"method":"GET","endpoint":"/a"}ee`))
	f.Add([]byte(`l2:{}e`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if a, err := DecodeV4Response(b); err == nil {
			again, err := DecodeV4Response(EncodeV4Response(a))
			if err != nil || again.Code != a.Code || !bytes.Equal(again.Body, a.Body) {
				t.Fatalf("%v %+v %+v", err, a, again)
			}
		}
		if r, err := DecodeV4Request(b); err == nil {
			again, err := DecodeV4Request(EncodeV4Request(r))
			if err != nil || again.Endpoint != r.Endpoint || !bytes.Equal(again.Body, r.Body) {
				t.Fatalf("%v %+v %+v", err, r, again)
			}
		}
	})
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
