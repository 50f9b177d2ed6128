package courier

import (
	"context"
	"testing"

	"tandem/core"
	"tandem/core/testnet"
)

// After a doubt the time is not synced until nodes have said it again, and what
// they said before the jump counts for nothing.
func TestDoubt(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		if err := w.c.Sync(context.Background()); err != nil || !w.c.Synced() {
			t.Fatalf("sync: %v", err)
		}
		w.skew = 5 * core.Hour
		w.c.Doubt()
		if w.c.Synced() {
			t.Error("no doubt")
		}
		if err := w.c.Sync(context.Background()); err != nil || !w.c.Synced() || !w.near() {
			t.Errorf("after the doubt: %v, synced %v, near %v", err, w.c.Synced(), w.near())
		}
	})
}
