//go:build !js

package gateway

import (
	"context"
	"sync/atomic"
	"time"

	"tandem/core/snode"
)

const (
	// refreshEvery: nodes come and go over days; clients learn the list anew
	// about as often.
	refreshEvery = time.Hour
	// refreshAgain is the wait after seeds that did not answer.
	refreshAgain = time.Minute
)

// roster is the list of nodes as the seeds last gave it. Seeds that fall silent
// leave the old list in force.
type roster struct {
	ask func(context.Context) ([]snode.Node, error)
	say func(string) // to the operator; may be nil

	now atomic.Pointer[enrolled]
}

// enrolled is one list, and since when it is in force.
type enrolled struct {
	nodes []Upstream
	at    time.Time
}

func newRoster(first []snode.Node, ask func(context.Context) ([]snode.Node, error)) *roster {
	r := &roster{ask: ask}
	r.now.Store(&enrolled{nodes: upstreams(first), at: time.Now()})
	return r
}

func (r *roster) nodes() []Upstream { return r.now.Load().nodes }

func (r *roster) age() time.Duration { return time.Since(r.now.Load().at) }

// keep asks the seeds now and then, until ctx ends.
func (r *roster) keep(ctx context.Context) {
	for {
		wait := refreshEvery
		nodes, err := r.ask(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			wait = refreshAgain
			r.tell("The seeds gave no list of nodes; asking again in a minute. " + err.Error())
		default:
			if len(r.nodes()) == 0 {
				r.tell("The list of nodes is there.")
			}
			r.now.Store(&enrolled{nodes: upstreams(nodes), at: time.Now()})
		}
		again := time.NewTimer(wait)
		select {
		case <-again.C:
		case <-ctx.Done():
			again.Stop()
			return
		}
	}
}

func (r *roster) tell(text string) {
	if r.say != nil {
		r.say(text)
	}
}
