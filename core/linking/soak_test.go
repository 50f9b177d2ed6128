//go:build soak

package linking

import "testing"

// Claim 3 on the two machines, ten thousand times each.
func TestSoakReloadAndLoss(t *testing.T) { reloadAndLoss(t, 10_000) }

func TestSoakHostileFormerDevice(t *testing.T) { hostileFormerDevice(t, 10_000) }
