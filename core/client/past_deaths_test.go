package client_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/core/client"
	"tandem/core/store"
	"tandem/core/testnet"
)

// promised is a primary device with notes for two chunks, and for more than are
// under way at once; and a new device that has finished and got nothing of them
// yet. Both are copies, switched off.
var promised, promisedMuch pledge

type pledge struct {
	once  sync.Once
	p, s  copied
	notes string
}

// longNote is as long as a note can be in bytes: seven fill a chunk.
func longNote(n int) string { return fmt.Sprint(n, strings.Repeat("🜚", 1990)) }

// promise is a test that begins with a promised past of so many notes.
func (m *pledge) promise(t *testing.T, notes int, f func(t *testing.T, p, s *tab)) {
	t.Helper()
	m.once.Do(func() {
		world(t, func(t *testing.T, net *testnet.Network) {
			p, s := open(t, net, "phone"), open(t, net, "laptop")
			p.register("Ada")
			for n := range notes {
				p.must(p.SendNote(longNote(n)))
				wait(time.Second)
			}
			attempt := meet(p, s)
			p.must(p.Authorise(attempt, ""))
			s.until("the grant", join(client.JoinHolding))
			s.disk.at(func(_ int, b store.Batch) fate {
				for _, op := range b {
					if store.Kind(op.Key[0]) == store.Past {
						return diesAfter
					}
				}
				return lives
			})
			_ = s.Finish()
			p.stop()
			s.stop()
			m.notes = texts(p.Snapshot())
			m.p, m.s = copyOf(p), copyOf(s)
		})
	})
	world(t, func(t *testing.T, net *testnet.Network) {
		if m.notes == "" {
			t.Fatal("nothing is promised")
		}
		wait(24 * time.Hour) // later than all that is on the disks
		p, s := newTab(t, net, "phone"), newTab(t, net, "laptop")
		m.p.restore(p)
		m.s.restore(s)
		f(t, p, s)
	})
}

// took waits until the promised past is on the other device, and nothing of it
// under way any more. Who dies is started again.
func (m *pledge) took(t *testing.T, p, s *tab) (deaths int) {
	t.Helper()
	for start := time.Now(); ; {
		for _, d := range []*tab{p, s} {
			if d.disk.died() {
				deaths++
				d.reload()
			}
		}
		if over(p.Snapshot()) && over(s.Snapshot()) && !p.disk.died() && !s.disk.died() {
			break
		}
		if time.Since(start) > time.Hour {
			t.Fatalf("it does not come: %+v, %+v", p.Snapshot().Past, s.Snapshot().Past)
		}
		wait(100 * time.Millisecond)
	}
	if got := texts(s.Snapshot()); got != m.notes {
		t.Errorf("%d notes came", strings.Count(got, "|")+1)
	}
	return deaths
}

// A device that dies at any commit of the transfer, right before it or right after
// it, goes on where it was: all of it comes, each message once. Here some commits
// of each, in the soak all of them.
func TestThePastWithDeaths(t *testing.T) {
	long(t)
	t.Parallel()
	pastWithDeaths(t, 3)
}

// pastWithDeaths kills each side at each commit in turn but for those that stride
// leaves out.
func pastWithDeaths(t *testing.T, stride int) {
	for side := range 2 {
		for _, end := range []fate{diesBefore, diesAfter} {
			for n, deaths := int(end)%stride, 1; deaths > 0; n += stride {
				promised.promise(t, 9, func(t *testing.T, p, s *tab) {
					[]*tab{p, s}[side].disk.at(func(at int, _ store.Batch) fate {
						if at == n {
							return end
						}
						return lives
					})
					p.start()
					s.start()
					deaths = promised.took(t, p, s)
				})
			}
		}
	}
}

// At most eight chunks are under way. What is stopped, on either side, ends on
// both, and what has come stays.
func TestThePastIsStopped(t *testing.T) {
	t.Parallel()
	const all = 160 // 23 chunks: two windows can be under way before the line is cut
	for side := range 2 {
		promisedMuch.promise(t, all, func(t *testing.T, p, s *tab) {
			p.start()
			s.start()
			s.until("the first of it", func(v *client.Snapshot) bool { return len(v.Past) == 1 && v.Past[0].Done > 0 })
			s.line.set(true)
			wait(time.Minute)
			row := p.Snapshot().Past[0]
			if here := len(s.Snapshot().Logs[s.account()]); row.Total != all || row.Coming || row.Done > here || !row.Begun {
				t.Errorf("%d came, and the other device shows %+v", here, row)
			}
			if side == 0 {
				p.must(p.StopPast(s.id()))
			} else {
				s.must(s.StopPast(p.id()))
			}
			s.line.set(false)
			s.until("the end", over)
			p.until("the end", over)
			wait(time.Minute)
			if here := len(s.Snapshot().Logs[s.account()]); here == 0 || here >= all {
				t.Errorf("%d notes came before the end", here)
			}
			if p.StopPast(s.id()) != client.ErrNotNow || s.StopPast(p.id()) != client.ErrNotNow {
				t.Error("what is over can be stopped")
			}
			s.reload()
			s.until("main page", over)
			p.must(p.SendNote("and life goes on"))
			s.until("a note", func(v *client.Snapshot) bool { return strings.HasSuffix(texts(v), "|and life goes on") })
		})
	}
}
