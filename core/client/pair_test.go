package client_test

import (
	"sync"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/store/memkv"
	"tandem/core/testnet"
)

// pair is two devices of one account, phone and laptop, switched on. They were
// linked once for all tests, in a bubble of their own: their disks are copies.
func pair(t *testing.T, net *testnet.Network) (p, s *tab) {
	t.Helper()
	p, s = offPair(t, net)
	p.start()
	s.start()
	p.until("main page", linked(2))
	s.until("main page", linked(2))
	return p, s
}

// offPair is pair with both switched off.
func offPair(t *testing.T, net *testnet.Network) (p, s *tab) {
	t.Helper()
	if template.p.keeper == nil {
		t.Fatal("no pair")
	}
	wait(time.Minute) // later than all that is on the disks
	p, s = newTab(t, net, "phone"), newTab(t, net, "laptop")
	template.p.restore(p)
	template.s.restore(s)
	return p, s
}

// template holds the disks of the pair.
var template struct {
	once sync.Once
	p, s copied
}

// copied is a disk that was copied.
type copied struct {
	values map[string][]byte
	keeper *memkv.Keeper
}

func copyOf(d *tab) copied { return copied{d.disk.Snapshot(), d.disk.keeper} }

func (c copied) restore(d *tab) {
	d.disk.Restore(c.values)
	d.disk.keeper = c.keeper
}

// paired is world for tests that begin with a pair.
func paired(t *testing.T, f func(t *testing.T, net *testnet.Network)) {
	t.Helper()
	template.once.Do(func() {
		world(t, func(t *testing.T, net *testnet.Network) {
			p, s := open(t, net, "phone"), open(t, net, "laptop")
			p.register("Ada")
			link(p, s)
			wait(5 * time.Second) // for the last word of linking
			p.until("nothing of the past is under way", over)
			s.until("nothing of the past is under way", over)
			p.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			s.until("nothing waits", func(v *client.Snapshot) bool { return v.Network.Queue == 0 })
			p.stop()
			s.stop()
			template.p, template.s = copyOf(p), copyOf(s)
		})
	})
	world(t, f)
}

// account is whose device this is.
func (d *tab) account() core.ID { return d.Snapshot().Account }
