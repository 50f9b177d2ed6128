package snode

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"slices"

	"golang.org/x/crypto/blake2b"

	"tandem/core"
)

// MessageHash is the name under which every node keeps data: base64 without
// padding of BLAKE2b-32 over the 33 bytes of the ID, the namespace as in signed
// strings, and data (network.md §4.2). The ID may have any prefix.
func MessageHash(owner core.ID, namespace int16, data []byte) string {
	h, err := blake2b.New256(nil)
	if err != nil {
		panic(err) // only a key can be wrong
	}
	h.Write(owner[:])
	h.Write([]byte(Only(namespace).signed()))
	h.Write(data)
	return base64.RawStdEncoding.EncodeToString(h.Sum(nil))
}

// validHash accepts exactly the texts that MessageHash can make.
func validHash(s string) bool {
	b, err := base64.RawStdEncoding.Strict().DecodeString(s)
	return err == nil && len(b) == 32 && len(s) == HashLength
}

// noSwarm is the swarm id of a node that is in none yet.
const noSwarm = math.MaxUint64

// Space is the place of an ID on the ring of swarms: its four big-endian words
// after the prefix, XORed (network.md §5).
func Space(owner core.ID) uint64 {
	var x uint64
	for i := 1; i < len(owner); i += 8 {
		x ^= binary.BigEndian.Uint64(owner[i:])
	}
	return x
}

// SwarmFor is the swarm nearest to the ID's place; of two equally near ones the
// left. false when there is none. A client asks a node instead: it does not
// know the swarm ids. ids may be in any order.
func SwarmFor(ids []uint64, owner core.ID) (uint64, bool) { return swarmAt(ids, Space(owner)) }

func swarmAt(ids []uint64, space uint64) (uint64, bool) {
	ring := slices.DeleteFunc(slices.Clone(ids), func(id uint64) bool { return id == noSwarm })
	if len(ring) == 0 {
		return 0, false
	}
	slices.Sort(ring)
	i, _ := slices.BinarySearch(ring, space)
	right := ring[i%len(ring)]
	left := ring[(i+len(ring)-1)%len(ring)]
	if right-space < space-left { // both modulo 2^64
		return right, true
	}
	return left, true
}
