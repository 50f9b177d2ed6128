package demo

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"tandem/core"
	"tandem/core/testnet"
)

// hopDelay is what each way between two ends of the network takes, ms, and up to
// hopJitter more: without it a request would be at all its hops at once.
const (
	hopDelay  = 30 * core.Millis(1)
	hopJitter = 30 * core.Millis(1)
)

// againFor is how long a duplicate is waited for.
const againFor = 30 * time.Second

// dice decide what happens to a request.
type dice struct {
	mu sync.Mutex // guards r
	r  *rand.Rand
}

func newDice(seed [32]byte) *dice { return &dice{r: rand.New(rand.NewChaCha8(seed))} }

// pick is one of n.
func (d *dice) pick(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.r.IntN(n)
}

// luck is what happens to one request.
type luck struct {
	lostThere, lostBack, again bool
	bentThere, bentBack        uint64 // which bit, counted round; 0 = none
	delay                      time.Duration
}

func (d *dice) roll(f Faults) (l luck) {
	d.mu.Lock()
	defer d.mu.Unlock()
	hit := func(percent int) bool { return d.r.IntN(100) < percent }
	if hit(f.Loss) {
		l.lostThere = d.r.IntN(2) == 0
		l.lostBack = !l.lostThere
	}
	l.again = hit(f.Duplicate)
	if hit(f.Corrupt) {
		if bit := d.r.Uint64() | 1; d.r.IntN(2) == 0 {
			l.bentThere = bit
		} else {
			l.bentBack = bit
		}
	}
	l.delay = time.Duration(f.Delay) * time.Millisecond
	if f.Delay > 1 {
		l.delay += time.Duration(d.r.Int64N(int64(f.Delay)/2)) * time.Millisecond
	}
	return l
}

// errCut: the device is away.
var errCut = errors.New("demo: the line is cut")

// line is a device's way to the network, with the faults on it.
type line struct{ d *device }

var _ core.Transport = line{}

// Post is core.Transport's. Errors: errCut; the context's, where the request or
// its answer is lost; those of the network.
func (l line) Post(ctx context.Context, url string, body []byte) (int, []byte, error) {
	if l.d.isAway() {
		return 0, nil, errCut
	}
	w := l.d.w
	luck := w.luck()
	if luck.again {
		w.duplicate(l, luck, url, body)
	}
	return l.send(ctx, luck, false, url, body)
}

// send makes one trip.
func (l line) send(ctx context.Context, luck luck, again bool, url string, body []byte) (int, []byte, error) {
	w := l.d.w
	number := w.trips.begin(Trip{Seat: l.d.seat, Again: again, Bent: luck.bentThere|luck.bentBack != 0, Began: w.now()})
	end := func(fate Fate) {
		w.trips.end(number, fate, w.now())
		w.changed()
	}
	if err := wait(ctx, luck.delay); err != nil {
		end(LostThere)
		return 0, nil, err
	}
	if luck.lostThere {
		end(LostThere)
		<-ctx.Done()
		return 0, nil, ctx.Err()
	}
	status, answer, err := w.network().Transport().Post(testnet.Mark(ctx, number), url, testnet.Bend(body, luck.bentThere))
	switch {
	case err != nil:
		end(Refused)
		return 0, nil, err
	case luck.lostBack || l.d.isAway():
		end(LostBack)
		<-ctx.Done()
		return 0, nil, ctx.Err()
	case status != 200:
		end(Refused)
	default:
		end(Answered)
	}
	return status, testnet.Bend(answer, luck.bentBack), nil
}

// duplicate sends a request once more, whose answer nobody waits for.
func (w *World) duplicate(l line, luck luck, url string, body []byte) {
	luck.lostThere, luck.lostBack = false, false
	w.errand(func(era context.Context) {
		ctx, cancel := context.WithTimeout(era, againFor)
		defer cancel()
		_, _, _ = l.send(ctx, luck, true, url, body) // its answer comes to nobody
	})
}

// wait lets simulated time pass.
func wait(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
