//go:build !js

package gateway

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tandem/core/snode"
)

const page = "https://tandem.example"

// echo is a node that sends back what it gets.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = w.Write(body)
}

// enrol names a test's nodes as a list does.
func enrol(t *testing.T, nodes ...Upstream) []snode.Node {
	t.Helper()
	var list []snode.Node
	for _, n := range nodes {
		at, err := netip.ParseAddrPort(strings.TrimPrefix(n.URL, "https://"))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, snode.Node{Ed: n.Ed, IP: at.Addr().String(), Port: int(at.Port())})
	}
	return list
}

// open runs a public gateway for page, behind a proxy on this machine, so that
// a test can be several clients. stop ends it and waits for its end.
func open(t *testing.T, o PublicOptions, nodes ...Upstream) (p *Public, url string, stop func() error) {
	t.Helper()
	o.Listen, o.Metrics = "127.0.0.1:0", "127.0.0.1:0"
	o.Origins, o.Proxies = []string{page}, []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	o.Nodes = append(o.Nodes, enrol(t, nodes...)...)
	p, err := NewPublic(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	end := make(chan error, 1)
	go func() { end <- p.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-end
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("end: %v", err)
		}
	})
	return p, "http://" + p.Addr(), stop
}

// postAs posts as the client at an address, by the proxy.
func postAs(client, url string, body []byte) (int, string, error) {
	r, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("X-Forwarded-For", client)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}

// Only pages of the list can use it, and only they can read what it says.
func TestOriginsOfPublic(t *testing.T) {
	n := node(t, 1, echo)
	_, url, _ := open(t, PublicOptions{}, n)
	good, unknown := pathOf(n.Ed), pathOf(key(9))
	for _, c := range []struct {
		name, method, path string
		ask                ask
		status             int
		readable           bool
	}{
		{"a page of the list", "POST", good, header("Origin", page), 200, true},
		{"a page of the list that asks first", "OPTIONS", good, header("Origin", page), 204, true},
		{"a page of the list and a strange node", "POST", unknown, header("Origin", page), 404, true},
		{"a page of the list, GET", "GET", good, header("Origin", page), 405, true},
		{"a program", "POST", good, func(*http.Request) {}, 200, false},
		{"a foreign page", "POST", good, header("Origin", "https://evil.example"), 403, false},
		{"a foreign page that asks first", "OPTIONS", good, header("Origin", "https://evil.example"), 403, false},
		{"nobody asks first", "OPTIONS", good, func(*http.Request) {}, 204, false},
		{"asks first for another path", "OPTIONS", "/metrics", header("Origin", page), 404, true},
		{"the page over plain HTTP", "POST", good, header("Origin", "http://tandem.example"), 403, false},
		{"a name below the page's", "POST", good, header("Origin", "https://x.tandem.example"), 403, false},
		{"a name that begins like the page's", "POST", good, header("Origin", page+".evil.example"), 403, false},
		{"another port", "POST", good, header("Origin", page+":8443"), 403, false},
		{"another spelling", "POST", good, header("Origin", "https://TANDEM.example"), 403, false},
		{"the gateway's own origin", "POST", good, header("Origin", url), 403, false},
		{"an opaque origin", "POST", good, header("Origin", "null"), 403, false},
		{"an empty origin", "POST", good, header("Origin", ""), 403, false},
		{"two origins", "POST", good, header("Origin", page, "https://evil.example"), 403, false},
		{"two origins in one", "POST", good, header("Origin", page+" https://evil.example"), 403, false},
		{"a page that hides its origin", "POST", good, header("Sec-Fetch-Site", "cross-site"), 403, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := http.NewRequest(c.method, url+c.path, strings.NewReader("onion"))
			c.ask(r)
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			want := ""
			if c.readable {
				want = page
			}
			if have := res.Header.Get("Access-Control-Allow-Origin"); res.StatusCode != c.status || have != want {
				t.Errorf("%d, readable by %q; want %d, %q", res.StatusCode, have, c.status, want)
			}
			if res.Header.Get("Vary") != "Origin" || res.Header.Get("Access-Control-Allow-Credentials") != "" {
				t.Errorf("headers %v", res.Header)
			}
			if (res.Header.Get("Access-Control-Allow-Methods") == "POST") != (c.status == 204) {
				t.Errorf("methods %q", res.Header.Get("Access-Control-Allow-Methods"))
			}
		})
	}
}

func TestOptionsThatMakeNoSense(t *testing.T) {
	for _, c := range []struct {
		o    PublicOptions
		want error
	}{
		{PublicOptions{}, ErrNoOrigin},
		{PublicOptions{Origins: []string{"*"}}, ErrOrigin},
		{PublicOptions{Origins: []string{"null"}}, ErrOrigin},
		{PublicOptions{Origins: []string{"https://*.example"}}, ErrOrigin},
		{PublicOptions{Origins: []string{page, "tandem.example"}}, ErrOrigin},
		{PublicOptions{Origins: []string{page + "/"}}, ErrOrigin},
		{PublicOptions{Origins: []string{"https://Tandem.example"}}, ErrOrigin},
		{PublicOptions{Origins: []string{page}, Cert: "x.pem"}, ErrHalfTLS},
		{PublicOptions{Origins: []string{page}, Key: "x.pem"}, ErrHalfTLS},
	} {
		if _, err := NewPublic(c.o); !errors.Is(err, c.want) {
			t.Errorf("%+v: %v, want %v", c.o, err, c.want)
		}
	}
}

// Whatever stands on the line, the node gets one request, of the path and the
// length that the gateway made, and nothing that the client hid in another.
func TestSmuggling(t *testing.T) {
	var asked atomic.Int32
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		for name := range r.Header {
			if name != "Content-Length" {
				t.Errorf("the node got the header %s", name)
			}
		}
		if r.URL.Path != "/onion_req/v2" || r.Host == "evil" || len(r.TransferEncoding) > 0 {
			t.Errorf("the node got %s for %s", r.URL, r.Host)
		}
		_, _ = w.Write(body)
	})
	p, _, _ := open(t, PublicOptions{}, n)
	hidden := "POST /storage_rpc/v1 HTTP/1.1\r\nHost: evil\r\nContent-Length: 0\r\n\r\n"
	head := "POST " + pathOf(n.Ed) + " HTTP/1.1\r\nHost: g\r\n"
	for _, c := range []struct {
		name, raw string
		asked     int32
		first     string // status of the first answer
	}{
		{"a plain request", head + "Content-Length: 5\r\n\r\nonion", 1, "200"},
		{"headers that must not go on", head + "Content-Length: 5\r\nX-Loki-Long-Poll: 1\r\nTrailer: X\r\nConnection: Content-Length\r\nUpgrade: x\r\nTE: trailers\r\n\r\nonion", 1, "200"},
		{"one behind the other", head + "Content-Length: 5\r\n\r\nonion" + hidden, 1, "200"},
		{"hidden in the body", head + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(hidden), hidden), 1, "200"},
		{"length and chunks", head + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden, 0, "411"},
		{"chunks and length", head + "Transfer-Encoding: chunked\r\nContent-Length: 100\r\n\r\n0\r\n\r\n" + hidden, 0, "411"},
		{"chunks by another name", head + "Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 0, "501"},
		{"chunks twice", head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n", 0, "501"},
		{"two lengths", head + "Content-Length: 5\r\nContent-Length: 0\r\n\r\nonion" + hidden, 0, "400"},
		{"two lengths in one", head + "Content-Length: 5, 0\r\n\r\nonion", 0, "400"},
		{"a signed length", head + "Content-Length: +5\r\n\r\nonion", 0, "400"},
		{"a space before the colon", head + "Content-Length : 5\r\n\r\nonion", 0, "400"},
		{"a header on two lines", head + "X: a\r\n b\r\nContent-Length: 5\r\n\r\nonion", 1, "200"},
		{"a line feed in a header", head + "X: a\rContent-Length: 99\r\nContent-Length: 5\r\n\r\nonion", 0, "400"},
		{"a NUL in a header", head + "X: a\x00\r\nContent-Length: 5\r\n\r\nonion", 0, "400"},
		{"a full URL as the target", "POST https://evil.example/onion_req/v2 HTTP/1.1\r\nHost: g\r\nContent-Length: 5\r\n\r\nonion", 0, "404"},
		{"CONNECT", "CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1:22\r\n\r\n", 0, "404"},
		{"two Hosts", head + "Host: evil\r\nContent-Length: 5\r\n\r\nonion", 0, "400"},
		{"no Host", "POST " + pathOf(n.Ed) + " HTTP/1.1\r\nContent-Length: 5\r\n\r\nonion", 0, "400"},
		{"a head that is too long", head + "X: " + strings.Repeat("x", 64<<10) + "\r\nContent-Length: 5\r\n\r\nonion", 0, "431"},
		{"a preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, "404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked.Store(0)
			conn, err := net.Dial("tcp", p.Addr())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			go func() { _, _ = io.WriteString(conn, c.raw) }()
			from := bufio.NewReader(conn)
			res, err := http.ReadResponse(from, nil)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, res.Body)
			_ = conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, from) // what else was on the line is answered too
			if status := res.Status[:3]; status != c.first || asked.Load() != c.asked {
				t.Errorf("%s, node asked %d times; want %s, %d", status, asked.Load(), c.first, c.asked)
			}
		})
	}
}

// meeting is a way to nodes that answer when all are there.
type meeting struct {
	missing atomic.Int32
	all     chan bool
}

func (m *meeting) RoundTrip(r *http.Request) (*http.Response, error) {
	if m.missing.Add(-1) == 0 {
		close(m.all)
	}
	select {
	case <-m.all:
		return instant{}.RoundTrip(r)
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

// A thousand clients at once, each with a connection and a request of its own
// under way, are all served.
func TestAThousandClients(t *testing.T) {
	const clients = 1000
	n := node(t, 1, echo)
	p, url, _ := open(t, PublicOptions{}, n)
	m := &meeting{all: make(chan bool)}
	m.missing.Store(clients)
	p.bridge.out = m
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			body := bytes.Repeat([]byte{byte(i)}, 4000+i)
			client := fmt.Sprintf("198.51.%d.%d", i>>8, i&255)
			status, answer, err := postAs(client, url+pathOf(n.Ed), body)
			if status != 200 || answer != string(body) || err != nil {
				t.Errorf("client %d: %d, %d bytes, %v", i, status, len(answer), err)
			}
		})
	}
	all.Wait()
	if n := m.missing.Load(); n != 0 {
		t.Errorf("%d were never under way with the others", n)
	}
}

// One client asks far too much; another one is served as if nothing were.
func TestHonestClientsAreServedMeanwhile(t *testing.T) {
	n := node(t, 1, echo)
	p, url, _ := open(t, PublicOptions{Rate: 2}, n)
	var refused atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				switch status, answer, err := postAs("203.0.113.66", url+pathOf(n.Ed), []byte("x")); {
				case err != nil:
					t.Error(err)
				case status == 429 && answer == "gateway: too many requests of one client\n":
					refused.Add(1)
				case status != 200:
					t.Errorf("%d %q", status, answer)
				}
			}
		})
	}
	for range 15 {
		if status, answer, err := postAs("203.0.113.67", url+pathOf(n.Ed), []byte("honest")); status != 200 || answer != "honest" || err != nil {
			t.Errorf("the honest client: %d %q %v", status, answer, err)
		}
	}
	all.Wait()
	if refused.Load() < 300 {
		t.Errorf("only %d of 400 were refused", refused.Load())
	}
	if p.bridge.visitors.known() != 2 {
		t.Errorf("%d clients are known", p.bridge.visitors.known())
	}
}

// Figures say how much and how it went, and nothing about who and where.
func TestMetricsNameNobody(t *testing.T) {
	n := node(t, 0xab, echo)
	rude := node(t, 2, func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(502) })
	p, url, _ := open(t, PublicOptions{}, n, rude)
	client := "203.0.113.66"
	for _, path := range []string{pathOf(n.Ed), pathOf(n.Ed), pathOf(rude.Ed), pathOf(key(7)), "/?x=" + n.Ed.Hex()} {
		if _, _, err := postAs(client, url+path, []byte("onion")); err != nil {
			t.Fatal(err)
		}
	}
	_, text := fetch(t, "http://"+p.metrics.Addr().String()+metricsPath)
	for _, want := range []string{
		`tandem_gateway_requests_total{result="ok"} 2`,
		`tandem_gateway_requests_total{result="node_error"} 1`,
		`tandem_gateway_requests_total{result="node"} 1`,
		`tandem_gateway_requests_total{result="path"} 1`,
		"tandem_gateway_to_nodes_bytes_total 15",
		"tandem_gateway_from_nodes_bytes_total 10",
		"tandem_gateway_seconds_count 3",
		`tandem_gateway_seconds_bucket{le="+Inf"} 3`,
		"tandem_gateway_clients 1",
		"tandem_gateway_nodes 2",
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, secret := range []string{client, "127.0.0.1", "203.0", n.Ed.Hex(), n.Ed.Hex()[56:], "tandem.example", "onion"} {
		if strings.Contains(text, secret) {
			t.Errorf("the metrics contain %q", secret)
		}
	}
	if status, _ := fetch(t, url+metricsPath); status != 404 {
		t.Errorf("the metrics are public: %d", status)
	}
	if status, _ := fetch(t, "http://"+p.metrics.Addr().String()+"/debug/pprof/"); status != 404 {
		t.Errorf("beside the metrics: %d", status)
	}
}

func TestHealth(t *testing.T) {
	_, url, _ := open(t, PublicOptions{}, node(t, 1, echo))
	if status, text := fetch(t, url+healthPath); status != 200 || text != "ok\n" {
		t.Errorf("%d %q", status, text)
	}
	_, url, _ = open(t, PublicOptions{})
	if status, text := fetch(t, url+healthPath); status != 503 || text != "no list of nodes yet\n" {
		t.Errorf("without nodes: %d %q", status, text)
	}
}

// The signal to stop ends no request that is under way, and takes no new one.
func TestGracefulStop(t *testing.T) {
	arrived, leave := make(chan bool), make(chan bool)
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-leave
		_, _ = io.WriteString(w, "whole")
	})
	p, url, stop := open(t, PublicOptions{}, n)
	answers := make(chan string)
	go func() {
		_, answer, err := post(url+pathOf(n.Ed), []byte("x"))
		answers <- fmt.Sprint(answer, err)
	}()
	<-arrived
	ended := make(chan error)
	go func() { ended <- stop() }()
	for { // until the port is free
		c, err := net.Dial("tcp", p.Addr())
		if err != nil {
			break
		}
		c.Close()
	}
	select {
	case <-ended:
		t.Error("it did not wait")
	default:
	}
	leave <- true
	if answer := <-answers; answer != "whole<nil>" {
		t.Errorf("the request under way: %s", answer)
	}
	if err := <-ended; err != nil {
		t.Errorf("end: %v", err)
	}
}

func TestTLSByFlag(t *testing.T) {
	model := httptest.NewTLSServer(nil) // for its certificate
	defer model.Close()
	secret, err := x509.MarshalPKCS8PrivateKey(model.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, priv := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: model.Certificate().Raw},
		priv: {Type: "PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	n := node(t, 1, echo)
	p, _, _ := open(t, PublicOptions{Cert: cert, Key: priv}, n)
	roots := x509.NewCertPool()
	roots.AddCert(model.Certificate())
	way := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer way.CloseIdleConnections()
	res, err := (&http.Client{Transport: way}).Post("https://"+p.Addr()+pathOf(n.Ed), "", strings.NewReader("onion"))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err := io.ReadAll(res.Body); string(body) != "onion" || err != nil || res.ProtoMajor != 2 {
		t.Errorf("%q %v over %s", body, err, res.Proto)
	}
}

func TestCertificateThatIsMissing(t *testing.T) {
	p, err := NewPublic(PublicOptions{Listen: "127.0.0.1:0", Origins: []string{page}, Cert: "no.pem", Key: "no.pem"})
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
}
