package demo

import (
	"sync"

	"tandem/core"
	"tandem/core/testnet"
)

// What is shown of trips that have ended: they stay for a moment, or until they
// were shown once where time runs faster than pictures.
const (
	linger   = core.Second
	maxEnded = 12
)

// trips are the requests under way, and those that ended just now.
type trips struct {
	mu     sync.Mutex // guards the fields below
	number uint64
	under  []*Trip // in order of number
	ended  []*Trip // in order of their end
}

func (t *trips) begin(trip Trip) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.number++
	trip.Number = t.number
	t.under = append(t.under, &trip)
	return trip.Number
}

// find is a trip under way; nil if there is none.
func (t *trips) find(number uint64) *Trip {
	for _, trip := range t.under {
		if trip.Number == number {
			return trip
		}
	}
	return nil
}

// end files a trip under what has ended. A relay may still carry it on: nobody
// waits for that.
func (t *trips) end(number uint64, fate Fate, now core.Millis) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, trip := range t.under {
		if trip.Number == number {
			t.under = append(t.under[:i], t.under[i+1:]...)
			trip.Fate, trip.Ended, trip.Next = fate, now, core.EdKey{}
			t.ended = append(t.ended, trip)
			if len(t.ended) > maxEnded {
				t.ended = append(t.ended[:0], t.ended[len(t.ended)-maxEnded:]...)
			}
			return
		}
	}
}

// take files what the network says of a trip.
func (t *trips) take(e testnet.Event) (known bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	trip := t.find(e.Trip)
	if trip == nil {
		return false
	}
	switch e.Kind {
	case testnet.EventLeaves:
		trip.Next = e.To
	case testnet.EventCame:
		trip.Next = core.EdKey{}
		trip.Hops = append(trip.Hops, Hop{Node: e.To, At: e.At})
	case testnet.EventRPC:
		trip.What = e.Method
	case testnet.EventMember:
		trip.Members = append(trip.Members, e.To)
	case testnet.EventHop, testnet.EventHTTP:
		for i := range trip.Hops {
			if trip.Hops[i].Node == e.To {
				trip.Hops[i].Back = e.At
			}
		}
	case testnet.EventServer:
	}
	return true
}

// list is what is to be shown now, oldest first. What it leaves out is forgotten.
func (t *trips) list(now core.Millis) []Trip {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]Trip, 0, len(t.ended)+len(t.under))
	for _, all := range [][]*Trip{t.ended, t.under} {
		for _, trip := range all {
			c := *trip
			c.Hops = append([]Hop(nil), trip.Hops...)
			c.Members = append([]core.EdKey(nil), trip.Members...)
			out = append(out, c)
		}
	}
	kept := t.ended[:0]
	for _, trip := range t.ended {
		if now-trip.Ended < linger {
			kept = append(kept, trip)
		}
	}
	t.ended = kept
	return out
}

// forget drops all.
func (t *trips) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.under, t.ended = nil, nil
}
