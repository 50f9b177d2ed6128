package client_test

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/backup"
	"tandem/core/client"
	"tandem/core/identity"
	"tandem/core/store"
	"tandem/core/testnet"
)

const filePassphrase = "a passphrase of the file"

// export is a whole file of a device.
func (d *tab) export() (file []byte) {
	d.t.Helper()
	r, err := d.Backup(client.BackupOrder{Verb: client.ExportBegin, Passphrase: filePassphrase})
	for d.must(err); !r.Done; d.must(err) {
		r, err = d.Backup(client.BackupOrder{Verb: client.ExportNext, Run: r.Run})
		file = append(file, r.Piece...)
	}
	return file
}

// take gives a file to a device: to be checked, and to be merged.
func (d *tab) take(file []byte, passphrase string) (r client.BackupReply, err error) {
	d.t.Helper()
	r, err = d.Backup(client.BackupOrder{Verb: client.ImportBegin, Passphrase: passphrase})
	for pass := 0; pass < 2 && err == nil; pass++ {
		for piece := range slices.Chunk(file, 10_000) {
			if r, err = d.Backup(client.BackupOrder{Verb: client.ImportPiece, Run: r.Run, Piece: piece}); err != nil {
				return r, err
			}
			if pass == 0 && r.Fresh > 0 {
				d.t.Error("something was taken before the file was read to its end")
			}
		}
		r, err = d.Backup(client.BackupOrder{Verb: client.ImportPiece, Run: r.Run})
		if err == nil && !r.Done {
			d.t.Error("the end of the file is not its end")
		}
	}
	return r, err
}

// opened is what a file holds, for who has the passphrase.
func opened(t *testing.T, file []byte) (all []byte) {
	t.Helper()
	r := backup.NewReader(filePassphrase)
	r.Feed(file)
	for {
		part, _, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		if part == nil {
			return all
		}
		all = append(all, part...)
	}
}

// A primary's file makes a third device of the account: contacts, history and
// settings are there, and it talks to friends. Keys of devices and sessions are
// not in the file.
func TestAFileMakesAThirdDevice(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		for _, text := range []string{"milk", "to be deleted", strings.Repeat("long ", 350)} {
			q.a1.must(q.a1.SendNote(text))
		}
		q.a1.must(q.a1.Send(q.bob, "Are you there?"))
		q.b2.until("the question", hears(q.ada, "Are you there?"))
		q.b2.must(q.b2.Send(q.ada, "Yes"))
		q.a1.until("the answer", hears(q.bob, "Yes"))
		q.a1.must(q.a1.Delete(q.a1.Snapshot().Logs[q.ada][1].ID, false))
		q.a1.must(q.a1.SetReceipts(true))
		q.a1.until("no news", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		q.has(q.a1, "Are you there?", 3)
		file, second := q.a1.export(), q.a2.export()

		whole, other := opened(t, file), opened(t, second)
		root := keysOf(t, q.a1)
		if words := []byte(strings.Join(root.Root.Words(), " ")); !bytes.Contains(whole, words) || bytes.Contains(other, words) {
			t.Error("the phrase belongs into a primary's file, and into no other")
		}
		for _, key := range windowsOf(t, q.a1) {
			if bytes.Contains(whole, key) {
				t.Fatal("the file holds a key of the device, or of a session")
			}
		}
		notes, chat := q.a1.everything(q.ada), q.a1.everything(q.bob)
		q.a1.stop() // and its storage is gone

		n := open(t, net, "A3")
		n.until("Welcome", phase(client.Welcome))
		for name, bad := range map[string]struct {
			file       []byte
			passphrase string
			want       error
		}{
			"another passphrase": {file, filePassphrase + "!", client.ErrPassphrase},
			"another file":       {[]byte("PK\x03\x04, and so on"), filePassphrase, client.ErrBackupForeign},
			"cut off":            {file[:len(file)-1], filePassphrase, client.ErrBackup},
			"without its end":    {file[:len(file)-300], filePassphrase, client.ErrBackup},
			"longer":             {append(bytes.Clone(file), 0), filePassphrase, client.ErrBackup},
			"a secondary's":      {second, filePassphrase, client.ErrBackupWords},
			"empty":              {nil, filePassphrase, client.ErrBackup},
		} {
			if _, err := n.take(bad.file, bad.passphrase); !errors.Is(err, bad.want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n.Snapshot().Phase != client.Welcome || len(n.disk.Snapshot()) != 0 {
			t.Fatal("a file that is refused has left something")
		}

		n.skew.set(-400 * 24 * 3600 * 1000) // its clock is wrong, and nobody has said the time yet
		r, err := n.take(file, filePassphrase)
		n.must(err)
		if r.Fresh != r.Messages-1 || r.Fresh < 5 { // one of them is the deletion
			t.Errorf("%+v", r)
		}
		n.skew.set(0)
		n.until("the key", phase(client.Key))
		n.until("the others", func(v *client.Snapshot) bool { return v.Restore.Stage == client.RestoreFound })
		n.must(n.ConfirmRestore(false, core.ID{}))
		v := n.until("friends", stands(q.bob, client.Friends, 2))
		if got := n.everything(q.ada); got != notes {
			t.Errorf("notes\n%snot\n%s", got, notes)
		}
		if got := n.everything(q.bob); got != chat {
			t.Errorf("the chat is\n%snot\n%s", got, chat)
		}
		if !v.Receipts || v.Name != "Ada" {
			t.Errorf("receipts %v, name %q", v.Receipts, v.Name)
		}

		// The same once more changes nothing; nor does a file of another account.
		again, err := n.take(second, filePassphrase)
		if err != nil || again.Fresh != 0 || n.everything(q.bob) != chat {
			t.Errorf("a second time: %+v, %v", again, err)
		}
		if _, err := q.b1.take(file, filePassphrase); !errors.Is(err, client.ErrBackupAccount) {
			t.Errorf("another account: %v", err)
		}

		n.must(n.Send(q.bob, "I am back"))
		q.b1.until("a message", hears(q.ada, "I am back"))
		q.b1.must(q.b1.Send(q.ada, "Welcome back"))
		n.until("an answer", hears(q.bob, "Welcome back"))
		q.a2.until("an answer", hears(q.bob, "Welcome back"))
	})
}

// linkWithoutPast joins a new device to p's account, with nothing of its history.
func linkWithoutPast(p, n *tab) {
	p.t.Helper()
	attempt := meet(p, n)
	p.must(p.ChoosePast(client.PastNone))
	p.must(p.Authorise(attempt, ""))
	n.until("the grant", join(client.JoinHolding))
	n.must(n.Finish())
	n.until("linked", phase(client.Main))
	wait(time.Minute)
}

// A device that was linked gets the history of a secondary's file, whatever was
// chosen for it at Authorise.
func TestAFileIsMergedOnALinkedDevice(t *testing.T) {
	t.Parallel()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		p.must(p.SendNote("one"))
		s.until("one", shows("one"))
		wait(time.Second) // two messages of one moment have the order of their devices' IDs
		s.must(s.SendNote("two"))
		p.until("two", shows("one|two"))
		s.until("no news", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		s.line.set(true)
		s.must(s.SendNote("never sent"))
		file := s.export()
		s.stop()

		n := open(t, net, "n")
		linkWithoutPast(p, n)
		if got := texts(n.Snapshot()); got != "" {
			t.Fatalf("%q is here already", got)
		}
		r, err := n.take(file, filePassphrase)
		n.must(err)
		log := n.Snapshot().Logs[n.account()]
		if texts(n.Snapshot()) != "one|two|never sent" || r.Fresh != 3 || log[2].Status.String() != "failed" || log[2].Cause == "" {
			t.Errorf("%+v, %+v", r, log)
		}
		n.reload()
		n.until("all of it", shows("one|two|never sent"))

		// Whoever begins another one, or locks the device, ends it.
		o := client.BackupOrder{Verb: client.ExportBegin, Passphrase: "short"}
		if _, err := n.Backup(o); !errors.Is(err, client.ErrPassphraseShort) {
			t.Error(err)
		}
		o.Passphrase = filePassphrase
		first, err := n.Backup(o)
		n.must(err)
		_, err = n.Backup(o)
		n.must(err)
		if _, err := n.Backup(client.BackupOrder{Verb: client.ExportNext, Run: first.Run}); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("two files at a time: %v", err)
		}
		n.must(n.SetPassphrase("", "a passphrase of the device"))
		n.must(n.Lock())
		if _, err := n.Backup(client.BackupOrder{Verb: client.ExportNext, Run: first.Run + 1}); !errors.Is(err, client.ErrNotNow) {
			t.Errorf("locked: %v", err)
		}
	})
}

// keysOf are the keys of a device.
func keysOf(t *testing.T, d *tab) *identity.Keyring {
	t.Helper()
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.Keyring {
			k, err := identity.ParseKeyring(r.value)
			if err != nil {
				t.Fatal(err)
			}
			return k
		}
	}
	t.Fatal("no keys")
	return nil
}

// windowsOf are all 32 bytes in a row that a device holds of its own key, its
// prekeys and its sessions, but what the account's devices agree on anyway.
func windowsOf(t *testing.T, d *tab) (all [][]byte) {
	t.Helper()
	all = append(all, keysOf(t, d).Device.MarshalSecret())
	var known []byte
	for _, r := range d.disk.reveal(t) {
		if r.kind == store.Register || r.kind == store.DeviceList {
			known = append(known, r.value...)
		}
	}
	for _, r := range d.disk.reveal(t) {
		if r.kind != store.Session && r.kind != store.PreKeys {
			continue
		}
		for i := 0; i+32 <= len(r.value); i++ {
			if key := r.value[i : i+32]; !bytes.Contains(known, key) {
				all = append(all, key)
			}
		}
	}
	if len(all) < 1000 {
		t.Fatalf("%d keys: there are no sessions", len(all))
	}
	return all
}
