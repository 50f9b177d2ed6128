//go:build js && wasm

package idb

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"syscall/js"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/store"
	"tandem/core/store/storetest"
	"tandem/wasm/octets"
	"tandem/wasm/promise"
)

// open opens the database of a test; it is deleted at the end.
func open(t *testing.T) *DB {
	t.Helper()
	db, err := Open(t.Context(), t.Name())
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		db.Close()
		if err := Destroy(context.Background(), t.Name()); err != nil {
			t.Errorf("Destroy: %v", err)
		}
	})
	return db
}

func TestSuite(t *testing.T) {
	storetest.Test(t, func(t *testing.T) store.KV { return open(t) })
}

// TestCursor: browsers whose getAll has no direction see the same.
func TestCursor(t *testing.T) {
	db := open(t)
	for _, key := range []string{"a", "b", "bb", "c"} {
		if err := put(t, db, key); err != nil {
			t.Fatal(err)
		}
	}
	for _, bounds := range [][2]string{{"", ""}, {"b", ""}, {"", "c"}, {"b", "c"}, {"bb", "bb"}, {"d", ""}, {"", "a"}} {
		for limit := 1; limit < 6; limit++ {
			r := store.Range{From: []byte(bounds[0]), To: []byte(bounds[1]), Reverse: true, Limit: limit}
			db.cursors = false
			want, err := db.Scan(t.Context(), r)
			if err != nil {
				t.Fatal(err)
			}
			db.cursors = true
			got, err := db.Scan(t.Context(), r)
			if err != nil || !reflect.DeepEqual(got, want) && len(got)+len(want) > 0 {
				t.Errorf("%q limit %d: %v, %v; want %v", bounds, limit, got, err, want)
			}
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.Scan(ctx, store.Range{Reverse: true, Limit: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// put applies one key.
func put(t *testing.T, db *DB, key string) error {
	t.Helper()
	var b store.Batch
	b.Put([]byte(key), []byte(key))
	return db.Apply(t.Context(), b)
}

// listed is all keys in one string.
func listed(t *testing.T, db *DB) string {
	t.Helper()
	all, err := db.Scan(t.Context(), store.Range{})
	if err != nil {
		t.Fatalf("Scan: %v", err)
	}
	var s string
	for _, p := range all {
		s += string(p.Key)
	}
	return s
}

// patch replaces a method of a prototype by a JavaScript function that may call
// it as original; the test's end puts it back.
func patch(t *testing.T, class, method, function string) (undo func()) {
	t.Helper()
	prototype := js.Global().Get(class).Get("prototype")
	original := prototype.Get(method)
	make := js.Global().Get("Function").New("original", "return "+function)
	prototype.Set(method, make.Invoke(original))
	undo = func() { prototype.Set(method, original) }
	t.Cleanup(undo)
	return undo
}

// TestRefusals: what browsers do when the disk is full or storage is forbidden,
// at each place where they may do it. Nothing of the batch is kept, and what was
// there stays.
func TestRefusals(t *testing.T) {
	dom := func(name string) string { return `new DOMException("https://secret.example", "` + name + `")` }
	// later aborts the transaction after its requests were made, with an error.
	later := func(name string) string {
		return `function(...args) {
			const txn = this.transaction, error = ` + name + `;
			Object.defineProperty(txn, "error", {configurable: true, get: () => error});
			queueMicrotask(() => { try { txn.abort() } catch {} });
			return original.apply(this, args);
		}`
	}
	throws := func(name string) string { return `function() { throw ` + dom(name) + ` }` }
	for _, c := range []struct {
		name, class, method, function string
		want                          error
	}{
		{"full at once", "IDBObjectStore", "put", throws("QuotaExceededError"), store.ErrFull},
		{"full in mid batch", "IDBObjectStore", "delete", throws("QuotaExceededError"), store.ErrFull},
		{"full at the end", "IDBObjectStore", "put", later(dom("QuotaExceededError")), store.ErrFull},
		{"aborted without a reason", "IDBObjectStore", "put", later("null"), store.ErrRefused},
		{"broken at the end", "IDBObjectStore", "put", later(dom("UnknownError")), store.ErrRefused},
		{"forbidden", "IDBDatabase", "transaction", throws("SecurityError"), store.ErrRefused},
		{"no such object store", "IDBDatabase", "transaction", throws("NotFoundError"), store.ErrRefused},
		{"not an error object", "IDBObjectStore", "put", `function() { throw "text" }`, store.ErrRefused},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := open(t)
			if err := put(t, db, "a"); err != nil {
				t.Fatal(err)
			}
			undo := patch(t, c.class, c.method, c.function)
			var b store.Batch
			b.Put([]byte("b"), []byte("b"))
			b.Delete([]byte("a"))
			b.Put([]byte("c"), []byte("c"))
			err := db.Apply(t.Context(), b)
			undo()
			if !errors.Is(err, c.want) {
				t.Errorf("Apply: %v, want %v", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "secret") {
				t.Errorf("the browser's message is in the error: %v", err)
			}
			if got := listed(t, db); got != "a" {
				t.Errorf("kept %q, want a", got)
			}
			if err := put(t, db, "d"); err != nil {
				t.Errorf("a later batch: %v", err)
			}
		})
	}
}

func TestOpenRefused(t *testing.T) {
	for _, c := range []struct {
		function string
		want     error
	}{
		{`function() { throw new DOMException("", "SecurityError") }`, store.ErrRefused},
		{`function(name) { return original.call(this, name, 1e9) }`, nil},
		{`function(name) { return original.call(this, name, 7) }`, store.ErrRefused}, // a newer program's
	} {
		undo := patch(t, "IDBFactory", "open", c.function)
		db, err := Open(t.Context(), t.Name())
		undo()
		if !errors.Is(err, c.want) {
			t.Errorf("Open: %v, want %v", err, c.want)
		}
		if err == nil {
			db.Close()
		}
	}
	if _, err := Open(t.Context(), t.Name()); !errors.Is(err, store.ErrRefused) {
		t.Errorf("a database of a newer version: %v, want ErrRefused", err)
	}
	if err := Destroy(t.Context(), t.Name()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Open(ctx, t.Name()); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
}

// busy holds the records in a transaction of another connection, so that ours
// waits; release ends it.
func busy(t *testing.T, db *DB) (release func()) {
	t.Helper()
	other, _, err := connect(t.Context(), db.name)
	if err != nil {
		t.Fatal(err)
	}
	txn, err := other.transaction(records, "readwrite")
	if err != nil {
		t.Fatal(err)
	}
	end := watch(txn)
	state := js.Global().Get("Function").New("objects", `
		const state = {over: false};
		const again = () => { if (!state.over) objects.get("x").onsuccess = again };
		again();
		return state;`).Invoke(txn.Call("objectStore", records))
	return func() {
		state.Set("over", true)
		if err := <-end; err != nil {
			t.Errorf("the other transaction: %v", err)
		}
		other.close()
	}
}

// TestSlowDisk: a transaction that does not end is given up, says so, and has no
// effect later.
func TestSlowDisk(t *testing.T) {
	for _, cursors := range []bool{false, true} {
		db := open(t)
		db.cursors = cursors
		if err := put(t, db, "a"); err != nil {
			t.Fatal(err)
		}
		release := busy(t, db)
		db.patience = 30 * time.Millisecond
		_, getErr := db.Get(t.Context(), []byte("a"))
		_, scanErr := db.Scan(t.Context(), store.Range{Reverse: true, Limit: 1})
		for what, err := range map[string]error{"Get": getErr, "Scan": scanErr, "Apply": put(t, db, "b")} {
			if !errors.Is(err, store.ErrRefused) || errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %v, want ErrRefused", what, err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		if _, err := db.Get(ctx, []byte("a")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Get with a deadline: %v", err)
		}
		cancel()
		release()
		db.patience = patience
		if got := listed(t, db); got != "a" {
			t.Errorf("kept %q, want a", got)
		}
		db.Close()
	}
}

// TestDroppedConnection: the browser closes the connection of a sleeping tab; the
// next call opens it again.
func TestDroppedConnection(t *testing.T) {
	for _, c := range []struct {
		name string
		drop func(l *link)
	}{
		{"with an event", func(l *link) {
			l.raw.Call("close")
			l.raw.Call("dispatchEvent", js.Global().Get("Event").New("close"))
		}},
		{"without a word", func(l *link) { l.raw.Call("close") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := open(t)
			db.cursors = true
			for _, key := range []string{"a", "b"} {
				if err := put(t, db, key); err != nil {
					t.Fatal(err)
				}
				c.drop(db.link)
				if got, err := db.Scan(t.Context(), store.Range{Reverse: true, Limit: 1}); err != nil || string(got[0].Key) != key {
					t.Errorf("Scan: %v, %v", got, err)
				}
				c.drop(db.link)
			}
			if got := listed(t, db); got != "ab" {
				t.Errorf("kept %q, want ab", got)
			}
			if isLost(db) {
				t.Error("a dropped connection was taken for a lost database")
			}
		})
	}
}

func isLost(db *DB) bool {
	select {
	case <-db.Lost():
		return true
	default:
		return false
	}
}

// TestVanishedDatabase: a database that the browser deleted does not come back
// empty under a running program.
func TestVanishedDatabase(t *testing.T) {
	db := open(t)
	if err := put(t, db, "a"); err != nil {
		t.Fatal(err)
	}
	db.link.raw.Call("close") // so that the deletion is not announced to us
	if err := Destroy(t.Context(), t.Name()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := put(t, db, "b"); !errors.Is(err, store.ErrRefused) {
			t.Errorf("Apply: %v, want ErrRefused", err)
		}
	}
	if !isLost(db) {
		t.Error("nobody was told")
	}
	if names := databases(t); slices.Contains(names, t.Name()) {
		t.Error("the database came back")
	}
}

// TestClearedByAnotherTab: the other tab is not kept waiting, and this one knows.
func TestClearedByAnotherTab(t *testing.T) {
	db := open(t)
	if err := Destroy(t.Context(), t.Name()); err != nil {
		t.Fatal(err)
	}
	other, err := Open(t.Context(), t.Name()) // it starts afresh
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	<-db.Lost()
	if err := put(t, db, "a"); !errors.Is(err, store.ErrRefused) {
		t.Errorf("Apply: %v, want ErrRefused", err)
	}
	if got := listed(t, other); got != "" {
		t.Errorf("the old tab wrote %q into the new database", got)
	}
}

// TestDestroyLeavesNothing is Clear Data's half of the work.
func TestDestroyLeavesNothing(t *testing.T) {
	db := open(t)
	if err := put(t, db, "a"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Keeper(t.Context()); err != nil {
		t.Fatal(err)
	}
	db.Close()
	for range 2 { // also if there is nothing
		if err := Destroy(t.Context(), t.Name()); err != nil {
			t.Fatal(err)
		}
	}
	if names := databases(t); slices.Contains(names, t.Name()) {
		t.Errorf("databases: %q", names)
	}
}

func databases(t *testing.T) []string {
	t.Helper()
	list, err := promise.Await(t.Context(), js.Global().Get("indexedDB").Call("databases"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range list.Length() {
		names = append(names, list.Index(i).Get("name").String())
	}
	return names
}

// TestForeignValue: something that is not bytes was put there by another hand.
func TestForeignValue(t *testing.T) {
	db := open(t)
	err := db.burst(t.Context(), records, "readwrite", func(objects js.Value) error {
		objects.Call("put", "text", octets.ToJS([]byte("a")))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, err := db.Get(t.Context(), []byte("a")); err != nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

// TestTypedStore: the whole store in a real browser, over a reload, with nothing
// readable in the database.
func TestTypedStore(t *testing.T) {
	const canary = "canary"
	var message core.Message
	message.ID.Counter, message.Body = 1, canary
	for round := range 2 {
		db := open(t)
		keeper, err := db.Keeper(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s, err := store.Open(t.Context(), db, keeper)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if round == 0 {
			c := s.Change()
			c.PutMessage(message)
			c.Put(store.Session, canary, []byte(canary))
			if err := c.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		rows, err := s.Page(t.Context(), core.ID{}, store.Position{}, 10)
		if err != nil || len(rows) != 1 || rows[0] != message {
			t.Errorf("round %d: %v, %v", round, rows, err)
		}
		all, err := db.Scan(t.Context(), store.Range{})
		if err != nil || len(all) != 4 {
			t.Errorf("%d records, %v; want the data key, a message, its index, a session", len(all), err)
		}
		for _, p := range all {
			if bytes.Contains(p.Key, []byte(canary)) || bytes.Contains(p.Value, []byte(canary)) {
				t.Errorf("a record of kind %s is readable", store.Kind(p.Key[0]))
			}
		}
		s.Close()
	}
}
