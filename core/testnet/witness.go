package testnet

import (
	"crypto/sha256"
	"slices"
	"sync"

	"tandem/core"
)

// Act is what a node did with bytes that it could read.
type Act uint8

// Acts.
const (
	Peeled   Act = 1 // it opened its layer of an onion request and found them
	Executed Act = 2 // it carried them out as the body of a storage request
	Carried  Act = 3 // it found them in its layer and passed them on: another node's layer, if the client sealed it
)

// Sight is a node's memory of bytes, as SHA-256.
type Sight struct {
	Act  Act
	Hash [32]byte
}

// maxSights bounds a node's memory: enough for any test, little enough for a
// demo that runs for days. The oldest are forgotten.
const maxSights = 1 << 13

// sightings is the memory of one node.
type sightings struct {
	mu   sync.Mutex // guards the fields below
	all  []Sight
	next int // once all is full, the oldest
}

// saw remembers bytes, if there are any.
func (n *Node) saw(act Act, b []byte) {
	if len(b) == 0 {
		return
	}
	s := Sight{act, sha256.Sum256(b)}
	w := &n.seen
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.all) < maxSights {
		w.all = append(w.all, s)
		return
	}
	w.all[w.next] = s
	w.next = (w.next + 1) % maxSights
}

// Witness is every node's memory of what it could read. A body that a client
// sent through an onion must be in the memory of its destination and of nobody
// else.
func (n *Network) Witness() map[core.EdKey][]Sight {
	out := make(map[core.EdKey][]Sight)
	for _, node := range n.all {
		node.seen.mu.Lock()
		if len(node.seen.all) > 0 {
			out[node.info.Ed] = slices.Clone(node.seen.all)
		}
		node.seen.mu.Unlock()
	}
	return out
}

// SeenBy names the nodes that executed exactly this body, or found exactly these
// bytes under their layer or as what they were to pass on, in order of birth.
func (n *Network) SeenBy(body []byte) []core.EdKey {
	h := sha256.Sum256(body)
	var out []core.EdKey
	for _, node := range n.all {
		node.seen.mu.Lock()
		if slices.ContainsFunc(node.seen.all, func(s Sight) bool { return s.Hash == h }) {
			out = append(out, node.info.Ed)
		}
		node.seen.mu.Unlock()
	}
	return out
}
