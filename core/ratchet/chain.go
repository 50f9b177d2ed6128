package ratchet

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"slices"

	"tandem/core/wire"
)

// numbered is 32 bytes with the number of a message.
type numbered struct {
	index uint32
	key   [32]byte
}

// chainKey makes the key of the message number index, then the next chainKey.
type chainKey numbered

// seed is what the three keys of one message are derived from.
func (c chainKey) seed() [32]byte { return mac32(c.key, 0x01) }

func (c chainKey) next() chainKey { return chainKey{c.index + 1, mac32(c.key, 0x02)} }

func mac32(key [32]byte, b byte) [32]byte {
	h := hmac.New(sha256.New, key[:])
	h.Write([]byte{b})
	return [32]byte(h.Sum(nil))
}

// turn is one step of the root ratchet: the next root key, and the chain that
// begins with it.
func turn(root, shared [32]byte) ([32]byte, chainKey) {
	out := wire.HKDF(shared[:], root[:], "WhisperRatchet", 64)
	return [32]byte(out[:32]), chainKey{key: [32]byte(out[32:])}
}

// receiving is a chain of the peer. Immutable: take returns another.
type receiving struct {
	ratchet [32]byte   // the peer's ratchet key, which names the chain
	chain   chainKey   // for the message after the newest that came
	skipped []numbered // seeds of messages that have not come, by index, all below chain.index
}

// take returns the seed of a message and the chain without it. used says that
// the message was opened before, or is one of those that were forgotten.
// Error: ErrTooFar.
func (r receiving) take(counter uint32) (seed [32]byte, after receiving, used bool, err error) {
	if counter < r.chain.index {
		at, found := slices.BinarySearchFunc(r.skipped, counter, numbered.compare)
		if !found {
			return seed, r, true, nil
		}
		seed = r.skipped[at].key
		r.skipped = slices.Concat(r.skipped[:at], r.skipped[at+1:])
		return seed, r, false, nil
	}
	jump := counter - r.chain.index
	if jump > MaxSkip {
		return seed, r, false, ErrTooFar
	}
	r.skipped = append(make([]numbered, 0, len(r.skipped)+int(jump)), r.skipped...)
	for ; r.chain.index < counter; r.chain = r.chain.next() {
		r.skipped = append(r.skipped, numbered{r.chain.index, r.chain.seed()})
	}
	if over := len(r.skipped) - MaxSkip; over > 0 {
		r.skipped = r.skipped[over:]
	}
	seed = r.chain.seed()
	r.chain = r.chain.next()
	return seed, r, false, nil
}

func (n numbered) compare(counter uint32) int { return cmp.Compare(n.index, counter) }
