package client

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/friends"
)

// BenchmarkLongChat opens a chat of 100,000 messages again and again: ms-open is
// the slowest but five of a hundred, MB-heap all memory in use, which here has
// the disk in it.
func BenchmarkLongChat(b *testing.B) {
	const messages, opens = 100_000, 100
	m := newMember(b)
	contact := core.ID{5, 0xc}
	m.people.contacts[contact] = friends.Contact{}
	for n := 0; n < messages; {
		m.tells(func(t *tx) error {
			for range 1000 {
				n++
				t.PutMessage(core.Message{
					ID: core.MessageID{Device: m.sibling, Counter: uint64(n)}, Conversation: contact, Direction: core.In,
					Status: core.Delivered, Sent: core.Millis(n), Body: fmt.Sprint("message ", n, " of a very long conversation"),
				})
			}
			return nil
		})
	}
	for b.Loop() {
		var took []time.Duration
		for range opens {
			start := time.Now()
			if err := m.loadLog(contact, 50); err != nil {
				b.Fatal(err)
			}
			m.snapshot()
			took = append(took, time.Since(start))
		}
		slices.Sort(took)
		var memory runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&memory)
		b.ReportMetric(float64(took[opens-5].Microseconds())/1e3, "ms-open")
		b.ReportMetric(float64(memory.HeapAlloc)/1e6, "MB-heap")
		b.ReportMetric(0, "ns/op")
	}
	if rows := m.log.rows[contact]; len(rows) != 50 || rows[49].ID.Counter != messages {
		b.Errorf("%d rows", len(rows))
	}
}
