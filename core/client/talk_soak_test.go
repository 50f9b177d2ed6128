//go:build soak

package client_test

import "testing"

// Claim 9 with 5,000 messages.
func TestSoakClaim9(t *testing.T) { chatterOfFour(t, 460) }
