package courier

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/testnet"
)

// world is a test network and one device that reaches it through a bridge that
// can misbehave. Time is the bubble's.
type world struct {
	t      *testing.T
	net    *testnet.Network
	bridge *bridge
	skew   core.Millis // local clock minus the right time
	saved  []byte
	c      *Courier
}

// story runs a test in a bubble: waits cost nothing, and no goroutine may be
// left at its end.
func story(t *testing.T, o testnet.Options, gateways []string, f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		net, err := testnet.New(o)
		if err != nil {
			t.Fatal(err)
		}
		w := &world{t: t, net: net, bridge: &bridge{next: net.Transport(), broken: map[string]fault{}}}
		w.restart(gateways...)
		f(w)
		if err := net.Close(); err != nil {
			t.Error(err)
		}
	})
}

// restart is a new page: only the saved state is left.
func (w *world) restart(gateways ...string) {
	w.t.Helper()
	if len(gateways) == 0 {
		gateways = []string{"/gateway"}
	}
	file, err := ParseNetworkFile(w.net.NetworkFile("local", gateways[0]))
	if err != nil {
		w.t.Fatal(err)
	}
	file.Gateways = gateways
	w.c, err = New(Config{
		Transport: w.bridge, Net: file, State: w.saved,
		Save:     func(b []byte) { w.saved = b },
		LocalNow: func() core.Millis { return core.Millis(time.Now().UnixMilli()) + w.skew },
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) store(to core.Mailbox, text string, auth Signer) error {
	_, err := w.c.Store(context.Background(), StoreOrder{Mailbox: to, Data: []byte(text), TTL: core.Day, Auth: auth})
	return err
}

func (w *world) read(from core.Mailbox, auth Signer, second bool) (Batch, error) {
	return w.c.Retrieve(context.Background(), RetrieveOrder{
		Mailbox: from, Auth: auth, Second: second, Cursor: func(core.EdKey) string { return "" },
	})
}

// must store and read back.
func (w *world) works(d *identity.Device, text string) {
	w.t.Helper()
	box := inbox(d)
	if err := w.store(box, text, nil); err != nil {
		w.t.Fatalf("store %q: %v", text, err)
	}
	b, err := w.read(box, d, false)
	if err != nil {
		w.t.Fatalf("retrieve %q: %v", text, err)
	}
	for _, m := range b.Messages {
		if string(m.Data) == text {
			return
		}
	}
	w.t.Fatalf("%q was stored but is not there", text)
}

// passes lets time go by; in the bubble that costs nothing.
func (w *world) passes(d time.Duration) { <-time.After(d) }

// far is a device whose mailbox none of these nodes keeps.
func (w *world) far(from ...core.EdKey) *identity.Device {
	w.t.Helper()
	for {
		d := identity.NewDevice()
		w.works(d, "before")
		keeps := false
		for _, ed := range from {
			_, is := w.c.net.Keeps(d.ID(), ed)
			keeps = keeps || is
		}
		if !keeps {
			return d
		}
	}
}

// posts counts the requests that f causes.
func (w *world) posts(f func()) int {
	before := w.bridge.count()
	f()
	return w.bridge.count() - before
}

func (w *world) guards() []core.EdKey {
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	return w.c.net.Guards()
}

// path is a standing path as the next request would take it.
func (w *world) path() []core.EdKey {
	w.t.Helper()
	w.c.mu.Lock()
	defer w.c.mu.Unlock()
	p, err := w.c.net.Path(core.EdKey{9})
	if err != nil {
		w.t.Fatal(err)
	}
	var out []core.EdKey
	for _, n := range p.Nodes {
		out = append(out, n.Ed)
	}
	return out
}

// uses reports whether a request may still go through a node.
func (w *world) uses(ed core.EdKey) bool {
	for range 20 {
		if slices.Contains(w.path(), ed) {
			return true
		}
	}
	return false
}

func inbox(d *identity.Device) core.Mailbox { return core.Mailbox{Owner: d.ID()} }

func inOutbox(d *identity.Device) core.Mailbox {
	return core.Mailbox{Owner: d.ID(), Namespace: core.Outbox}
}

// fault is what a bridge does to requests.
type fault int

const (
	fine    fault = iota
	down          // refused
	hanging       // no answer
	html          // a page that is no answer, with status 200
	busy          // the gateway's own 503
	huge          // an answer without end, cut by the transport's bound
	noise         // base64 that opens with no key
)

// bridge is a transport in front of the network's. Faults are by a part of the
// URL: a gateway, or a guard's key.
type bridge struct {
	next    core.Transport
	rebuild func() // called once, while a request is under way; nil: no

	mu     sync.Mutex // guards the fields below
	broken map[string]fault
	urls   []string
}

var errBroken = errors.New("refused")

func (b *bridge) set(part string, f fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.broken[part] = f
}

func (b *bridge) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.urls)
}

func (b *bridge) fault(url string) fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.urls = append(b.urls, url)
	for part, f := range b.broken {
		if strings.Contains(url, part) && f != fine {
			return f
		}
	}
	return fine
}

func (b *bridge) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	switch b.fault(url) {
	case down:
		return 0, nil, errBroken
	case hanging:
		<-ctx.Done()
		return 0, nil, ctx.Err()
	case html:
		return 200, []byte("<!doctype html><title>Hello</title>"), nil
	case busy:
		return 503, []byte("gateway: too many requests at once\n"), nil
	case huge:
		return 0, nil, fmt.Errorf("larger than %d bytes", 10<<20)
	case noise:
		return 200, []byte(strings.Repeat("QUJD", 40)), nil
	case fine:
	}
	if f := b.rebuild; f != nil {
		b.rebuild = nil
		f()
	}
	return b.next.Post(ctx, url, body)
}
