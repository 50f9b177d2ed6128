package store

import (
	"context"
	"encoding/binary"
)

// Blob is a state that the store does not understand. The name is "" where
// there is only one of its kind, otherwise the bytes of an id.
type Blob struct {
	Name  string
	Value []byte
}

// Get is the blob of that kind and name, or ErrNotFound.
func (r Reader) Get(ctx context.Context, kind Kind, name string) ([]byte, error) {
	key := r.blobKey(kind, name)
	plain, err := r.from.read(ctx, key)
	if err != nil {
		return nil, err
	}
	b, err := parseBlob(key, plain)
	return b.Value, err
}

// String hides the value, which may be a private key.
func (b Blob) String() string { return "[secret]" }

// GoString hides the value.
func (b Blob) GoString() string { return "[secret]" }

// All lists the blobs of a kind, in no order that means anything. Damaged ones
// are left out and reported: the error is then a *DamagedError and the rest is
// returned beside it.
func (s *Store) All(ctx context.Context, kind Kind) ([]Blob, error) {
	prefix := recordKey(kind.blob())
	s.mu.RLock()
	defer s.mu.RUnlock()
	pairs, err := s.list(ctx, Range{From: prefix, To: after(prefix)})
	if err != nil {
		return nil, err
	}
	var blobs []Blob
	var bad damage
	for _, p := range pairs {
		plain, err := s.seal.open(p.Key, p.Value)
		var b Blob
		if err == nil {
			b, err = parseBlob(p.Key, plain)
		}
		if !bad.take(err) {
			blobs = append(blobs, b)
		}
	}
	return blobs, bad.err()
}

// Put sets the blob of that kind and name. The value is copied.
func (c *Change) Put(kind Kind, name string, value []byte) {
	plain := binary.BigEndian.AppendUint32(nil, uint32(len(name)))
	plain = append(append(plain, name...), value...)
	c.put(c.blobKey(kind, name), plain)
}

// Delete removes the blob of that kind and name.
func (c *Change) Delete(kind Kind, name string) { c.remove(c.blobKey(kind, name)) }

// DeleteKind removes all blobs of a kind.
func (c *Change) DeleteKind(kind Kind) { c.clear(recordKey(kind.blob())) }

func (r Reader) blobKey(kind Kind, name string) []byte {
	return recordKey(kind, r.tag(kind.blob(), []byte(name)))
}

// blob guards the kinds that have a form of their own.
func (k Kind) blob() Kind {
	if k == kindDataKey || k >= firstTyped {
		panic("store: not a kind of blobs: " + k.String())
	}
	return k
}

// parseBlob reads lp(name) ‖ value.
func parseBlob(key, plain []byte) (Blob, error) {
	if len(plain) < 4 {
		return Blob{}, damaged(key)
	}
	n, rest := binary.BigEndian.Uint32(plain), plain[4:]
	if uint64(n) > uint64(len(rest)) {
		return Blob{}, damaged(key)
	}
	return Blob{Name: string(rest[:n]), Value: rest[n:]}, nil
}
