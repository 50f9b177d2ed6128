package testnet

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

// newTest makes a network that ends with the test.
func newTest(t testing.TB, o Options) *Network {
	t.Helper()
	n, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.Close() })
	return n
}

// Through three relays a store reaches its whole swarm, and only the
// destination could read the request.
func TestStoreThroughThreeHops(t *testing.T) {
	var told []Event
	n := newTest(t, Options{Events: func(e Event) { told = append(told, e) }})
	p := newPhone(t, n)
	members := p.swarm()
	call := p.store("a secret")
	outer, inner, body, err := p.hidden(Mark(t.Context(), 7), members[0], call)
	if err != nil || outer != 200 || inner != 200 {
		t.Fatal(outer, inner, string(body), err)
	}
	signers, err := snode.ParseStored(body, snode.MessageHash(p.dev.ID(), core.Inbox, []byte("a secret")))
	if err != nil || len(signers) != len(members) {
		t.Errorf("%d members signed, want %d: %v", len(signers), len(members), err)
	}
	if got := n.SeenBy(call.Body()); len(got) != 1 || got[0] != members[0].info.Ed {
		t.Errorf("the request was readable at %d nodes, want its destination only", len(got))
	}
	for _, hop := range p.route(members[0]) {
		sights := n.Witness()[hop.Ed]
		if len(sights) != 2 || sights[0].Act != Peeled || sights[1].Act != Carried {
			t.Errorf("a relay saw %v, want its own layer and what it carried on", sights)
		}
	}
	for _, m := range members {
		kept := m.Kept()
		if len(kept) != 1 || string(kept[0].Data) != "a secret" || kept[0].Mailbox.Owner != p.dev.ID() {
			t.Errorf("node %d keeps %v", m.info.Index, kept)
		}
	}
	kinds, at := make(map[EventKind]int), Outside
	for _, e := range told {
		kinds[e.Kind]++
		switch {
		case e.Trip != 7:
			t.Errorf("%+v does not say which request it belongs to", e)
		case e.Kind == EventLeaves && e.From != at:
			t.Errorf("it leaves %v while it is at %v", e.From, at)
		case e.Kind == EventCame:
			at = e.To
		}
	}
	if at != members[0].info.Ed || kinds[EventLeaves] != 4 || kinds[EventCame] != 4 {
		t.Errorf("it came to %v, told of %v", at, kinds)
	}
	if kinds[EventHTTP] != 1 || kinds[EventHop] != 3 || kinds[EventRPC] != 1 || kinds[EventMember] != len(members)-1 {
		t.Errorf("told of %v", kinds)
	}
}

func TestNetworkIsTheSameForTheSameSeed(t *testing.T) {
	a := newTest(t, Options{Seed: [32]byte{1}}).Nodes()
	if !slices.Equal(a, newTest(t, Options{Seed: [32]byte{1}}).Nodes()) {
		t.Error("two networks of one seed differ")
	}
	if slices.Equal(a, newTest(t, Options{Seed: [32]byte{2}}).Nodes()) {
		t.Error("two networks of two seeds are equal")
	}
	swarms := make(map[uint64]int)
	for i, info := range a {
		swarms[info.Swarm]++
		if info.Index != i || !strings.HasPrefix(info.IP, "10.0.") {
			t.Errorf("node %d is %+v", i, info)
		}
	}
	if len(swarms) != 6 {
		t.Errorf("%d swarms of 30 nodes, want 6", len(swarms))
	}
}

func TestSizesOfNetworks(t *testing.T) {
	for nodes, want := range map[int]int{1: 1, 3: 1, 12: 4, 18: 6, 30: 6, 31: 6, 60: 12, 2000: 400} {
		if got := swarmsFor(nodes); got != want {
			t.Errorf("%d nodes make %d swarms, want %d", nodes, got, want)
		}
	}
	for _, o := range []Options{{Nodes: 3, Swarms: 4}, {Nodes: -1}, {Nodes: 2, Swarms: -1}} {
		if _, err := New(o); !errors.Is(err, ErrSwarms) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	if _, err := New(Options{Nodes: maxNodes + 1}); !errors.Is(err, ErrTooManyNodes) {
		t.Error(err)
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

func TestExpiredMessagesGo(t *testing.T) {
	clock := NewClock(1_800_000_000_000)
	n := newTest(t, Options{Now: clock.Now, After: clock.After})
	p := newPhone(t, n)
	m := p.swarm()[0]
	to := core.Mailbox{Owner: p.dev.ID(), Namespace: core.Inbox}
	p.must(m, snode.Store(to, []byte("short"), n.Now(), 20*core.Second, nil))
	p.must(m, snode.Store(to, []byte("long"), n.Now(), core.Hour, nil))
	clock.Advance(19 * core.Second)
	p.wantInbox(m, "short", "long")
	clock.Advance(10 * core.Second)
	p.wantInbox(m, "long")
}

func TestNetworkFile(t *testing.T) {
	n := newTest(t, Options{Nodes: 12})
	var file struct {
		Profile  string
		Gateways []string
		Nodes    []map[string]any
	}
	if err := json.Unmarshal(n.NetworkFile("local", "/gateway"), &file); err != nil {
		t.Fatal(err)
	}
	if file.Profile != "local" || !slices.Equal(file.Gateways, []string{"/gateway"}) || len(file.Nodes) != 12 {
		t.Errorf("%+v", file)
	}
	if first := file.Nodes[0]; first["ed25519"] != n.Nodes()[0].Ed.Hex() || first["ip"] != "10.0.0.1" || first["url"] != nil {
		t.Errorf("%v", first)
	}
}

func TestNamesResolve(t *testing.T) {
	n := newTest(t, Options{})
	n.RegisterName("aGFzaA==", Name{EncryptedValue: "ab", Nonce: "cd"})
	ask := func(hash string) string {
		body := []byte(`{"method":"oxend_request","params":{"endpoint":"ons_resolve","params":{"type":0,"name_hash":"` + hash + `"}}}`)
		return string(n.all[0].Serve(t.Context(), "POST", pathRPC, nil, body).Body)
	}
	if got := ask("aGFzaA=="); !strings.Contains(got, `"encrypted_value":"ab","nonce":"cd"`) {
		t.Error(got)
	}
	if got := ask("unknown"); strings.Contains(got, "nonce") {
		t.Error(got)
	}
}

func TestClosedNetworkEndsWaits(t *testing.T) {
	n := newTest(t, Options{})
	p := newPhone(t, n)
	m := p.swarm()[0]
	n.Faults().Freeze(m.info.Ed)
	done := make(chan error)
	go func() {
		_, _, err := p.direct(t.Context(), m, snode.Info())
		done <- err
	}()
	n.Close()
	if err := <-done; err == nil {
		t.Error("a frozen node answered")
	}
}
