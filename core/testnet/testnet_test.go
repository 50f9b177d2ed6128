package testnet

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/onion"
	"tandem/core/snode"
)

// newTest makes a small network that ends with the test.
func newTest(t testing.TB, o Options) *Network {
	t.Helper()
	n, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// hop is a node as a client's onion needs it.
func hop(i NodeInfo) onion.Hop { return onion.Hop{Ed: i.Ed, X: i.X} }

func TestStoreThroughThreeHops(t *testing.T) {
	n := newTest(t, Options{})
	nodes := n.Nodes()
	owner := core.ID{5, 1, 2, 3}
	id, _ := n.list.Load().swarmOf(owner)
	member := n.list.Load().swarm[id][0].info
	var path []onion.Hop
	for _, i := range nodes {
		if i.Swarm != id && len(path) < 3 {
			path = append(path, hop(i))
		}
	}
	rpc := fmt.Sprintf(`{"method":"store","params":{"pubkey":"%s","timestamp":%d,"ttl":86400000,"data":"aGVsbG8="}}`, owner.Hex(), n.Now())
	body, reply, err := onion.Build(path, hop(member), []byte(rpc))
	if err != nil {
		t.Fatal(err)
	}
	url := "/gateway/" + path[0].Ed.Hex() + "/onion_req/v2"
	status, answer, err := n.Transport().Post(context.Background(), url, body)
	if err != nil || status != 200 {
		t.Fatal(status, string(answer), err)
	}
	code, result, err := reply.Open(answer)
	if err != nil || code != 200 || !strings.Contains(string(result), `"hash":`) {
		t.Fatal(code, string(result), err)
	}
	if got := n.SeenBy([]byte(rpc)); len(got) != 1 || got[0] != member.Ed {
		t.Errorf("the request was readable at %d nodes, want its destination only", len(got))
	}
	for _, m := range n.list.Load().swarm[id] {
		if m.Messages() != 1 {
			t.Errorf("node %d keeps %d messages, want 1", m.info.Index, m.Messages())
		}
	}
}

// The roll finds the swarm that a client of snode would find.
func TestSwarmOfAgreesWithTheSpecification(t *testing.T) {
	n := newTest(t, Options{Nodes: 60, Swarms: 20})
	roll := n.list.Load()
	for range 500 {
		id := newPhone(t, n).dev.ID()
		got, _ := roll.swarmOf(id)
		if want, _ := snode.SwarmFor(roll.swarms, id); got != want {
			t.Fatalf("%x for %s, want %x", got, id, want)
		}
	}
}
