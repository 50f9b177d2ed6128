package courier

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Between attempts there is a wait that is longer each time, never longer than
// its bound, and hardly ever the same: clients that failed together must not
// come back together.
func TestPausesHaveJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for i, longest := range []time.Duration{1: 100 * time.Millisecond, 2: 400 * time.Millisecond, 3: 1600 * time.Millisecond} {
			if i == 0 {
				continue
			}
			seen := map[time.Duration]bool{}
			for range 20 {
				start := time.Now()
				if err := pause(context.Background(), i); err != nil {
					t.Fatal(err)
				}
				took := time.Since(start)
				if took < longest/2 || took >= longest {
					t.Errorf("attempt %d waits %v", i, took)
				}
				seen[took] = true
			}
			if len(seen) < 15 {
				t.Errorf("attempt %d: only %d different waits of 20", i, len(seen))
			}
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if pause(ctx, 3) == nil {
			t.Error("a call that is over still waits")
		}
	})
}
