package store

import "context"

// Reader holds the reads of single records. Store and Change both have them:
// through a Change they see what it is about to write.
type Reader struct {
	from source
	tag  func(Kind, ...[]byte) []byte
}

// source gives the opened value of a key, or ErrNotFound.
type source interface {
	read(ctx context.Context, key []byte) ([]byte, error)
}
