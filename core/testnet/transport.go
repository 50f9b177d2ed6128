package testnet

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"tandem/core"
)

// transport is the door inside the process.
type transport struct{ net *Network }

var _ core.Transport = transport{}

// Transport posts into the network without sockets. A URL is taken by its end:
// /<ed25519 hex>/onion_req/v2 and /<ed25519 hex>/storage_rpc/v1 lead to that
// node, whatever is in front (a gateway's path, https://10.0.3.1:22021), and
// /json_rpc to the seed. What is lost on the way, or goes to a frozen node,
// holds a Post until its context ends.
func (n *Network) Transport() core.Transport { return transport{n} }

// Post carries a request from Outside. Errors: the node is dead or there is
// none; the context ended before an answer came.
func (t transport) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	if err := ctx.Err(); err != nil {
		return 0, nil, err
	}
	if strings.HasSuffix(url, pathSeed) {
		r := t.net.Seed(ctx, "POST", pathSeed, body)
		return r.Status, r.Body, nil
	}
	node, path := t.net.resolveURL(url)
	if node == nil {
		return 0, nil, fmt.Errorf("testnet: no node at this address: %w", errRefused)
	}
	t.net.emit(ctx, Event{Kind: EventLeaves, From: Outside, To: node.info.Ed, Size: len(body)})
	r, err := carry(ctx, way{net: t.net, from: Outside, to: node}, func(ctx context.Context, trip trip) Response {
		t.net.emit(ctx, Event{Kind: EventCame, From: Outside, To: node.info.Ed, Size: len(body)})
		r := node.Serve(ctx, "POST", path, nil, trip.there(body))
		r.Body = trip.back(r.Body)
		return r
	})
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, nil, err
	}
	return r.Status, r.Body, nil
}

// resolveURL finds the node and the route that a URL ends in.
func (n *Network) resolveURL(url string) (*Node, string) {
	for _, path := range []string{pathOnion, pathRPC} {
		rest, ok := strings.CutSuffix(url, path)
		if !ok || len(rest) < 64 {
			continue
		}
		b, err := hex.DecodeString(rest[len(rest)-64:])
		if err == nil {
			return n.byEd[core.EdKey(b)], path
		}
	}
	return nil, ""
}

// NetworkFile is network.json for clients of this network: the profile's name,
// the gateway through which they come ("" for none), and every node. Nodes that
// listen on sockets carry their URL.
func (n *Network) NetworkFile(profile, gateway string) []byte {
	type entry struct {
		Ed   string `json:"ed25519"`
		IP   string `json:"ip"`
		Port int    `json:"port"`
		URL  string `json:"url,omitempty"`
	}
	file := struct {
		Profile  string   `json:"profile"`
		Gateways []string `json:"gateways"`
		Nodes    []entry  `json:"nodes"`
	}{Profile: profile, Gateways: []string{}, Nodes: []entry{}}
	if gateway != "" {
		file.Gateways = append(file.Gateways, gateway)
	}
	for _, i := range n.Nodes() {
		e := entry{Ed: i.Ed.Hex(), IP: i.IP, Port: i.Port}
		if gateway == "" {
			e.URL = i.URL
		}
		file.Nodes = append(file.Nodes, e)
	}
	b, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		panic("testnet: internal error: " + err.Error()) // strings and numbers always encode
	}
	return append(b, '\n')
}
