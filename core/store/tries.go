package store

import (
	"context"
	"errors"

	"tandem/core"
)

// Tries is how often a passphrase was wrong in a row, and until when (local
// clock, ms) no other is tried. It must be known while the store is locked, so
// it is the one record that is not sealed. It slows down who sits at the page;
// against a copy of the records only Argon2id helps.
type Tries struct {
	Wrong uint8
	Until core.Millis
}

// ReadTries is the zero Tries where there is no record. A record of another form
// counts as many tries, which costs a wait and nothing else.
func ReadTries(ctx context.Context, kv KV) (Tries, error) {
	b, err := kv.Get(ctx, triesAt())
	switch {
	case errors.Is(err, ErrNotFound):
		return Tries{}, nil
	case err != nil:
		return Tries{}, err
	}
	return parseTries(b), nil
}

// triesSize is the length of the record: how many, and a moment.
const triesSize = 1 + 8

func parseTries(b []byte) Tries {
	if len(b) != triesSize {
		return Tries{Wrong: 255}
	}
	return Tries{Wrong: b[0], Until: parseMoment(b[1:])}
}

func (t Tries) marshal() []byte { return append([]byte{t.Wrong}, moment(t.Until)...) }

// Save keeps them; the zero Tries removes the record.
func (t Tries) Save(ctx context.Context, kv KV) error {
	var b Batch
	if t == (Tries{}) {
		b.Delete(triesAt())
	} else {
		b.Put(triesAt(), t.marshal())
	}
	return kv.Apply(ctx, b)
}

// Tries are those of an open store.
func (s *Store) Tries(ctx context.Context) (Tries, error) { return ReadTries(ctx, s.kv) }

// SaveTries keeps those of an open store.
func (s *Store) SaveTries(ctx context.Context, t Tries) error { return t.Save(ctx, s.kv) }

func triesAt() []byte { return recordKey(kindTries) }
