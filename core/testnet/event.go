package testnet

import "tandem/core"

// EventKind says what happened.
type EventKind uint8

// Kinds of events.
const (
	EventHTTP   EventKind = 1 // a request from outside was answered by To
	EventHop    EventKind = 2 // From forwarded an onion request to To, and this came back
	EventRPC    EventKind = 3 // To carried out a storage request
	EventMember EventKind = 4 // To carried out what From, of the same swarm, passed on
	EventServer EventKind = 5 // From relayed to a server outside
)

// Event is one step of a request, told when it has ended. It holds nothing
// that a node could not see of it.
type Event struct {
	At     core.Millis // network time
	Kind   EventKind
	From   core.EdKey // Outside for clients
	To     core.EdKey
	Method string // HTTP method and path, RPC method, or the server's target
	Status int
	Size   int // of the request, bytes
}

// emit tells Options.Events.
func (n *Network) emit(e Event) {
	if n.opts.Events == nil {
		return
	}
	e.At = n.now()
	n.opts.Events(e)
}
