//go:build soak

package courier

import "testing"

func TestSoakSchedules(t *testing.T) { runSchedules(t, 500, 10_000) }
