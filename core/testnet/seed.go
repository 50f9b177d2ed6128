package testnet

import (
	"context"
	"encoding/hex"
	"strings"
)

// pathSeed is the route of a seed node (network.md §2.1).
const pathSeed = "/json_rpc"

// Name is what the network knows about a registered name: both as hex. See
// network.md §14.
type Name struct{ EncryptedValue, Nonce string }

// RegisterName lets ons_resolve find a name by its hash (base64).
func (n *Network) RegisterName(hash string, value Name) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.names[hash] = value
}

// runOxend answers what storage servers pass on to the node's own oxend.
func runOxend(n *Node, r *request) answer {
	params, _ := r.params.(map[string]any)
	var result object
	if r.endpoint == "ons_resolve" {
		result = n.net.resolve(params)
	} else {
		result = n.net.nodeList(params)
		if n.lies(LieList) {
			result["service_node_states"] = n.strangers(params)
		}
	}
	o := object{"result": result}
	n.stamp(o, n.now())
	return show(200, o)
}

func (n *Network) resolve(params map[string]any) object {
	o := object{"status": "OK"}
	hash, _ := params["name_hash"].(string)
	n.mu.Lock()
	defer n.mu.Unlock()
	if v, ok := n.names[hash]; ok {
		o["encrypted_value"], o["nonce"] = v.EncryptedValue, v.Nonce
	}
	return o
}

// nodeList is get_service_nodes: of all fields those that are asked for, or all.
func (n *Network) nodeList(params map[string]any) object {
	nodes := n.list.Load().nodes
	if limit, ok := params["limit"].(uint64); ok && limit > 0 && limit < uint64(len(nodes)) {
		nodes = nodes[:limit]
	}
	want := wanted(params)
	states := make([]object, len(nodes))
	for i, node := range nodes {
		states[i] = node.state(want)
	}
	o := object{
		"block_hash":     n.blockHash(),
		"hardfork":       hardMajor,
		"height":         n.height(),
		"target_height":  height0,
		"snode_revision": hardMinor,
	}
	pick(o, want)
	o["service_node_states"], o["status"], o["unchanged"] = states, "OK", false
	return o
}

func (n *Network) blockHash() string {
	d := derive(n.opts.Seed, "block", n.height())
	return hex.EncodeToString(d[:])
}

// wanted reads the fields that are asked for, as an object of flags or a list of
// names; nil means all.
func wanted(params map[string]any) map[string]any {
	switch fields := params["fields"].(type) {
	case map[string]any:
		if fields["all"] != true {
			return fields
		}
	case []any:
		want := make(map[string]any, len(fields))
		for _, f := range fields {
			if name, ok := f.(string); ok {
				want[name] = true
			}
		}
		return want
	}
	return nil
}

// pick leaves the fields that are wanted.
func pick(o object, want map[string]any) {
	if want == nil {
		return
	}
	for k := range o {
		if want[k] != true {
			delete(o, k)
		}
	}
}

// state is a node as oxend describes it.
func (n *Node) state(want map[string]any) object {
	i := n.info
	o := object{
		"active":                   true,
		"funded":                   true,
		"lokinet_version":          []int{0, 9, 11},
		"pubkey_ed25519":           i.Ed.Hex(),
		"pubkey_x25519":            hex.EncodeToString(i.X[:]),
		"public_ip":                i.IP,
		"registration_height":      height0 - 100_000,
		"requested_unlock_height":  0,
		"service_node_pubkey":      i.Legacy.Hex(),
		"service_node_version":     []int{11, 0, 0},
		"storage_lmq_port":         i.OMQ,
		"storage_port":             i.Port,
		"storage_server_reachable": true,
		"storage_server_version":   versionNumbers(),
		"swarm":                    swarmText(i.Swarm),
		"swarm_id":                 i.Swarm,
	}
	pick(o, want)
	return o
}

// strangers is a list of nodes that do not exist, as many as there are nodes.
func (n *Node) strangers(params map[string]any) []object {
	want := wanted(params)
	states := make([]object, len(n.net.list.Load().nodes))
	for i := range states {
		k := newNodeKey(derive(n.net.opts.Seed, "stranger", i))
		s := spec{ip: "198.51.100.1", https: portHTTPS, omq: portOMQ, swarm: n.info.Swarm}
		stranger := Node{net: n.net, info: s.info(i, k)}
		states[i] = stranger.state(want)
	}
	return states
}

// Seed answers one HTTP request as a seed node does: POST /json_rpc with
// get_n_service_nodes or get_service_nodes.
func (n *Network) Seed(_ context.Context, method, path string, body []byte) Response {
	path, _, _ = strings.Cut(path, "?")
	if method != "POST" || path != pathSeed {
		return plain(404, lower(method)+" "+path+" Not Found")
	}
	doc, err := parseJSON(body)
	m, ok := doc.(map[string]any)
	if err != nil || !ok {
		return seedError(nil, -32700, "Parse error")
	}
	name, _ := m["method"].(string)
	if name != "get_n_service_nodes" && name != "get_service_nodes" {
		return seedError(m["id"], -32601, "Method not found")
	}
	params, _ := m["params"].(map[string]any)
	return show(200, object{"id": m["id"], "jsonrpc": "2.0", "result": n.nodeList(params)}).response()
}

func seedError(id any, code int, text string) Response {
	return show(200, object{"error": object{"code": code, "message": text}, "id": id, "jsonrpc": "2.0"}).response()
}
