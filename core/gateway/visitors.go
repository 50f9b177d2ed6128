//go:build !js

package gateway

import (
	"crypto/rand"
	"crypto/sha256"
	"net/netip"
	"sync"
	"time"
)

// What one client may do on a public gateway. A tab asks a few times in five
// seconds; an office or a mobile network puts many tabs behind one address.
const (
	// DefaultRate is how many requests a second one client may make for long.
	DefaultRate = 30

	// burstSeconds: how many seconds' worth of requests may come at once.
	burstSeconds = 10

	// perVisitor is how many requests of one client may be under way, so that
	// slow ones cannot take all places.
	perVisitor = 64

	// maxVisitors bounds the table: 65,536 accounts are some 8 MB. Whoever can
	// come from more addresses than that is held by the other limits.
	maxVisitors = 1 << 16

	// An IPv6 client has at least a /64 to itself.
	clientBits6 = 64
)

// visitors is who asked within the last seconds, and how much. Clients appear
// as salted hashes: neither an address nor anything that outlives the program
// is kept. An account is forgotten as soon as it says nothing any more: nothing
// is under way, and all that was spent is refilled.
type visitors struct {
	rate  float64 // requests a second
	limit int     // requests under way
	salt  [32]byte

	mu    sync.Mutex // guards the fields below
	by    map[visitor]*account
	swept time.Time
}

// visitor is the hash of a client's network.
type visitor [16]byte

// account is what a client has left.
type account struct {
	left     float64 // requests
	at       time.Time
	underWay int
}

func newVisitors(rate float64) *visitors {
	v := &visitors{rate: rate, limit: perVisitor, by: map[visitor]*account{}}
	rand.Read(v.salt[:])
	return v
}

func (v *visitors) burst() float64 { return v.rate * burstSeconds }

// hash names a client: one IPv4 address, or one IPv6 network.
func (v *visitors) hash(ip netip.Addr) visitor {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		if p, err := ip.Prefix(clientBits6); err == nil {
			ip = p.Addr()
		}
	}
	of := ip.As16()
	sum := sha256.Sum256(append(v.salt[:], of[:]...))
	return visitor(sum[:16])
}

// enter begins a request of a client, unless it has made too many. leave ends
// it, and must be called once.
func (v *visitors) enter(ip netip.Addr) (leave func(), ok bool) {
	who, now := v.hash(ip), time.Now()
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep(now)
	a := v.by[who]
	if a == nil {
		a = &account{left: v.burst(), at: now}
		v.by[who] = a
	}
	a.refill(now, v.rate, v.burst())
	if a.left < 1 || a.underWay >= v.limit {
		return nil, false
	}
	a.left--
	a.underWay++
	return func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		a.underWay--
	}, true
}

func (a *account) refill(now time.Time, rate, burst float64) {
	a.left = min(burst, a.left+rate*now.Sub(a.at).Seconds())
	a.at = now
}

// sweep forgets the accounts that say nothing, every burstSeconds. If the table
// is full even so, accounts with nothing under way go in no order. v.mu is held.
func (v *visitors) sweep(now time.Time) {
	full := len(v.by) >= maxVisitors
	if !full && now.Sub(v.swept) < burstSeconds*time.Second {
		return
	}
	v.swept = now
	for who, a := range v.by {
		if a.refill(now, v.rate, v.burst()); a.underWay == 0 && a.left == v.burst() {
			delete(v.by, who)
		}
	}
	for who, a := range v.by {
		if len(v.by) < maxVisitors*3/4 || !full {
			return
		}
		if a.underWay == 0 {
			delete(v.by, who)
		}
	}
}

// known is how many accounts there are.
func (v *visitors) known() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep(time.Now())
	return len(v.by)
}
