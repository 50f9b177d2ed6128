//go:build !js

package gateway

import (
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

const (
	// dialTimeout: a node that does not take a connection in that time is
	// down for the user; the client tries another.
	dialTimeout = 5 * time.Second

	// idleTimeout is below the 10 s after which a node closes an idle
	// connection (network.md §3), so that ours is not the one that finds out.
	idleTimeout = 8 * time.Second

	// perNode keeps one slow node from taking all sockets.
	perNode = 32

	// maxIdle bounds the connections that wait for another request, to all
	// nodes together.
	maxIdle = 2048

	// maxHead: a node's answer has three short headers.
	maxHead = 16 << 10
)

// nodeTransport is the way to service nodes.
func nodeTransport() http.RoundTripper {
	return &http.Transport{
		TLSClientConfig: &tls.Config{
			// Nodes have self-signed certificates for "localhost" on bare
			// addresses; there is nothing to verify, and no Session client
			// does (network.md §3). What still protects: every request is
			// sealed to the guard's X25519 key from the node list, and the
			// answer to a key that only the destination and the tab share.
			// Whoever sits in the middle sees ciphertext and can only drop it.
			InsecureSkipVerify: true,
			MinVersion:         tls.VersionTLS12,
		},
		// No Proxy: the environment must not learn which guard is used.
		DialContext:            (&net.Dialer{Timeout: dialTimeout}).DialContext,
		TLSHandshakeTimeout:    dialTimeout,
		IdleConnTimeout:        idleTimeout,
		MaxConnsPerHost:        perNode,
		MaxIdleConnsPerHost:    perNode, // a handshake costs more than a request
		MaxIdleConns:           maxIdle,
		MaxResponseHeaderBytes: maxHead,
		// The bytes go through as they are; unpacking would also open the
		// door to a decompression bomb.
		DisableCompression: true,
	}
}
