//go:build !js

package testnet

import (
	"net"
	"sync"

	"tandem/core"
)

// buckets are the servers' rate limit: each client address may send burst
// requests at once, and rate per second in the long run.
type buckets struct {
	mu   sync.Mutex // guards full
	full map[string]*bucket
}

type bucket struct {
	left float64
	at   core.Millis
}

// The rate limit of /storage_rpc/v1 (rpc/rate_limiter.h of the servers).
const (
	burst      = 600
	rate       = 300 // per second
	maxClients = 10_000
)

func newBuckets() *buckets { return &buckets{full: make(map[string]*bucket)} }

// take reports whether a client may send one more request.
func (b *buckets) take(addr string, now core.Millis) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.full[host]
	if c == nil {
		if len(b.full) >= maxClients {
			b.sweep(now)
		}
		if len(b.full) >= maxClients {
			return false
		}
		c = &bucket{left: burst, at: now}
		b.full[host] = c
	}
	c.left = min(burst, c.left+rate*float64(now-c.at)/float64(core.Second))
	c.at = now
	if c.left < 1 {
		return false
	}
	c.left--
	return true
}

// sweep forgets clients whose bucket is full again.
func (b *buckets) sweep(now core.Millis) {
	for host, c := range b.full {
		if c.left+rate*float64(now-c.at)/float64(core.Second) >= burst {
			delete(b.full, host)
		}
	}
}
