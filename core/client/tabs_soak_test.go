//go:build soak

package client_test

import "testing"

// The writer dies about a thousand times.
func TestSoakTabs(t *testing.T) { outlives(t, 2000) }
