//go:build !js

package client_test

import "testing"

// BenchmarkLargeGroupOverHTTPS joins a large room as the client of make run does:
// by a gateway and thirty nodes, each behind a listener of its own.
func BenchmarkLargeGroupOverHTTPS(b *testing.B) {
	net := serve(b)
	room := largeGroup(b, net)
	origin := serveGateway(b, net)
	for b.Loop() {
		entersLargeGroup(b, connect(b, "A", net.NetworkFile("local", "/gateway"), newInternet(b, origin, false)), room)
	}
}
