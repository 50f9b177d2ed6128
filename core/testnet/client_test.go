package testnet

import (
	"context"
	"slices"
	"testing"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/snode"
)

// phone is as much of a client as the tests here need.
type phone struct {
	t   testing.TB
	net *Network
	dev *identity.Device
}

func newPhone(t testing.TB, n *Network) phone {
	t.Helper()
	return phone{t, n, identity.NewDevice()}
}

// swarm are the members that keep the phone's mailboxes.
func (p phone) swarm() []*Node {
	p.t.Helper()
	members := p.net.Swarm(p.dev.ID())
	if len(members) == 0 {
		p.t.Fatal("no swarm")
	}
	return members
}

// route is three relays that are in no way special, but not the destination.
func (p phone) route(to *Node) []onion.Hop {
	p.t.Helper()
	var path []onion.Hop
	for _, i := range p.net.Nodes() {
		if i.Swarm != to.info.Swarm && len(path) < 3 {
			path = append(path, onion.Hop{Ed: i.Ed, X: i.X})
		}
	}
	if len(path) < 3 {
		p.t.Fatal("the network is too small")
	}
	return path
}

// direct sends a call straight to a node.
func (p phone) direct(ctx context.Context, to *Node, c snode.Call) (int, []byte, error) {
	return p.net.Transport().Post(ctx, "https://"+to.info.IP+"/"+to.info.Ed.Hex()+pathRPC, c.Body())
}

// must is direct for what has to work.
func (p phone) must(to *Node, c snode.Call) []byte {
	p.t.Helper()
	status, body, err := p.direct(context.Background(), to, c)
	if err != nil || status != 200 {
		p.t.Fatalf("%s: %d %s %v", c.Method(), status, body, err)
	}
	return body
}

// hidden sends a call through three relays and returns what the guard says: the
// transport's status, and status and body of the destination.
func (p phone) hidden(ctx context.Context, to *Node, c snode.Call) (outer, inner int, body []byte, err error) {
	p.t.Helper()
	path := p.route(to)
	request, reply, err := onion.Build(path, onion.Hop{Ed: to.info.Ed, X: to.info.X}, c.Body())
	if err != nil {
		p.t.Fatal(err)
	}
	outer, answer, err := p.net.Transport().Post(ctx, "/gateway/"+path[0].Ed.Hex()+pathOnion, request)
	if err != nil || outer != 200 {
		return outer, 0, answer, err
	}
	inner, body, err = reply.Open(answer)
	return outer, inner, body, err
}

func (p phone) store(text string) snode.Call {
	to := core.Mailbox{Owner: p.dev.ID(), Namespace: core.Inbox}
	return snode.Store(to, []byte(text), p.net.Now(), core.Day, nil)
}

// inbox lists what a member has for the phone.
func (p phone) inbox(at *Node) []string {
	p.t.Helper()
	from := core.Mailbox{Owner: p.dev.ID(), Namespace: core.Inbox}
	body := p.must(at, snode.Retrieve(from, "", 0, at.now(), p.dev))
	messages, _, err := snode.ParseRetrieved(body, from)
	if err != nil {
		p.t.Fatal(err)
	}
	var texts []string
	for _, m := range messages {
		texts = append(texts, string(m.Data))
	}
	return texts
}

func (p phone) wantInbox(at *Node, want ...string) {
	p.t.Helper()
	if got := p.inbox(at); !slices.Equal(got, want) {
		p.t.Errorf("node %d has %q for me, want %q", at.info.Index, got, want)
	}
}

// infoOK fails unless a node answers.
func (p phone) infoOK(at *Node) {
	p.t.Helper()
	p.must(at, snode.Info())
}
