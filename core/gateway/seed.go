//go:build !js

package gateway

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandem/core/snode"
)

const (
	seedPath = "/json_rpc"

	// seedTimeout: clients give a seed 5 s (network.md §2.1), for a list of
	// half a megabyte; nobody waits for us.
	seedTimeout = 15 * time.Second

	// maxSeedAnswer: 4,000 nodes of 300 bytes, several times.
	maxSeedAnswer = 8 << 20

	// minNodes is the least of which clients make paths (network.md §7).
	minNodes = 8

	// seedQuestion asks for what a bundle stores and no more: the X25519 key
	// follows from the Ed25519 key.
	seedQuestion = `{"jsonrpc":"2.0","id":"0","method":"get_n_service_nodes","params":{"active_only":true,` +
		`"fields":{"public_ip":true,"storage_port":true,"pubkey_ed25519":true}}}`
)

// Refusals of seeds.
var (
	ErrSeed     = errors.New("gateway: a seed is https://host:port, with #<SHA-256 of its certificate, 64 hex digits> if it is self-signed")
	ErrSeedPin  = errors.New("gateway: the seed shows another certificate than the one it should have")
	ErrNoSeed   = errors.New("gateway: no seed gave a list of nodes")
	ErrFewNodes = errors.New("gateway: the seeds agree on fewer than 8 nodes")
)

// Seed is a server that knows the list of service nodes. Nothing in a list is
// signed: that it is the right one rests on the seeds' certificates, and on
// several of them saying the same.
type Seed struct {
	URL string   // scheme, host and port
	Pin [32]byte // SHA-256 of its certificate; zero: an authority vouches for it
}

// SessionSeeds are those of the public network, whose certificates are
// self-signed and known to every client by their hash (network.md §2.1; the
// hashes are those in Session Desktop 1.17, valid until 2033).
func SessionSeeds() []Seed {
	var seeds []Seed
	for _, s := range []string{
		"https://seed1.getsession.org:4443#36ea0b253537988551ee856e4fd20d55011e9c8b27eaa2f34b8f32a0bdf04f2d",
		"https://seed2.getsession.org:4443#c5908dd4139acd96aedd1e45576597650809c8a5ea02af556d4853d45396e0e7",
		"https://seed3.getsession.org:4443#8a0af2c712342f22ce00e53c1601410ef8d84156aee0a9809c32f6f7efbe556e",
	} {
		seed, err := ParseSeed(s)
		if err != nil {
			panic(err) // written above
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

// ParseSeed reads https://host:port, with #<pin> for a self-signed certificate.
// Error: ErrSeed.
func ParseSeed(s string) (Seed, error) {
	text, pin, pinned := strings.Cut(s, "#")
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.RawQuery != "" || u.Path != "" && u.Path != "/" && u.Path != seedPath {
		return Seed{}, ErrSeed
	}
	at, ok := origin(u)
	if !ok {
		return Seed{}, ErrSeed
	}
	seed := Seed{URL: at}
	if pinned {
		if len(pin) != 2*len(seed.Pin) {
			return Seed{}, ErrSeed
		}
		if _, err := hex.Decode(seed.Pin[:], []byte(pin)); err != nil {
			return Seed{}, ErrSeed
		}
	}
	return seed, nil
}

// ask brings the seed's list.
func (s Seed) ask(ctx context.Context) ([]snode.Node, error) {
	ctx, cancel := context.WithTimeout(ctx, seedTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+seedPath, strings.NewReader(seedQuestion))
	if err != nil {
		return nil, fmt.Errorf("gateway: seed: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	way := &http.Transport{
		TLSClientConfig:        s.tls(),
		DisableKeepAlives:      true,
		MaxResponseHeaderBytes: maxHead,
	}
	res, err := way.RoundTrip(req) // a redirect is not followed
	if err != nil {
		return nil, fmt.Errorf("gateway: seed: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxSeedAnswer+1))
	if err != nil || res.StatusCode != http.StatusOK || len(body) > maxSeedAnswer {
		return nil, fmt.Errorf("gateway: seed: status %d, %d bytes", res.StatusCode, len(body))
	}
	nodes, err := snode.ParseServiceNodes(body)
	if err != nil {
		return nil, fmt.Errorf("gateway: seed: %w", err)
	}
	return nodes, nil
}

// tls trusts exactly the pinned certificate, or else what the system trusts.
func (s Seed) tls() *tls.Config {
	conf := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.Pin != ([32]byte{}) {
		// What is checked instead is the whole certificate.
		conf.InsecureSkipVerify = true
		conf.VerifyConnection = func(c tls.ConnectionState) error {
			if sha256.Sum256(c.PeerCertificates[0].Raw) != s.Pin {
				return ErrSeedPin
			}
			return nil
		}
	}
	return conf
}

// AskSeeds asks all seeds at once and returns the nodes that more than half of
// those that answered name alike, sorted by key. private also takes nodes at
// addresses that are not public, as a test network has. Errors: ErrNoSeed with
// the reasons, ErrFewNodes.
func AskSeeds(ctx context.Context, seeds []Seed, private bool) ([]snode.Node, error) {
	type answer struct {
		nodes []snode.Node
		err   error
	}
	answers := make(chan answer, len(seeds))
	for _, s := range seeds {
		go func() {
			nodes, err := s.ask(ctx)
			answers <- answer{nodes, err}
		}()
	}
	votes, answered, errs := map[snode.Node]int{}, 0, []error{ErrNoSeed}
	for range seeds {
		a := <-answers
		if a.err != nil {
			errs = append(errs, a.err)
			continue
		}
		answered++
		for _, n := range a.nodes {
			votes[n]++
		}
	}
	if answered == 0 {
		return nil, errors.Join(errs...)
	}
	var nodes []snode.Node
	for n, count := range votes {
		if 2*count > answered && (private || publicAddress(n.IP)) {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) < minNodes {
		return nil, ErrFewNodes
	}
	slices.SortFunc(nodes, func(a, b snode.Node) int { return strings.Compare(a.Ed.Hex(), b.Ed.Hex()) })
	return nodes, nil
}

// publicAddress: a list must not lead the gateway into the network that it
// stands in.
func publicAddress(ip string) bool {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		return false
	}
	a = a.Unmap()
	shared := netip.PrefixFrom(netip.AddrFrom4([4]byte{100, 64}), 10) // RFC 6598, behind a carrier's NAT
	return a.IsGlobalUnicast() && !a.IsPrivate() && !shared.Contains(a)
}
