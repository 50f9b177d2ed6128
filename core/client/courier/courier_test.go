package courier

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/identity"
	"tandem/core/snode"
	"tandem/core/testnet"
)

// A first start asks for nothing that it does not need: the swarm, the store.
func TestColdStart(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		if s := w.c.Status(); s.Link.String() != "connecting" || s.Profile != "local" || s.Gateway != "/gateway" || s.Path != nil {
			t.Errorf("before anything: %+v", s)
		}
		d := identity.NewDevice()
		n := w.posts(func() {
			if err := w.store(inbox(d), "hello", nil); err != nil {
				t.Fatal(err)
			}
		})
		if n != 2 {
			t.Errorf("the first store took %d requests", n)
		}
		if n = w.posts(func() { w.works(d, "again") }); n != 2 {
			t.Errorf("a store and a poll with a known swarm took %d requests", n)
		}
		s := w.c.Status()
		if s.Link != Online || len(s.Path) != 3 || s.LastSuccess == 0 || s.Cause != "" {
			t.Errorf("afterwards: %+v", s)
		}
	})
}

func TestMailboxes(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d, stranger := identity.NewDevice(), identity.NewDevice()
		private := core.Mailbox{Owner: d.ID(), Namespace: core.Private}
		if err := w.store(private, "snapshot", d); err != nil {
			t.Fatal(err)
		}
		if err := w.store(inOutbox(d), "list", d); err != nil {
			t.Fatal(err)
		}
		for _, second := range []bool{false, true} {
			b, err := w.read(inOutbox(d), nil, second)
			if err != nil || len(b.Messages) != 1 || string(b.Messages[0].Data) != "list" {
				t.Errorf("outbox without a signature: %v %v", b, err)
			}
			b, err = w.read(private, d, second)
			if err != nil || len(b.Messages) != 1 || string(b.Messages[0].Data) != "snapshot" {
				t.Errorf("private: %v %v", b, err)
			}
		}
		var e *Error
		err := w.store(private, "forged", stranger)
		if !errors.Is(err, snode.ErrAuth) || !errors.As(err, &e) || e.Cause == "" {
			t.Errorf("a stranger writes: %v", err)
		}
		if _, err = w.read(private, stranger, false); !errors.Is(err, snode.ErrAuth) {
			t.Errorf("a stranger reads: %v", err)
		}
		if s := w.c.Status(); s.Link != Online || s.Cause != "" {
			t.Errorf("a refusal is no trouble of the network: %+v", s)
		}

		box := inbox(d)
		hash, err := w.c.Store(context.Background(), StoreOrder{Mailbox: box, Data: []byte("x"), TTL: core.Day})
		if err != nil || hash != snode.MessageHash(d.ID(), 0, []byte("x")) {
			t.Fatalf("%s %v", hash, err)
		}
		gone, err := w.c.Delete(context.Background(), box, d, []string{hash})
		if err != nil || !slices.Equal(gone, []string{hash}) {
			t.Errorf("delete: %v %v", gone, err)
		}
		if b, err := w.read(box, d, false); err != nil || len(b.Messages) != 0 {
			t.Errorf("after delete: %v %v", b, err)
		}
		if err = w.store(box, strings.Repeat("x", snode.MaxData+1), nil); !errors.Is(err, ErrTooLarge) {
			t.Errorf("too large: %v", err)
		}
	})
}

// Polls stay with one member, every so often another is asked, and the cursor
// is that of the member.
func TestCursors(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		for i := range 5 {
			w.works(d, fmt.Sprint("message ", i))
		}
		cursors := map[core.EdKey]string{}
		poll := func(second bool) Batch {
			b, err := w.c.Retrieve(context.Background(), RetrieveOrder{
				Mailbox: inbox(d), Auth: d, Second: second, Cursor: func(n core.EdKey) string { return cursors[n] },
			})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(b.Messages); n > 0 {
				cursors[b.Node] = b.Messages[n-1].Hash
			}
			return b
		}
		first := poll(false)
		if len(first.Messages) != 5 {
			t.Fatalf("%d messages", len(first.Messages))
		}
		for range 10 {
			if b := poll(false); b.Node != first.Node || len(b.Messages) != 0 {
				t.Fatal("another member, or the same messages again")
			}
		}
		other := poll(true)
		if other.Node == first.Node || len(other.Messages) != 5 {
			t.Errorf("the second member: same %v, %d messages", other.Node == first.Node, len(other.Messages))
		}
		b, err := w.c.Retrieve(context.Background(), RetrieveOrder{
			Mailbox: inbox(d), Auth: d, From: other.Node, Cursor: func(core.EdKey) string { return "" },
		})
		if err != nil || b.Node != other.Node {
			t.Errorf("going on with a certain member: %v", err)
		}
	})
}

// What a destination receives, nobody on the way can read; and nothing but
// onion requests leaves the device.
func TestOnlyOnions(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		w.works(identity.NewDevice(), "hello")
		if err := w.c.Sync(context.Background()); err != nil {
			t.Fatal(err)
		}
		for _, url := range w.bridge.urls {
			if !strings.HasPrefix(url, "/gateway/") || !strings.HasSuffix(url, "/onion_req/v2") {
				t.Errorf("posted to %s", url)
			}
		}
		executed, peeled := map[[32]byte]core.EdKey{}, map[[32]byte][]core.EdKey{}
		for ed, sights := range w.net.Witness() {
			for _, s := range sights {
				if s.Act == testnet.Executed {
					executed[s.Hash] = ed
				} else {
					peeled[s.Hash] = append(peeled[s.Hash], ed)
				}
			}
		}
		if len(executed) < 4 {
			t.Fatalf("%d requests were seen", len(executed))
		}
		for hash, dest := range executed {
			for _, ed := range peeled[hash] {
				if ed != dest {
					t.Error("a node on the way could read a request")
				}
			}
		}
	})
}

// The page is closed and opened again: same guards, no question twice.
func TestRestart(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		guards := w.guards()
		w.restart()
		if n := w.posts(func() { w.works(d, "after") }); n != 2 {
			t.Errorf("%d requests after a restart", n)
		}
		if !slices.Equal(guards, w.guards()) {
			t.Error("the guards changed")
		}
		w.saved = []byte("damaged")
		w.restart()
		w.works(d, "with a damaged state")
	})
}

// A list may hold keys that are no points; nobody can talk to such nodes, and
// nothing waits for them.
func TestImpossibleNodes(t *testing.T) {
	story(t, testnet.Options{Nodes: 12}, nil, func(w *world) {
		file := w.c.cfg.Net
		for i := 0; i < 4; {
			ed := core.EdKey{byte(rand.Uint32()), byte(rand.Uint32()), 1}
			if _, err := identity.X25519FromEd(ed); err != nil {
				file.Nodes = append(file.Nodes, snode.Node{Ed: ed, IP: fmt.Sprintf("10.9.%d.1", i), Port: 1})
				i++
			}
		}
		c, err := New(Config{Transport: w.bridge, Net: file, LocalNow: w.c.cfg.LocalNow})
		if err != nil {
			t.Fatal(err)
		}
		w.c = c
		for i := range 10 {
			d := identity.NewDevice()
			if err := w.store(inbox(d), fmt.Sprint(i), nil); err != nil {
				t.Fatalf("store %d: %v", i, err)
			}
		}
		if err := w.c.Sync(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestManyAtOnce(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		w.net.Faults().Everywhere(testnet.Trouble{Delay: 20, Jitter: 50})
		devices := make([]*identity.Device, 3)
		var wg sync.WaitGroup
		for i := range devices {
			devices[i] = identity.NewDevice()
			for j := range 4 {
				wg.Go(func() {
					if err := w.store(inbox(devices[i]), fmt.Sprint(j), nil); err != nil {
						t.Error(err)
					}
					if _, err := w.read(inbox(devices[i]), devices[i], j%2 == 0); err != nil {
						t.Error(err)
					}
					w.c.Status()
				})
			}
		}
		wg.Wait()
		for _, d := range devices {
			if b, err := w.read(inbox(d), d, false); err != nil || len(b.Messages) != 4 {
				t.Errorf("%d of 4 messages: %v", len(b.Messages), err)
			}
		}
	})
}

// The caller gives up: the call ends at once, and nobody is blamed.
func TestCancel(t *testing.T) {
	story(t, testnet.Options{}, nil, func(w *world) {
		d := identity.NewDevice()
		w.works(d, "before")
		guards := w.guards()
		w.bridge.set("/gateway", hanging)
		for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
			ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
			if cause == context.Canceled {
				time.AfterFunc(time.Second, cancel)
			}
			start := time.Now()
			_, err := w.c.Store(ctx, StoreOrder{Mailbox: inbox(d), Data: []byte("x"), TTL: core.Day})
			if took := time.Since(start); !errors.Is(err, cause) || took > 3*time.Second {
				t.Errorf("%v after %v", err, took)
			}
			cancel()
		}
		w.bridge.set("/gateway", fine)
		if n := w.posts(func() { w.works(d, "after") }); n != 2 || !slices.Equal(guards, w.guards()) {
			t.Errorf("%d requests, guards %v", n, w.guards())
		}
	})
}

func TestNewRefuses(t *testing.T) {
	for name, cfg := range map[string]Config{
		"nothing":  {},
		"no nodes": {Transport: &bridge{}, LocalNow: func() core.Millis { return 0 }},
	} {
		if _, err := New(cfg); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
