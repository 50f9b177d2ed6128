package snode

import (
	"encoding/hex"
	"errors"
	"strings"

	"tandem/core"
)

// Kinds of refusal, as a client must treat them (network.md §4.6). No error of
// this package quotes what a node said.
var (
	ErrWrongSwarm   = errors.New("snode: the node is not in this swarm")      // *WrongSwarm
	ErrClock        = errors.New("snode: the timestamp is off")               // 406
	ErrAuth         = errors.New("snode: the signature was refused")          // 401
	ErrTTL          = errors.New("snode: the lifetime was refused")           // 403
	ErrRateLimit    = errors.New("snode: too many requests")                  // 429
	ErrNotReady     = errors.New("snode: a node is not ready")                // 503
	ErrNodeUnknown  = errors.New("snode: the next node is not known")         // *NodeUnknown
	ErrTimeout      = errors.New("snode: a node did not answer in time")      // 504
	ErrRequest      = errors.New("snode: the request was refused")            // 400, 404, 413
	ErrServer       = errors.New("snode: the node failed")                    // 5xx
	ErrGarbage      = errors.New("snode: the answer is malformed")            // cannot be read
	ErrNotStored    = errors.New("snode: no node stored the message")         // 200 all the same
	ErrUnreadable   = errors.New("snode: a node could not open its layer")    // plain 400
	ErrFirstRefused = errors.New("snode: the first node refused the request") // 413, 429 and 503 of the front
)

// WrongSwarm is a 421. Swarm holds the right members, none when the node knows
// none.
type WrongSwarm struct {
	Swarm []Node
	T     core.Millis // the node's clock; 0 = not said
}

// Error says what happened without naming nodes.
func (e *WrongSwarm) Error() string { return ErrWrongSwarm.Error() }

// Is makes errors.Is(err, ErrWrongSwarm) true.
func (e *WrongSwarm) Is(target error) bool { return target == ErrWrongSwarm }

// NodeUnknown is "Next node not found": Ed is in no list of the node before it.
// Nothing proves who said so.
type NodeUnknown struct{ Ed core.EdKey }

// Error says what happened without the whole key.
func (e *NodeUnknown) Error() string { return ErrNodeUnknown.Error() }

// Is makes errors.Is(err, ErrNodeUnknown) true.
func (e *NodeUnknown) Is(target error) bool { return target == ErrNodeUnknown }

// NotReady is "Snode not ready: <key>", said of a node of the path.
type NotReady struct{ Ed core.EdKey }

// Error says what happened without the whole key.
func (e *NotReady) Error() string { return ErrNotReady.Error() }

// Is makes errors.Is(err, ErrNotReady) true.
func (e *NotReady) Is(target error) bool { return target == ErrNotReady }

// Check turns the status that the destination sealed into its answer into an
// error by kind; nil for 200.
func Check(status int, body []byte) error {
	switch status {
	case 200:
		return nil
	case 401:
		return ErrAuth
	case 403:
		return ErrTTL
	case 406, 425:
		return ErrClock
	case 421:
		nodes, t, err := parseSwarm(body)
		if err != nil {
			return &WrongSwarm{} // an old node says only that it is the wrong one
		}
		return &WrongSwarm{Swarm: nodes, T: t}
	case 429:
		return ErrRateLimit
	case 503:
		return ErrNotReady
	case 504:
		return ErrTimeout
	}
	if status >= 500 {
		return ErrServer
	}
	return ErrRequest
}

// CheckPath turns the plain status of POST /onion_req/v2 into an error by kind;
// nil for 200. Any node of the path, or what stands before it, may have said it:
// it is a hint, not a fact.
func CheckPath(status int, body []byte) error {
	said := string(body[:min(len(body), 200)]) // the longest known text has 85 bytes
	switch {
	case status == 200:
		return nil
	case status == 400 && strings.HasPrefix(said, "Invalid ciphertext"):
		return ErrUnreadable
	case status == 502:
		if ed, ok := named(said, "Next node not found: "); ok {
			return &NodeUnknown{Ed: ed}
		}
		return ErrServer
	case status == 503:
		if ed, ok := named(said, "Snode not ready: "); ok {
			return &NotReady{Ed: ed}
		}
		return ErrFirstRefused
	case status == 504:
		return ErrTimeout
	case status == 413, status == 429:
		return ErrFirstRefused
	case status >= 500:
		return ErrServer
	}
	return ErrRequest
}

func named(said, prefix string) (ed core.EdKey, ok bool) {
	rest, ok := strings.CutPrefix(said, prefix)
	if !ok || len(rest) < 64 {
		return ed, false
	}
	_, err := hex.Decode(ed[:], []byte(rest[:64]))
	return ed, err == nil
}
