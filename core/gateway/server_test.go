//go:build !js

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
)

// serve runs what Compose makes of the example site and the nodes.
func serve(t *testing.T, network []byte, nodes ...Upstream) (s *Server, stop func() error) {
	t.Helper()
	h, err := Compose(exampleSite(), network, Options{Nodes: func() []Upstream { return nodes }})
	if err != nil {
		t.Fatal(err)
	}
	s, err = Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, h) }()
	return s, func() error {
		cancel()
		return <-ended
	}
}

func fetch(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// One program, two origins: the page, the network and the nodes on both.
func TestTwoOriginsOneServer(t *testing.T) {
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "onion") })
	s, stop := serve(t, nil, n)
	for _, name := range []string{"localhost", "127.0.0.1"} {
		origin := fmt.Sprintf("http://%s:%d", name, s.Port())
		if status, body := fetch(t, origin+"/"); status != 200 || !strings.Contains(body, "the shell") {
			t.Errorf("%s: %d %q", origin, status, body)
		}
		if status, body := fetch(t, origin+NetworkPath); status != 200 || !strings.Contains(body, `"/gateway"`) {
			t.Errorf("%s: network %d %q", origin, status, body)
		}
		if status, body, err := post(origin+pathOf(n.Ed), []byte("x")); status != 200 || body != "onion" || err != nil {
			t.Errorf("%s: node %d %q %v", origin, status, body, err)
		}
	}
	if err := stop(); err != nil {
		t.Errorf("end: %v", err)
	}
	if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port()))); err == nil {
		c.Close()
		t.Error("the port is still taken after the end")
	}
}

func TestAnotherNetworkFile(t *testing.T) {
	s, stop := serve(t, []byte(`{"gateways":["https://g.example/gateway"]}`))
	url := fmt.Sprintf("http://localhost:%d", s.Port())
	if _, body := fetch(t, url+NetworkPath); !strings.Contains(body, "g.example") {
		t.Errorf("network.json: %q", body)
	}
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "connect-src 'self' https://g.example;") {
		t.Errorf("policy %q", policy)
	}
	if err := stop(); err != nil {
		t.Errorf("end: %v", err)
	}
}

// A rebound name gets no page either.
func TestForeignHostGetsNothing(t *testing.T) {
	s, stop := serve(t, nil)
	r, _ := http.NewRequest("GET", fmt.Sprintf("http://127.0.0.1:%d/", s.Port()), nil)
	r.Host = "evil.example"
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, _ := io.ReadAll(res.Body); res.StatusCode != 403 || strings.Contains(string(body), "shell") {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	if err := stop(); err != nil {
		t.Errorf("end: %v", err)
	}
}

func TestPortThatIsTaken(t *testing.T) {
	s, stop := serve(t, nil)
	if _, err := Listen(s.Port()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("second Listen: %v", err)
	}
	if err := stop(); err != nil {
		t.Errorf("end: %v", err)
	}
}

// A request that hangs does not hold up the end for long, and is not left over.
func TestEndWithARequestUnderWay(t *testing.T) {
	arrived := make(chan bool)
	n := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- true
		<-r.Context().Done()
	})
	s, stop := serve(t, nil, n)
	cut := make(chan error)
	go func() {
		_, _, err := post(fmt.Sprintf("http://localhost:%d%s", s.Port(), pathOf(n.Ed)), []byte("x"))
		cut <- err
	}()
	<-arrived
	if err := stop(); err != nil {
		t.Errorf("end: %v", err)
	}
	if <-cut == nil {
		t.Error("the request that hung has an answer")
	}
}

// pipes is a listener to whom connections never stop coming.
type pipes struct{ net.Listener }

func (pipes) Accept() (net.Conn, error) {
	ours, _ := net.Pipe()
	return ours, nil
}

// Connections beyond the limit wait for one to close.
func TestConnectionsAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &limited{Listener: pipes{}, slots: make(chan struct{}, 2)}
		accepted := make(chan net.Conn, 4)
		go func() {
			for range cap(accepted) {
				c, err := l.Accept()
				if err != nil {
					t.Error(err)
				}
				accepted <- c
			}
		}()
		for _, want := range []int{2, 1, 1} {
			synctest.Wait()
			if len(accepted) != want {
				t.Fatalf("%d connections accepted, want %d", len(accepted), want)
			}
			c := <-accepted
			if want == 2 {
				<-accepted
			}
			c.Close()
			c.Close() // a second Close frees no second place
		}
	})
}
