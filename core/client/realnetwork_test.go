//go:build !js

package client_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"strconv"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/testnet"
)

var (
	networkList = flag.String("network", "", "run TestRealNetwork in a running network: a file with a list of nodes in the fields of get_service_nodes")
	insecure    = flag.Bool("insecure", false, "with -network: accept any certificate, and several nodes of one subnet in a path")
)

// Two devices link and write ten notes each, straight to the nodes of a network
// over HTTPS: of -network, or of one that the test starts.
func TestRealNetwork(t *testing.T) {
	list, trusting := []listedNode{}, true
	if *networkList != "" {
		list, trusting = readList(t, *networkList), *insecure
	} else {
		for _, n := range serve(t).Nodes() {
			list = append(list, atSocket(t, n))
		}
	}
	file := directFile(t, list, trusting)
	p := connect(t, "phone", file, newInternet(t, "", trusting))
	s := connect(t, "laptop", file, newInternet(t, "", trusting))
	within(t, 3*time.Minute, p, s)
	p.register("Ada")
	link(p, s)
	for i := range 10 {
		p.must(p.SendNote(fmt.Sprint("p", i)))
		s.must(s.SendNote(fmt.Sprint("s", i)))
	}
	for _, d := range []*tab{p, s} {
		want := map[string]bool{}
		for i := range 10 {
			want[fmt.Sprint("p", i)], want[fmt.Sprint("s", i)] = true, true
		}
		v := d.until("twenty notes", func(v *client.Snapshot) bool {
			return len(v.Logs[v.Account]) >= 20 && v.Network.Queue == 0
		})
		for _, m := range v.Logs[v.Account] {
			if !want[m.Body] {
				t.Errorf("%s has %q twice, or from nobody", d.name, m.Body)
			}
			delete(want, m.Body)
		}
	}
}

// listedNode is a node in the fields of get_service_nodes.
type listedNode struct {
	IP   string `json:"public_ip"`
	Port int    `json:"storage_port"`
	Ed   string `json:"pubkey_ed25519"`
}

// atSocket is a node of our own network, where it listens.
func atSocket(t *testing.T, n testnet.NodeInfo) listedNode {
	t.Helper()
	host, port, err := net.SplitHostPort(n.URL[len("https://"):])
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return listedNode{host, number, n.Ed.Hex()}
}

// readList reads a list alone, or in an answer of a node or of a seed.
func readList(t *testing.T, name string) []listedNode {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var list []listedNode
	type answer struct {
		States []listedNode `json:"service_node_states"`
	}
	var whole struct {
		answer
		Result answer `json:"result"`
	}
	if json.Unmarshal(b, &list) != nil {
		if err := json.Unmarshal(b, &whole); err != nil {
			t.Fatal(err)
		}
		list = append(whole.States, whole.Result.States...)
	}
	if len(list) == 0 {
		t.Fatalf("%s lists no nodes", name)
	}
	return list
}

// directFile is the network.json of a network without a gateway.
func directFile(t *testing.T, list []listedNode, oneHost bool) []byte {
	t.Helper()
	var nodes []map[string]any
	for _, n := range list {
		if n.Ed == "" { // registered, never seen yet
			continue
		}
		nodes = append(nodes, map[string]any{
			"ed25519": n.Ed, "ip": n.IP, "port": n.Port,
			"url": "https://" + net.JoinHostPort(n.IP, strconv.Itoa(n.Port)),
		})
	}
	b, err := json.Marshal(map[string]any{"profile": "local", "gateways": []string{}, "nodes": nodes, "one_host": oneHost})
	if err != nil {
		t.Fatal(err)
	}
	return b
}
