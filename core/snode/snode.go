// Package snode speaks storage RPC with a service node as a client does: it
// builds requests with their signed strings, reads answers strictly and turns
// refusals into errors by kind. It also has the two functions that follow from
// a mailbox alone: the hash of a message and the swarm of an ID.
//
// It follows network.md §4 and §5 and the recordings of the real storage
// server. It sends nothing, chooses no node, and holds no key: a Signer signs.
// The strings of signed.go and proof.go are exported so that a node can check
// with what a client signs.
package snode

import (
	"net/netip"

	"tandem/core"
)

// Limits of what a node may answer and what a client may ask.
const (
	// MaxData is the longest message in bytes; a node refuses a longer one.
	MaxData = 76_800
	// MaxAnswer is the longest body of an answer in bytes.
	MaxAnswer = 10 << 20
	// MaxMessages in one answer. A node stops at 7.8 MB, and the shortest
	// message of a client is an envelope of more than 160 bytes.
	MaxMessages = 50_000
	// MaxSwarm members in one answer; real swarms have 5 to 10.
	MaxSwarm = 64
	// MaxNodes in the list of all service nodes; there are about 2,200.
	MaxNodes = 4_000
	// MaxCalls in a batch or sequence.
	MaxCalls = 20
	// HashLength of a message hash: 32 bytes in base64 without padding.
	HashLength = 43
)

// TTLs that a node accepts (network.md §4.2), ms.
const (
	MinTTL        = 10 * core.Second
	MaxInboxTTL   = 14 * core.Day // namespaces that anyone may write to
	MaxPrivateTTL = 30 * core.Day
)

// Signer signs as the owner of a mailbox. Every key of core/identity is one.
type Signer interface {
	Ed() core.EdKey
	Sign(message []byte) []byte // 64 bytes
}

// Node is a service node as the network lists it. Its X25519 key follows from
// Ed, so it is not kept: a list that gave another one could not be believed.
type Node struct {
	Ed   core.EdKey
	IP   string // as netip.Addr writes it
	Port int    // HTTPS
	URL  string // of a node that a browser can reach itself; mostly empty
}

// Valid reports whether the address can be one: nodes without a known address
// are listed as 0.0.0.0.
func (n Node) Valid() bool {
	ip, err := netip.ParseAddr(n.IP)
	return err == nil && !ip.IsUnspecified() && ip.Zone() == "" && n.Port > 0 && n.Port < 1<<16
}

// Subnet is the network that the node is in: a /24, or a /48 for IPv6. Two
// nodes of one subnet often have one operator.
func (n Node) Subnet() netip.Prefix {
	ip, err := netip.ParseAddr(n.IP)
	if err != nil {
		return netip.Prefix{}
	}
	ip = ip.Unmap()
	bits := 24
	if ip.Is6() {
		bits = 48
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // an address with a zone
	}
	return p
}
