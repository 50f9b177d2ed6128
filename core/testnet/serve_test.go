//go:build !js

package testnet

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"tandem/core/onion"
	"tandem/core/snode"
)

// served is a small network on sockets, and a client that believes any
// certificate.
func served(t *testing.T, s Sockets) (*Network, *Servers, *http.Client) {
	t.Helper()
	n := newTest(t, Options{Nodes: 12, Sockets: s})
	ctx, cancel := context.WithCancel(t.Context())
	servers, err := n.Serve(ctx)
	if err != nil {
		t.Fatal(err)
	}
	tr := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		cancel()
		if err := servers.Close(); err != nil {
			t.Error(err)
		}
	})
	return n, servers, &http.Client{Transport: tr}
}

// post is one request and its answer, read whole.
func post(t *testing.T, c *http.Client, url string, body []byte) (*http.Response, []byte) {
	t.Helper()
	r, err := c.Post(url, "", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return r, b
}

func TestSocketsBehaveLikeRealNodes(t *testing.T) {
	n, servers, c := served(t, Sockets{})
	url := n.Nodes()[0].URL
	r, body := post(t, c, url+pathRPC, snode.Info().Body())
	if r.StatusCode != 200 || r.ProtoMajor != 1 || r.Header.Get("Server") != "Oxen Storage Server/2.8.0" {
		t.Errorf("%v %s", r, body)
	}
	if cors := r.Header.Get("Access-Control-Allow-Origin"); cors != "" {
		t.Errorf("CORS %q, which no node has", cors)
	}
	if leaf := r.TLS.PeerCertificates[0]; leaf.Subject.CommonName != "localhost" || leaf.CheckSignatureFrom(leaf) == nil && leaf.IsCA {
		t.Errorf("certificate of %v", leaf.Subject)
	}
	if _, err := http.Get(url); err == nil {
		t.Error("a client that checks certificates was satisfied")
	}
	req, _ := http.NewRequest(http.MethodOptions, url+pathRPC, nil)
	if r, err := c.Do(req); err != nil || r.StatusCode != 404 {
		t.Errorf("OPTIONS: %v %v", r, err)
	}
	r, body = post(t, c, servers.Seed, []byte(`{"jsonrpc":"2.0","id":1,"method":"get_n_service_nodes","params":{"active_only":true,"fields":{"public_ip":true,"pubkey_ed25519":true}}}`))
	if r.StatusCode != 200 || strings.Count(string(body), `"pubkey_ed25519":`) != 12 || strings.Contains(string(body), "storage_port") {
		t.Errorf("the seed says %d %s", r.StatusCode, body)
	}
}

func TestHeadIsAnsweredWithABody(t *testing.T) {
	n, _, _ := served(t, Sockets{})
	conn, err := tls.Dial("tcp", strings.TrimPrefix(n.Nodes()[0].URL, "https://"), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "HEAD /storage_rpc/v1 HTTP/1.1\r\nHost: x\r\n\r\n")
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(r.Body); err != nil || r.StatusCode != 404 || string(b) != "head /storage_rpc/v1 Not Found" {
		t.Errorf("%d %s %v", r.StatusCode, b, err)
	}
}

func TestPermissiveCORSIsAnOption(t *testing.T) {
	n, servers, c := served(t, Sockets{CORS: true})
	url := n.Nodes()[0].URL + pathOnion
	r, _ := post(t, c, url, nil)
	if r.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Error("no CORS")
	}
	// What a browser is told to trust is what it will see.
	sum := sha256.Sum256(r.TLS.PeerCertificates[0].RawSubjectPublicKeyInfo)
	if len(servers.SPKI) != 12+1 || servers.SPKI[0] != base64.StdEncoding.EncodeToString(sum[:]) {
		t.Errorf("%d keys of certificates, the first is %q", len(servers.SPKI), servers.SPKI[0])
	}
	req, _ := http.NewRequest(http.MethodOptions, url, nil)
	if r, err := c.Do(req); err != nil || r.StatusCode != 204 {
		t.Errorf("preflight: %v %v", r, err)
	}
}

func TestRateLimitCountsStorageRequestsOnly(t *testing.T) {
	clock := NewClock(1_800_000_000_000)
	n := newTest(t, Options{Nodes: 3, Swarms: 1, Now: clock.Now, After: clock.After})
	d := &door{net: n, node: n.all[0], limits: newBuckets()}
	ask := func(path string) int {
		w := &recorder{header: http.Header{}}
		r, _ := http.NewRequest("POST", path, bytes.NewReader(snode.Info().Body()))
		r.RequestURI, r.RemoteAddr = path, "127.0.0.1:5"
		d.ServeHTTP(w, r)
		if w.status == 429 && w.body.String() != "Too Many Requests\n" {
			t.Errorf("429 says %q", w.body.String())
		}
		return w.status
	}
	for i := range burst {
		if got := ask(pathRPC); got != 200 {
			t.Fatalf("request %d: %d", i, got)
		}
	}
	if got := ask(pathRPC); got != 429 {
		t.Errorf("request %d: %d, want 429", burst, got)
	}
	if got := ask(pathOnion); got != 400 {
		t.Errorf("an onion request was limited: %d", got)
	}
	clock.Advance(10) // three more tokens
	for i, want := range []int{200, 200, 200, 429} {
		if got := ask(pathRPC); got != want {
			t.Errorf("after 10 ms, request %d: %d, want %d", i, got, want)
		}
	}
}

// recorder is what a handler wrote.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header         { return r.header }
func (r *recorder) WriteHeader(status int)      { r.status = status }
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func TestDeadNodeEndsConnections(t *testing.T) {
	n, _, c := served(t, Sockets{})
	info := n.Nodes()[0]
	n.Faults().Kill(info.Ed)
	if r, err := c.Post(info.URL+pathRPC, "", strings.NewReader("{}")); err == nil {
		t.Errorf("a dead node answered %d", r.StatusCode)
	}
	n.Faults().Revive(info.Ed)
	if r, _ := post(t, c, info.URL+pathRPC, snode.Info().Body()); r.StatusCode != 200 {
		t.Errorf("after its revival: %d", r.StatusCode)
	}
}

func TestOnionOverSocketsAndFromMemoryMeet(t *testing.T) {
	n, _, c := served(t, Sockets{})
	p := newPhone(t, n)
	to := p.swarm()[0]
	path := p.route(to)
	body, reply, err := onion.Build(path, onion.Hop{Ed: to.info.Ed, X: to.info.X}, p.store("over the wire").Body())
	if err != nil {
		t.Fatal(err)
	}
	r, answer := post(t, c, n.Node(path[0].Ed).Info().URL+pathOnion, body)
	if status, text, err := reply.Open(answer); r.StatusCode != 200 || status != 200 || err != nil {
		t.Errorf("%d %d %s %v", r.StatusCode, status, text, err)
	}
	p.wantInbox(to, "over the wire")
}

func TestFixedPortsAreAdvertised(t *testing.T) {
	o := Options{Nodes: 3, Swarms: 1, Sockets: Sockets{FirstPort: 24_000, Advertise: true}}
	n := newTest(t, o)
	for i, info := range n.Nodes() {
		if info.IP != "127.0.0.1" || info.Port != 24_000+i {
			t.Errorf("node %d advertises %s:%d", i, info.IP, info.Port)
		}
	}
}
