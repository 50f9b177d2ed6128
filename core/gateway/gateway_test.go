//go:build !js

package gateway

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/core"
)

// key is the Ed25519 key of the nth node of a test; the gateway only compares.
func key(n byte) core.EdKey { return core.EdKey{31: n} }

// node starts a service node with a self-signed certificate, as real ones have.
func node(t *testing.T, n byte, h http.HandlerFunc) Upstream {
	t.Helper()
	s := httptest.NewTLSServer(h)
	t.Cleanup(s.Close)
	return Upstream{Ed: key(n), URL: s.URL}
}

// start puts a gateway before the nodes and returns its address.
func start(t *testing.T, o Options, nodes ...Upstream) string {
	t.Helper()
	o.Nodes = func() []Upstream { return nodes }
	return serveHandler(t, New(o))
}

func serveHandler(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func pathOf(ed core.EdKey) string { return "/gateway/" + ed.Hex() + "/onion_req/v2" }

// post sends a body and returns status and answer; err means that the answer
// did not come whole.
func post(url string, body []byte) (int, string, error) {
	res, err := http.Post(url, "", bytes.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, string(answer), err
}

func TestTheSameBytesBothWays(t *testing.T) {
	sent := bytes.Repeat([]byte{0, 1, 0xff, '\n', 0x1f, 0x8b}, 1000)
	answer := bytes.Repeat([]byte{0xfe, 0, '<', 'b', '>'}, 100_000)
	var got []byte
	var head *http.Request
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		head = r
		got, _ = io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Set-Cookie", "a=b")
		w.Header().Set("Access-Control-Allow-Origin", "*")
		w.Header().Set("Server", "Oxen Storage Server/2.8.0")
		_, _ = w.Write(answer)
	})
	url := start(t, Options{}, n)

	req, _ := http.NewRequest("POST", url+pathOf(n.Ed), bytes.NewReader(sent))
	req.Header.Set("Origin", url)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	req.Header.Set("Cookie", "session=secret")
	req.Header.Set("Referer", url+"/#c/05")
	req.Header.Set("X-Forwarded-For", "203.0.113.9")
	req.Header.Set("User-Agent", "a browser")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 || !bytes.Equal(body, answer) {
		t.Fatalf("answer: status %d, %d bytes, %v", res.StatusCode, len(body), err)
	}
	if !bytes.Equal(got, sent) {
		t.Errorf("the node got %d bytes, other than the %d that were sent", len(got), len(sent))
	}
	if head.URL.Path != "/onion_req/v2" || head.Method != "POST" || head.ContentLength != int64(len(sent)) {
		t.Errorf("the node got %s %s with length %d", head.Method, head.URL, head.ContentLength)
	}
	for name := range head.Header {
		if name != "Content-Length" {
			t.Errorf("the node got the header %s", name)
		}
	}
	for name, want := range map[string]string{
		"Set-Cookie": "", "Server": "", "Access-Control-Allow-Origin": "",
		"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
	} {
		if have := res.Header.Get(name); have != want {
			t.Errorf("%s of the answer: %q, want %q", name, have, want)
		}
	}
}

func TestWhatTheNodeSaysIsPassedOn(t *testing.T) {
	for _, status := range []int{400, 413, 429, 500, 502, 503, 504} {
		n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(status)
			fmt.Fprintf(w, "Next node not found: %d", status)
		})
		got, text, err := post(start(t, Options{}, n)+pathOf(n.Ed), []byte("x"))
		if got != status || text != fmt.Sprintf("Next node not found: %d", status) || err != nil {
			t.Errorf("status %d: %d %q %v", status, got, text, err)
		}
	}
}

// ask turns a good request into a bad one.
type ask func(r *http.Request)

func header(name string, values ...string) ask {
	return func(r *http.Request) { r.Header[name] = values }
}

// Whatever a page asks for, nobody but a node of the list is contacted.
func TestRefusals(t *testing.T) {
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("the node was asked: %s %s", r.Method, r.URL)
	})
	url := start(t, Options{}, n)
	host := strings.TrimPrefix(url, "http://")
	_, port, _ := net.SplitHostPort(host)
	good := pathOf(n.Ed)
	hex := n.Ed.Hex()

	hostIs := func(h string) ask { return func(r *http.Request) { r.Host = h } }
	pathIs := func(p string) ask { return func(r *http.Request) { r.URL.Opaque = p } }
	for _, c := range []struct {
		name   string
		ask    ask
		status int
	}{
		{"DNS rebinding", hostIs("evil.example:" + port), 403},
		{"DNS rebinding, same name in Origin", func(r *http.Request) {
			r.Host = "evil.example:" + port
			r.Header.Set("Origin", "http://evil.example:"+port)
		}, 403},
		{"a name that begins like ours", hostIs("localhost.evil.example:" + port), 403},
		{"an address that begins like ours", hostIs("127.0.0.1.evil.example:" + port), 403},
		{"another loopback address", hostIs("127.0.0.2:" + port), 403},
		{"another port in Host", hostIs("localhost:1"), 403},
		{"no port in Host", hostIs("localhost"), 403},
		{"the address of all interfaces", hostIs("0.0.0.0:" + port), 403},
		{"a foreign Origin", header("Origin", "https://evil.example"), 403},
		{"another port in Origin", header("Origin", "http://127.0.0.1:1"), 403},
		{"the other device's origin", header("Origin", "http://localhost:"+port), 403},
		{"an opaque Origin", header("Origin", "null"), 403},
		{"an empty Origin", header("Origin", ""), 403},
		{"two Origins", header("Origin", url, "https://evil.example"), 403},
		{"an Origin with a path", header("Origin", url+"/"), 403},
		{"Origin hidden, cross-site", header("Sec-Fetch-Site", "cross-site"), 403},
		{"Origin hidden, same site", header("Sec-Fetch-Site", "same-site"), 403},
		{"an address as the node", pathIs("/gateway/127.0.0.1:22/onion_req/v2"), 404},
		{"a URL as the node", pathIs("/gateway/https://evil.example/onion_req/v2"), 404},
		{"a node that nobody knows", pathIs("/gateway/" + key(2).Hex() + "/onion_req/v2"), 404},
		{"another path of a node", pathIs("/gateway/" + hex + "/storage_rpc/v1"), 404},
		{"a longer path", pathIs(good + "/x"), 404},
		{"dots", pathIs("/gateway/" + hex + "/../" + hex + "/onion_req/v2"), 404},
		{"escaped dots", pathIs("/gateway/" + hex + "/%2e%2e/onion_req/v2"), 404},
		{"an escaped digit", pathIs("/gateway/" + "%30" + hex[1:] + "/onion_req/v2"), 404},
		{"a doubled slash", pathIs("/gateway//" + hex + "/onion_req/v2"), 404},
		{"upper case", pathIs("/gateway/" + strings.Repeat("A", 64) + "/onion_req/v2"), 404},
		{"no hex", pathIs("/gateway/" + strings.Repeat("x", 64) + "/onion_req/v2"), 404},
		{"a short key", pathIs("/gateway/" + hex[:62] + "/onion_req/v2"), 404},
		{"a query", pathIs(good + "?url=https://evil.example"), 404},
		{"an empty query", pathIs(good + "?"), 404},
		{"GET", func(r *http.Request) { r.Method, r.Body, r.ContentLength = "GET", nil, 0 }, 405},
		{"OPTIONS", func(r *http.Request) { r.Method, r.Body, r.ContentLength = "OPTIONS", nil, 0 }, 405},
		{"PUT", func(r *http.Request) { r.Method = "PUT" }, 405},
		{"an empty body", func(r *http.Request) { r.Body, r.ContentLength = nil, 0 }, 400},
		{"no length", func(r *http.Request) { r.ContentLength = -1 }, 411},
		{"a byte too long", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(make([]byte, MaxBody+1))), MaxBody+1
			r.Header.Set("Expect", "100-continue") // so that the answer comes before the body
		}, 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, _ := http.NewRequest("POST", url+good, strings.NewReader("onion"))
			c.ask(r)
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			text, _ := io.ReadAll(res.Body)
			if res.StatusCode != c.status || !strings.HasPrefix(string(text), "gateway: ") {
				t.Errorf("%d %q, want %d and a sentence", res.StatusCode, text, c.status)
			}
			if res.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("the answer can be read by a foreign page")
			}
		})
	}
}

func TestAllowedHosts(t *testing.T) {
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {})
	url := start(t, Options{Hosts: []string{"tandem.example"}}, n)
	for host, want := range map[string]int{"tandem.example": 200, "Tandem.Example": 200, "localhost": 403, "evil.example": 403} {
		r, _ := http.NewRequest("POST", url+pathOf(n.Ed), strings.NewReader("x"))
		r.Host = host
		r.Header.Set("Origin", "https://"+strings.ToLower(host))
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: %d, want %d", host, res.StatusCode, want)
		}
	}
}

// A list that changes is followed at once: a node that left is not contacted.
func TestTheListMayChange(t *testing.T) {
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {})
	lists := make(chan []Upstream, 2)
	s := httptest.NewServer(New(Options{Nodes: func() []Upstream { return <-lists }}))
	defer s.Close()
	lists <- []Upstream{n}
	if status, _, _ := post(s.URL+pathOf(n.Ed), []byte("x")); status != 200 {
		t.Errorf("on the list: %d", status)
	}
	lists <- nil
	if status, _, _ := post(s.URL+pathOf(n.Ed), []byte("x")); status != 404 {
		t.Errorf("off the list: %d", status)
	}
}

func TestLimitOfRequestsUnderWay(t *testing.T) {
	arrived, leave := make(chan bool), make(chan bool)
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		arrived <- true
		<-leave
	})
	url := start(t, Options{Limit: 1}, n) + pathOf(n.Ed)
	done := make(chan int)
	ask := func() {
		status, _, _ := post(url, []byte("x"))
		done <- status
	}
	go ask()
	<-arrived
	if status, text, _ := post(url, []byte("x")); status != 503 || text != "gateway: too many requests at once\n" {
		t.Errorf("second: %d %q", status, text)
	}
	leave <- true
	if status := <-done; status != 200 {
		t.Errorf("first: %d", status)
	}
	go ask()
	<-arrived
	leave <- true
	if status := <-done; status != 200 {
		t.Errorf("third, after the first: %d", status)
	}
}

func TestManyTabsAtOnce(t *testing.T) {
	echo := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	}
	var nodes []Upstream
	for i := range byte(5) {
		nodes = append(nodes, node(t, i, echo))
	}
	url := start(t, Options{}, nodes...)
	var all sync.WaitGroup
	for tab := range 10 {
		all.Go(func() {
			for i := range 10 {
				body := bytes.Repeat([]byte{byte(tab), byte(i)}, 5000*i+1)
				status, answer, err := post(url+pathOf(nodes[(tab+i)%5].Ed), body)
				if status != 200 || answer != string(body) || err != nil {
					t.Errorf("tab %d, request %d: %d, %d bytes, %v", tab, i, status, len(answer), err)
				}
			}
		})
	}
	all.Wait()
}

func TestSlowTab(t *testing.T) {
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	// Where even the way to the node takes longer than that, it is the node that is
	// late (504), and where the first line does, there is no answer at all; then the
	// same again with more time.
	var status string
	for timeout := 100 * time.Millisecond; timeout < time.Minute; timeout *= 4 {
		url := start(t, Options{Timeout: timeout}, n)
		host := strings.TrimPrefix(url, "http://")
		c, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000\r\n\r\nthe first bytes, and then none", pathOf(n.Ed), host)
		answer, err := io.ReadAll(c) // until the gateway closes the connection
		if err != nil {
			t.Fatal(err)
		}
		status, _, _ = strings.Cut(string(answer), "\r\n")
		if status != "HTTP/1.1 504 Gateway Timeout" && status != "" {
			break
		}
	}
	if status != "HTTP/1.1 408 Request Timeout" {
		t.Errorf("answer %q", status)
	}
}

// A tab that leaves takes its request to the node with it.
func TestTabThatLeaves(t *testing.T) {
	arrived, ended := make(chan bool), make(chan bool)
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- true
		<-r.Context().Done()
		ended <- true
	})
	url := start(t, Options{}, n)
	ctx, leave := context.WithCancel(context.Background())
	go func() {
		r, _ := http.NewRequestWithContext(ctx, "POST", url+pathOf(n.Ed), strings.NewReader("x"))
		if res, err := http.DefaultClient.Do(r); err == nil {
			res.Body.Close()
		}
	}()
	<-arrived
	leave()
	<-ended
}
