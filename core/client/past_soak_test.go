//go:build soak

package client_test

import "testing"

// A death at each commit of the transfer of the past, on each side, before it and
// after it.
func TestSoakThePastWithDeaths(t *testing.T) { pastWithDeaths(t, 1) }
