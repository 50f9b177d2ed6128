//go:build soak

package client_test

import "testing"

// One death, at each commit of each of four devices, right before it and right
// after it.
func TestSoakCrashAtEachWrite(t *testing.T) {
	commits, _ := crash(t, func(int, int) fate { return lives })
	t.Logf("%v commits", commits)
	for victim, all := range commits {
		for n := range all {
			for _, end := range []fate{diesBefore, diesAfter} {
				crash(t, func(device, commit int) fate {
					if device == victim && commit == n {
						return end
					}
					return lives
				})
				if t.Failed() {
					t.Fatalf("device %d, commit %d, fate %d", victim, n, end)
				}
			}
		}
	}
}
