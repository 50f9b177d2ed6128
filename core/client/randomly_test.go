package client

import (
	"testing"
	"time"
)

// Times at which contacts' outboxes are read lie where they shall, and not all in
// one place.
func TestRandomTimes(t *testing.T) {
	for _, limit := range []time.Duration{lookFirst, lookOthers} {
		early, late := 0, 0
		for range 1000 {
			switch d := randomly(limit); {
			case d < 0 || d >= limit:
				t.Fatalf("%v below %v", d, limit)
			case d < limit/2:
				early++
			default:
				late++
			}
		}
		if early < 300 || late < 300 {
			t.Errorf("of 1,000 times below %v, %d are early and %d late", limit, early, late)
		}
	}
}
