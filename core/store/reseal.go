package store

import (
	"bytes"
	"context"
)

// resealAtOnce is how many records SetPassphrase seals anew in one transaction
// when it has to end what an earlier one began.
const resealAtOnce = 500

// Resealing reports whether records wait for Reseal.
func (s *Store) Resealing() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return !s.closed && s.seal.old != nil
}

// Reseal looks at the next limit records, in one transaction, and seals those
// anew that still lie under the key before the last SetPassphrase. Once it has
// seen all, that key is forgotten; Resealing says so. A reload begins again from
// the first record, which costs no writes. Damaged records stay as they are.
func (s *Store) Reseal(ctx context.Context, limit int) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	if s.seal.old == nil {
		return nil
	}
	pairs, err := s.kv.Scan(ctx, Range{From: s.resealed, Limit: limit})
	if err != nil {
		return err
	}
	b := s.resealing(pairs)
	last := len(pairs) < limit
	if last {
		b.Delete(oldKeyAt())
	}
	if len(b) > 0 {
		if err := s.kv.Apply(ctx, b); err != nil {
			return err
		}
	}
	if last {
		s.seal.old.wipe()
		s.seal = sealerOf(s.seal.keys)
		s.resealed = nil
		return nil
	}
	s.resealed = append(bytes.Clone(pairs[len(pairs)-1].Key), 0)
	return nil
}

// resealing is what becomes of some records.
func (s *Store) resealing(pairs []Pair) Batch {
	var b Batch
	for _, p := range pairs {
		if len(p.Value) == 0 || !Kind(p.Key[0]).sealed() {
			continue
		}
		if _, err := s.seal.openFresh(p.Key, p.Value); err == nil {
			continue
		}
		if plain, err := s.seal.old.open(p.Key, p.Value); err == nil {
			b.Put(p.Key, s.seal.seal(p.Key, plain))
		}
	}
	return b
}

func (s *Store) resealAll(ctx context.Context) error {
	for s.Resealing() {
		if err := s.Reseal(ctx, resealAtOnce); err != nil {
			return err
		}
	}
	return nil
}
