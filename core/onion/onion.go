// Package onion wraps a request in one sealed layer per node of a path and
// opens the answer, and does the node's half of the same: take one layer off,
// say where the rest goes, seal the answer.
//
// It follows network.md §6 and the recordings of the real storage server. It
// chooses no path, opens no connection and keeps no state: bytes in, bytes out.
//
// The client's half seals with aes-gcm, names no enc_type and makes a fresh
// ephemeral key for every layer, as the desktop client does, so that its
// requests look like everybody's. The node's half understands all three
// ciphers of §6.1.
package onion

import (
	"errors"
	"fmt"

	"tandem/core"
)

// Limits. A node refuses a longer body (network.md §3), and a path of more than
// 16 nodes, destination included (recordings, hops16 and hops17).
const (
	MaxBody = 10 << 20
	MaxHops = 16
)

// Reasons why a request cannot be built or an answer cannot be read.
var (
	// ErrTooLarge: more than MaxBody bytes.
	ErrTooLarge = errors.New("onion: larger than 10 MiB")
	// ErrPath: no node, or more than MaxHops.
	ErrPath = errors.New("onion: a path has 1 to 16 nodes")
	// ErrKey: a node's key agrees on nothing (a point of small order).
	ErrKey = errors.New("onion: unusable node key")
	// ErrSealed: no key of this request opens the answer. Any node of the path
	// can be the cause.
	ErrSealed = errors.New("onion: the answer does not open")
	// ErrReply: the destination sealed something that is not an answer.
	ErrReply = errors.New("onion: the answer is malformed")
	// ErrCiphertext: a layer does not open with this node's key. A node answers
	// a plain 400 "Invalid ciphertext".
	ErrCiphertext = errors.New("onion: invalid ciphertext")
)

// Hop is a node as a layer needs it.
type Hop struct {
	Ed core.EdKey // how the node before it finds it
	X  [32]byte   // for whom the layer is sealed
}

// Server is an HTTP server outside the network, asked by the last node of a
// path (an open-group server, the file server).
type Server struct {
	X        [32]byte // the server's X25519 key
	Host     string
	Target   string // "/oxen/v4/lsrpc"
	Protocol string // "" = https
	Port     int    // 0 = 443
}

// HopError is an answer that a node of the path sealed instead of the
// destination: it could not read its layer. Only that node could have sealed it.
type HopError struct {
	Hop    int // index in the path given to Build
	Status int
}

// Error names the place in the path, not the node.
func (e *HopError) Error() string {
	return fmt.Sprintf("onion: hop %d answered %d itself", e.Hop+1, e.Status)
}

// NodeKey is the X25519 half of a node's key pair; identity.Device is one.
type NodeKey interface {
	PublicKey() [32]byte
	Agree(peer [32]byte) ([32]byte, error)
}
