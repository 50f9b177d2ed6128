package courier

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/onion"
	"tandem/core/testnet"
)

// ledger is what a courier sealed for whom.
type ledger struct {
	mu    sync.Mutex // guards known
	known map[[32]byte][]core.EdKey
}

func (l *ledger) note(dest core.EdKey, body []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	h := sha256.Sum256(body)
	if !slices.Contains(l.known[h], dest) {
		l.known[h] = append(l.known[h], dest)
	}
}

// strays compares the ledger with what each node of the network could read:
// bodies that a node saw without being the one they were sealed for, and bodies
// that were carried out and never sealed. seen counts those that arrived.
func (l *ledger) strays(net *testnet.Network) (seen int, strays []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for node, sights := range net.Witness() {
		for _, s := range sights {
			dests, ours := l.known[s.Hash]
			switch {
			case ours && slices.Contains(dests, node):
				if s.Act == testnet.Executed {
					seen++
				}
			case ours:
				strays = append(strays, fmt.Sprintf("a body was readable at a node that it was not for (act %d)", s.Act))
			case s.Act == testnet.Executed:
				strays = append(strays, "a body was carried out that was never sealed")
			}
		}
	}
	return seen, strays
}

// Each body is readable at the node to which it was addressed and nowhere else:
// while all goes well, with loss and dead nodes, when a swarm has moved, when
// guards are tested and when the list of nodes is refreshed.
func TestEveryBodyArrivesWhereItWasAddressed(t *testing.T) {
	story(t, testnet.Options{Seed: [32]byte{9}}, nil, func(w *world) {
		l := &ledger{known: map[[32]byte][]core.EdKey{}}
		watch := func() { w.c.testOnlySealing = l.note }
		watch()
		d := identity.NewDevice()
		work := func(text string) {
			_ = w.store(inbox(d), text, nil) // some of it fails below, and must not leak either
			_ = w.store(inOutbox(d), text, d)
			if b, err := w.read(inbox(d), d, true); err == nil && len(b.Messages) > 0 {
				_, _ = w.c.Delete(context.Background(), inbox(d), d, []string{b.Messages[0].Hash})
			}
			_ = w.c.Sync(context.Background())
		}
		work("calm")
		w.net.Faults().Everywhere(testnet.Trouble{Drop: 0.1, DropAnswer: 0.1, Corrupt: 0.05, CorruptAnswer: 0.05})
		for i := range 5 {
			work(fmt.Sprint("loss ", i))
		}
		w.net.Faults().Calm()
		w.net.Faults().Kill(w.net.Swarm(d.ID())[0].Info().Ed)
		w.net.Faults().Deregister(w.net.Swarm(d.ID())[1].Info().Ed)
		work("a dead member and one that has moved")
		w.passes(2 * time.Hour) // the list of nodes is old
		w.restart()
		watch()
		w.passes(2 * time.Minute)
		work("another day")

		seen, strays := l.strays(w.net)
		if len(strays) > 0 {
			t.Errorf("%d strays: %s", len(strays), strays[0])
		}
		if seen < 20 {
			t.Errorf("%d bodies arrived: the check has seen too little", seen)
		}
	})
}

// The check above notices a layer that is missing: a courier whose body is
// sealed for the guard as well, and one that passes it on in clear.
func TestALeakIsNoticed(t *testing.T) {
	for name, leak := range map[string]func(w *world, guard core.EdKey, body []byte){
		"sealed for the guard as well": func(w *world, guard core.EdKey, body []byte) {
			x, err := identity.X25519FromEd(guard)
			if err != nil {
				t.Fatal(err)
			}
			packet, _, err := onion.Build(nil, onion.Hop{Ed: guard, X: x}, body)
			if err != nil {
				t.Fatal(err)
			}
			w.posted(guard, "/onion_req/v2", packet)
		},
		"in clear": func(w *world, guard core.EdKey, body []byte) { w.posted(guard, "/storage_rpc/v1", body) },
	} {
		t.Run(name, func(t *testing.T) {
			story(t, testnet.Options{}, nil, func(w *world) {
				l := &ledger{known: map[[32]byte][]core.EdKey{}}
				w.works(identity.NewDevice(), "before the ledger is opened")
				before := w.net.Witness()
				guard := w.guards()[0]
				w.c.testOnlySealing = func(dest core.EdKey, body []byte) {
					l.note(dest, body)
					if dest != guard {
						leak(w, guard, body)
					}
				}
				w.works(identity.NewDevice(), "leaks")
				for _, sights := range before { // what came before was in order
					for _, s := range sights {
						delete(l.known, s.Hash)
					}
				}
				if _, strays := l.strays(w.net); !slices.ContainsFunc(strays, func(s string) bool { return s[:22] == "a body was readable at" }) {
					t.Errorf("nobody noticed: %v", strays)
				}
			})
		})
	}
}

// posted is a request past the courier.
func (w *world) posted(node core.EdKey, route string, body []byte) {
	w.t.Helper()
	if _, _, err := w.net.Transport().Post(context.Background(), "/gateway/"+node.Hex()+route, body); err != nil {
		w.t.Fatal(err)
	}
}
