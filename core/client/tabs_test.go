package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/client"
	"tandem/core/client/mirror"
	"tandem/core/store"
	"tandem/core/testnet"
)

// views are the tabs of one browser, all of one device.
type views struct {
	d *tab // the device, whose own client is switched off

	mu   sync.Mutex // guards open
	open []*view
}

// view is one of them.
type view struct {
	*mirror.Tab
	client *client.Client
	hidden atomic.Bool
	dead   atomic.Bool // it says nothing any more
	cancel func()
	ended  sync.WaitGroup
}

// die is the end of a tab without a word.
func (v *view) die() {
	v.dead.Store(true)
	v.cancel()
}

// start opens one more tab, and waits until it shows the device: the first that
// was opened is the writer.
func (b *views) start() *view {
	ctx, cancel := context.WithCancel(context.Background())
	v := &view{cancel: cancel}
	v.client = client.New(client.Config{
		Lock: func(ctx context.Context, waiting func()) (func(), error) {
			release, err := b.d.locks.acquire(ctx, waiting)
			if err == nil {
				b.d.disk.starts(v.die)
			}
			return release, err
		},
		Open:        func(context.Context) (store.KV, store.Keeper, error) { return b.d.disk.open() },
		Wipe:        func(context.Context) error { return b.d.disk.wipe() },
		NetworkFile: func(context.Context) ([]byte, error) { return b.d.net.NetworkFile("local", "/gateway"), nil },
		Transport:   b.d.line,
		Hidden:      func() bool { return v.hidden.Load() && !v.Looked() },
		Facts:       core.Facts{Name: b.d.name, Platform: b.d.name},
		Clock:       b.d.skew.now,
	})
	v.Tab = mirror.New(mirror.Config{
		Device: v.client, Hidden: v.hidden.Load, Refusals: []error{client.ErrNotFriends, client.ErrPassphrase, client.ErrNotNow},
		Post: func(text string) { b.post(v, text) },
	})
	b.mu.Lock()
	b.open = append(b.open, v)
	b.mu.Unlock()
	v.ended.Go(func() { v.client.Run(ctx) })
	v.ended.Go(func() { v.Run(ctx) })
	b.until(v, "the device", phase(client.Main))
	return v
}

func (b *views) post(from *view, text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, v := range b.open {
		if v != from && !v.dead.Load() && !from.dead.Load() {
			v.Hear(text)
		}
	}
}

// stop ends all tabs.
func (b *views) stop() {
	for _, v := range b.open {
		v.die()
		v.ended.Wait()
	}
}

// until waits until a tab shows what is wanted.
func (b *views) until(v *view, what string, want func(*client.Snapshot) bool) {
	b.d.t.Helper()
	deadline := time.Now().Add(20 * time.Minute)
	for !want(v.Snapshot()) {
		if time.Now().After(deadline) {
			b.d.t.Fatalf("in vain until %s: %+v", what, v.Snapshot())
		}
		wait(10 * time.Millisecond)
	}
}

// reads fails unless tabs show the device, and only the readers say so.
func (b *views) reads(writer *view, readers ...*view) {
	b.d.t.Helper()
	b.until(writer, "a writer", func(s *client.Snapshot) bool { return s.Phase == client.Main && !s.OtherTab })
	for _, v := range readers {
		b.until(v, "a reader", func(s *client.Snapshot) bool { return s.Phase == client.Main && s.OtherTab })
	}
}

// browsing is a device in several tabs, and its sibling.
func browsing(t *testing.T, f func(b *views, s *tab)) {
	t.Helper()
	paired(t, func(t *testing.T, net *testnet.Network) {
		p, s := pair(t, net)
		p.stop()
		b := &views{d: p}
		defer b.stop()
		f(b, s)
	})
}

// timesShown counts a text in Note to self.
func timesShown(s *client.Snapshot, text string) int {
	n := 0
	for _, m := range s.Logs[s.Account] {
		if m.Body == text {
			n++
		}
	}
	return n
}

// The second tab writes, and the writer dies at each commit of it in turn, before
// and after: the second goes on in its place, a third one follows, and every text
// is there once, on the device and on its sibling.
func TestSecondTabOutlivesTheFirst(t *testing.T) {
	t.Parallel()
	outlives(t, 8)
}

func outlives(t *testing.T, rounds int) {
	browsing(t, func(b *views, s *tab) {
		writer, reader, third := b.start(), b.start(), b.start()
		b.reads(writer, reader, third)
		var all []string
		deaths := 0
		for round := range rounds {
			how, n := []fate{diesBefore, diesAfter}[round%2], round/2%4
			b.d.disk.at(func(i int, _ store.Batch) fate {
				if i == n {
					return how
				}
				return lives
			})
			text := fmt.Sprintf("round %d: fate %d at commit %d", round, how, n)
			all = append(all, text)
			b.d.must(reader.SendNote(text))
			if n := timesShown(reader.Snapshot(), text); n != 1 {
				b.d.t.Errorf("%s: it is shown %d times when it is sent", text, n)
			}
			wait(10 * time.Second)
			b.d.disk.at(nil)
			if !writer.dead.Load() {
				continue
			}
			deaths++
			if reader.Snapshot().OtherTab { // the lock goes to whoever asked first
				reader, third = third, reader
			}
			writer, reader, third = reader, third, b.start()
			b.reads(writer, reader, third)
		}
		if deaths < rounds/2 { // the text, and that it lies in the network
			b.d.t.Errorf("only %d deaths", deaths)
		}
		last := all[len(all)-1]
		for _, v := range []*view{writer, reader, third} {
			b.until(v, "the last text", func(s *client.Snapshot) bool { return timesShown(s, last) == 1 })
		}
		s.until("the last text", func(s *client.Snapshot) bool { return timesShown(s, last) == 1 })
		wait(time.Minute)
		for _, d := range []*tab{b.d, s} {
			if got := stored(d); !slices.Equal(got, all) {
				b.d.t.Errorf("%s: %d texts of %d: %q", d.name, len(got), len(all), got[max(len(got)-20, 0):])
			}
		}
	})
}

// What a second tab shows is durable, errors of its commands come back to it, and
// a text that the store refused is nowhere.
func TestSecondTabShowsWhatIsStored(t *testing.T) {
	t.Parallel()
	browsing(t, func(b *views, s *tab) {
		writer, reader := b.start(), b.start()
		b.reads(writer, reader)
		seen := make(chan bool, 1)
		stop := reader.Watch(func() {
			if timesShown(reader.Snapshot(), "durable") > 0 {
				select {
				case seen <- slices.Contains(stored(b.d), "durable"):
				default:
				}
			}
		})
		b.d.must(reader.SendNote("durable"))
		if !<-seen {
			b.d.t.Error("it was shown before it was stored")
		}
		stop()
		b.d.disk.mu.Lock()
		b.d.disk.refusal = store.ErrFull
		b.d.disk.mu.Unlock()
		b.d.disk.at(func(int, store.Batch) fate { return refuses })
		if err := reader.SendNote("refused"); err == nil || timesShown(reader.Snapshot(), "refused") != 0 {
			b.d.t.Errorf("refused: %v", err)
		}
		b.until(reader, "what the writer says about its disk", func(s *client.Snapshot) bool { return s.Fault != "" })
		b.d.disk.at(nil)
		if err := reader.Send(core.IDFromX25519([32]byte{9}), "x"); !errors.Is(err, client.ErrNotFriends) {
			b.d.t.Error(err)
		}
		b.d.must(reader.SetDraft(b.d.account(), "half a word"))
		if got := reader.Snapshot().Drafts[reader.Snapshot().Account]; got != "half a word" {
			b.d.t.Errorf("the draft is %q", got)
		}
		s.until("what is stored", shows("durable"))
	})
}

// stored are the bodies of the notes on a device's disk, the oldest first.
func stored(d *tab) (out []string) {
	kv, keeper, err := d.disk.open()
	if err != nil {
		return nil
	}
	db, err := store.Open(context.Background(), kv, keeper)
	if err != nil {
		return nil
	}
	page, _ := db.Page(context.Background(), d.account(), store.Position{}, 10_000)
	for _, m := range page {
		out = append(out, m.Body)
	}
	slices.Reverse(out)
	return out
}

// A writer that nobody sees polls as often as the reader that somebody looks at
// wants, and rarely when both are hidden. What the reader shows is read.
func TestHiddenWriterPollsForItsReader(t *testing.T) {
	t.Parallel()
	browsing(t, func(b *views, s *tab) {
		writer, reader := b.start(), b.start()
		b.reads(writer, reader)
		writer.hidden.Store(true)
		arrives := func(text string) time.Duration {
			wait(65 * time.Second)
			b.d.must(s.SendNote(text))
			at := time.Now()
			b.until(reader, text, func(s *client.Snapshot) bool { return timesShown(s, text) == 1 })
			return time.Since(at)
		}
		if d := arrives("seen"); d > 10*time.Second {
			b.d.t.Errorf("for a reader that is looked at, it took %v", d)
		}
		reader.hidden.Store(true)
		reader.Shown()
		before := b.d.line.count()
		wait(5 * time.Minute)
		if n := b.d.line.count() - before; n > 40 {
			b.d.t.Errorf("two hidden tabs made %d requests in 5 minutes", n)
		}
		reader.hidden.Store(false)
		reader.Shown()
		if d := arrives("seen again"); d > 10*time.Second {
			b.d.t.Errorf("for a reader that is seen again, it took %v", d)
		}
	})
}

// Lock in one tab locks all, and nothing is left to be seen; with the passphrase
// any of them opens it. Who takes over has no key and asks for the passphrase.
func TestLockIsForAllTabs(t *testing.T) {
	long(t)
	t.Parallel()
	browsing(t, func(b *views, s *tab) {
		writer, reader := b.start(), b.start()
		b.reads(writer, reader)
		b.d.must(reader.SendNote("private"))
		b.d.must(reader.SetPassphrase("", "correct horse"))
		b.d.must(reader.Lock())
		for _, v := range []*view{writer, reader} {
			b.until(v, "locked", phase(client.Locked))
			if s := v.Snapshot(); !s.Account.IsZero() || len(s.Logs) != 0 || len(s.Chats) != 0 {
				b.d.t.Errorf("locked, it shows %+v", s)
			}
		}
		if err := reader.Unlock("wrong"); !errors.Is(err, client.ErrPassphrase) {
			b.d.t.Error(err)
		}
		b.until(reader, "the next try", func(s *client.Snapshot) bool { return s.Lock.Wait == 0 })
		b.d.must(reader.Unlock("correct horse"))
		b.reads(writer, reader)
		writer.die()
		b.until(reader, "locked", phase(client.Locked))
		b.d.must(reader.Unlock("correct horse"))
		b.until(reader, "opened", shows("private"))
	})
}
