package client

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/backup"
	"tandem/core/friends"
	"tandem/core/store"
	"tandem/core/store/memkv"
)

// BenchmarkBackup exports a device with 100,000 messages and makes a new one of
// the file: ms-apart is the longest that anything else waited for its turn, and
// MB-piece the largest piece of the file, which is all of it that is in memory.
func BenchmarkBackup(b *testing.B) {
	const messages = 100_000
	m := newMember(b)
	m.answerCalls()
	contact := core.ID{5, 0xc}
	m.people.contacts[contact] = friends.Contact{}
	for n := 0; n < messages; {
		m.tells(func(t *tx) error {
			for range 1000 {
				n++
				m.storeMessage(t, core.Message{
					ID: core.MessageID{Device: m.sibling, Counter: uint64(n)}, Conversation: contact, Direction: core.In,
					Status: core.Delivered, Sent: core.Millis(n), Body: fmt.Sprint("message ", n, " of a very long conversation"),
				})
			}
			return nil
		})
	}
	for b.Loop() {
		var apart time.Duration
		timed := func(f func() error) {
			start := time.Now()
			if err := f(); err != nil {
				b.Fatal(err)
			}
			apart = max(apart, time.Since(start))
		}
		start := time.Now()
		if err := m.beginExport("a long passphrase"); err != nil {
			b.Fatal(err)
		}
		var file []byte
		var reply BackupReply
		largest := 0
		for !reply.Done {
			timed(func() error { return m.export(&reply) })
			file = append(file, reply.Piece...)
			largest = max(largest, len(reply.Piece))
		}
		exported := time.Since(start)

		disk, keeper := &memkv.Disk{}, memkv.NewKeeper()
		fresh := New(Config{
			Open:   func(context.Context) (store.KV, store.Keeper, error) { return disk.Open(), keeper, nil },
			Hidden: func() bool { return false },
		})
		fresh.ctx = b.Context()
		fresh.backups = backups{run: 1, in: &importing{file: backup.NewReader("a long passphrase")}}
		start = time.Now()
		for range 2 {
			for piece := range slices.Chunk(file, 64<<10) {
				timed(func() error { reply = BackupReply{}; return fresh.importPiece(piece, &reply) })
			}
			timed(func() error { reply = BackupReply{}; return fresh.importPiece(nil, &reply) })
		}
		if reply.Fresh != messages || fresh.phase != Key {
			b.Errorf("%+v in phase %d", reply, fresh.phase)
		}
		b.ReportMetric(float64(exported.Milliseconds()), "ms-export")
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "ms-import")
		b.ReportMetric(float64(apart.Milliseconds()), "ms-apart")
		b.ReportMetric(float64(len(file))/1e6, "MB-file")
		b.ReportMetric(float64(largest)/1e6, "MB-piece")
		b.ReportMetric(0, "ns/op")
	}
}
