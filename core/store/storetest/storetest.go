// Package storetest is the suite that every backend of the store must pass.
package storetest

import (
	"testing"

	"tandem/core/store"
)

// Test runs the suite. open opens a KV for a test: a new and empty one for each
// t.Name(), and the same data again when it is called again with the same t
// after Close.
func Test(t *testing.T, open func(t *testing.T) store.KV) {
	panic("not yet")
}
