//go:build !js

package gateway

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"tandem/core/snode"
)

// Limits of a public gateway where they differ from that of one's own machine.
const (
	// publicLimit of requests under way; each holds some 50 KB.
	publicLimit = 4096

	// publicIdle: a tab asks every five seconds.
	publicIdle = 30 * time.Second

	// publicGrace is how long requests under way may take after the signal to
	// stop: a little less than service managers wait before they kill.
	publicGrace = 25 * time.Second

	healthPath  = "/health"
	metricsPath = "/metrics"
)

// Refusals of NewPublic.
var (
	ErrNoOrigin = errors.New("gateway: -origins is missing: the origins of the pages that may use this gateway, for example https://tandem.example")
	ErrOrigin   = errors.New("gateway: an origin is scheme://host or scheme://host:port, as the browser's address bar shows it, and nothing behind it")
	ErrHalfTLS  = errors.New("gateway: -cert and -key go together")
)

// PublicOptions of a gateway for pages of other origins. The zero value of each
// field but Origins and Seeds is a good default.
type PublicOptions struct {
	Listen    string         // address and port
	Cert, Key string         // PEM files; none: plain HTTP, for a proxy in front
	Metrics   string         // address and port of /metrics; none: there are none
	Origins   []string       // pages that may use it
	Proxies   []netip.Prefix // proxies in front, whose X-Forwarded-For is believed
	Seeds     []Seed         // who knows the list of nodes
	Nodes     []snode.Node   // the list until a seed answers
	Private   bool           // nodes may have addresses that are not public
	Rate      float64        // requests a second that one client may make; 0 means DefaultRate
	Say       io.Writer      // news for the operator; nil: none
	Write     string         // only write the seeds' list into this file, and end
}

// Flags puts the options on a command line.
func (o *PublicOptions) Flags(set *flag.FlagSet) {
	set.StringVar(&o.Listen, "listen", "127.0.0.1:8081", "address and port")
	set.StringVar(&o.Cert, "cert", "", "PEM file of the TLS certificate; without it, plain HTTP for a proxy in front")
	set.StringVar(&o.Key, "key", "", "PEM file of the certificate's key")
	set.StringVar(&o.Metrics, "metrics", "", "address and port of /metrics for Prometheus, for example 127.0.0.1:9464")
	set.BoolVar(&o.Private, "private", false, "also forward to nodes at private addresses: for a test network")
	set.Float64Var(&o.Rate, "rate", DefaultRate, "requests a second that one client may make")
	set.StringVar(&o.Write, "write-nodes", "", "ask the seeds, write their list into this file for a build, and end")
	set.Func("origins", "origins of the pages that may use it, separated by commas", each(func(s string) error {
		o.Origins = append(o.Origins, s)
		return nil
	}))
	set.Func("proxies", "addresses or networks of the proxies in front, separated by commas", each(func(s string) error {
		network, err := netip.ParsePrefix(s)
		if ip, bad := netip.ParseAddr(s); bad == nil {
			network, err = ip.Prefix(ip.BitLen())
		}
		o.Proxies = append(o.Proxies, network.Masked())
		return err
	}))
	set.Func("seeds", "seeds as https://host:port#certificate's SHA-256, separated by commas (default those of the Session network)", each(func(s string) error {
		seed, err := ParseSeed(s)
		o.Seeds = append(o.Seeds, seed)
		return err
	}))
	set.Func("nodes", "file of -write-nodes: the list until a seed answers", func(name string) error {
		file, err := os.ReadFile(name)
		if err == nil {
			o.Nodes, err = ParseNodes(file)
		}
		return err
	})
}

func each(add func(string) error) func(string) error {
	return func(list string) error {
		for s := range strings.SplitSeq(list, ",") {
			if err := add(strings.TrimSpace(s)); err != nil {
				return err
			}
		}
		return nil
	}
}

// Run does what the options say, until ctx ends.
func (o PublicOptions) Run(ctx context.Context) error {
	if len(o.Seeds) == 0 {
		o.Seeds = SessionSeeds()
	}
	if o.Write != "" {
		return o.writeNodes(ctx)
	}
	p, err := NewPublic(o)
	if err != nil {
		return err
	}
	o.news(fmt.Sprintf(`The gateway listens on %s for pages of %s.

Service nodes have self-signed certificates, and none of them is checked: TLS to
a node proves nothing. What protects is inside: each request is sealed to the
key of a node from the client's own list, and each answer to the client.
`, p.Addr(), strings.Join(o.Origins, ", ")))
	return p.Run(ctx)
}

func (o PublicOptions) writeNodes(ctx context.Context) error {
	nodes, err := AskSeeds(ctx, o.Seeds, o.Private)
	if err != nil {
		return err
	}
	if err := writeFile(o.Write, FormatNodes(nodes)); err != nil {
		return err
	}
	o.news(fmt.Sprintf("%d nodes are in %s.", len(nodes), o.Write))
	return nil
}

func (o PublicOptions) news(text string) {
	if o.Say != nil {
		fmt.Fprintln(o.Say, text)
	}
}

// Public is a gateway with its sockets.
type Public struct {
	o       PublicOptions
	bridge  *bridge
	roster  *roster
	pages   net.Listener
	metrics net.Listener  // nil: none
	slots   chan struct{} // one element per connection
	crowd   *crowd
}

// NewPublic checks the options and takes the ports. Errors: ErrNoOrigin,
// ErrOrigin, ErrHalfTLS, and those of listening.
func NewPublic(o PublicOptions) (*Public, error) {
	if (o.Cert == "") != (o.Key == "") {
		return nil, ErrHalfTLS
	}
	allowed, err := parseOrigins(o.Origins)
	if err != nil {
		return nil, err
	}
	if o.Rate <= 0 {
		o.Rate = DefaultRate
	}
	p := &Public{o: o, slots: make(chan struct{}, maxPublicConns)}
	p.roster = newRoster(o.Nodes, func(ctx context.Context) ([]snode.Node, error) {
		return AskSeeds(ctx, o.Seeds, o.Private)
	})
	p.roster.say = o.news
	p.bridge = newBridge(Options{Nodes: p.roster.nodes, Limit: publicLimit})
	p.bridge.origins, p.bridge.proxies = allowed, o.Proxies
	p.bridge.visitors = newVisitors(o.Rate)
	p.crowd = newCrowd(p.bridge.visitors, o.Proxies)
	if p.pages, err = net.Listen("tcp", o.Listen); err != nil {
		return nil, fmt.Errorf("gateway: listen: %w", err)
	}
	if o.Metrics != "" {
		if p.metrics, err = net.Listen("tcp", o.Metrics); err != nil {
			p.pages.Close()
			return nil, fmt.Errorf("gateway: listen: %w", err)
		}
	}
	return p, nil
}

// parseOrigins accepts what a browser writes into Origin, and no wildcard.
func parseOrigins(list []string) (origins, error) {
	if len(list) == 0 {
		return nil, ErrNoOrigin
	}
	var all origins
	for _, text := range list {
		u, err := url.Parse(text)
		if err != nil {
			return nil, ErrOrigin
		}
		if plain, ok := origin(u); !ok || plain != text {
			return nil, ErrOrigin
		}
		all = append(all, text)
	}
	return all, nil
}

// Addr is where it listens.
func (p *Public) Addr() string { return p.pages.Addr().String() }

// ServeHTTP answers /health, for whoever watches the gateway, and the bridge.
func (p *Public) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != healthPath {
		p.bridge.ServeHTTP(w, r)
		return
	}
	inertHeaders(w.Header())
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if len(p.roster.nodes()) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, "no list of nodes yet\n")
		return
	}
	_, _ = io.WriteString(w, "ok\n")
}

// measure answers /metrics.
func (p *Public) measure(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != metricsPath {
		errPath.write(w)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	p.bridge.meter.write(w,
		gauge{"under_way", "Requests under way.", float64(len(p.bridge.slots))},
		gauge{"connections", "Connections of clients.", float64(len(p.slots))},
		gauge{"clients", "Clients of the last seconds, by address.", float64(p.bridge.visitors.known())},
		gauge{"nodes", "Service nodes on the list.", float64(len(p.roster.nodes()))},
		gauge{"list_age_seconds", "Age of the list.", p.roster.age().Seconds()},
	)
}

// Run answers until ctx ends or a socket fails. Then no new request is taken,
// and those under way get publicGrace.
func (p *Public) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { p.roster.keep(ctx) })

	pages := publicServer(p)
	servers := []*http.Server{pages}
	ended := make(chan error, 2)
	running.Go(func() {
		l := &limited{Listener: p.pages, slots: p.slots, crowd: p.crowd}
		if p.o.Cert != "" {
			ended <- pages.ServeTLS(l, p.o.Cert, p.o.Key)
			return
		}
		ended <- pages.Serve(l)
	})
	if p.metrics != nil {
		figures := publicServer(http.HandlerFunc(p.measure))
		servers = append(servers, figures)
		running.Go(func() { ended <- figures.Serve(p.metrics) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	stop(ctx, servers)
	if err != nil {
		return fmt.Errorf("gateway: serve: %w", err)
	}
	return nil
}

// stop ends all servers at once, each in good order if there is time.
func stop(ctx context.Context, servers []*http.Server) {
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), publicGrace)
	defer cancel()
	var all sync.WaitGroup
	for _, s := range servers {
		all.Go(func() {
			if s.Shutdown(last) != nil {
				s.Close()
			}
		})
	}
	all.Wait()
}

func publicServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       publicIdle,
		MaxHeaderBytes:    maxHead,
		ErrorLog:          log.New(io.Discard, "", 0), // it would name clients
	}
}
