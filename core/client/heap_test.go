package client_test

import (
	"bytes"
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
	"tandem/core/wire"
)

// hidden are needles that are not in memory themselves: all bytes are flipped.
type hiddenNeedles map[string][]byte // what to flipped bytes

func (n hiddenNeedles) add(what string, secret []byte) {
	if !dense(secret) {
		return
	}
	flipped := make([]byte, len(secret))
	for i, b := range secret {
		flipped[i] = ^b
	}
	n[what] = flipped
}

// inHeap says which needles lie in memory that is in use.
func (n hiddenNeedles) inHeap(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "heap")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 3 { // what the first frees may have held what the second does
		runtime.GC()
	}
	debug.WriteHeapDump(f.Fd())
	found := map[string]bool{}
	const overlap = 4096
	part, kept := make([]byte, 1<<20), 0
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	for {
		read, err := f.Read(part[kept:])
		for i := kept; i < kept+read; i++ {
			part[i] = ^part[i]
		}
		for what, b := range n {
			if bytes.Contains(part[:kept+read], b) {
				found[what] = true
			}
		}
		if err == io.EOF {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		all := part[:kept+read]
		kept = copy(part, all[max(0, len(all)-overlap):])
	}
}

// secretsOf are what a locked device must not hold: its private keys and
// sessions, its texts, and the keys of its store.
func secretsOf(t *testing.T, p *tab) hiddenNeedles {
	t.Helper()
	n := hiddenNeedles{}
	public := map[[32]byte]bool{}
	for _, d := range p.Snapshot().Devices {
		public[d.ID.X25519()] = true
	}
	for _, r := range p.disk.reveal(t) {
		if r.kind == store.Session {
			for _, key := range ratchetKeys(r.value) {
				public[key] = true
			}
		}
		if r.kind != store.Keyring && r.kind != store.PreKeys && r.kind != store.Session {
			continue
		}
		for i, b := range fields(r.value) {
			if len(b) == 16 || len(b) == 64 || len(b) == 32 && !public[[32]byte(b)] {
				n.add(fmt.Sprintf("%s: value %d", r.kind, i), b)
			}
		}
	}
	first, err := p.disk.keeper.Unwrap(context.Background(), p.disk.Snapshot()["\x00"][1:])
	if err != nil {
		t.Fatal(err)
	}
	for _, info := range []string{"tandem store values v1", "tandem store names v1"} {
		key, err := hkdf.Key(sha256.New, first, nil, info, 32)
		if err != nil {
			t.Fatal(err)
		}
		n.add(info, key)
	}
	n.add("the first data key", first)
	n.add("a note", []byte(heapNote))
	return n
}

// ratchetKeys are the public keys in a session (ratchet/stored_session.go): they
// lie in the messages, which anybody may hold.
func ratchetKeys(session []byte) (public [][32]byte) {
	each := func(message []byte, number int, f func([]byte)) {
		_ = wire.Fields(message, func(field wire.Field) error {
			if int(field.Number) == number && field.Bytes != nil {
				f(field.Bytes)
			}
			return nil
		})
	}
	take := func(b []byte) {
		if len(b) == 32 {
			public = append(public, [32]byte(b))
		}
	}
	each(session, 3, func(state []byte) {
		for _, number := range []int{2, 3, 5} { // base key, where it is from, sending key
			each(state, number, take)
		}
		each(state, 9, func(receiving []byte) { each(receiving, 1, take) })
	})
	return public
}

const heapNote = "what nobody may read on a locked device"

// keysUnder opens the record of the data key as PROTOCOL.md says.
func keysUnder(t *testing.T, p *tab, passphrase string) []byte {
	t.Helper()
	record := p.disk.Snapshot()["\x00"]
	lock, err := p.disk.keeper.Unwrap(context.Background(), record[1:])
	if err != nil || record[0] != 2 {
		t.Fatalf("the record of the data key has format %d: %v", record[0], err)
	}
	key := argon2.IDKey([]byte(passphrase), lock[7:23], uint32(lock[5]), binary.BigEndian.Uint32(lock[1:]), lock[6], 32)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := aead.Open(nil, lock[23:47], lock[47:], lock[:23])
	if err != nil || len(keys) != 64 {
		t.Fatalf("the lock: %v", err)
	}
	return keys
}

// Nothing that a locked device must not know is in the memory that it uses. This
// test is not parallel: it looks at the memory of all.
func TestLockedHoldsNoKeys(t *testing.T) {
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := offPair(t, net)
		s.start()
		p.start()
		p.until("main page", linked(2))
		p.must(p.SendNote(string([]byte(heapNote))))
		s.until("the note", shows(heapNote))
		wait(time.Second) // or it may stand before the other
		s.must(s.SendNote("so that sessions move"))
		p.until("it", shows(heapNote+"|so that sessions move"))
		s.stop() // it knows the same
		s.Client = nil
		secrets := secretsOf(t, p)
		p.must(p.SetPassphrase("", passphrase))
		keys := keysUnder(t, p, passphrase)
		secrets.add("the key for values", keys[:32])
		clear(keys)
		before := secrets.inHeap(t)
		for _, what := range []string{
			"keyring: value 1", "keyring: value 2", "keyring: value 3", "keyring: value 4", "keyring: value 5",
			"the key for values", "tandem store names v1", "a note",
		} {
			if !before[what] {
				t.Errorf("unlocked, %s is not found: the check is wrong", what)
			}
		}
		wait(time.Second)
		p.must(p.Lock())
		if !onlyLocked(p.Snapshot()) {
			t.Fatal("not locked")
		}
		wait(time.Minute)
		if after := secrets.inHeap(t); len(after) > 0 {
			t.Errorf("of %d secrets, %d were in memory before; locked, these are: %v", len(secrets), len(before), after)
		}
		p.must(p.Unlock(passphrase))
		p.until("main page", func(v *client.Snapshot) bool { return v.Phase == client.Main })
	})
}
