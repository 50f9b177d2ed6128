//go:build !js

package gateway

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A client may spend its burst at once, then as much as its rate gives back,
// and is forgotten as soon as it owes nothing.
func TestVisitorsSpendAndAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := newVisitors(3)
		one, other := netip.MustParseAddr("203.0.113.1"), netip.MustParseAddr("203.0.113.2")
		spend := func(ip netip.Addr, n int) (served int) {
			for range n {
				if leave, ok := v.enter(ip); ok {
					leave()
					served++
				}
			}
			return served
		}
		if n := spend(one, 100); n != 30 {
			t.Errorf("at once: %d", n)
		}
		if n := spend(other, 1); n != 1 {
			t.Errorf("another client: %d", n)
		}
		<-time.After(2 * time.Second)
		if n := spend(one, 100); n != 6 {
			t.Errorf("after two seconds: %d", n)
		}
		<-time.After(burstSeconds*time.Second + time.Millisecond)
		if n := v.known(); n != 0 {
			t.Errorf("%d clients are still known", n)
		}
	})
}

func TestVisitorWithTooMuchUnderWay(t *testing.T) {
	v := newVisitors(1000)
	ip := netip.MustParseAddr("203.0.113.1")
	var last func()
	for range perVisitor {
		leave, ok := v.enter(ip)
		if !ok {
			t.Fatal("refused too early")
		}
		last = leave
	}
	if _, ok := v.enter(ip); ok {
		t.Error("one too many")
	}
	last()
	if _, ok := v.enter(ip); !ok {
		t.Error("refused although one has left")
	}
}

// The table does not grow without bound, and who has something under way stays.
func TestVisitorsAreBounded(t *testing.T) {
	v := newVisitors(1)
	busy := netip.MustParseAddr("203.0.113.1")
	if _, ok := v.enter(busy); !ok {
		t.Fatal("refused")
	}
	for i := range maxVisitors + 1000 {
		leave, ok := v.enter(netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}))
		if !ok {
			t.Fatalf("client %d was refused", i)
		}
		leave()
		if len(v.by) > maxVisitors {
			t.Fatalf("%d accounts", len(v.by))
		}
	}
	if v.by[v.hash(busy)] == nil {
		t.Error("a client with a request under way was forgotten")
	}
}

func TestHashesOfClients(t *testing.T) {
	v, w := newVisitors(1), newVisitors(1)
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"203.0.113.1", "203.0.113.1", true},
		{"203.0.113.1", "::ffff:203.0.113.1", true},
		{"203.0.113.1", "203.0.113.2", false},
		{"2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true},
		{"2001:db8:1:2::1", "2001:db8:1:3::1", false},
		{"fe80::1%eth0", "fe80::1", true},
	} {
		a, b := netip.MustParseAddr(c.a), netip.MustParseAddr(c.b)
		if (v.hash(a) == v.hash(b)) != c.same {
			t.Errorf("%s and %s: same is %t", a, b, !c.same)
		}
		if v.hash(a) == w.hash(a) {
			t.Error("two gateways hash alike: there is no salt")
		}
	}
}

// X-Forwarded-For is believed as far as proxies of ours wrote it.
func TestWhoAsks(t *testing.T) {
	p := proxies{netip.MustParsePrefix("127.0.0.1/32"), netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"203.0.113.1:5", nil, "203.0.113.1"},
		{"203.0.113.1:5", []string{"198.51.100.1"}, "203.0.113.1"}, // no proxy of ours
		{"127.0.0.1:5", nil, "127.0.0.1"},
		{"127.0.0.1:5", []string{"198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1:5", []string{"1.1.1.1, 198.51.100.1"}, "198.51.100.1"}, // invented before
		{"127.0.0.1:5", []string{"1.1.1.1", "198.51.100.1"}, "198.51.100.1"},
		{"127.0.0.1:5", []string{"1.1.1.1, 198.51.100.1, 10.2.3.4"}, "198.51.100.1"}, // two proxies
		{"[::ffff:127.0.0.1]:5", []string{"2001:db8::1"}, "2001:db8::1"},
		{"127.0.0.1:5", []string{"unknown"}, "127.0.0.1"},
		{"127.0.0.1:5", []string{"1.1.1.1, unknown"}, "127.0.0.1"},
		{"pipe", []string{"1.1.1.1"}, "::"},
	} {
		r := httptest.NewRequest("POST", "/", nil)
		r.RemoteAddr = c.peer
		r.Header["X-Forwarded-For"] = c.forwarded
		if have := p.client(r).String(); have != c.want {
			t.Errorf("%s for %q: %s, want %s", c.peer, c.forwarded, have, c.want)
		}
	}
}

// street is a listener whose connections are pipes from any address.
type street struct {
	come chan net.Conn
	once sync.Once
	gone chan struct{}
}

func newStreet() *street { return &street{come: make(chan net.Conn), gone: make(chan struct{})} }

func (s *street) Accept() (net.Conn, error) {
	select {
	case c := <-s.come:
		return c, nil
	case <-s.gone:
		return nil, net.ErrClosed
	}
}

func (s *street) Close() error {
	s.once.Do(func() { close(s.gone) })
	return nil
}

func (s *street) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects from an address.
func (s *street) dial(ip string) net.Conn {
	ours, theirs := net.Pipe()
	s.come <- cameFrom{theirs, &net.TCPAddr{IP: net.ParseIP(ip), Port: 1}}
	return ours
}

type cameFrom struct {
	net.Conn
	addr *net.TCPAddr
}

func (c cameFrom) RemoteAddr() net.Addr { return c.addr }

// instant is the way to nodes that answer at once.
type instant struct{}

func (instant) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: 200, ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(string(body)))}, nil
}

// Two thousand clients send half a head or half a body and then nothing, and
// another one opens as many connections as it can. Meanwhile an honest client
// is served, and in the end all the slow ones are gone.
func TestSlowLoris(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, err := NewPublic(PublicOptions{Listen: "127.0.0.1:0", Origins: []string{page}})
		if err != nil {
			t.Fatal(err)
		}
		p.pages.Close()
		s := newStreet()
		p.bridge.nodes = func() []Upstream { return []Upstream{{Ed: key(1), URL: "https://node"}} }
		p.bridge.out = instant{}
		server := publicServer(p)
		var all sync.WaitGroup
		all.Go(func() { _ = server.Serve(&limited{Listener: s, slots: p.slots, crowd: p.crowd}) })

		head := "POST " + pathOf(key(1)) + " HTTP/1.1\r\nHost: g\r\n"
		slow := func(ip string, i int) {
			c := s.dial(ip)
			all.Go(func() {
				_, _ = io.WriteString(c, head[:len(head)-i%40])
				if i%2 == 0 {
					_, _ = io.WriteString(c, head[len(head)-i%40:]+"Content-Length: 100\r\n\r\nhalf")
				}
				_, _ = io.Copy(io.Discard, c) // until it is closed
				c.Close()
			})
		}
		for i := range 2000 {
			slow(fmt.Sprintf("198.%d.%d.1", i>>8, i&255), i)
		}
		for i := range 1000 {
			slow("203.0.113.66", i)
		}
		synctest.Wait()
		if n := len(p.slots); n != 2000+connsPerClient+1 && n != 2000+connsPerClient { // one more waits in Accept
			t.Errorf("%d connections are open", n)
		}
		if got := exchange(s.dial("203.0.113.67"), head+"Content-Length: 6\r\nConnection: close\r\n\r\nhonest"); !strings.HasPrefix(got, "HTTP/1.1 200 OK") || !strings.HasSuffix(got, "honest") {
			t.Errorf("the honest client got %q", got)
		}
		<-time.After(DefaultTimeout + headTime + time.Second)
		synctest.Wait()
		if n := len(p.slots); n > 1 {
			t.Errorf("%d connections are still open", n)
		}
		if n := len(p.bridge.slots); n != 0 {
			t.Errorf("%d requests are still under way", n)
		}
		if n := len(p.crowd.by); n != 0 || p.bridge.visitors.known() != 0 {
			t.Errorf("%d and %d clients are still known", n, p.bridge.visitors.known())
		}
		server.Close()
		all.Wait()
	})
}

// exchange writes a request and reads until the other side closes.
func exchange(c net.Conn, raw string) string {
	defer c.Close()
	if _, err := io.WriteString(c, raw); err != nil {
		return err.Error()
	}
	answer, err := io.ReadAll(c)
	if err != nil {
		return err.Error()
	}
	return string(answer)
}
