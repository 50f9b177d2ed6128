//go:build !js

package client_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/gateway"
)

// One node in three answers with 50 MB, or without end, over real sockets: two
// devices link and write all the same.
func TestHugeAnswers(t *testing.T) {
	waits(t)
	t.Parallel()
	net := serve(t)
	var nodes []gateway.Upstream
	for i, n := range net.Nodes() {
		up := gateway.Upstream{Ed: n.Ed, URL: n.URL}
		if i%3 == 0 {
			up.URL = serveHuge(t, i%2 == 0)
		}
		nodes = append(nodes, up)
	}
	front := httptest.NewServer(gateway.New(gateway.Options{Nodes: func() []gateway.Upstream { return nodes }}))
	t.Cleanup(front.Close)
	file := net.NetworkFile("local", "/gateway")
	p := connect(t, "phone", file, newInternet(t, front.URL, false))
	s := connect(t, "laptop", file, newInternet(t, front.URL, false))
	within(t, 3*time.Minute, p, s)
	p.register("Ada")
	link(p, s)
	p.must(p.SendNote("small"))
	s.until("the note", shows("small"))
	p.until("the end", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
}

// serveHuge is a node that announces and sends 50 MB, or sends without end.
func serveHuge(t *testing.T, announced bool) string {
	t.Helper()
	const size = 50_000_000
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if announced {
			w.Header().Set("Content-Length", strconv.Itoa(size))
		}
		part := make([]byte, 64<<10)
		for sent := 0; !announced || sent < size; sent += len(part) {
			if _, err := w.Write(part); err != nil {
				return // whoever asked has heard enough
			}
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}
