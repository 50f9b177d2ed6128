package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"tandem/core"
	"tandem/core/store"
)

// everyRecord writes at least one record of every kind, and makes each text,
// id, name and hash a canary that it also returns.
func everyRecord(t *testing.T, d *device) (canaries [][]byte) {
	t.Helper()
	canary := func(word string) string {
		canaries = append(canaries, []byte(word))
		return word
	}
	peer, me, device := id(0xa1), id(0xa2), id(0xa3)
	node := core.EdKey(bytes.Repeat([]byte{0xa4}, 32))
	canaries = append(canaries, peer[1:], me[1:], device[1:], node[:])
	box := core.Mailbox{Owner: me, Namespace: core.Inbox}

	d.change(func(c *store.Change) {
		for _, kind := range blobKinds() {
			c.Put(kind, canary("canary name"), []byte(canary("canary value of "+kind.String())))
		}
		c.Put(store.Session, string(peer[:]), nil)
		c.PutMessage(core.Message{
			ID: core.MessageID{Device: device, Counter: 0xa5a5a5a5a5a5a5a5}, Conversation: peer, Sent: 1,
			Body: canary("canary body"), Cause: canary("canary cause"),
		})
		must(t, c.PutOutbox(t.Context(), store.OutboxEntry{ID: 1, Due: 2, Data: []byte(canary("canary copy"))}))
		c.SetCursor(node, box, canary("canary hash of a cursor"))
		c.MarkSeen(box, canary("canary hash of a mark"), 3)
		_, err := c.Next(t.Context(), canary("canary counter"))
		must(t, err)
	})
	return append(canaries, bytes.Repeat([]byte{0xa5}, 8))
}

func TestNoPlaintextOnDisk(t *testing.T) {
	d := newDevice(t)
	canaries := everyRecord(t, d)
	for key, value := range d.disk.Snapshot() {
		for _, c := range canaries {
			for _, form := range []string{string(c), hex.EncodeToString(c), base64.StdEncoding.EncodeToString(c)} {
				if strings.Contains(key, form) || strings.Contains(string(value), form) {
					t.Errorf("a record of kind %s shows %q", store.Kind(key[0]), c)
				}
			}
		}
	}
}

// TestEqualRecordsLookDifferent: neither a value nor a name can be recognised on
// another device, and a rewritten value is another ciphertext.
func TestEqualRecordsLookDifferent(t *testing.T) {
	values := map[string]bool{}
	tags := map[string]bool{}
	for range 2 {
		d := newDevice(t)
		for range 2 {
			d.change(func(c *store.Change) { c.Put(store.Profile, "name", []byte("value")) })
			for key, value := range d.disk.Snapshot() {
				if store.Kind(key[0]) == store.Profile {
					values[string(value)] = true
					tags[key] = true
				}
			}
		}
	}
	if len(values) != 4 || len(tags) != 2 {
		t.Errorf("%d different values of 4 writes, %d different keys on 2 devices", len(values), len(tags))
	}
}

// TestChangedBits flips a bit in every byte of every value, and cuts every value:
// some read must say that a record of that kind is damaged, none may panic, and
// all other kinds stay as they were.
func TestChangedBits(t *testing.T) {
	d := newDevice(t)
	everyRecord(t, d)
	healthy := readAll(t, d)
	intact := d.disk.Snapshot()

	for _, key := range slices.Sorted(maps.Keys(intact)) {
		kind := store.Kind(key[0])
		if kind.String() == "data key" {
			continue // has a test of its own
		}
		if kind.String() == "outbox due" || kind.String() == "seen mark expiry" {
			if len(intact[key]) != 0 {
				t.Errorf("%s has a value that nobody reads", kind)
			}
			continue
		}
		try := func(how string, value []byte) {
			disk := maps.Clone(intact)
			disk[key] = value
			d.disk.Restore(disk)
			now := readAll(t, d)
			if now[kind].err == nil || !errors.Is(now[kind].err, store.ErrDamaged) || !strings.Contains(now[kind].err.Error(), kind.String()) {
				t.Errorf("%s: %s: error %v", kind, how, now[kind].err)
			}
			for other, was := range healthy {
				if other != kind && !dependsOn(other, kind) && (now[other].err != nil || now[other].text != was.text) {
					t.Errorf("%s: %s: %s became %q, %v", kind, how, other, now[other].text, now[other].err)
				}
			}
		}
		for i := range intact[key] {
			changed := bytes.Clone(intact[key])
			changed[i] ^= 1 << (i % 8)
			try("a changed bit", changed)
		}
		for _, n := range []int{0, 1, 23, 24, len(intact[key]) - 1} {
			try("cut", intact[key][:n])
		}
		try("longer", append(bytes.Clone(intact[key]), 0))
		for other := range intact {
			if other != key && other[0] == key[0] {
				try("another record's value", intact[other])
			}
		}
	}
}

// dependsOn: a message is found by its index.
func dependsOn(kind, on store.Kind) bool {
	return kind.String() == "message" && on.String() == "message index"
}

// reading is what a record said: its content as text, or an error.
type reading struct {
	text string
	err  error
}

// readAll reads what everyRecord wrote, by kind.
func readAll(t *testing.T, d *device) map[store.Kind]reading {
	t.Helper()
	ctx := t.Context()
	all := map[store.Kind]reading{}
	for _, kind := range blobKinds() {
		blobs, err := d.All(ctx, kind)
		var texts []string
		for _, b := range blobs {
			texts = append(texts, b.Name+"="+string(b.Value))
		}
		slices.Sort(texts)
		all[kind] = reading{strings.Join(texts, ";"), err}
	}
	kinds := kindsByName()
	m, err := d.Message(ctx, core.MessageID{Device: id(0xa3), Counter: 0xa5a5a5a5a5a5a5a5})
	all[kinds["message"]] = reading{m.Body, err}
	has, err := d.HasMessage(ctx, core.MessageID{Device: id(0xa3), Counter: 0xa5a5a5a5a5a5a5a5})
	all[kinds["message index"]] = reading{map[bool]string{true: "has"}[has], err}
	due, err := d.Due(ctx, 10, 0)
	text := ""
	for _, e := range due {
		text += string(e.Data)
	}
	all[kinds["outbox"]] = reading{text, err}
	box := core.Mailbox{Owner: id(0xa2), Namespace: core.Inbox}
	cursor, err := d.Cursor(ctx, core.EdKey(bytes.Repeat([]byte{0xa4}, 32)), box)
	all[kinds["cursor"]] = reading{cursor, err}
	seen, err := d.Seen(ctx, box, "canary hash of a mark")
	all[kinds["seen mark"]] = reading{map[bool]string{true: "seen"}[seen], err}
	n, err := d.Counter(ctx, "canary counter")
	all[kinds["counter"]] = reading{string(rune('0' + n)), err}
	return all
}

// blobKinds are all kinds of blobs that have a name, those added later too.
func blobKinds() []store.Kind {
	var kinds []store.Kind
	for k := store.Phase; k < 64; k++ {
		if !strings.HasPrefix(k.String(), "kind ") {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// kindsByName finds the kinds that have no exported name.
func kindsByName() map[string]store.Kind {
	kinds := map[string]store.Kind{}
	for k := range 256 {
		kinds[store.Kind(k).String()] = store.Kind(k)
	}
	return kinds
}

// TestReadableBesideDamage: listings give what is left beside the error.
func TestReadableBesideDamage(t *testing.T) {
	d := newDevice(t)
	d.change(func(c *store.Change) {
		for i := range 5 {
			c.Put(store.Session, string(rune('a'+i)), []byte{byte(i)})
			c.PutMessage(text(id(1), uint64(i), core.Millis(i), "text"))
			must(t, c.PutOutbox(t.Context(), store.OutboxEntry{ID: uint64(i), Due: core.Millis(i)}))
		}
	})
	disk := d.disk.Snapshot()
	broken := map[string]bool{}
	for key, value := range disk {
		if kind := store.Kind(key[0]).String(); !broken[kind] && len(value) > 0 {
			broken[kind] = true
			value[len(value)-1] ^= 1
		}
	}
	d.disk.Restore(disk)

	blobs, blobErr := d.All(t.Context(), store.Session)
	rows, pageErr := d.Page(t.Context(), id(1), store.Position{}, 10)
	due, dueErr := d.Due(t.Context(), 10, 0)
	for what, n := range map[string]int{"sessions": len(blobs), "messages": len(rows), "entries": len(due)} {
		if n != 4 {
			t.Errorf("%d of 4 %s are left", n, what)
		}
	}
	c := d.Change()
	for what, err := range map[string]error{"session": blobErr, "message": pageErr, "outbox": dueErr} {
		var damaged *store.DamagedError
		if !errors.As(err, &damaged) || damaged.Kind.String() != what {
			t.Fatalf("%s: %v", what, err)
		}
		must(t, c.Discard(t.Context(), damaged))
	}
	d.commit(c)
	_, blobErr = d.All(t.Context(), store.Session)
	_, pageErr = d.Page(t.Context(), id(1), store.Position{}, 10)
	_, dueErr = d.Due(t.Context(), 10, 0)
	if err := errors.Join(blobErr, pageErr, dueErr); err != nil {
		t.Errorf("after Discard: %v", err)
	}
	if n, err := d.OutboxSize(t.Context()); n != 4 || err != nil {
		t.Errorf("outbox after Discard: %d, %v", n, err)
	}
}

// TestDiscardedMessageCanComeAgain: it is not a duplicate of itself.
func TestDiscardedMessageCanComeAgain(t *testing.T) {
	d := newDevice(t)
	m := text(id(1), 1, 5, "text")
	d.change(func(c *store.Change) { c.PutMessage(m) })
	disk := d.disk.Snapshot()
	for key, value := range disk {
		if store.Kind(key[0]).String() == "message" {
			value[30] ^= 1
		}
	}
	d.disk.Restore(disk)
	if has, err := d.HasMessage(t.Context(), m.ID); !has || err != nil {
		t.Errorf("before Discard: %t, %v", has, err)
	}
	_, err := d.Message(t.Context(), m.ID)
	var damaged *store.DamagedError
	if !errors.As(err, &damaged) {
		t.Fatalf("Message: %v, want damage", err)
	}
	d.change(func(c *store.Change) { must(t, c.Discard(t.Context(), damaged)) })
	if has, err := d.HasMessage(t.Context(), m.ID); has || err != nil {
		t.Errorf("after Discard: %t, %v", has, err)
	}
	d.change(func(c *store.Change) { c.PutMessage(m) })
	if got, err := d.Message(t.Context(), m.ID); err != nil || got != m {
		t.Errorf("stored anew: %v, %v", got, err)
	}
}
