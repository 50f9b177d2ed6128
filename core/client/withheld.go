package client

import (
	"maps"
	"slices"

	"tandem/core"
	"tandem/core/client/courier"
)

const (
	// patientPolls is in how many answers the member that is polled may leave
	// out what another member had, before it counts as hiding it: copies between
	// members take a moment.
	patientPolls = 3
	// maxOwed bounds what is remembered of that, in messages.
	maxOwed = 64
)

// witness compares the member of a swarm that a mailbox is read from with the
// others, which are asked every fourth time: a node that leaves messages out
// cannot delay them by more than that, nor for long.
type witness struct {
	home  core.EdKey     // that is polled
	owed  map[string]int // what only others gave, by hash, and in how many answers of home it was missing
	fresh []string       // of the answer at hand: what was new and for us, by hash
}

// compare notes what an answer shows about who is polled. second: it is of
// another member.
func (c *Client) compare(b *box, batch courier.Batch, second bool) {
	w := &b.witness
	switch {
	case second && batch.Node != w.home:
		for _, hash := range w.fresh {
			if w.owed == nil {
				w.owed = map[string]int{}
			}
			if len(w.owed) < maxOwed {
				w.owed[hash] = 0
			}
		}
	case !second && batch.Node != w.home:
		w.home, w.owed = batch.Node, nil
	case !second:
		w.settle(batch)
		if slices.ContainsFunc(slices.Collect(maps.Values(w.owed)), func(n int) bool { return n >= patientPolls }) {
			c.net.Withheld(b.mailbox.Owner, w.home)
			w.owed = nil
		}
	}
}

// settle takes off what home has given now, and counts what it has not.
func (w *witness) settle(batch courier.Batch) {
	for _, m := range batch.Messages {
		delete(w.owed, m.Hash)
	}
	if batch.More {
		return // the rest comes with the next answer
	}
	for hash := range w.owed {
		w.owed[hash]++
	}
}
