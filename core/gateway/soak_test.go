//go:build soak && !js

package gateway

import (
	"bytes"
	"io"
	"net/http"
	"runtime"
	"sync"
	"testing"
)

// After many requests, among them many that fail, the gateway holds no more
// than after the first few: no goroutine, no place, no memory.
func TestSoakNothingIsLeftBehind(t *testing.T) {
	const rounds, each = 20, 200
	echo := node(t, 1, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, _ = w.Write(body)
	})
	rude := node(t, 2, func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) })
	b := New(Options{Nodes: func() []Upstream { return []Upstream{echo, rude} }}).(*bridge)
	url := serveHandler(t, b)

	body := make([]byte, 20_000)
	var after struct{ goroutines, heap uint64 }
	for round := range rounds {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range each / 8 {
					status, answer, err := post(url+pathOf(echo.Ed), body)
					if status != 200 || !bytes.Equal([]byte(answer), body) || err != nil {
						t.Errorf("echo: %d, %d bytes, %v", status, len(answer), err)
					}
					if status, _, _ := post(url+pathOf(rude.Ed), body); status != 502 {
						t.Errorf("a node that hangs up: %d", status)
					}
				}
			})
		}
		all.Wait()
		if len(b.slots) != 0 {
			t.Fatalf("round %d: %d places are still taken", round, len(b.slots))
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if round == 5 { // connections and pools are warm
			after.goroutines, after.heap = uint64(runtime.NumGoroutine()), m.HeapAlloc
		}
		if round > 5 && (uint64(runtime.NumGoroutine()) > 2*after.goroutines+50 || m.HeapAlloc > 2*after.heap+20<<20) {
			t.Fatalf("round %d: %d goroutines and %d bytes, after round 5 %d and %d",
				round, runtime.NumGoroutine(), m.HeapAlloc, after.goroutines, after.heap)
		}
	}
}
