package testnet

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/chacha20poly1305"

	"tandem/core"
)

// allowed are the only differences from the recordings, by case. Numbers are
// those of the recordings' README. A case in this list must differ.
func allowed() map[string]string {
	return map[string]string{
		"server-target-dotdot":   "34: a target with .. leads to another path than the one that was checked; the README says to refuse it",
		"server-target-fragment": "34: likewise #",
	}
}

const maxAllowed = 10

// stand is a network under test.
type stand interface {
	// prepare empties the network and puts nodes into the state of a case. It
	// reports false if that cannot be done here.
	prepare(c *recordedCase, all []*recordedCase) bool
	// send sends a request as it is and brings back the answer.
	send(node string, r *recordedRequest, body []byte) (httpAnswer, error)
	// upstream opens a server outside that answers as specified.
	upstream(u *upstreamSpec) *upstream
	nodes() map[string]recordedNode
	now() core.Millis
	slack() core.Millis
}

// httpAnswer is an answer with all its headers, names in lower case.
type httpAnswer struct {
	status int
	header [][2]string
	body   []byte
}

func (a httpAnswer) get(name string) (string, bool) {
	for _, h := range a.header {
		if h[0] == name {
			return h[1], true
		}
	}
	return "", false
}

// upstream is a server outside and what it was sent.
type upstream struct {
	port     int
	received []ServerRequest
}

// TestConformance replays every recorded case against a network in process,
// each on a network of its own, on the clock of a bubble.
func TestConformance(t *testing.T) {
	if n := len(allowed()); n > maxAllowed {
		t.Errorf("%d allowed differences, at most %d", n, maxAllowed)
	}
	for _, file := range []string{"storage-rpc.json", "onion.json"} {
		tr := loadTranscript(t, file)
		for i := range tr.Cases {
			c := &tr.Cases[i]
			if i%every != 0 && c.Group != "dead" {
				continue
			}
			t.Run(strings.TrimSuffix(file, ".json")+"/"+c.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &inProcess{t: t, tr: tr}
					judge(t, c, replay(t, tr, s, c))
					s.net.Close()
				})
			})
		}
	}
}

// judge fails the test unless a case agrees, or differs as allowed.
func judge(t *testing.T, c *recordedCase, bad []string) {
	t.Helper()
	reason, excused := allowed()[c.Name]
	switch {
	case excused && len(bad) == 0 && *transcriptDir == "":
		t.Errorf("agrees, but is excused: %s", reason)
	case !excused && len(bad) > 0:
		t.Errorf("%s", strings.Join(bad, "\n"))
	}
}

// replay runs a case's setup and then the case, and lists the differences.
func replay(t *testing.T, tr *transcript, s stand, c *recordedCase) []string {
	t.Helper()
	all := make([]*recordedCase, 0, len(c.Setup)+1)
	for _, name := range c.Setup {
		all = append(all, tr.find(t, name))
	}
	all = append(all, c)
	if !s.prepare(c, all) {
		t.Skip("needs a network that can be stopped")
	}
	now := s.now()
	for _, step := range all[:len(all)-1] {
		play(t, tr, s, step, now, false)
	}
	return play(t, tr, s, c, now, true)
}

// play sends one case, and compares unless it is only a step on the way to
// another.
func play(t *testing.T, tr *transcript, s stand, c *recordedCase, now core.Millis, compare bool) []string {
	t.Helper()
	m := markers{t: t, tr: tr, now: now}
	if c.Request.Guard != "" {
		return playOnion(m, s, c, compare)
	}
	body, of := storageBody(m, &c.Request)
	got, err := s.send(c.Request.Node, &c.Request, body)
	if err != nil {
		return []string{err.Error()}
	}
	if !compare {
		return nil
	}
	cmp := &comparison{t: t, tr: tr, nodes: s.nodes(), now: now, slack: s.slack()}
	cmp.http(c, got)
	cmp.body(c, got.body, of)
	return cmp.bad
}

// storageBody is the body of a storage request, and what it asks.
func storageBody(m markers, r *recordedRequest) ([]byte, asked) {
	m.t.Helper()
	switch {
	case r.BodyFill > 0:
		return []byte(strings.Repeat("x", r.BodyFill)), asked{}
	case r.BodyText != nil:
		return latin1(m.expand(*r.BodyText)), asked{}
	case r.Method == "":
		return nil, asked{}
	}
	params := m.expand(compact(m.t, r.Params))
	p, _ := decode(m.t, []byte(params)).(map[string]any)
	return fmt.Appendf(nil, `{"jsonrpc":"2.0","method":%q,"params":%s}`, r.Method, params), asked{r.Method, p}
}

// http compares status and headers.
func (c *comparison) http(rec *recordedCase, got httpAnswer) {
	if got.status != rec.HTTP.Status {
		c.fail("status", "got %d (%.200s), want %d", got.status, got.body, rec.HTTP.Status)
	}
	kind, has := got.get("content-type")
	if want := rec.HTTP.ContentType; want == nil && has || want != nil && kind != *want {
		c.fail("content-type", "got %q, want %v", kind, want)
	}
	want := maps.Clone(rec.HTTP.Headers)
	seen := make(map[string]int)
	for _, h := range got.header {
		seen[h[0]]++
		if slices.Contains([]string{"server", "content-type", "date", "content-length"}, h[0]) {
			continue
		}
		if v, ok := want[h[0]]; !ok || c.text(v) != h[1] {
			c.fail("header "+h[0], "got %q, want %q", h[1], v)
		}
		delete(want, h[0])
	}
	for name := range want {
		c.fail("header "+name, "is missing")
	}
	for name, n := range seen {
		if n > 1 != slices.Contains(rec.HTTP.Repeated, name) {
			c.fail("header "+name, "came %d times", n)
		}
	}
}

// body compares a body that is not encrypted.
func (c *comparison) body(rec *recordedCase, got []byte, of asked) {
	want := decode(c.t, rec.Body)
	text, ok := want.(string)
	if !ok {
		if rec.Canonical && !isCanonical(c.t, got) {
			c.fail("body", "is not canonical: %.200s", got)
		}
		c.json("body", want, decode(c.t, got), of, "", nil)
		return
	}
	if failedUpstream(rec) {
		return // the words are those of libcurl and OpenSSL
	}
	if longMark.MatchString(text) {
		c.leaf("body", text, runes(got), of, "", nil)
	} else if w := string(latin1(c.text(text))); w != string(got) {
		c.fail("body", "got %.300q, want %.300q", got, w)
	}
}

// runes is bytes as text of which each character is one.
func runes(b []byte) string {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// failedUpstream: the server outside gave no answer that could be handed on.
func failedUpstream(rec *recordedCase) bool {
	u := rec.Request.Upstream
	return u != nil && rec.Encoding == "plain" && rec.HTTP.Status != u.Status && (rec.HTTP.Status == 502 || rec.HTTP.Status == 504)
}

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

// inProcess is a stand without sockets: a new network for each case.
type inProcess struct {
	t   *testing.T
	tr  *transcript
	net *Network
}

// bubbleNow is the clock of a bubble, which starts in 2000, moved to the years
// of the recordings: a time in seconds must look as it did then.
func bubbleNow() core.Millis { return realNow() + 27*365*core.Day }

func (s *inProcess) prepare(c *recordedCase, _ []*recordedCase) bool {
	n, err := build(Options{Now: bubbleNow}, s.tr.specs(s.t))
	if err != nil {
		s.t.Fatal(err)
	}
	s.net = n
	for _, name := range c.State.Freeze {
		n.Faults().Freeze(s.node(name).info.Ed)
	}
	for _, name := range c.State.Resume {
		n.Faults().Freeze(s.node(name).info.Ed)
		n.Faults().Revive(s.node(name).info.Ed)
	}
	for _, name := range c.State.Stop {
		n.Faults().Kill(s.node(name).info.Ed)
	}
	return true
}

func (s *inProcess) node(name string) *Node {
	s.t.Helper()
	r, ok := s.tr.Network.Nodes[name]
	if !ok {
		s.t.Fatalf("no node %q", name)
	}
	return s.net.Node(core.EdKey(unhex(s.t, r.Ed)))
}

func (s *inProcess) nodes() map[string]recordedNode { return s.tr.Network.Nodes }
func (s *inProcess) now() core.Millis               { return s.net.Now() }
func (s *inProcess) slack() core.Millis             { return 0 }

func (s *inProcess) send(node string, r *recordedRequest, body []byte) (httpAnswer, error) {
	method, path, header := "POST", pathRPC, Header{}
	if r.HTTP != "" {
		method, path = r.HTTP, r.Path
	}
	for k, v := range r.Headers {
		header[strings.ToLower(k)] = v
	}
	a := s.node(node).Serve(context.Background(), method, path, header, body)
	out := httpAnswer{status: a.Status, body: a.Body}
	for _, h := range a.Header {
		out.header = append(out.header, [2]string{strings.ToLower(h[0]), h[1]})
	}
	// The door adds this one, beside that of a server outside.
	out.header = append(out.header, [2]string{"content-length", strconv.Itoa(len(a.Body))})
	return out, nil
}

// upstream registers a server; it speaks no TLS, and is slow on the network's
// clock.
func (s *inProcess) upstream(u *upstreamSpec) *upstream {
	up := &upstream{port: 38765}
	serve := func(ctx context.Context, r ServerRequest) (Response, error) {
		up.received = append(up.received, r)
		if r.Protocol == "https" {
			return Response{}, errors.New("wrong version number")
		}
		if err := s.net.wait(ctx, core.Millis(u.DelayS)*core.Second); err != nil {
			return Response{}, err
		}
		return u.answer(s.t)
	}
	for _, host := range []string{"127.0.0.1", "localhost"} {
		s.net.RegisterServer(host+":"+strconv.Itoa(up.port), serve)
	}
	return up
}

// answer is what the server outside sends, with the headers that the recorded
// one added.
func (u *upstreamSpec) answer(t testing.TB) (Response, error) {
	t.Helper()
	if u.Close {
		return Response{}, errors.New("Empty reply from server")
	}
	body := unhex(t, u.BodyHex)
	if u.BodyFill > 0 {
		body = []byte(strings.Repeat("u", u.BodyFill))
	}
	header := append(slices.Clone(u.Headers), [2]string{"Content-Length", strconv.Itoa(len(body))}, [2]string{"Connection", "close"})
	return Response{Status: u.Status, Header: header, Body: body}, nil
}

// The recordings cover what they promise.
func TestRecordingsAreWhole(t *testing.T) {
	if *transcriptDir != "" {
		t.Skip("other recordings")
	}
	for file, want := range map[string]int{"storage-rpc.json": 356, "onion.json": 135} {
		if n := len(loadTranscript(t, file).Cases); n != want {
			t.Errorf("%s has %d cases, want %d", file, n, want)
		}
	}
}
