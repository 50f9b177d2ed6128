package storetest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"tandem/core/store"
)

func testGet(t *testing.T, open Open) {
	kv := opened(t, open)
	key := []byte{0, 1, 0xff}
	steps := []struct {
		name   string
		change func(b *store.Batch)
		want   []byte // nil: ErrNotFound
	}{
		{"nothing yet", func(b *store.Batch) {}, nil},
		{"delete of nothing", func(b *store.Batch) { b.Delete(key) }, nil},
		{"put", func(b *store.Batch) { b.Put(key, []byte("one")) }, []byte("one")},
		{"replace", func(b *store.Batch) { b.Put(key, []byte("two")) }, []byte("two")},
		{"an empty value is a value", func(b *store.Batch) { b.Put(key, nil) }, []byte{}},
		{"all byte values", func(b *store.Batch) { b.Put(key, everyByte()) }, everyByte()},
		{"a neighbour goes", func(b *store.Batch) { b.Delete([]byte{0, 1}) }, everyByte()},
		{"delete", func(b *store.Batch) { b.Delete(key) }, nil},
	}
	for _, s := range steps {
		var b store.Batch
		s.change(&b)
		apply(t, kv, b)
		got, err := kv.Get(t.Context(), key)
		if s.want == nil {
			if !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: error %v, want ErrNotFound", s.name, err)
			}
			continue
		}
		if err != nil || !bytes.Equal(got, s.want) {
			t.Errorf("%s: %q, %v; want %q", s.name, got, err, s.want)
		}
	}
}

func everyByte() []byte {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// testOrder: bytes decide, not text and not length.
func testOrder(t *testing.T, open Open) {
	kv := opened(t, open)
	sorted := []string{"\x00", "\x00\x00", "\x00\xff", "\x01", "0", "00", "1", "A", "a", "aa", "b", "\x7f", "\x80", "ä", "\xff", "\xff\x00", "\xff\xff"}
	mixed := slices.Clone(sorted)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	fill(t, kv, mixed...)
	expect(t, kv, store.Range{}, pairs(sorted...)...)
	slices.Reverse(sorted)
	expect(t, kv, store.Range{Reverse: true}, pairs(sorted...)...)
}

// testRanges: each pair of bounds, on a key, between keys and outside, in both
// directions, with limits below, at and above the count.
func testRanges(t *testing.T, open Open) {
	kv := opened(t, open)
	keys := []string{"b", "bb", "c"}
	fill(t, kv, keys...)
	bounds := []string{"", "a", "b", "bb", "bc", "d"}
	for _, from := range bounds {
		for _, to := range bounds {
			if to != "" && from > to {
				continue
			}
			want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k < from || to != "" && k >= to })
			for _, limit := range []int{0, 1, 3} {
				r := store.Range{From: []byte(from), To: []byte(to), Limit: limit}
				expect(t, kv, r, pairs(cut(want, limit)...)...)
				r.Reverse = true
				back := slices.Clone(want)
				slices.Reverse(back)
				expect(t, kv, r, pairs(cut(back, limit)...)...)
			}
		}
	}
}

func cut(words []string, limit int) []string {
	if limit > 0 && len(words) > limit {
		return words[:limit]
	}
	return words
}

func testInvertedRange(t *testing.T, open Open) {
	kv := opened(t, open)
	fill(t, kv, "a", "b")
	for _, reverse := range []bool{false, true} {
		_, err := kv.Scan(t.Context(), store.Range{From: []byte("b"), To: []byte("a"), Reverse: reverse})
		if !errors.Is(err, store.ErrRange) {
			t.Errorf("Scan: %v, want ErrRange", err)
		}
	}
	var b store.Batch
	b.Clear([]byte("b"), []byte("a"))
	if err := kv.Apply(t.Context(), b); !errors.Is(err, store.ErrRange) {
		t.Errorf("Apply: %v, want ErrRange", err)
	}
	b = nil
	b.Clear([]byte("a"), []byte("a"))
	apply(t, kv, b)
	expect(t, kv, store.Range{}, pairs("a", "b")...)
}

// testBatchOrder: later ops of a batch win over earlier ones.
func testBatchOrder(t *testing.T, open Open) {
	kv := opened(t, open)
	a, b, c := []byte("a"), []byte("b"), []byte("c")
	fill(t, kv, "a", "b", "c", "d")
	var batch store.Batch
	batch.Put(a, []byte("1"))
	batch.Delete(a)
	batch.Put(a, []byte("2"))
	batch.Put(b, []byte("3"))
	batch.Clear(b, c)
	batch.Put(c, []byte("4"))
	batch.Clear([]byte("d"), nil)
	batch.Put([]byte("e"), []byte("5"))
	apply(t, kv, batch)
	expect(t, kv, store.Range{},
		store.Pair{Key: a, Value: []byte("2")},
		store.Pair{Key: c, Value: []byte("4")},
		store.Pair{Key: []byte("e"), Value: []byte("5")})

	batch = nil
	batch.Clear(nil, nil)
	apply(t, kv, batch)
	expect(t, kv, store.Range{})
}

func testBigValue(t *testing.T, open Open) {
	kv := opened(t, open)
	big := make([]byte, 3<<20)
	for i := range big {
		big[i] = byte(i>>16) ^ byte(i)
	}
	var b store.Batch
	b.Put([]byte("big"), big)
	apply(t, kv, b)
	got, err := kv.Get(t.Context(), []byte("big"))
	if err != nil || !bytes.Equal(got, big) {
		t.Fatalf("%d bytes came back as %d, %v", len(big), len(got), err)
	}
}

func testManyKeys(t *testing.T, open Open) {
	const many = 1000
	kv := opened(t, open)
	var b store.Batch
	for i := range uint32(many) {
		key := binary.BigEndian.AppendUint32(nil, i)
		b.Put(key, key)
	}
	apply(t, kv, b)
	all, err := kv.Scan(t.Context(), store.Range{})
	if err != nil || len(all) != many {
		t.Fatalf("%d pairs, %v; want %d", len(all), err, many)
	}
	for i, p := range all {
		if binary.BigEndian.Uint32(p.Key) != uint32(i) || !bytes.Equal(p.Key, p.Value) {
			t.Fatalf("pair %d is %x = %x", i, p.Key, p.Value)
		}
	}
	last := []store.Pair{all[many-1], all[many-2], all[many-3]}
	expect(t, kv, store.Range{Reverse: true, Limit: 3}, last...)
	b = nil
	b.Clear(binary.BigEndian.AppendUint32(nil, 1), nil)
	apply(t, kv, b)
	expect(t, kv, store.Range{}, all[0])
}

// testModel: random batches and scans, compared with a map.
func testModel(t *testing.T, open Open) {
	kv := opened(t, open)
	random := rand.New(rand.NewPCG(2, 7))
	model := map[string]string{}
	word := func() string { return fmt.Sprintf("%c%c", 'a'+random.IntN(4), 'a'+random.IntN(4)) }
	for round := range 40 {
		var b store.Batch
		for range random.IntN(12) {
			from, to, value := word(), word(), fmt.Sprint(round, random.Uint32())
			switch random.IntN(5) {
			case 0:
				b.Delete([]byte(from))
				delete(model, from)
			case 1:
				from, to = min(from, to), max(from, to)
				b.Clear([]byte(from), []byte(to))
				maps.DeleteFunc(model, func(k, _ string) bool { return from <= k && k < to })
			default:
				b.Put([]byte(from), []byte(value))
				model[from] = value
			}
		}
		apply(t, kv, b)
		var want []store.Pair
		for _, k := range slices.Sorted(maps.Keys(model)) {
			want = append(want, store.Pair{Key: []byte(k), Value: []byte(model[k])})
		}
		expect(t, kv, store.Range{}, want...)
	}
}

func testReopen(t *testing.T, open Open) {
	kv := open(t)
	fill(t, kv, "a", "b")
	if err := kv.Close(); err != nil {
		t.Fatal(err)
	}
	kv = open(t)
	expect(t, kv, store.Range{}, pairs("a", "b")...)
	var b store.Batch
	b.Delete([]byte("a"))
	apply(t, kv, b)
	kv.Close()
	kv = opened(t, open)
	expect(t, kv, store.Range{}, pairs("b")...)
}
