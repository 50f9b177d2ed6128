// Package storetest is the suite that every backend of the store must pass: one
// file for what a KV holds, one for what goes wrong.
package storetest

import (
	"bytes"
	"fmt"
	"testing"

	"tandem/core/store"
)

// Open opens a KV for a test: a new and empty one for each t.Name(), and the same
// data again when it is called again with the same t after Close. The suite
// closes what it opens.
type Open func(t *testing.T) store.KV

// Test runs the suite.
func Test(t *testing.T, open Open) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, open Open)
	}{
		{"Get", testGet},
		{"Order", testOrder},
		{"Ranges", testRanges},
		{"InvertedRange", testInvertedRange},
		{"BatchOrder", testBatchOrder},
		{"BigValue", testBigValue},
		{"ManyKeys", testManyKeys},
		{"Model", testModel},
		{"Reopen", testReopen},
		{"Atomic", testAtomic},
		{"Concurrent", testConcurrent},
		{"Closed", testClosed},
		{"EndedContext", testEndedContext},
		{"Aliasing", testAliasing},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open) })
	}
}

// opened opens the KV of t and closes it at the end.
func opened(t *testing.T, open Open) store.KV {
	t.Helper()
	kv := open(t)
	t.Cleanup(func() { kv.Close() })
	return kv
}

// apply applies a batch that must succeed.
func apply(t *testing.T, kv store.KV, b store.Batch) {
	t.Helper()
	if err := kv.Apply(t.Context(), b); err != nil {
		t.Fatalf("Apply: %v", err)
	}
}

// fill puts each word as a key, with itself as the value.
func fill(t *testing.T, kv store.KV, words ...string) {
	t.Helper()
	var b store.Batch
	for _, w := range words {
		b.Put([]byte(w), []byte(w))
	}
	apply(t, kv, b)
}

// expect compares a scan with the keys and values that it should give.
func expect(t *testing.T, kv store.KV, r store.Range, want ...store.Pair) {
	t.Helper()
	got, err := kv.Scan(t.Context(), r)
	if err != nil {
		t.Fatalf("Scan %s: %v", show(r), err)
	}
	if len(got) != len(want) {
		t.Fatalf("Scan %s: %d pairs, want %d", show(r), len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(got[i].Key, want[i].Key) || !bytes.Equal(got[i].Value, want[i].Value) {
			t.Fatalf("Scan %s: pair %d is %q, want %q", show(r), i, got[i], want[i])
		}
	}
}

func show(r store.Range) string {
	return fmt.Sprintf("[%q, %q) reverse=%t limit=%d", r.From, r.To, r.Reverse, r.Limit)
}

// pairs makes the pairs that fill puts.
func pairs(words ...string) []store.Pair {
	var ps []store.Pair
	for _, w := range words {
		ps = append(ps, store.Pair{Key: []byte(w), Value: []byte(w)})
	}
	return ps
}
