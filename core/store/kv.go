package store

import (
	"bytes"
	"context"
	"errors"
)

// What a caller can act on. Backends return these, or errors that wrap them.
var (
	ErrNotFound = errors.New("store: no such record")
	ErrFull     = errors.New("store: no room left on this device")
	ErrRefused  = errors.New("store: this device's storage refused the request")
	ErrClosed   = errors.New("store: closed")
	ErrRange    = errors.New("store: a range ends before it starts")
)

// KV is an ordered map of bytes that can change many keys at once. Keys are
// ordered as bytes.Compare orders them. All methods are safe for concurrent
// use. A backend never shares memory with its callers: what goes in may be
// overwritten after the call, what comes out belongs to the caller.
//
// After Close every method but Close returns ErrClosed. A ctx that has ended
// before the call gives its error and changes nothing.
type KV interface {
	// Get is the value of a key, or ErrNotFound.
	Get(ctx context.Context, key []byte) ([]byte, error)
	// Scan lists the pairs of a range, or ErrRange.
	Scan(ctx context.Context, r Range) ([]Pair, error)
	// Apply makes all changes of the batch, in its order, or none of them. On
	// return without an error they are durable. Once it has begun it does not
	// listen to ctx any more, so its answer is never a guess.
	Apply(ctx context.Context, b Batch) error
	// Close releases the backend. It may be called again.
	Close() error
}

// Pair is one record.
type Pair struct{ Key, Value []byte }

// Range is a stretch of keys: From is in it, To is not. An empty From is the
// first key, an empty To the end. Reverse lists it from the end. Limit 0 is no
// limit.
type Range struct {
	From, To []byte
	Reverse  bool
	Limit    int
}

// Check is ErrRange for a range that ends before it starts. From = To is an
// empty range and no error.
func (r Range) Check() error {
	if len(r.To) > 0 && bytes.Compare(r.From, r.To) > 0 {
		return ErrRange
	}
	return nil
}

// Verb says what an Op does.
type Verb uint8

// Verbs.
const (
	Put    Verb = 1 // Key becomes Value
	Delete Verb = 2 // Key goes; no error if it is not there
	Clear  Verb = 3 // Key … To (as in Range) go
)

// Op is one change.
type Op struct {
	Verb  Verb
	Key   []byte
	Value []byte // of Put
	To    []byte // of Clear
}

// Check refuses what no backend carries out: ErrRange for a Clear that ends
// before it starts, ErrRefused for a verb that does not exist.
func (op Op) Check() error {
	switch op.Verb {
	case Put, Delete:
		return nil
	case Clear:
		return Range{From: op.Key, To: op.To}.Check()
	}
	return ErrRefused
}

// Batch is a list of changes for one Apply. It holds the slices that it is
// given: they must not change before Apply returns.
type Batch []Op

// Put sets key to value.
func (b *Batch) Put(key, value []byte) { *b = append(*b, Op{Verb: Put, Key: key, Value: value}) }

// Delete removes key.
func (b *Batch) Delete(key []byte) { *b = append(*b, Op{Verb: Delete, Key: key}) }

// Clear removes the keys from from (in) to to (out).
func (b *Batch) Clear(from, to []byte) { *b = append(*b, Op{Verb: Clear, Key: from, To: to}) }
