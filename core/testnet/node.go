package testnet

import (
	"context"
	"encoding/base64"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"tandem/core"
	"tandem/core/onion"
)

// Routes of a node (network.md §3).
const (
	pathRPC   = "/storage_rpc/v1"
	pathOnion = "/onion_req/v2"
	pathPing  = "/ping_test/v1"
	pathStats = "/get_stats/v1"
)

// memberTimeout is how long a node waits for the other members of its swarm.
const memberTimeout = 5 * core.Second

// Node is one service node.
type Node struct {
	net   *Network
	info  NodeInfo
	key   nodeKey
	shelf *shelf
	seen  sightings

	deregistered atomic.Bool
	health       atomic.Int32 // of type health
	skew         atomic.Int64 // milliseconds that its clock is ahead
	lie          atomic.Uint32
	url          atomic.Pointer[string]
}

func newNode(n *Network, i int, s spec) *Node {
	k := newNodeKey(s.seed)
	return &Node{net: n, info: s.info(i, k), key: k, shelf: newShelf(n.now())}
}

// Info is what everybody knows about the node.
func (n *Node) Info() NodeInfo {
	info := n.info
	if u := n.url.Load(); u != nil {
		info.URL = *u
	}
	return info
}

// Messages is how many messages the node keeps.
func (n *Node) Messages() int { return n.shelf.size(n.now()) }

// Alive reports whether the node answers: it was neither killed nor frozen.
func (n *Node) Alive() bool { return health(n.health.Load()) == alive }

// Kept is a message as the operator of a node sees it.
type Kept struct {
	Mailbox   core.Mailbox // Owner may have any prefix
	Hash      string
	Timestamp core.Millis
	Expiry    core.Millis
	Data      []byte
}

// Kept lists all messages on the node: of one account in order of arrival, the
// accounts in no order. The data is shared and must not be changed.
func (n *Node) Kept() []Kept {
	slots := n.shelf.all(n.now())
	out := make([]Kept, len(slots))
	for i, s := range slots {
		out[i] = Kept{core.Mailbox{Owner: s.owner, Namespace: s.namespace}, s.text, s.timestamp, s.expiry, s.data}
	}
	return out
}

// now is the time by the node's own clock.
func (n *Node) now() core.Millis { return n.net.now() + core.Millis(n.skew.Load()) }

// Header holds HTTP headers of a request by lower-case name.
type Header map[string]string

// Response is what a node answers. Header has Content-Type and what is peculiar
// to the answer, in order; a door adds Content-Length and Server.
type Response struct {
	Status int
	Header [][2]string
	Body   []byte
}

// Get is the first value of a header, by lower-case name; "" if absent.
func (r Response) Get(name string) string {
	for _, h := range r.Header {
		if strings.ToLower(h[0]) == name {
			return h[1]
		}
	}
	return ""
}

// plain is an answer in text.
func plain(status int, text string) Response { return say(status, text).response() }

func (a answer) response() Response {
	body, kind := a.bytes()
	return Response{Status: a.status, Header: [][2]string{{"Content-Type", kind}}, Body: body}
}

// tooLarge is the answer to a body of more than onion.MaxBody bytes.
func tooLarge() Response {
	r := plain(413, "Request body too large")
	r.Header = append(r.Header, [2]string{"Connection", "close"})
	return r
}

// badLength is the answer to a Content-Length that is no number.
func badLength() Response {
	return Response{Status: 400, Body: []byte("<h1>Bad Request</h1><hr><i>uWebSockets/20 Server</i>")}
}

// Serve answers one HTTP request: the whole node, without sockets. path may
// have a query. The node does not keep body. It waits on the network's clock,
// at most until ctx ends. Faults of the way to the node are not Serve's affair:
// they belong to whatever carries the request here.
func (n *Node) Serve(ctx context.Context, method, path string, header Header, body []byte) Response {
	path, _, _ = strings.Cut(path, "?")
	if l := header["content-length"]; l != "" {
		if _, err := strconv.ParseUint(l, 10, 64); err != nil {
			return badLength()
		}
	}
	r := n.route(ctx, method, path, header, body)
	n.net.emit(ctx, Event{Kind: EventHTTP, To: n.info.Ed, Method: method + " " + path, Status: r.Status, Size: len(body)})
	return r
}

func (n *Node) route(ctx context.Context, method, path string, header Header, body []byte) Response {
	switch method + " " + path {
	case "POST " + pathPing:
		r := plain(200, "")
		r.Header = append(r.Header, [2]string{"X-Oxen-Snode-Pubkey", base64.StdEncoding.EncodeToString(n.info.Legacy[:])})
		return r
	case "GET " + pathStats:
		return show(200, object{"version": version}).response()
	case "POST " + pathRPC:
		if why := n.notReady(); why != "" {
			return plain(503, "Service node is not ready: "+why+"\n")
		}
		if header["x-loki-long-poll"] != "" {
			return plain(410, "long polling is no longer supported, client upgrade required")
		}
		if len(body) > onion.MaxBody {
			return tooLarge()
		}
		return n.execute(ctx, body).response()
	case "POST " + pathOnion:
		if why := n.notReady(); why != "" {
			return plain(503, "Service node is not ready: "+why+"\n")
		}
		if len(body) > onion.MaxBody {
			return tooLarge()
		}
		return n.enter(ctx, body)
	}
	return plain(404, lower(method)+" "+path+" Not Found")
}

// notReady says why a node cannot serve; "" if it can.
func (n *Node) notReady() string {
	if n.deregistered.Load() {
		return "not in any swarm"
	}
	return ""
}

// askMembers passes a request on to the other members of the swarm. The
// function that it returns waits for their records.
func (n *Node) askMembers(ctx context.Context, r *request) func() object {
	members := n.net.list.Load().swarm[n.info.Swarm]
	records := make([]object, len(members))
	var silent sync.WaitGroup // members over whose link a wait may be needed
	for i, m := range members {
		switch {
		case m == n:
		case n.net.faults.quiet(n.info.Ed, m):
			records[i] = m.carryOut(ctx, n, r)
		default:
			silent.Go(func() { records[i] = n.askMember(ctx, m, r) })
		}
	}
	return func() object {
		silent.Wait()
		swarm := make(object, len(members))
		for i, m := range members {
			if m != n {
				swarm[m.info.Ed.Hex()] = records[i]
			}
		}
		return swarm
	}
}

// askMember passes a request on over a link that has faults.
func (n *Node) askMember(ctx context.Context, to *Node, r *request) object {
	record, err := carry(ctx, way{n.net, n.info.Ed, to, memberTimeout, true}, func(ctx context.Context, _ trip) object {
		return to.carryOut(ctx, n, r)
	})
	if err != nil {
		return object{"failed": true, "timeout": true}
	}
	return record
}

// carryOut does what another member of the swarm passes on.
func (n *Node) carryOut(ctx context.Context, from *Node, r *request) object {
	a, no := r.method.refuse(n, r, n.now(), true)
	var record object
	if !no {
		var err error
		if record, err = r.method.apply(n, r); err != nil {
			a, no = diedInside(), true
		}
	}
	n.net.emit(ctx, Event{Kind: EventMember, From: from.info.Ed, To: n.info.Ed, Method: r.method.name, Status: max(a.status, 200)})
	if no {
		body, _ := a.bytes()
		return object{"failed": true, "code": strconv.Itoa(a.status), "reason": string(body)}
	}
	return relayed(record)
}
