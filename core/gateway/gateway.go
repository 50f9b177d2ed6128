//go:build !js

// Package gateway is the native side of a tab: the byte bridge to service
// nodes, the static site, and the two put together on one origin.
//
// # Why a bridge
//
// A tab cannot talk to a service node: nodes show self-signed certificates on
// bare addresses and send no CORS headers (network.md §19). So the page posts
// a finished onion request to its own origin,
//
//	POST /gateway/<ed25519 of the guard, 64 hex digits>/onion_req/v2
//
// and the gateway hands the same bytes to that node and the answer back.
//
// # What it can see and do
//
// It sees the address of the tab, which guard it uses, sizes and times. It
// sees neither contents nor account nor destination, and it cannot forge: the
// innermost layer is sealed to the destination and so is the answer. It can
// drop and delay. It forwards to the nodes of its list and to nothing else,
// so it is no open proxy, and it logs nothing.
//
// # What it is not
//
// It does not choose nodes, does not know accounts and keeps no state.
//
// # Two ways to run it
//
// New and Compose are for one's own machine: they answer to loopback names, and
// only pages of their own origin can use them. Public is a program for other
// people's tabs: pages of the origins that its operator lists can use it, and
// each client within limits of its own.
package gateway

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tandem/core"
)

const (
	// MaxBody is the most that goes either way, in bytes: a service node
	// refuses more than that itself (network.md §3).
	MaxBody = 10 << 20

	// DefaultTimeout bounds one request, both ways. A node gives the server
	// behind it 25 s (network.md §6.2), a client gives a file 30 s (§7).
	DefaultTimeout = 40 * time.Second

	// DefaultLimit is how many requests may be under way. Each holds two
	// sockets and a copy buffer; a tab has a handful at a time.
	DefaultLimit = 256

	pathPrefix = "/gateway/"
	pathSuffix = "/onion_req/v2"
)

// Upstream is a service node that the gateway forwards to.
type Upstream struct {
	Ed  core.EdKey
	URL string // scheme, address and port, for example https://127.0.0.1:22021
}

// Options of New. The zero value of each field but Nodes is a good default.
type Options struct {
	// Nodes is the list of nodes; no other target is ever contacted. It is
	// called for each request and may change its answer.
	Nodes func() []Upstream
	// Hosts are the values of the Host header (name:port) that the gateway
	// answers to. None means the loopback names, on the port that the request
	// came in by.
	Hosts []string
	// Timeout of one request; 0 means DefaultTimeout.
	Timeout time.Duration
	// Limit of requests under way; 0 means DefaultLimit.
	Limit int
}

// New returns the bridge. It answers below /gateway/ only.
//
// Its own refusals are one plain sentence that begins with "gateway: "; an
// answer of the node is passed on as it is, status and body, without headers.
func New(o Options) http.Handler { return newBridge(o) }

func newBridge(o Options) *bridge {
	if o.Timeout == 0 {
		o.Timeout = DefaultTimeout
	}
	if o.Limit == 0 {
		o.Limit = DefaultLimit
	}
	return &bridge{
		nodes:   o.Nodes,
		hosts:   o.Hosts,
		timeout: o.Timeout,
		slots:   make(chan struct{}, o.Limit),
		out:     nodeTransport(),
		meter:   newMeter(),
	}
}

type bridge struct {
	nodes   func() []Upstream
	hosts   hosts
	timeout time.Duration
	slots   chan struct{} // one element per request under way
	out     http.RoundTripper
	meter   *meter

	// Of a public gateway; all nil otherwise.
	origins  origins
	proxies  proxies
	visitors *visitors
}

// refusal is an answer of the gateway's own.
type refusal struct {
	name   string // in the metrics
	status int
	text   string
}

var (
	errHost     = refusal{"host", http.StatusForbidden, "this host name is not served here"}
	errOrigin   = refusal{"origin", http.StatusForbidden, "pages of this origin may not use it"}
	errPath     = refusal{"path", http.StatusNotFound, "there is nothing at this address"}
	errMethod   = refusal{"method", http.StatusMethodNotAllowed, "only POST is allowed"}
	errNode     = refusal{"node", http.StatusNotFound, "this node is not on the list"}
	errOften    = refusal{"often", http.StatusTooManyRequests, "too many requests of one client"}
	errNoLength = refusal{"no_length", http.StatusLengthRequired, "the length of the request is missing"}
	errEmpty    = refusal{"empty", http.StatusBadRequest, "the request is empty"}
	errTooLong  = refusal{"too_long", http.StatusRequestEntityTooLarge, "the request is larger than 10 MiB"}
	errBusy     = refusal{"busy", http.StatusServiceUnavailable, "too many requests at once"}
	errSlow     = refusal{"slow", http.StatusRequestTimeout, "the request did not arrive in time"}
	errCut      = refusal{"cut_off", http.StatusBadRequest, "the request was cut off"}
	errLate     = refusal{"node_late", http.StatusGatewayTimeout, "the node did not answer in time"}
	errDown     = refusal{"node_down", http.StatusBadGateway, "the node cannot be reached"}
	errGarbage  = refusal{"node_garbage", http.StatusBadGateway, "the node gave an answer that makes no sense"}
	errHuge     = refusal{"node_huge", http.StatusBadGateway, "the node's answer is larger than 10 MiB"}
)

func (e refusal) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(e.status)
	// The client may be gone; nobody is left to tell.
	_, _ = io.WriteString(w, "gateway: "+e.text+"\n")
}

// ServeHTTP refuses or forwards.
func (b *bridge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	inertHeaders(w.Header())
	if b.origins != nil {
		b.origins.welcome(w.Header(), r)
	}
	if b.visitors != nil {
		leave, ok := b.visitors.enter(b.proxies.client(r))
		if !ok {
			b.refuse(w, errOften)
			return
		}
		defer leave()
	}
	node, no := b.admit(r)
	switch {
	case no == &errMethod && b.origins != nil && r.Method == http.MethodOptions:
		preflight(w)
		return
	case no != nil:
		b.refuse(w, *no)
		return
	}
	select {
	case b.slots <- struct{}{}:
		defer func() { <-b.slots }()
	default:
		b.refuse(w, errBusy)
		return
	}
	b.forward(w, r, node)
}

// refuse answers in the gateway's own name.
func (b *bridge) refuse(w http.ResponseWriter, e refusal) {
	switch e {
	case errMethod:
		w.Header().Set("Allow", http.MethodPost)
	case errBusy, errOften:
		w.Header().Set("Retry-After", "1")
	}
	b.meter.refused(e)
	e.write(w)
}

// admit decides from the head of a request alone whether and where it goes.
func (b *bridge) admit(r *http.Request) (Upstream, *refusal) {
	switch {
	case b.origins != nil: // whatever name it is reached by; the list decides
		if !b.origins.allow(r) {
			return Upstream{}, &errOrigin
		}
	case !b.hosts.allow(r):
		return Upstream{}, &errHost
	case !sameOrigin(r):
		return Upstream{}, &errOrigin
	}
	ed, ok := parsePath(r.URL)
	if !ok {
		return Upstream{}, &errPath
	}
	if r.Method != http.MethodPost {
		return Upstream{}, &errMethod
	}
	node, ok := b.find(ed)
	switch {
	case !ok:
		return Upstream{}, &errNode
	case r.ContentLength < 0: // a node wants a length too (network.md §3)
		return Upstream{}, &errNoLength
	case r.ContentLength == 0:
		return Upstream{}, &errEmpty
	case r.ContentLength > MaxBody:
		return Upstream{}, &errTooLong
	}
	return node, nil
}

// parsePath takes the node's key out of /gateway/<64 lower-case hex>/onion_req/v2.
// There is exactly one spelling: no query, no escapes, no upper case.
func parsePath(u *url.URL) (core.EdKey, bool) {
	if u.RawQuery != "" || u.ForceQuery {
		return core.EdKey{}, false
	}
	rest, ok := strings.CutPrefix(u.EscapedPath(), pathPrefix)
	if !ok {
		return core.EdKey{}, false
	}
	digits, ok := strings.CutSuffix(rest, pathSuffix)
	if !ok || len(digits) != 64 || digits != strings.ToLower(digits) {
		return core.EdKey{}, false
	}
	key, err := hex.DecodeString(digits)
	if err != nil {
		return core.EdKey{}, false
	}
	return core.EdKey(key), true
}

func (b *bridge) find(ed core.EdKey) (Upstream, bool) {
	for _, n := range b.nodes() {
		if n.Ed == ed {
			return n, true
		}
	}
	return Upstream{}, false
}

// forward posts the body to the node and streams the answer back.
func (b *bridge) forward(w http.ResponseWriter, r *http.Request, node Upstream) {
	ctx, cancel := context.WithTimeout(r.Context(), b.timeout)
	defer cancel()
	// Without it the server would wait for the rest of a body that nobody
	// reads. A ResponseWriter without deadlines is a test's recorder.
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(b.timeout))

	body := &clientBody{from: http.MaxBytesReader(w, r.Body, MaxBody)}
	out, err := http.NewRequestWithContext(ctx, http.MethodPost, node.URL+pathSuffix, body)
	if err != nil {
		b.refuse(w, errDown)
		return
	}
	out.ContentLength = r.ContentLength
	// Nothing of the tab's headers goes on, and no User-Agent of ours either.
	out.Header = http.Header{"User-Agent": {""}}

	// RoundTrip, not a Client: a node that redirects is not followed.
	began := time.Now()
	res, err := b.out.RoundTrip(out)
	if err != nil {
		b.refuse(w, failure(ctx, body))
		return
	}
	defer res.Body.Close()
	switch {
	case !plausible(res.StatusCode):
		b.refuse(w, errGarbage)
		return
	case res.ContentLength > MaxBody:
		b.refuse(w, errHuge)
		return
	}
	n, whole := relay(ctx, w, res)
	result := servedOK
	switch {
	case !whole:
		result = servedBroken
	case res.StatusCode != http.StatusOK:
		result = servedError
	}
	b.meter.served(result, time.Since(began), r.ContentLength, n)
	if !whole {
		panic(http.ErrAbortHandler)
	}
}

// failure says whose fault it is that no answer came.
func failure(ctx context.Context, body *clientBody) refusal {
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	switch err := body.failed(); {
	case errors.Is(err, os.ErrDeadlineExceeded), late && body.waiting.Load():
		return errSlow
	case err != nil:
		return errCut
	case late:
		return errLate
	}
	return errDown
}

// relay streams the node's answer and counts its bytes. When it breaks off or
// grows too long after the head has gone out, it is not whole, and the caller
// cuts the connection, so that half an answer never looks like a whole one.
func relay(ctx context.Context, w http.ResponseWriter, res *http.Response) (n int64, whole bool) {
	if res.ContentLength >= 0 {
		w.Header().Set("Content-Length", strconv.FormatInt(res.ContentLength, 10))
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.WriteHeader(res.StatusCode)
	n, err := io.Copy(w, io.LimitReader(res.Body, MaxBody+1))
	// A node may end its answer in good order because it saw us hang up.
	return n, err == nil && n <= MaxBody && ctx.Err() == nil
}

// plausible: what a node can say. Redirects and switches of protocol would
// have a meaning for the browser that they must not have.
func plausible(status int) bool {
	return status == http.StatusOK || status >= 400 && status <= 599
}

// clientBody remembers whether reading the tab's body failed or hangs, to tell
// the tab's fault from the node's. The transport reads it from its own
// goroutine.
type clientBody struct {
	from    io.ReadCloser
	waiting atomic.Bool // a Read is under way
	err     atomic.Pointer[error]
}

func (c *clientBody) Read(p []byte) (int, error) {
	c.waiting.Store(true)
	n, err := c.from.Read(p)
	c.waiting.Store(false)
	if err != nil && err != io.EOF {
		c.err.CompareAndSwap(nil, &err)
	}
	return n, err
}

func (c *clientBody) Close() error { return c.from.Close() }

func (c *clientBody) failed() error {
	if err := c.err.Load(); err != nil {
		return *err
	}
	return nil
}
