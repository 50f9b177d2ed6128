package client_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"tandem/core"
	"tandem/core/testnet"
)

const (
	idlePolls = 12 // polls with nothing in them, of which the median counts
	notes     = 9  // notes, of which the median counts
)

// BenchmarkPoll is two linked devices on a network in this process, in real
// time, in the minute after the grant in which they poll every 500 ms: a poll
// weighs the same at any cadence.
//
// B-out and B-in are the bodies of an idle poll as they pass the Transport: an
// onion request and its answer. ms-shown is from the poll that brings a stored
// note, begun, to the note in the snapshot; so the wait for the poll is not in
// it. Both are medians. There is no socket in it.
func BenchmarkPoll(b *testing.B) {
	for b.Loop() {
		net, err := testnet.New(testnet.Options{Seed: [32]byte{1}})
		if err != nil {
			b.Fatal(err)
		}
		phone, laptop := open(b, net, "phone"), newTab(b, net, "laptop")
		polls := &meter{next: net.Transport()}
		laptop.line.next = polls
		laptop.start()
		phone.register("Alice")
		link(phone, laptop)

		// A note, so that every poll has a cursor to send.
		phone.must(phone.SendNote("first"))
		laptop.until("the first note", shows("first"))
		out, in := polls.idle()
		shown := median(shownAfter(phone, laptop, polls, in))
		phone.stop()
		laptop.stop()
		if err := net.Close(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out), "B-out")
		b.ReportMetric(float64(in), "B-in")
		b.ReportMetric(float64(shown.Microseconds())/1e3, "ms-shown")
		b.ReportMetric(0, "ns/op") // mostly waits
	}
}

// shownAfter sends notes one by one and returns how long each took, from the
// beginning of the poll that brought it.
func shownAfter(from, to *tab, polls *meter, idle int) (took []time.Duration) {
	want := texts(to.Snapshot())
	for i := range notes {
		text := fmt.Sprint("note ", i)
		want += "|" + text
		from.must(from.SendNote(text))
		to.until(text, shows(want))
		took = append(took, time.Since(polls.lastFull(idle)))
	}
	return took
}

func median[T int | time.Duration](all []T) T {
	slices.Sort(all)
	return all[len(all)/2]
}

// meter notes what a device posts.
type meter struct {
	next core.Transport

	mu    sync.Mutex // guards posts
	posts []post
}

type post struct {
	began   time.Time
	out, in int // bytes of the bodies
}

func (m *meter) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	p := post{began: time.Now(), out: len(body)}
	status, answer, err := m.next.Post(ctx, url, body)
	p.in = len(answer)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posts = append(m.posts, p)
	return status, answer, err
}

// idle waits for polls that bring nothing and returns the medians of their sizes.
func (m *meter) idle() (out, in int) {
	m.mu.Lock()
	m.posts = nil
	m.mu.Unlock()
	for {
		m.mu.Lock()
		posts := slices.Clone(m.posts)
		m.mu.Unlock()
		if len(posts) < idlePolls {
			wait(50 * time.Millisecond)
			continue
		}
		var outs, ins []int
		for _, p := range posts {
			outs, ins = append(outs, p.out), append(ins, p.in)
		}
		return median(outs), median(ins)
	}
}

// lastFull is when the last post began whose answer brought more than an idle
// poll's.
func (m *meter) lastFull(idle int) time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range slices.Backward(m.posts) {
		if p.in > idle+200 { // a sealed note is no smaller
			return p.began
		}
	}
	return time.Time{}
}
