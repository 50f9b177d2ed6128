package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tandem/core/store"
)

// testAtomic: a batch that cannot be carried out at some place changes nothing
// before or behind that place, and harms no later batch.
func testAtomic(t *testing.T, open Open) {
	kv := opened(t, open)
	fill(t, kv, "a", "b", "c")
	bad := store.Op{Verb: store.Clear, Key: []byte("z"), To: []byte("a")}
	const size = 6
	for place := range size {
		var b store.Batch
		b.Put([]byte("a"), []byte("changed"))
		b.Delete([]byte("b"))
		b.Put([]byte("new"), []byte("new"))
		b.Clear([]byte("c"), []byte("d"))
		b.Put([]byte("newer"), make([]byte, 1<<16))
		b = append(b[:place:place], append(store.Batch{bad}, b[place:]...)...)
		if err := kv.Apply(t.Context(), b); !errors.Is(err, store.ErrRange) {
			t.Errorf("bad op at %d: %v, want ErrRange", place, err)
		}
		expect(t, kv, store.Range{}, pairs("a", "b", "c")...)
	}
	if err := kv.Apply(t.Context(), store.Batch{{Verb: store.Put, Key: []byte("d")}, {Key: []byte("e")}}); err == nil {
		t.Error("an op without a verb was taken")
	}
	fill(t, kv, "d")
	expect(t, kv, store.Range{}, pairs("a", "b", "c", "d")...)
}

// testConcurrent: writers keep two keys equal; readers must never see them
// differ, and no write is lost.
func testConcurrent(t *testing.T, open Open) {
	const writers, rounds = 4, 12
	kv := opened(t, open)
	var all sync.WaitGroup
	for w := range writers {
		left, right := fmt.Appendf(nil, "%d left", w), fmt.Appendf(nil, "%d right", w)
		all.Go(func() {
			for i := range rounds {
				var b store.Batch
				b.Put(left, fmt.Append(nil, i))
				b.Put(right, fmt.Append(nil, i))
				if err := kv.Apply(t.Context(), b); err != nil {
					t.Errorf("Apply: %v", err)
				}
			}
		})
		all.Go(func() {
			for range rounds {
				got, err := kv.Scan(t.Context(), store.Range{From: left, To: append(right, 0)})
				if err != nil {
					t.Errorf("Scan: %v", err)
				}
				if len(got) == 1 || len(got) == 2 && !bytes.Equal(got[0].Value, got[1].Value) {
					t.Errorf("half a batch was seen: %q", got)
				}
			}
		})
	}
	all.Wait()
	for w := range writers {
		got, err := kv.Get(t.Context(), fmt.Appendf(nil, "%d left", w))
		if err != nil || string(got) != fmt.Sprint(rounds-1) {
			t.Errorf("writer %d ended at %q, %v", w, got, err)
		}
	}
}

func testClosed(t *testing.T, open Open) {
	kv := open(t)
	fill(t, kv, "a")
	for range 2 {
		if err := kv.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	var b store.Batch
	b.Put([]byte("b"), []byte("b"))
	_, getErr := kv.Get(t.Context(), []byte("a"))
	_, scanErr := kv.Scan(t.Context(), store.Range{})
	for what, err := range map[string]error{"Get": getErr, "Scan": scanErr, "Apply": kv.Apply(t.Context(), b)} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s after Close: %v, want ErrClosed", what, err)
		}
	}
	expect(t, opened(t, open), store.Range{}, pairs("a")...)
}

func testEndedContext(t *testing.T, open Open) {
	kv := opened(t, open)
	fill(t, kv, "a")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var b store.Batch
	b.Put([]byte("b"), []byte("b"))
	_, getErr := kv.Get(ctx, []byte("a"))
	_, scanErr := kv.Scan(ctx, store.Range{})
	for what, err := range map[string]error{"Get": getErr, "Scan": scanErr, "Apply": kv.Apply(ctx, b)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v, want context.Canceled", what, err)
		}
	}
	expect(t, kv, store.Range{}, pairs("a")...)
}

// testAliasing: the backend shares no memory with callers.
func testAliasing(t *testing.T, open Open) {
	kv := opened(t, open)
	key, value := []byte("key"), []byte("value")
	var b store.Batch
	b.Put(key, value)
	apply(t, kv, b)
	clear(key)
	clear(value)

	intact := store.Pair{Key: []byte("key"), Value: []byte("value")}
	expect(t, kv, store.Range{}, intact)
	got, err := kv.Get(t.Context(), intact.Key)
	if err != nil {
		t.Fatal(err)
	}
	clear(got)
	scanned, err := kv.Scan(t.Context(), store.Range{})
	if err != nil {
		t.Fatal(err)
	}
	clear(scanned[0].Key)
	clear(scanned[0].Value)
	expect(t, kv, store.Range{}, intact)
}
