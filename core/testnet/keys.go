package testnet

import (
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"

	"golang.org/x/crypto/blake2b"

	"tandem/core"
	"tandem/core/snode"
)

// Ports that nodes advertise; 10.a.b.1 is theirs alone, so all are the same.
const (
	portHTTPS = 22021
	portOMQ   = 22020
)

// spec is a node before it lives.
type spec struct {
	seed   [32]byte
	legacy *core.EdKey // nil: the same key as ed25519, as on newer nodes
	swarm  uint64
	ip     string
	https  int
	omq    int
}

// plan derives the nodes of a network from its seed. Node i is in swarm
// i mod Swarms and at 10.0.i.1, so that no two share a /24.
func plan(o Options) []spec {
	swarms := make([]uint64, o.Swarms)
	for i := range swarms {
		d := derive(o.Seed, "swarm", i)
		swarms[i] = binary.BigEndian.Uint64(d[:])
	}
	specs := make([]spec, o.Nodes)
	for i := range specs {
		specs[i] = spec{
			seed:  derive(o.Seed, "node", i),
			swarm: swarms[i%len(swarms)],
			ip:    fmt.Sprintf("10.%d.%d.1", i>>8, i&255),
			https: portHTTPS,
			omq:   portOMQ,
		}
		if o.Sockets.Advertise && o.Sockets.FirstPort > 0 {
			specs[i].ip, specs[i].https = "127.0.0.1", o.Sockets.FirstPort+i
		}
	}
	return specs
}

// derive makes 32 bytes for a purpose and a number.
func derive(seed [32]byte, purpose string, i int) [32]byte {
	return blake2b.Sum256(fmt.Appendf(seed[:], "tandem testnet %s %d", purpose, i))
}

// nodeKey holds a node's two key pairs; the second is the first converted.
type nodeKey struct {
	ed ed25519.PrivateKey
	x  *ecdh.PrivateKey
}

func newNodeKey(seed [32]byte) nodeKey {
	h := sha512.Sum512(seed[:])
	h[0] &= 248
	h[31] = h[31]&63 | 64
	x, err := ecdh.X25519().NewPrivateKey(h[:32])
	if err != nil {
		panic("testnet: internal error: " + err.Error()) // 32 bytes are always a key
	}
	return nodeKey{ed: ed25519.NewKeyFromSeed(seed[:]), x: x}
}

// Ed is the node's public key.
func (k nodeKey) Ed() core.EdKey { return core.EdKey(k.ed.Public().(ed25519.PublicKey)) }

// PublicKey is the X25519 form of it, for which onion layers are sealed.
func (k nodeKey) PublicKey() [32]byte { return [32]byte(k.x.PublicKey().Bytes()) }

// Agree is X25519 with an ephemeral key. Error: the key is of small order.
func (k nodeKey) Agree(peer [32]byte) ([32]byte, error) {
	p, err := ecdh.X25519().NewPublicKey(peer[:])
	if err != nil {
		return [32]byte{}, err
	}
	s, err := k.x.ECDH(p)
	if err != nil {
		return [32]byte{}, err
	}
	return [32]byte(s), nil
}

// sign is the signature of a node under its answers, raw.
func (k nodeKey) sign(text []byte) []byte { return ed25519.Sign(k.ed, text) }

// String keeps keys out of logs.
func (k nodeKey) String() string { return "[secret]" }

// NodeInfo is what everybody knows about a node.
type NodeInfo struct {
	Index  int // order of birth
	Ed     core.EdKey
	X      [32]byte
	Legacy core.EdKey
	IP     string
	Port   int // HTTPS, as advertised
	OMQ    int
	Swarm  uint64
	URL    string // where a socket listens for it, "https://127.0.0.1:1234"; empty without Network.Serve
}

func (s spec) info(i int, k nodeKey) NodeInfo {
	info := NodeInfo{Index: i, Ed: k.Ed(), X: k.PublicKey(), Legacy: k.Ed(), IP: s.ip, Port: s.https, OMQ: s.omq, Swarm: s.swarm}
	if s.legacy != nil {
		info.Legacy = *s.legacy
	}
	return info
}

// swarmText is a swarm id as answers write it: hex without leading zeros.
func swarmText(id uint64) string { return fmt.Sprintf("%x", id) }

// json is the node's entry in get_swarm and in the body of a 421.
func (i NodeInfo) json() object {
	return object{
		"address":        base32z(i.Legacy[:]) + ".snode",
		"ip":             i.IP,
		"port":           fmt.Sprint(i.Port),
		"port_https":     i.Port,
		"port_omq":       i.OMQ,
		"port_quic":      i.OMQ,
		"pubkey_ed25519": i.Ed.Hex(),
		"pubkey_legacy":  i.Legacy.Hex(),
		"pubkey_x25519":  hex.EncodeToString(i.X[:]),
	}
}

// base32z is the alphabet of z-base-32, five bits a character, the last padded
// with zeros.
func base32z(b []byte) string {
	const alphabet = "ybndrfg8ejkmcpqxot1uwisza345h769"
	var out []byte
	acc, bits := uint(0), 0
	for _, c := range b {
		acc = acc<<8 | uint(c)
		for bits += 8; bits >= 5; {
			bits -= 5
			out = append(out, alphabet[acc>>bits&31])
		}
	}
	if bits > 0 {
		out = append(out, alphabet[acc<<(5-bits)&31])
	}
	return string(out)
}

// roll is who is registered. It is never changed, only replaced.
type roll struct {
	nodes  []*Node
	swarms []uint64            // ascending
	swarm  map[uint64][]*Node  // members, in order of birth
	member map[*Node]struct{}  // of nodes
	views  map[uint64][]object // members as get_swarm shows them
}

// enrol makes the roll anew from the nodes that are registered.
func (n *Network) enrol() {
	r := &roll{swarm: make(map[uint64][]*Node), member: make(map[*Node]struct{}), views: make(map[uint64][]object)}
	for _, node := range n.all {
		if node.deregistered.Load() {
			continue
		}
		id := node.info.Swarm
		if r.swarm[id] == nil {
			r.swarms = append(r.swarms, id)
		}
		r.nodes = append(r.nodes, node)
		r.swarm[id] = append(r.swarm[id], node)
		r.views[id] = append(r.views[id], node.info.json())
		r.member[node] = struct{}{}
	}
	slices.Sort(r.swarms)
	n.list.Store(r)
}

// swarmOf is the swarm responsible for an account; false if there is none.
// It is snode.SwarmFor for ids that are in order already: every member asks it
// for every request.
func (r *roll) swarmOf(a core.ID) (uint64, bool) {
	if len(r.swarms) == 0 {
		return 0, false
	}
	space := snode.Space(a)
	i, _ := slices.BinarySearch(r.swarms, space)
	right := r.swarms[i%len(r.swarms)]
	left := r.swarms[(i+len(r.swarms)-1)%len(r.swarms)]
	if right-space < space-left { // both modulo 2^64
		return right, true
	}
	return left, true
}
