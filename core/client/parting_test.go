package client_test

import (
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/testnet"
)

// Clear Data on a secondary leaves no ghost, neither in the account nor at friends;
// without a network it is done at once, and the other devices keep it listed.
func TestClearDataSaysGoodbye(t *testing.T) {
	t.Parallel()
	friended(t, func(t *testing.T, net *testnet.Network, q *quad) {
		q.a1.stop() // the one that signs lists sleeps
		q.a2.must(q.a2.ClearData())
		q.a2.until("Welcome", phase(client.Welcome))
		q.a1.start()
		q.a1.until("alone", linked(1))
		q.b1.until("one device", friendly(q.ada, 1))
		q.b1.must(q.b1.Send(q.ada, "to the last"))
		q.a1.until("the message", says(q.bob, "to the last"))
		q.b1.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })

		q.b2.line.set(true)
		wait(20 * time.Second)
		before := time.Now()
		q.b2.must(q.b2.ClearData())
		q.b2.until("Welcome", phase(client.Welcome))
		if took := time.Since(before); took > 5*time.Second {
			t.Errorf("without a network it took %v", took)
		}
		wait(time.Minute)
		if n := len(q.b1.Snapshot().Devices); n != 2 {
			t.Errorf("nobody said goodbye, and %d devices are listed", n)
		}
	})
}
