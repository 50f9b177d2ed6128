package snode

import (
	"slices"

	"tandem/core"
)

// What a node signs in its answers (network.md §4.2, node_signed_text of the
// recordings). A proof says that a node answered, not that it keeps its word.

// ProofStore is signed for a stored message.
func ProofStore(hash string) []byte { return []byte(hash) }

// ProofDelete is signed for delete: requested in request order, deleted sorted.
func ProofDelete(owner core.ID, requested, deleted []string) []byte {
	return append(signed(owner.Hex(), requested...), signed("", sorted(deleted)...)...)
}

// ProofTimed is signed for delete_all (its timestamp), delete_before (before)
// and expire_all (expiry): hashes of all namespaces, sorted.
func ProofTimed(owner core.ID, at core.Millis, hashes []string) []byte {
	return append(signed(owner.Hex(), decimal(at)), signed("", sorted(hashes)...)...)
}

// ProofExpire is signed for expire: the expiries of the result, requested
// hashes in request order, updated ones sorted, unchanged ones sorted with
// their expiry.
func ProofExpire(owner core.ID, expiries []core.Millis, requested, updated []string, unchanged map[string]core.Millis) []byte {
	b := []byte(owner.Hex())
	for _, e := range expiries {
		b = append(b, decimal(e)...)
	}
	b = append(b, signed("", requested...)...)
	b = append(b, signed("", sorted(updated)...)...)
	kept := make([]string, 0, len(unchanged))
	for h := range unchanged {
		kept = append(kept, h)
	}
	for _, h := range sorted(kept) {
		b = append(b, h+decimal(unchanged[h])...)
	}
	return b
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }
