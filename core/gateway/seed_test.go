//go:build !js

package gateway

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tandem/core"
	"tandem/core/client/courier"
	"tandem/core/snode"
	"tandem/core/testnet"
)

// network is a test network on sockets, and its seed as a gateway is told of it.
func network(t *testing.T) (*testnet.Network, Seed) {
	t.Helper()
	n, err := testnet.New(testnet.Options{Nodes: 24, Swarms: 4})
	if err != nil {
		t.Fatal(err)
	}
	servers, err := n.Serve(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(servers.Close(), n.Close()); err != nil {
			t.Error(err)
		}
	})
	host := strings.TrimSuffix(strings.TrimPrefix(servers.Seed, "https://"), seedPath)
	c, err := tls.Dial("tcp", host, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	pin := sha256.Sum256(c.ConnectionState().PeerCertificates[0].Raw)
	seed, err := ParseSeed(servers.Seed + "#" + hex.EncodeToString(pin[:]))
	if err != nil {
		t.Fatal(err)
	}
	return n, seed
}

// The whole way: a seed is asked, the file is written, and the client and the
// gateway read it as what the network is.
func TestWriteNodes(t *testing.T) {
	n, seed := network(t)
	name := filepath.Join(t.TempDir(), "nodes.json")
	var said bytes.Buffer
	o := PublicOptions{Seeds: []Seed{seed}, Private: true, Write: name, Say: &said}
	for range 2 { // the second replaces the first
		if err := o.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := map[snode.Node]bool{}
	for _, i := range n.Nodes() {
		want[snode.Node{Ed: i.Ed, IP: i.IP, Port: i.Port}] = true
	}
	nodes, err := ParseNodes(file)
	if err != nil || len(nodes) != len(want) {
		t.Fatalf("%d nodes, %v", len(nodes), err)
	}
	client, err := courier.ParseNetworkFile([]byte(`{"profile":"session","gateways":["https://g.example/gateway"],"bundled":"nodes.json"}`))
	if err == nil {
		client, err = client.Bundle(file)
	}
	if err != nil || !slices.Equal(client.Nodes, nodes) {
		t.Errorf("the client reads %d nodes, %v", len(client.Nodes), err)
	}
	for _, node := range nodes {
		if !want[node] {
			t.Error("a node that is not in the network")
		}
	}
	if bytes.Contains(file, []byte("x25519")) || bytes.Contains(file, []byte("pubkey")) {
		t.Error("the file has more than it should")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(name), ".nodes*")); len(left) > 0 || !strings.HasPrefix(said.String(), "24 nodes are in ") {
		t.Errorf("left over %v, said %q", left, &said)
	}
}

func TestWriteNodesWithoutAnAnswer(t *testing.T) {
	name := filepath.Join(t.TempDir(), "nodes.json")
	s := httptest.NewTLSServer(http.NotFoundHandler())
	defer s.Close()
	o := PublicOptions{Seeds: []Seed{pinned(s)}, Write: name}
	if err := o.Run(t.Context()); !errors.Is(err, ErrNoSeed) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(name); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file was written: %v", err)
	}
}

// viaGateway is how a client reaches a gateway.
type viaGateway struct{}

func (viaGateway) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, "POST", url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Origin", page)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}

// A client learns the network's time through two public gateways: one that has
// no list yet and refuses, and one that serves.
func TestAClientByPublicGateways(t *testing.T) {
	n, _ := network(t)
	_, empty, _ := open(t, PublicOptions{})
	var nodes []Upstream
	for _, i := range n.Nodes() {
		nodes = append(nodes, Upstream{Ed: i.Ed, URL: i.URL})
	}
	p, full, _ := open(t, PublicOptions{}, nodes...)
	file, err := courier.ParseNetworkFile(n.NetworkFile("local", full+"/gateway"))
	if err != nil {
		t.Fatal(err)
	}
	file.Gateways = []string{empty + "/gateway", full + "/gateway"}
	c, err := courier.New(courier.Config{
		Transport: viaGateway{}, Net: file, Save: func([]byte) {},
		LocalNow: func() core.Millis { return core.Millis(time.Now().UnixMilli()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Sync(t.Context()); err != nil || !c.Synced() {
		t.Errorf("synced %t, %v", c.Synced(), err)
	}
	p.bridge.meter.mu.Lock()
	defer p.bridge.meter.mu.Unlock()
	if p.bridge.meter.results[servedOK] < 3 {
		t.Errorf("results %v", p.bridge.meter.results)
	}
}

// pinned is a test's server as a seed.
func pinned(s *httptest.Server) Seed {
	return Seed{URL: s.URL, Pin: sha256.Sum256(s.Certificate().Raw)}
}

// list is a seed's answer with the nodes of some numbers, at public addresses.
func list(numbers ...byte) string {
	var states []string
	for _, i := range numbers {
		states = append(states, fmt.Sprintf(`{"pubkey_ed25519":"%s","public_ip":"198.51.%d.1","storage_port":22021}`, key(i).Hex(), i))
	}
	return `{"jsonrpc":"2.0","id":"0","result":{"service_node_states":[` + strings.Join(states, ",") + `],"status":"OK"}}`
}

func seedThatSays(t *testing.T, text string) Seed {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.URL.Path != seedPath {
			t.Errorf("%s %s", r.Method, r.URL)
		}
		_, _ = io.WriteString(w, text)
	}))
	t.Cleanup(s.Close)
	return pinned(s)
}

// What most of the seeds say counts; a seed that lies or is silent does not.
func TestSeedsVote(t *testing.T) {
	good, odd := []byte{1, 2, 3, 4, 5, 6, 7, 8}, []byte{1, 2, 3, 4, 5, 6, 7, 99}
	strangers := []byte{101, 102, 103, 104, 105, 106, 107, 108}
	wrongPin := seedThatSays(t, list(strangers...))
	wrongPin.Pin[0] ^= 1
	unpinned := seedThatSays(t, list(strangers...))
	unpinned.Pin = [32]byte{}
	private := strings.ReplaceAll(list(good...), "198.51.", "192.168.")
	honest := seedThatSays(t, list(good...))
	for _, c := range []struct {
		name  string
		seeds []Seed
		want  []byte
		err   error
	}{
		{"one seed", []Seed{honest}, good, nil},
		{"one of three lies", []Seed{honest, seedThatSays(t, list(strangers...)), seedThatSays(t, list(good...))}, good, nil},
		{"two who do not agree", []Seed{honest, seedThatSays(t, list(odd...))}, nil, ErrFewNodes},
		{"one of two is another one", []Seed{honest, wrongPin}, good, nil},
		{"another one alone", []Seed{wrongPin}, nil, ErrSeedPin},
		{"self-signed, without a pin", []Seed{unpinned}, nil, ErrNoSeed},
		{"nonsense", []Seed{seedThatSays(t, "<html>")}, nil, ErrNoSeed},
		{"an error", []Seed{seedThatSays(t, `{"error":{"code":-1}}`)}, nil, ErrNoSeed},
		{"far too much", []Seed{seedThatSays(t, strings.Repeat(" ", maxSeedAnswer+1))}, nil, ErrNoSeed},
		{"a short list", []Seed{seedThatSays(t, list(1, 2, 3))}, nil, ErrFewNodes},
		{"nodes inside our own network", []Seed{seedThatSays(t, private)}, nil, ErrFewNodes},
		{"none", nil, nil, ErrNoSeed},
	} {
		t.Run(c.name, func(t *testing.T) {
			nodes, err := AskSeeds(t.Context(), c.seeds, false)
			if !errors.Is(err, c.err) || len(nodes) != len(c.want) {
				t.Fatalf("%d nodes, %v; want %d, %v", len(nodes), err, len(c.want), c.err)
			}
			for i, n := range nodes {
				if n.Ed != key(c.want[i]) {
					t.Errorf("node %d is another one", i)
				}
			}
		})
	}
}

func TestPublicAddresses(t *testing.T) {
	for ip, want := range map[string]bool{
		"198.51.100.1": true, "2001:db8::1": true, "100.63.0.1": true,
		"127.0.0.1": false, "10.1.2.3": false, "192.168.0.1": false, "172.16.0.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "224.0.0.1": false, "255.255.255.255": false,
		"::1": false, "fe80::1": false, "fd00::1": false, "::ffff:127.0.0.1": false, "::ffff:10.0.0.1": false, "x": false,
	} {
		if publicAddress(ip) != want {
			t.Errorf("%s: %t", ip, !want)
		}
	}
}

func TestParseSeed(t *testing.T) {
	pin := strings.Repeat("ab", 32)
	for text, want := range map[string]string{
		"https://seed.example:4443":                    "https://seed.example:4443",
		"https://seed.example:4443/#" + pin:            "https://seed.example:4443",
		"https://seed.example:4443/json_rpc#" + pin:    "https://seed.example:4443",
		"http://seed.example":                          "",
		"seed.example":                                 "",
		"https://seed.example/x":                       "",
		"https://seed.example?x":                       "",
		"https://user@seed.example":                    "",
		"https://seed.example#":                        "",
		"https://seed.example#" + pin[:62]:             "",
		"https://seed.example#" + pin[:62] + "zz":      "",
		"https://seed.example:4443#" + pin + "#" + pin: "",
		"": "",
	} {
		s, err := ParseSeed(text)
		if s.URL != want || (err == nil) != (want != "") || want != "" && strings.Contains(text, pin) != (s.Pin[31] == 0xab) {
			t.Errorf("%s: %s %v", text, s.URL, err)
		}
	}
	if seeds := SessionSeeds(); len(seeds) != 3 || seeds[2].Pin[31] != 0x6e {
		t.Errorf("%d seeds of the public network", len(seeds))
	}
}

// Seeds that fall silent leave the old list in force, and are asked again soon.
func TestTheListIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked, told atomic.Int64
		answers := []error{ErrNoSeed, nil, ErrNoSeed, nil}
		r := newRoster(nil, func(context.Context) ([]snode.Node, error) {
			n := asked.Add(1)
			if err := answers[int(n-1)%len(answers)]; err != nil {
				return nil, err
			}
			return []snode.Node{{Ed: key(byte(n)), IP: "2001:db8::1", Port: 22021}}, nil
		})
		r.say = func(string) { told.Add(1) }
		ctx, cancel := context.WithCancel(t.Context())
		go r.keep(ctx)
		for i, c := range []struct {
			wait  time.Duration
			nodes []Upstream
			told  int64
		}{
			{0, nil, 1},
			{refreshAgain, []Upstream{{key(2), "https://[2001:db8::1]:22021"}}, 2},
			{refreshEvery, []Upstream{{key(2), "https://[2001:db8::1]:22021"}}, 3},
			{refreshAgain, []Upstream{{key(4), "https://[2001:db8::1]:22021"}}, 3},
		} {
			<-time.After(c.wait)
			synctest.Wait()
			if asked.Load() != int64(i+1) || !slices.Equal(r.nodes(), c.nodes) || told.Load() != c.told {
				t.Errorf("step %d: asked %d times, %v, told %d times", i, asked.Load(), r.nodes(), told.Load())
			}
		}
		<-time.After(time.Minute)
		if r.age() != time.Minute {
			t.Errorf("age %v", r.age())
		}
		cancel()
	})
}

func TestParseNodesRefuses(t *testing.T) {
	one := `{"ed25519":"` + key(1).Hex() + `","ip":"198.51.100.1","port":22021}`
	for name, file := range map[string]string{
		"nothing": "", "no list": "{}", "an empty list": `{"nodes":[]}`, "twice the same": `{"nodes":[` + one + "," + one + `]}`,
		"a short key": `{"nodes":[{"ed25519":"ab","ip":"198.51.100.1","port":1}]}`,
		"no address":  `{"nodes":[` + strings.Replace(one, "198.51.100.1", "node.example", 1) + `]}`,
		"no port":     `{"nodes":[` + strings.Replace(one, "22021", "0", 1) + `]}`,
	} {
		if _, err := ParseNodes([]byte(file)); !errors.Is(err, ErrNodeFile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if nodes, err := ParseNodes([]byte(`{"new":1,"nodes":[` + one + `]}`)); err != nil || len(nodes) != 1 {
		t.Errorf("a good one: %v", err)
	}
}

// What is read comes out as it was written.
func FuzzParseNodes(f *testing.F) {
	f.Add([]byte(`{"nodes":[{"ed25519":"` + key(1).Hex() + `","ip":"198.51.100.1","port":22021}]}`))
	f.Add(FormatNodes([]snode.Node{{Ed: key(1), IP: "2001:db8::1", Port: 1}, {Ed: key(2), IP: "198.51.100.1", Port: 65535}}))
	f.Add([]byte(`{"nodes":[]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		nodes, err := ParseNodes(file)
		if err != nil {
			return
		}
		again, err := ParseNodes(FormatNodes(nodes))
		if err != nil || !slices.Equal(again, nodes) {
			t.Errorf("%v, %v", again, err)
		}
	})
}
