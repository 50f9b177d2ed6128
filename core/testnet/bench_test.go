package testnet

import (
	"context"
	"encoding/binary"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

// A large network: what TestTwoThousandNodesFit bounds, as figures.
const (
	manyNodes    = 2_000
	manyAccounts = 20_000
	manyMessages = 200_000
	noteSize     = 512 // bytes of data: about a short note, sealed
)

// BenchmarkTwoThousandNodes is the network in process with 2,000 nodes, 20,000
// accounts and 200,000 messages: the time to build it, µs for each store (whole:
// a storage request to one member, which has the others sign for theirs), and
// the heap at the end.
//
// MB is always of all 200,000 messages. s/fill is extrapolated from the stores
// that there was time for, and what is missing is put on the shelves directly;
// with -benchtime 200000x -timeout 1h it is the real thing. That was done once, on
// two cores which had eight times their work: 271 MB, and 572 s by the clock for
// 108 s of processor time.
func BenchmarkTwoThousandNodes(b *testing.B) {
	before := heapBytes()
	began := realNow()
	n := newTest(b, Options{Nodes: manyNodes})
	built := realNow() - began
	i := 0
	for b.Loop() {
		storeNote(b, n, i)
		i++
	}
	each := b.Elapsed().Seconds() / float64(i)
	for ; i < manyMessages; i++ {
		shelveNote(b, n, i)
	}
	b.ReportMetric(float64(heapBytes()-before)/1e6, "MB")
	b.ReportMetric(float64(built)/1e3, "s/build")
	b.ReportMetric(each*1e6, "µs/store")
	b.ReportMetric(each*manyMessages, "s/fill")
}

// note is the i-th message: its account and its data.
func note(i int) (owner core.ID, data []byte) {
	owner[0] = 5
	binary.BigEndian.PutUint64(owner[1:], uint64(i%manyAccounts)*0x9e3779b97f4a7c15) // anywhere among the swarms
	data = make([]byte, noteSize)
	binary.BigEndian.PutUint64(data, uint64(i))
	return owner, data
}

// storeNote sends the i-th message to a member of its swarm, as an exit does.
func storeNote(b *testing.B, n *Network, i int) {
	b.Helper()
	owner, data := note(i)
	members := n.Swarm(owner)
	to := members[i%len(members)]
	call := snode.Store(core.Mailbox{Owner: owner, Namespace: core.Inbox}, data, n.Now(), core.Day, nil)
	r := to.Serve(context.Background(), "POST", pathRPC, nil, call.Body())
	if r.Status != 200 {
		b.Fatalf("store: %d %s", r.Status, r.Body)
	}
}

// shelveNote gives the i-th message to every member without a request.
func shelveNote(b *testing.B, n *Network, i int) {
	b.Helper()
	owner, data := note(i)
	r := request{auth: auth{owner: owner}, timestamp: n.Now()}
	m := r.message(data)
	for _, member := range n.Swarm(owner) {
		if _, err := member.shelf.store(n.Now(), m, n.Now()+core.Day); err != nil {
			b.Fatal(err)
		}
	}
}
