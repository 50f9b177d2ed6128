//go:build !js && soak

package story

import "testing"

// TestCrashes at 50 points.
func TestSoakCrashes(t *testing.T) { crashes(t, 25) }
