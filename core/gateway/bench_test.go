//go:build !js

package gateway

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// The benchmark's crowd.
const (
	benchClients = 1000
	benchNodes   = 40
	benchRounds  = 5 // of each proxy, in turn; the medians are compared
	benchEach    = 2 // requests of each client in a round
	benchBody    = 4000
	benchRatio   = 0.8 // the least that the gateway may do of what the bare proxy does
)

// BenchmarkPublic puts 1,000 clients at once before the public gateway, with
// all its limits, and before a bare httputil.ReverseProxy on the same way to
// the same nodes, in turn. It fails if the gateway carries less than 0.8 of
// what the bare proxy carries.
func BenchmarkPublic(b *testing.B) {
	var nodes []Upstream
	for i := range byte(benchNodes) {
		s := httptest.NewServer(http.HandlerFunc(echo)) // TLS would cost both the same and hide the rest
		b.Cleanup(s.Close)
		nodes = append(nodes, Upstream{Ed: key(i), URL: s.URL})
	}
	p, err := NewPublic(PublicOptions{Listen: "127.0.0.1:0", Origins: []string{page}, Rate: 1e6})
	if err != nil {
		b.Fatal(err)
	}
	p.pages.Close()
	p.bridge.nodes = func() []Upstream { return nodes }
	p.bridge.visitors.limit = benchClients // they all have one address here
	gateway, bare := benchServer(b, p), benchServer(b, bareProxy(nodes))

	var of [2][]round
	measure := func(rounds int) {
		for range rounds {
			for i, at := range []string{gateway, bare} {
				of[i] = append(of[i], crowdOf(b, at, nodes))
			}
		}
	}
	measure(1) // connections to nodes are open then
	of = [2][]round{}
	for b.Loop() {
		measure(benchRounds)
	}
	ours, theirs := median(of[0]), median(of[1])
	b.ReportMetric(0, "ns/op") // a round is of no interest
	b.ReportMetric(ours.rate, "req/s")
	b.ReportMetric(theirs.rate, "bare-req/s")
	b.ReportMetric(ours.rate/theirs.rate, "ratio")
	b.ReportMetric(float64(ours.p99.Milliseconds()), "p99-ms")
	b.ReportMetric(float64(theirs.p99.Milliseconds()), "bare-p99-ms")
	if ours.rate < benchRatio*theirs.rate {
		b.Errorf("the gateway carries %.2f of what a bare proxy does, want %.2f", ours.rate/theirs.rate, benchRatio)
	}
}

// BenchmarkPublicMemory is what the gateway needs for 1,000 clients whose
// requests are all under way: heap and stacks of its side, and of the clients'
// beside it in the same process.
func BenchmarkPublicMemory(b *testing.B) {
	for b.Loop() {
		p, err := NewPublic(PublicOptions{Listen: "127.0.0.1:0", Origins: []string{page}, Rate: 1e6})
		if err != nil {
			b.Fatal(err)
		}
		p.pages.Close()
		p.bridge.nodes = func() []Upstream { return []Upstream{{Ed: key(1), URL: "https://node"}} }
		p.bridge.visitors.limit = benchClients
		m := &meeting{all: make(chan bool)}
		m.missing.Store(benchClients + 1) // so that they wait for the measurement
		p.bridge.out = m
		at := benchServer(b, p)
		before := inUse()
		var all sync.WaitGroup
		client := benchClient()
		for range benchClients {
			all.Go(func() { benchPost(b, client, at+pathOf(key(1)), make([]byte, benchBody)) })
		}
		for tick := time.NewTicker(time.Millisecond); m.missing.Load() > 1 && !b.Failed(); {
			<-tick.C
		}
		b.ReportMetric(float64(inUse()-before)/(1<<20), "MiB")
		m.missing.Add(-1)
		close(m.all)
		all.Wait()
		client.CloseIdleConnections()
	}
}

func inUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}

// bareProxy forwards by the same rule, and checks nothing.
func bareProxy(nodes []Upstream) http.Handler {
	to := map[string]*url.URL{}
	for _, n := range nodes {
		to[pathOf(n.Ed)], _ = url.Parse(n.URL)
	}
	return &httputil.ReverseProxy{
		Transport: nodeTransport(),
		Rewrite: func(r *httputil.ProxyRequest) {
			node := to[r.In.URL.Path]
			r.Out.URL.Path = ""
			r.SetURL(node)
			r.Out.URL.Path = strings.TrimPrefix(pathSuffix, node.Path)
		},
	}
}

// benchServer runs a handler as a public gateway is run.
func benchServer(b *testing.B, h http.Handler) string {
	s := httptest.NewUnstartedServer(h)
	s.Config = publicServer(h)
	s.Start()
	b.Cleanup(s.Close)
	return s.URL
}

// round is what one crowd got.
type round struct {
	rate float64 // requests a second
	p99  time.Duration
}

func median(all []round) round {
	slices.SortFunc(all, func(a, b round) int { return int(a.rate - b.rate) })
	return all[len(all)/2]
}

func benchClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: benchClients, MaxIdleConns: benchClients}}
}

// crowdOf lets all clients ask at once, each by a connection of its own.
func crowdOf(b *testing.B, at string, nodes []Upstream) round {
	client := benchClient()
	defer client.CloseIdleConnections()
	times := make([]time.Duration, benchClients*benchEach)
	began := time.Now()
	var all sync.WaitGroup
	for i := range benchClients {
		all.Go(func() {
			body := bytes.Repeat([]byte{byte(i)}, benchBody)
			for j := range benchEach {
				start := time.Now()
				benchPost(b, client, at+pathOf(nodes[(i+j)%benchNodes].Ed), body)
				times[i*benchEach+j] = time.Since(start)
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	slices.Sort(times)
	return round{rate: float64(len(times)) / took.Seconds(), p99: times[len(times)*99/100]}
}

func benchPost(b *testing.B, client *http.Client, at string, body []byte) {
	res, err := client.Post(at, "", bytes.NewReader(body))
	if err != nil {
		b.Error(err)
		return
	}
	defer res.Body.Close()
	if answer, err := io.ReadAll(res.Body); res.StatusCode != 200 || !bytes.Equal(answer, body) || err != nil {
		b.Errorf("%d, %d bytes, %v", res.StatusCode, len(answer), err)
	}
}
