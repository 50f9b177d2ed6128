//go:build soak

package client

import "testing"

// All orders of eight news, and 100,000 random ones.
func TestSoakNewsInEveryOrder(t *testing.T) { converge(t, 8, 100_000) }
