//go:build !js

package story

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"tandem/core"
	"tandem/core/gateway"
	"tandem/core/testnet"
)

// place is what `make run` gives, in this process: nodes behind real HTTPS
// sockets, the gateway and the site on one origin, and the network's memory of
// what every node could read.
type place struct {
	origin  string // http://localhost:port
	twin    string // http://127.0.0.1:port: the same app, another origin
	network *testnet.Network
	down    atomic.Bool // the gateway answers 502
	halted  chan string // a page has stopped where it was told to, and waits for its death
	direct  bool        // no gateway: tabs speak to the nodes themselves
	spki    []string    // keys of the nodes' certificates, for a browser that is to trust them
	stop    func()      // stops the site and the gateway

	wrap func(http.Handler) http.Handler // looks at what is sent; nil: nobody does

	mu     sync.Mutex // guards the fields below
	events []testnet.Event
	heard  [][]byte // what tabs sent; nil: it is not kept
}

// halt is where a page asks what nobody answers.
const halt = "/halt"

// settle starts it all.
func settle(t testing.TB) *place {
	t.Helper()
	p := &place{halted: make(chan string, 8)}
	p.listen(t)
	p.publish(t, site(t))
	return p
}

// settleDirect is a place without a gateway: its nodes send CORS, which no public
// node does, and its site is built for them.
func settleDirect(t testing.TB) *place {
	t.Helper()
	p := &place{direct: true}
	p.listen(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "network.json")
	if err := os.WriteFile(file, p.network.NetworkFile("local", ""), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := build(filepath.Join(dir, "site"), "-network", file); err != nil {
		t.Fatal(err)
	}
	p.publish(t, filepath.Join(dir, "site"))
	return p
}

// listen starts the nodes.
func (p *place) listen(t testing.TB) {
	t.Helper()
	var err error
	p.network, err = testnet.New(testnet.Options{Nodes: 30, Swarms: 6, Events: p.note, Sockets: testnet.Sockets{CORS: p.direct}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	nodes, err := p.network.Serve(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		nodes.Close()
		p.network.Close()
	})
	p.spki = nodes.SPKI
}

// publish serves a site under both names.
func (p *place) publish(t testing.TB, dir string) {
	t.Helper()
	port := p.serve(t, dir)
	p.origin = fmt.Sprintf("http://localhost:%d", port)
	p.twin = fmt.Sprintf("http://127.0.0.1:%d", port)
}

// serve puts a site and the gateway on a port of its own. A site for direct use
// keeps its own network.json.
func (p *place) serve(t testing.TB, dir string) int {
	t.Helper()
	server, err := gateway.Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	var network []byte
	if !p.direct {
		network = p.network.NetworkFile("local", "/gateway")
	}
	handler, err := gateway.Compose(os.DirFS(dir), network, gateway.Options{Nodes: p.upstreams})
	if err != nil {
		t.Fatal(err)
	}
	if p.wrap != nil {
		handler = p.wrap(handler)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx, p.switchable(handler)) }()
	p.stop = sync.OnceFunc(func() {
		cancel()
		<-ended
	})
	t.Cleanup(p.stop)
	return server.Port()
}

// switchable is the site with a gateway that a test can turn off.
func (p *place) switchable(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.down.Load() && strings.HasPrefix(r.URL.Path, "/gateway/") {
			http.Error(w, "gateway: turned off", http.StatusBadGateway)
			return
		}
		if r.URL.Path == halt {
			p.halted <- r.URL.RawQuery
			<-r.Context().Done()
			return
		}
		p.hear(r)
		h.ServeHTTP(w, r)
	})
}

func (p *place) upstreams() []gateway.Upstream {
	var list []gateway.Upstream
	for _, n := range p.network.Nodes() {
		list = append(list, gateway.Upstream{Ed: n.Ed, URL: n.URL})
	}
	return list
}

func (p *place) note(e testnet.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
}

// scratch is a directory for the stories of this run.
var scratch = sync.OnceValues(func() (string, error) { return os.MkdirTemp("", "tandem-story-") })

// built is the site, written once for all stories of this run.
var built = sync.OnceValues(func() (string, error) {
	dir, err := scratch()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "site"), build(filepath.Join(dir, "site"))
})

// build writes the site into a directory, as `make build` does, but faster.
func build(dir string, more ...string) error {
	command := exec.Command("go", append([]string{"run", ".", "build", "-quick", "-o", dir}, more...)...)
	command.Dir = "../.."
	if said, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, said)
	}
	return nil
}

// site is the directory of the site, built as `make build` builds it.
func site(t testing.TB) string {
	t.Helper()
	dir, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := scratch(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// origins are the only ones that a tab may speak to.
func (p *place) origins() []string {
	list := []string{p.origin, p.twin}
	if p.direct {
		for _, n := range p.network.Nodes() {
			list = append(list, n.URL)
		}
	}
	return list
}

// checkRequests fails if a tab asked for anything but its own origin, or, where
// there is no gateway, the nodes'; or if the console held an error, a violation of
// the policy among them.
func (p *place) checkRequests(t testing.TB, pages ...*page) {
	t.Helper()
	origins := p.origins()
	for _, tab := range pages {
		tab.mu.Lock()
		for _, url := range tab.requests {
			local := strings.HasPrefix(url, "blob:") || strings.HasPrefix(url, "data:") || url == "about:blank"
			known := slices.ContainsFunc(origins, func(o string) bool { return strings.HasPrefix(url, o+"/") })
			if !local && !known {
				t.Errorf("%s asked for %s", tab.name, url)
			}
		}
		for _, f := range tab.faults {
			t.Errorf("%s: the console says %s", tab.name, f)
		}
		tab.mu.Unlock()
	}
}

// checkOnions fails if a client spoke to a node other than by onion requests,
// or if a body was readable anywhere but at the node that executed it.
func (p *place) checkOnions(t testing.TB) {
	t.Helper()
	p.mu.Lock()
	outside := 0
	for _, e := range p.events {
		if e.Kind != testnet.EventHTTP || e.From != testnet.Outside {
			continue
		}
		outside++
		if e.Method != "POST /onion_req/v2" {
			t.Errorf("a node was asked directly: %s", e.Method)
		}
	}
	p.mu.Unlock()
	if outside == 0 {
		t.Error("no request reached a node: the check has seen nothing")
	}
	bodies, leaks := leaks(p.network.Witness())
	if bodies == 0 {
		t.Error("no body was executed: the check has seen nothing")
	}
	if leaks > 0 {
		t.Errorf("%d of %d bodies could be read by a node that they were not addressed to", leaks, bodies)
	}
}

// leaks counts the bodies that nodes executed, and those among them that a node
// could read without being the one that it was addressed to.
func leaks(witness map[core.EdKey][]testnet.Sight) (bodies, leaks int) {
	executed := map[[32]byte]map[core.EdKey]bool{}
	for node, sights := range witness {
		for _, s := range sights {
			if s.Act == testnet.Executed {
				if executed[s.Hash] == nil {
					executed[s.Hash] = map[core.EdKey]bool{}
				}
				executed[s.Hash][node] = true
			}
		}
	}
	leaked := map[[32]byte]bool{}
	for node, sights := range witness {
		for _, s := range sights {
			if by := executed[s.Hash]; by != nil && !by[node] {
				leaked[s.Hash] = true
			}
		}
	}
	return len(executed), len(leaked)
}
