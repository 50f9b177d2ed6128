//go:build js && wasm

package idb

import (
	"errors"
	"syscall/js"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/store"
)

// passphraseStore is a store with some messages.
func passphraseStore(t *testing.T, db *DB, messages int) *store.Store {
	t.Helper()
	k, err := db.Keeper(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(t.Context(), db, k)
	if err != nil {
		t.Fatal(err)
	}
	const atOnce = 1000
	for from := 0; from < messages; from += atOnce {
		c := s.Change()
		for i := from; i < min(from+atOnce, messages); i++ {
			var m core.Message
			m.ID.Counter, m.Sent, m.Body = uint64(i+1), core.Millis(i), string(make([]byte, 200))
			c.PutMessage(m)
		}
		if err := c.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestPassphraseInABrowser: over a reload, with the browser's own key beside it.
func TestPassphraseInABrowser(t *testing.T) {
	const passphrase = "vier Wörter"
	db := open(t)
	s := passphraseStore(t, db, 50)
	if err := s.SetPassphrase(t.Context(), passphrase); err != nil {
		t.Fatal(err)
	}
	s.Close()
	db = open(t)
	k := keeper(t, db)
	if _, err := store.Open(t.Context(), db, k); !errors.Is(err, store.ErrLocked) {
		t.Errorf("Open: %v, want ErrLocked", err)
	}
	if _, err := store.Unlock(t.Context(), db, k, passphrase+"!"); !errors.Is(err, store.ErrPassphrase) {
		t.Errorf("a wrong one: %v", err)
	}
	s, err := store.Unlock(t.Context(), db, k, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	for s.Resealing() {
		if err := s.Reseal(t.Context(), 30); err != nil {
			t.Fatal(err)
		}
	}
	if rows, err := s.Page(t.Context(), core.ID{}, store.Position{}, 100); err != nil || len(rows) != 50 {
		t.Errorf("%d of 50, %v", len(rows), err)
	}
}

// TestPassphraseFigures measures, on this machine, what a person waits for: a
// guess, and records sealed anew in steps that leave the page alive. The time
// grows with their number.
func TestPassphraseFigures(t *testing.T) {
	const records = 2_000
	db := open(t)
	s := passphraseStore(t, db, records/2) // a message is two records
	memory := func() int { return js.Global().Get("performance").Get("memory").Get("totalJSHeapSize").Int() >> 20 }
	before := memory()
	start := time.Now()
	if err := s.SetPassphrase(t.Context(), "vier Wörter"); err != nil {
		t.Fatal(err)
	}
	t.Logf("SetPassphrase: %v; heap of the page %d MB, then %d MB", time.Since(start).Round(time.Millisecond), before, memory())
	start = time.Now()
	var worst time.Duration
	steps := 0
	for s.Resealing() {
		step := time.Now()
		if err := s.Reseal(t.Context(), 200); err != nil {
			t.Fatal(err)
		}
		worst = max(worst, time.Since(step))
		steps++
	}
	t.Logf("%d records sealed anew in %v, %d steps, the longest %v", records, time.Since(start).Round(time.Millisecond), steps, worst.Round(time.Millisecond))
	for range 3 {
		start = time.Now()
		if err := s.CheckPassphrase(t.Context(), "a guess"); !errors.Is(err, store.ErrPassphrase) {
			t.Fatal(err)
		}
		t.Logf("a guess: %v", time.Since(start).Round(time.Millisecond))
	}
	if worst > 2*time.Second {
		t.Errorf("a step took %v", worst)
	}
}
