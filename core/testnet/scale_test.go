package testnet

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"tandem/core"
	"tandem/core/snode"
)

// Two thousand nodes with 200,000 messages fit: each message is kept once and
// referred to by every member of its swarm.
func TestTwoThousandNodesFit(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes half a gigabyte")
	}
	before := heapBytes()
	n := newTest(t, Options{Nodes: 2000})
	roll := n.list.Load()
	const messages, each, size = 200_000, 20, 256
	expiry := n.Now() + core.Day
	for i := range messages / each {
		var owner core.ID
		binary.BigEndian.PutUint64(owner[1:], uint64(i)*0x9e3779b97f4a7c15)
		id, _ := roll.swarmOf(owner)
		for j := range each {
			data := make([]byte, size)
			binary.BigEndian.PutUint64(data, uint64(j))
			r := request{auth: auth{owner: owner}, timestamp: n.Now()}
			m := r.message(data)
			for _, member := range roll.swarm[id] {
				if _, err := member.shelf.store(n.Now(), m, expiry); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if used := heapBytes() - before; used > 512<<20 {
		t.Errorf("%d MiB in use, want at most 512", used>>20)
	}
	runtime.KeepAlive(n)
}

func heapBytes() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// Many clients at once: no request waits for another node's.
func TestManyClientsAtOnce(t *testing.T) {
	n := newTest(t, Options{})
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			p := newPhone(t, n)
			m := p.swarm()
			var want []string
			for i := range 8 {
				text := fmt.Sprint("message ", i)
				if status, _, _ := p.direct(context.Background(), m[i%len(m)], p.store(text)); status != 200 {
					t.Errorf("store: %d", status)
				}
				want = append(want, text)
			}
			p.wantInbox(m[0], want...)
		})
	}
	wg.Wait()
}

func BenchmarkShelfStore(b *testing.B) {
	s := newShelf(0)
	for i := range b.N {
		r := request{auth: auth{owner: core.ID{5, byte(i), byte(i >> 8)}}}
		s.store(0, r.message(binary.BigEndian.AppendUint64(nil, uint64(i))), 1<<60)
	}
}

func BenchmarkStore(b *testing.B) {
	n := newTest(b, Options{})
	p := newPhone(b, n)
	m := p.swarm()[0]
	for i := range b.N {
		p.must(m, p.store(fmt.Sprint(i)))
	}
}

func BenchmarkRetrieve(b *testing.B) {
	n := newTest(b, Options{})
	p := newPhone(b, n)
	m := p.swarm()[0]
	for i := range 20 {
		p.must(m, p.store(fmt.Sprint(i)))
	}
	for b.Loop() {
		p.inbox(m)
	}
}

func BenchmarkOnionInfo(b *testing.B) {
	n := newTest(b, Options{})
	p := newPhone(b, n)
	m := p.swarm()[0]
	for b.Loop() {
		p.hidden(context.Background(), m, snode.Info())
	}
}
