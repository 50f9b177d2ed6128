package client_test

import (
	"fmt"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/testnet"
)

// catchUp is how many messages wait for a device that is switched on.
const catchUp = 5_000

// BenchmarkCatchUp is a device that finds 5,000 messages when it is switched on:
// ms-shown is from the start of its client to the last of them in the snapshot,
// and ms-apart the longest that a page waited for its turn meanwhile, as a
// goroutine that only sleeps sees it. The network is a model without onions, and
// the disk is in memory and takes a millisecond for each commit.
func BenchmarkCatchUp(b *testing.B) {
	for b.Loop() {
		net, err := testnet.New(testnet.Options{Seed: [32]byte{1}})
		if err != nil {
			b.Fatal(err)
		}
		phone, laptop := open(b, net, "phone"), open(b, net, "laptop")
		phone.register("Ada")
		link(phone, laptop)
		phone.until("all out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
		phone.stop()
		laptop.stop()
		c := newCloud(1, weather{})
		c.cabled(phone, laptop)
		phone.start()
		phone.until("main page", linked(2))
		for n := range catchUp {
			phone.must(phone.SendNote(fmt.Sprint("note ", n)))
			if n%500 == 499 {
				phone.until("all out", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			}
		}
		phone.stop()

		done, apart := make(chan struct{}), make(chan time.Duration)
		laptop.disk.pace = time.Millisecond
		start := time.Now()
		laptop.start()
		go func() {
			worst, last := time.Duration(0), time.Now()
			for {
				select {
				case <-done:
					apart <- worst
					return
				case <-time.After(time.Millisecond):
				}
				worst, last = max(worst, time.Since(last)), time.Now()
			}
		}()
		last := fmt.Sprint("note ", catchUp-1)
		laptop.until("the last", func(v *client.Snapshot) bool {
			rows := v.Logs[v.Account]
			return len(rows) > 0 && rows[len(rows)-1].Body == last
		})
		took := time.Since(start)
		close(done)
		b.ReportMetric(float64(took.Milliseconds()), "ms-shown")
		b.ReportMetric(float64((<-apart).Microseconds())/1e3, "ms-apart")
		b.ReportMetric(0, "ns/op")
		wait(time.Second) // for what came a place later
		if n := len(laptop.stored()); n != catchUp {
			b.Errorf("%d messages of %d", n, catchUp)
		}
		laptop.stop()
		if err := net.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
