//go:build !js

package gateway

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
	"time"
)

// What became of a request that was not refused.
const (
	servedOK     = "ok"         // the node answered 200
	servedError  = "node_error" // the node answered something else
	servedBroken = "broken_off" // the answer ended early
)

// buckets of the histogram, in seconds. A request to three hops and back takes
// some hundred milliseconds.
func buckets() []float64 { return []float64{0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25} }

// meter counts what an operator needs to know. It has no place for an address
// or a key: results are words of this package, and all else is numbers.
type meter struct {
	mu      sync.Mutex // guards the fields below
	results map[string]uint64
	times   []uint64 // by bucket, the last for all that is longer
	seconds float64
	in, out uint64 // bytes to nodes and back
}

func newMeter() *meter {
	return &meter{results: map[string]uint64{}, times: make([]uint64, len(buckets())+1)}
}

// refused counts a request that the gateway answered itself.
func (m *meter) refused(e refusal) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.results[e.name]++
}

// served counts a request that a node answered.
func (m *meter) served(result string, took time.Duration, in, out int64) {
	i, _ := slices.BinarySearch(buckets(), took.Seconds())
	m.mu.Lock()
	defer m.mu.Unlock()
	m.results[result]++
	m.times[i]++
	m.seconds += took.Seconds()
	m.in += uint64(max(in, 0))
	m.out += uint64(max(out, 0))
}

// gauge is a number that goes up and down.
type gauge struct {
	name, help string
	value      float64
}

// write writes all in Prometheus' text format.
func (m *meter) write(w io.Writer, gauges ...gauge) {
	m.mu.Lock()
	defer m.mu.Unlock()
	const name = "tandem_gateway_"
	fmt.Fprintf(w, "# HELP %srequests_total Requests by what became of them.\n# TYPE %[1]srequests_total counter\n", name)
	for _, result := range slices.Sorted(maps.Keys(m.results)) {
		fmt.Fprintf(w, "%srequests_total{result=%q} %d\n", name, result, m.results[result])
	}
	for _, c := range []struct {
		name, help string
		n          uint64
	}{{"to_nodes_bytes_total", "Bytes of requests.", m.in}, {"from_nodes_bytes_total", "Bytes of answers.", m.out}} {
		fmt.Fprintf(w, "# HELP %s%s %s\n# TYPE %[1]s%[2]s counter\n%[1]s%[2]s %[4]d\n", name, c.name, c.help, c.n)
	}
	fmt.Fprintf(w, "# HELP %sseconds Time that nodes took to answer.\n# TYPE %[1]sseconds histogram\n", name)
	var sum uint64
	for i, le := range buckets() {
		sum += m.times[i]
		fmt.Fprintf(w, "%sseconds_bucket{le=\"%g\"} %d\n", name, le, sum)
	}
	sum += m.times[len(m.times)-1]
	fmt.Fprintf(w, "%sseconds_bucket{le=\"+Inf\"} %d\n%[1]sseconds_sum %[3]g\n%[1]sseconds_count %[2]d\n", name, sum, m.seconds)
	for _, g := range gauges {
		fmt.Fprintf(w, "# HELP %s%s %s\n# TYPE %[1]s%[2]s gauge\n%[1]s%[2]s %[4]g\n", name, g.name, g.help, g.value)
	}
}
