package testnet

import (
	"context"

	"tandem/core"
)

// EventKind says what happened.
type EventKind uint8

// Kinds of events. The first five are told when a step has ended, so that an
// onion request is told from its inner end outwards; the last two when it
// happens.
const (
	EventHTTP   EventKind = 1 // a request from outside was answered by To
	EventHop    EventKind = 2 // From forwarded an onion request to To, and this came back
	EventRPC    EventKind = 3 // To carried out a storage request
	EventMember EventKind = 4 // To carried out what From, of the same swarm, passed on
	EventServer EventKind = 5 // From relayed to a server outside
	EventLeaves EventKind = 6 // a request leaves From for To; whether it arrives is not known yet
	EventCame   EventKind = 7 // and arrived there
)

// Event is one step of a request. It holds nothing that a node could not see of
// it, but for Trip.
type Event struct {
	At     core.Millis // network time
	Trip   uint64      // by Mark; 0 = none
	Kind   EventKind
	From   core.EdKey // Outside for clients
	To     core.EdKey
	Method string // HTTP method and path, RPC method, or the server's target
	Status int
	Size   int // of the request, bytes
}

// tripKey is the key of Mark's number in a context.
type tripKey struct{}

// Mark gives a request that is posted with this context a number, by which all
// events that follow from it are known.
func Mark(ctx context.Context, trip uint64) context.Context {
	return context.WithValue(ctx, tripKey{}, trip)
}

// emit tells Options.Events.
func (n *Network) emit(ctx context.Context, e Event) {
	if n.opts.Events == nil {
		return
	}
	e.At = n.now()
	e.Trip, _ = ctx.Value(tripKey{}).(uint64)
	n.opts.Events(e)
}
