//go:build !js

package gateway

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

const (
	// maxPublicConns: each costs some 10 KB, and two sockets while it asks.
	maxPublicConns = 8192

	// connsPerClient: a browser opens six to an origin, and many may share an
	// address. It keeps one client with slow connections from taking all.
	connsPerClient = 256
)

// crowd counts connections by client, under the same hashes as visitors.
type crowd struct {
	visitors *visitors
	proxies  proxies // theirs are everybody's, and not limited
	limit    int

	mu sync.Mutex // guards by
	by map[visitor]int
}

func newCrowd(v *visitors, p proxies) *crowd {
	return &crowd{visitors: v, proxies: p, limit: connsPerClient, by: map[visitor]int{}}
}

// arrive counts a connection, unless its client has too many. leave is called
// when it ends.
func (c *crowd) arrive(from net.Addr) (leave func(), ok bool) {
	tcp, isTCP := from.(*net.TCPAddr)
	if !isTCP || c.proxies.trust(tcp.AddrPort().Addr()) {
		return func() {}, true
	}
	who := c.visitors.hash(tcp.AddrPort().Addr())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[who] >= c.limit {
		return nil, false
	}
	c.by[who]++
	return func() { c.depart(who) }, true
}

func (c *crowd) depart(who visitor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by[who]--; c.by[who] == 0 {
		delete(c.by, who)
	}
}

// proxies are the networks whose X-Forwarded-For is believed.
type proxies []netip.Prefix

func (p proxies) trust(ip netip.Addr) bool {
	for _, network := range p {
		if network.Contains(ip.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// client is who asks: the peer of the connection or, as long as that is a
// proxy of ours, who came to it. Each proxy adds its peer at the end, so what
// stands before the last stranger is that stranger's invention.
func (p proxies) client(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.IPv6Unspecified() // no socket of the internet
	}
	ip := peer.Addr()
	if !p.trust(ip) {
		return ip
	}
	chain := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, said := range slices.Backward(chain) {
		next, err := netip.ParseAddr(strings.TrimSpace(said))
		if err != nil {
			return ip
		}
		if ip = next; !p.trust(ip) {
			return ip
		}
	}
	return ip
}
